"""Names that stand for paths where a model may not see file names: ``document_1``, ``document_2``."""

from collections.abc import Callable

from openmed_agent.runtime.events import Event, HandleGiven
from openmed_agent.runtime.session_log import EventLog


class PathHandles:
    """The handles of one session, kept in its log so that they mean the same when it is resumed."""

    def __init__(self, log: EventLog, emit: Callable[[Event], object]) -> None:
        self._emit = emit
        given = [event for event in log.events() if isinstance(event, HandleGiven)]
        self._paths = {event.handle: event.path for event in given if event.handle.startswith("document_")}

    def handle_of(self, path: str) -> str:
        """Return the handle of a path, the same for the same path."""
        known = next((handle for handle, kept in self._paths.items() if kept == path), None)
        if known is not None:
            return known
        handle = f"document_{len(self._paths) + 1}"
        self._emit(HandleGiven(handle=handle, path=path))
        self._paths[handle] = path
        return handle

    def path_of(self, handle: str) -> str | None:
        """Return the path of a handle, or None where it is none."""
        return self._paths.get(handle)
