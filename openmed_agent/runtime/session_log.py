"""The log of one session: what is in it was durable before anybody was told."""

from typing import Protocol, TypeVar, cast

from openmed_agent.errors import StoreError
from openmed_agent.runtime.events import (
    Answered,
    BaseEvent,
    Event,
    Steered,
    ToolEnded,
    TurnStarted,
    read_event,
    write_event,
)
from openmed_agent.store.sessions import Sessions

Kept = TypeVar("Kept", bound=BaseEvent)


class EventLog(Protocol):
    """Where a turn keeps its events."""

    def append(self, event: Kept) -> Kept:
        """Keep ``event`` durably and return it with its place."""

    def events(self) -> tuple[Event, ...]:
        """Return everything kept so far, in order."""


class SessionLog:
    """The log of one session in the store, read once and then kept beside it.

    A second writer to the same session is refused, not interleaved.
    """

    def __init__(self, sessions: Sessions, session_id: str) -> None:
        self._sessions = sessions
        self._session_id = session_id
        self._events = _read(sessions, session_id)
        self._last = sessions.last_sequence(session_id)

    def append(self, event: Kept) -> Kept:
        """Keep ``event`` durably and return it with its place.

        Raises:
            OpenMedError: the session went on in another process, or the store cannot take it.

        """
        self._last = self._sessions.append(
            self._session_id, event.type, write_event(event), expected=self._last, searchable=_searchable(event)
        )
        kept = event.model_copy(update={"sequence": self._last})
        self._events.append(cast("Event", kept))
        return kept

    def events(self) -> tuple[Event, ...]:
        """Return everything kept so far, in order."""
        return tuple(self._events)


def _read(sessions: Sessions, session_id: str) -> list[Event]:
    try:
        return [read_event(record.document, record.sequence) for record in sessions.events(session_id)]
    except ValueError:
        raise StoreError(
            "The session holds an event that this version cannot read.",
            remedy="Update OpenMed Agent, or start a new session.",
        ) from None


def _searchable(event: BaseEvent) -> str:
    match event:
        case TurnStarted() | Steered() | Answered():
            return event.shown
        case ToolEnded():
            return event.title
        case _:
            return ""
