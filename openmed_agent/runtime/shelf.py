"""Results that are too large for a model's context, in the encrypted store, by short names such as ``result_3``."""

from collections.abc import Callable

from openmed_agent.errors import InputError
from openmed_agent.runtime.events import Event, HandleGiven
from openmed_agent.runtime.session_log import EventLog
from openmed_agent.store.sessions import Sessions


class SessionShelf:
    """The kept results of one session; their names are part of its log."""

    def __init__(self, sessions: Sessions, session_id: str, log: EventLog, emit: Callable[[Event], object]) -> None:
        self._sessions = sessions
        self._session_id = session_id
        self._emit = emit
        given = [event for event in log.events() if isinstance(event, HandleGiven)]
        self._kept = {event.handle: event.path for event in given if event.handle.startswith("result_")}

    def keep(self, text: str) -> str:
        """Keep ``text`` durably and return its handle."""
        handle = f"result_{len(self._kept) + 1}"
        kept_as = self._sessions.keep_result(self._session_id, text)
        self._emit(HandleGiven(handle=handle, path=kept_as))
        self._kept[handle] = kept_as
        return handle

    def read(self, handle: str) -> str:
        """Return the text.

        Raises:
            InputError: no result has this handle.

        """
        if handle not in self._kept:
            raise InputError("No result has this handle.", remedy="Use one that a tool has returned.")
        return self._sessions.result(self._session_id, self._kept[handle])
