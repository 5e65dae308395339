"""What the store says about sessions: records of the sessions, their events and what a search found."""

from dataclasses import dataclass, field
from datetime import datetime

from openmed_agent.errors import StoreError


@dataclass(frozen=True, slots=True)
class ForkPoint:
    """Where a fork left its parent. The parent may be deleted since; the events up to here are the fork's own then."""

    session_id: str
    sequence: int


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One session. `session_id` and `vault_id` are random hexadecimal; the title is untrusted text."""

    session_id: str
    title: str = field(repr=False)
    created: datetime
    updated: datetime
    phi_mode: str
    agent_mode: str
    model: str
    vault_id: str
    parent: ForkPoint | None = None


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One event of a session's log; sequences count from 1 without a gap.

    `document` is its JSON, opaque here; `searchable` is what a search looks at.
    """

    sequence: int
    kind: str
    appended: datetime
    document: bytes = field(repr=False)
    searchable: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SearchHit:
    """An event whose text was found, in the session it was written in or, where that is gone, in a fork of it."""

    session_id: str
    title: str = field(repr=False)
    sequence: int
    kind: str
    excerpt: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Deletion:
    """What became of a deleted session.

    The first `shared` of its events remain because other sessions show them too. `erased` is False where another
    process was reading the store, or the disk was full, so that the file could not be written anew yet; the next
    opening or deletion tries again.
    """

    shared: int
    erased: bool


class WentOnElsewhereError(StoreError):
    """Another process appended to the session since this one read it; nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            "The session went on in another window or process, so nothing was added to it here.",
            remedy="Open it again to go on from its end, or fork it.",
        )
