"""What the screen asks about sessions in the store: lists, pages of events, rename, fork, delete."""

from datetime import datetime
from typing import ClassVar, Literal

from openmed_agent.runtime.events import Event
from openmed_agent.workbench.wire import Request, WireModel


class UnlockStore(Request):
    """Open the store with a passphrase, or without one where its key needs none. Answered by ``StoreOpened``."""

    kind: ClassVar[str] = "sessions.unlock"
    passphrase: str | None = None


class StoreOpened(WireModel):
    """The store is open, or waits for its passphrase; ``notice`` is what a person must be told once."""

    locked: bool = False
    custody: str = ""
    notice: str = ""


class ListSessions(Request):
    """Answered by ``SessionList``, the last used first; ``query`` is looked for in titles and texts."""

    kind: ClassVar[str] = "sessions.list"
    query: str = ""
    limit: int = 200


class SessionRow(WireModel):
    """One session of a list."""

    session_id: str
    title: str
    created: datetime
    updated: datetime
    phi_mode: str
    agent_mode: str
    model: str
    events: int
    forked_from: str | None = None
    held: Literal["", "here", "elsewhere"] = ""
    """Who works in it: this window, another one, or nobody that is known of."""


class SessionList(WireModel):
    """Sessions, the last used first."""

    sessions: tuple[SessionRow, ...]


class FindLastUsed(Request):
    """Answered by ``LastUsed``."""

    kind: ClassVar[str] = "sessions.last_used"


class LastUsed(WireModel):
    """The session that was used last and holds something; empty where there is none."""

    session_id: str = ""


class ReadEvents(Request):
    """Answered by ``EventPage``: the last ``limit`` events of a session before a sequence, in order."""

    kind: ClassVar[str] = "sessions.events"
    session_id: str
    before: int | None = None
    limit: int = 100


class EventPage(WireModel):
    """Events in order; ``more`` where older ones exist."""

    events: tuple[Event, ...]
    more: bool


class RenameSession(Request):
    """Answered by ``SessionRow``."""

    kind: ClassVar[str] = "sessions.rename"
    session_id: str
    title: str


class ForkSession(Request):
    """Answered by ``SessionRow``: the new session; it has the first ``at`` events, or all."""

    kind: ClassVar[str] = "sessions.fork"
    session_id: str
    at: int | None = None


class DeleteSession(Request):
    """Delete a session for good. Answered by ``SessionDeleted``."""

    kind: ClassVar[str] = "sessions.delete"
    session_id: str


class SessionDeleted(WireModel):
    """What became of a deleted session: events kept for forks, and whether the file was written anew."""

    shared: int
    erased: bool
