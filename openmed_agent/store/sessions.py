"""Sessions: conversations whose every event is durable before anybody is told of it.

Making and deleting a session are acts in the audit chain, by their ids; an event is not.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from openmed_agent.errors import InputError
from openmed_agent.store.audit import AuditTrail, Detail
from openmed_agent.store.database import Database, Row
from openmed_agent.store.event_logs import EventLogs, Segment, storable_text, unknown_session
from openmed_agent.store.fork_titles import fork_title
from openmed_agent.store.session_lease import held_sessions, session_lease
from openmed_agent.store.session_records import Deletion, EventRecord, ForkPoint, SearchHit, SessionRecord
from openmed_agent.store.session_results import SessionResults
from openmed_agent.store.session_search import SessionSearch
from openmed_agent.store.times import parse_time, time_text
from openmed_agent.store.vault import VaultRecords, copy_vault

if TYPE_CHECKING:
    from openmed_agent.store.session_file import ImportRules
    from openmed_agent.store.session_transfer import SessionTransfer

LONGEST_TITLE = 200
_ACTOR = "openmed"
_ID_BYTES = 16
_ERASING_SECONDS = 5.0
_COLUMNS = "session_id, title, created, updated, phi_mode, agent_mode, model, vault_id, parent, parent_sequence"


class Sessions:
    """The sessions of a store."""

    def __init__(self, database: Database, audit: AuditTrail, *, leases: Path, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._audit = audit
        self._leases = leases
        self._clock = clock
        self._logs = EventLogs(database)
        self._results = SessionResults(database, self._logs)
        self._search = SessionSearch(database)

    def create(self, *, phi_mode: str, agent_mode: str, model: str, title: str = "") -> SessionRecord:
        """Make an empty session and return it."""
        session = self._new(title, phi_mode=phi_mode, agent_mode=agent_mode, model=model)
        with self._database.transaction():
            self._keep(session, self._logs.begin())
            self._audit.append(_ACTOR, "session.created", session.session_id)
        return session

    def get(self, session_id: str) -> SessionRecord:
        """Return the session with this id or unique start of an id.

        Raises:
            InputError: no session, or more than one, begins so.

        """
        rows = self._database.read(
            f"SELECT {_COLUMNS} FROM sessions WHERE substr(session_id, 1, ?) = ?",  # noqa: S608 - constant
            len(session_id),
            storable_text(session_id),
        )
        if not session_id or not rows:
            raise unknown_session()
        if len(rows) > 1:
            raise InputError(f"{len(rows)} sessions begin with this id.", remedy="Give more of the id.")
        return _record(rows[0])

    def list(self, limit: int | None = None, query: str = "") -> tuple[SessionRecord, ...]:
        """Return sessions, the last used first; with a query those with it in their title, or its words in an event.

        The last word of a query may be a beginning: a list is searched while a person types.
        """
        rows = self._database.read(
            f"SELECT {_COLUMNS} FROM sessions ORDER BY updated DESC, session_id"  # noqa: S608 - constant
        )
        sessions = tuple(_record(row) for row in rows)
        if query.strip():
            wanted = query.strip().casefold()
            found = self._search.sessions(query) | self._search.sessions(f"{query.rstrip()}*")
            sessions = tuple(one for one in sessions if wanted in one.title.casefold() or one.session_id in found)
        return sessions[:limit]

    def last_used(self) -> SessionRecord | None:
        """Return the session that was used last and holds something, or None."""
        return next((one for one in self.list() if self.last_sequence(one.session_id)), None)

    def rename(self, session_id: str, title: str) -> SessionRecord:
        """Give a session another title (one line, at most 200 characters) and return it."""
        return self._change(session_id, title=_title(title))

    def change_modes(
        self, session_id: str, *, phi_mode: str | None = None, agent_mode: str | None = None, model: str | None = None
    ) -> SessionRecord:
        """Change what is given of a session's PHI mode, agent mode and model, and return it."""
        return self._change(session_id, phi_mode=phi_mode, agent_mode=agent_mode, model=model)

    def fork(self, session_id: str, at: int | None = None) -> SessionRecord:
        """Make a session whose log begins with the first `at` events of another (default: all), and return it.

        Its title tells it apart. It has a copy of the other's vault, so that both can go on at the same time.

        Raises:
            InputError: no session has this id, or it has fewer events.

        """
        with self._database.transaction():
            parent = self.get(session_id)
            last = self._logs.last_sequence(parent.session_id)
            point = last if at is None else at
            if not 0 <= point <= last:
                raise InputError(f"The session has events 1 to {last}.", remedy="Give one of them, or 0 for none.")
            fork = self._new(
                fork_title(parent.title, self._titles(), longest=LONGEST_TITLE),
                phi_mode=parent.phi_mode,
                agent_mode=parent.agent_mode,
                model=parent.model,
                parent=ForkPoint(parent.session_id, point),
            )
            self._keep(fork, self._logs.begin(self._base(parent.session_id, point)))
            copy_vault(self._database, parent.vault_id, fork.vault_id)
            details: dict[str, Detail] = {"parent": parent.session_id, "sequence": point}
            self._audit.append(_ACTOR, "session.created", fork.session_id, details)
        return fork

    def delete(self, session_id: str) -> Deletion:
        """Delete a session for good: its events that no fork shows, its results, its vault; the file is written anew.

        Copies that a backup, a snapshot of the file system or an SSD's spare cells keep are out of reach; without
        the store's key they are unreadable.

        Raises:
            InputError: no session has this id.
            StoreError: a process is working in it.

        """
        session = self.get(session_id)
        with self.lease(session.session_id):
            with self._database.transaction():
                segments = self._logs.segments(session.session_id)
                self._database.write("DELETE FROM sessions WHERE session_id = ?", session.session_id)
                self._logs.release(segments[-1].log)
                shared = self._logs.remaining(segments)
                self._database.write("DELETE FROM vault_entries WHERE vault_id NOT IN (SELECT vault_id FROM sessions)")
                self._search.rebuild()
                self._database.write("INSERT OR IGNORE INTO unerased (only) VALUES (1)")
                self._audit.append(_ACTOR, "session.deleted", session.session_id)
            (self._leases / f"{session.session_id}.lock").unlink(missing_ok=True)
        return Deletion(shared, erased=self.erase(seconds=_ERASING_SECONDS))

    def erase(self, *, seconds: float = 0) -> bool:
        """Overwrite what deleted sessions left in the file; False where others are in the way for longer than that."""
        if not self._database.read("SELECT 1 FROM unerased"):
            return True
        if not self._database.overwrite_deleted(seconds=seconds):
            return False
        with self._database.transaction():
            self._database.write("DELETE FROM unerased")
        return True

    def append(self, session_id: str, kind: str, document: bytes, *, expected: int, searchable: str = "") -> int:
        """Append an event and return its sequence; when it returns, the event is on the disk.

        `expected` is the sequence of the last event that the caller knows, 0 where there is none.

        Raises:
            WentOnElsewhereError: another process has appended since; nothing was appended.
            InputError: no session has this id, or the document is larger than 32 MiB.
            StoreError: the store cannot take it.

        """
        now = self._clock()
        with self._database.transaction():
            sequence = self._logs.append(session_id, kind, document, expected=expected, searchable=searchable, now=now)
            self._database.write("UPDATE sessions SET updated = ? WHERE session_id = ?", time_text(now), session_id)
        return sequence

    def events(
        self,
        session_id: str,
        after: int = 0,
        limit: int | None = None,
        *,
        before: int | None = None,
        backwards: bool = False,
    ) -> Iterator[EventRecord]:
        """Yield the events with sequences between `after` and `before`, both excluded, in order.

        With `backwards` they come from the end, the last one first: a page to scroll back is
        ``events(id, before=first_shown, limit=50, backwards=True)``.

        Raises:
            InputError: no session has this id.

        """
        return self._logs.read(session_id, after=after, before=before, limit=limit, backwards=backwards)

    def newest(self, kind: str, limit: int) -> tuple[bytes, ...]:
        """Return the documents of the last events of a kind over all sessions, the newest first."""
        return self._logs.newest(kind, limit)

    def last_sequence(self, session_id: str) -> int:
        """Return the sequence of the last event, 0 where there is none; an unknown session is an InputError."""
        return self._logs.last_sequence(session_id)

    def search(self, text: str, limit: int = 50) -> tuple[SearchHit, ...]:
        """Return events with all the words, "phrases" and beginnings* of a text, the newest first."""
        return self._search.hits(text, limit)

    def keep_result(self, session_id: str, text: str) -> str:
        """Keep a result for the event that is appended next, durably, and return its handle."""
        return self._results.keep(session_id, text)

    def result(self, session_id: str, handle: str) -> str:
        """Return the result with this handle; an unknown one is an InputError."""
        return self._results.get(session_id, handle)

    def vault(self, session_id: str) -> VaultRecords:
        """Return the entries of a session's vault; an unknown session is an InputError."""
        return VaultRecords(self._database, self.get(session_id).vault_id)

    def lease(self, session_id: str) -> AbstractContextManager[None]:
        """Hold a session while a block runs; the system releases it however the process ends.

        Raises:
            InputError: no session has this id.
            StoreError: another process, or another place in this one, holds it.

        """
        self._logs.last_sequence(session_id)  # an id that is a path of its own names no session
        return session_lease(self._leases, session_id)

    def held(self) -> frozenset[str]:
        """Return the ids of sessions that some process is working in, as far as the system tells."""
        return held_sessions(self._leases)

    def export(self, session_id: str, *, plain: bool) -> Iterator[bytes]:
        """Yield the file of a session, line by line, after the act is audited; `plain` says that it will be kept so.

        A fork's file holds what it shows, so it needs its parent no more. The store is read until the last line.

        Raises:
            InputError: no session has this id.

        """
        session = self.get(session_id)
        details: dict[str, Detail] = {
            "events": self._logs.last_sequence(session.session_id),
            "form": "plain" if plain else "sealed",
        }
        self._audit.append(_ACTOR, "session.exported", session.session_id, details)
        return self._transfer().file(session)

    def import_pieces(self, pieces: Iterable[bytes], rules: "ImportRules") -> SessionRecord:
        """Make a session from a file that `export` gave, whole or not at all, and return it. Its ids are new.

        Raises:
            InputError: it is no such file, was changed or cut short, or holds what this program could not use.

        """
        with self._database.transaction():
            arrival = self._transfer().arrival(pieces, rules)
            phi_mode, agent_mode = arrival.modes()
            title, model = arrival.header.title, arrival.header.model
            session = self._new(title, phi_mode=phi_mode, agent_mode=agent_mode, model=model)
            log = self._logs.begin()
            self._keep(session, log)
            arrival.fill(session, log)
            details: dict[str, Detail] = {"events": self._logs.last_sequence(session.session_id)}
            self._audit.append(_ACTOR, "session.imported", session.session_id, details)
        return session

    def _transfer(self) -> "SessionTransfer":
        from openmed_agent.store.session_transfer import (  # noqa: PLC0415 - models that no other act needs
            SessionTransfer,
        )

        return SessionTransfer(self._database, self._logs, self._results)

    def _new(
        self, title: str, *, phi_mode: str, agent_mode: str, model: str, parent: ForkPoint | None = None
    ) -> SessionRecord:
        now = self._clock()
        return SessionRecord(_new_id(), _title(title), now, now, phi_mode, agent_mode, model, _new_id(), parent)

    def _titles(self) -> frozenset[str]:
        return frozenset(str(row[0]) for row in self._database.read("SELECT title FROM sessions"))

    def _base(self, session_id: str, point: int) -> Segment | None:
        """Return the segment that holds the event at a point, cut there; None before the first event."""
        for segment in self._logs.segments(session_id):
            if segment.after < point <= segment.upto:
                return Segment(segment.log, segment.after, point)
        return None

    def _keep(self, session: SessionRecord, log: int) -> None:
        parent = session.parent
        self._database.write(
            f"INSERT INTO sessions ({_COLUMNS}, log) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - constant
            session.session_id,
            session.title,
            time_text(session.created),
            time_text(session.updated),
            session.phi_mode,
            session.agent_mode,
            session.model,
            session.vault_id,
            None if parent is None else parent.session_id,
            None if parent is None else parent.sequence,
            log,
        )

    def _change(self, session_id: str, **changes: str | None) -> SessionRecord:
        with self._database.transaction():
            session = self.get(session_id)
            for column, value in changes.items():
                if value is not None:
                    self._database.write(
                        f"UPDATE sessions SET {column} = ? WHERE session_id = ?",  # noqa: S608 - our own names
                        value,
                        session.session_id,
                    )
            return self.get(session.session_id)


def _new_id() -> str:
    return secrets.token_hex(_ID_BYTES)


def _title(text: str) -> str:
    return " ".join(storable_text(text).split())[:LONGEST_TITLE]


def _record(row: Row) -> SessionRecord:
    session_id, title, created, updated, phi_mode, agent_mode, model, vault_id, parent, parent_sequence = row
    return SessionRecord(
        session_id,
        title,
        parse_time(created),
        parse_time(updated),
        phi_mode,
        agent_mode,
        model,
        vault_id,
        None if parent is None else ForkPoint(parent, parent_sequence),
    )
