"""The events of sessions: logs that only grow, and that a fork shares up to the point where it left.

A log begins where the first `base_sequence` events of another one end, or at nothing. What a session shows is the chain
of logs from the oldest to its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from openmed_agent.errors import InputError
from openmed_agent.store.database import Database, Row
from openmed_agent.store.session_records import EventRecord, WentOnElsewhereError
from openmed_agent.store.times import parse_time, time_text

LARGEST_DOCUMENT = 32 << 20
KIND = r"^[a-z][a-z0-9_]{0,63}$"
_LAST_POSSIBLE = 2**62
# A long log is read a page at a time: its reader may stop early.
_PAGE = 256


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of a log that a session shows: the events after `after`, up to and with `upto`."""

    log: int
    after: int
    upto: int


class EventLogs:
    """The logs of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, base: Segment | None = None) -> int:
        """Make a log that begins at nothing, or where a segment ends, and return its number."""
        self._database.write(
            "INSERT INTO logs (base, base_sequence) VALUES (?, ?)",
            None if base is None else base.log,
            0 if base is None else base.upto,
        )
        return int(self._database.read("SELECT last_insert_rowid()")[0][0])

    def append(
        self, session_id: str, kind: str, document: bytes, *, expected: int, searchable: str, now: datetime
    ) -> int:
        """Append an event in the caller's transaction and return its sequence.

        Raises:
            InputError: no session has this id, or the document or what can be searched is larger than 32 MiB.
            WentOnElsewhereError: `expected` is not the last sequence of the session.

        """
        if not re.fullmatch(KIND, kind):
            raise ValueError("an event's kind is one plain word")
        if max(len(document), len(searchable)) > LARGEST_DOCUMENT:
            raise InputError("An event of the session is larger than 32 MiB.", remedy="Give less text at once.")
        log, last = self._end(session_id)
        if expected != last:
            raise WentOnElsewhereError
        self._database.write(
            "INSERT INTO events (log, sequence, kind, appended, document) VALUES (?, ?, ?, ?, ?)",
            log,
            last + 1,
            kind,
            time_text(now),
            document,
        )
        if searchable:
            self._database.write(
                "INSERT INTO event_texts (event, text) VALUES (last_insert_rowid(), ?)", storable_text(searchable)
            )
        return last + 1

    def last_sequence(self, session_id: str) -> int:
        """Return the sequence of the last event, 0 where there is none; an unknown session is an InputError."""
        return self._end(session_id)[1]

    def segments(self, session_id: str) -> tuple[Segment, ...]:
        """Return what a session shows of which logs, the oldest first; an unknown session is an InputError."""
        rows = self._database.read(
            "WITH RECURSIVE chain (log, base, after, upto) AS ("
            "SELECT logs.log, base, base_sequence, ? FROM sessions JOIN logs USING (log) WHERE session_id = ? "
            "UNION ALL SELECT logs.log, logs.base, logs.base_sequence, chain.after "
            "FROM chain JOIN logs ON logs.log = chain.base) "
            "SELECT log, after, upto FROM chain ORDER BY after",
            _LAST_POSSIBLE,
            session_id,
        )
        if not rows:
            raise unknown_session()
        return tuple(Segment(*row) for row in rows)

    def read(
        self,
        session_id: str,
        *,
        after: int = 0,
        before: int | None = None,
        limit: int | None = None,
        backwards: bool = False,
    ) -> Iterator[EventRecord]:
        """Return the events between two sequences, both excluded, in order or from the end backwards."""
        segments = self.segments(session_id)
        last = self.last_sequence(session_id)
        upto = last if before is None else min(last, before - 1)
        shown = (Segment(one.log, max(after, one.after), min(upto, one.upto)) for one in segments)
        return self._walk(tuple(shown), _LAST_POSSIBLE if limit is None else limit, backwards=backwards)

    def newest(self, kind: str, limit: int) -> tuple[bytes, ...]:
        """Return the documents of the last events of a kind over all logs, the newest first."""
        rows = self._database.read(
            "SELECT document FROM events WHERE kind = ? ORDER BY event DESC LIMIT ?", kind, limit
        )
        return tuple(row[0] for row in rows)

    def _walk(self, segments: tuple[Segment, ...], left: int, *, backwards: bool) -> Iterator[EventRecord]:
        for segment in reversed(segments) if backwards else segments:
            low, high = segment.after, segment.upto
            while low < high and left > 0:
                page = self._page(segment.log, low, high, min(left, _PAGE), backwards=backwards)
                yield from (_record(row) for row in page)
                left -= len(page)
                if not page:  # the session was deleted meanwhile
                    return
                low, high = (low, page[-1][0] - 1) if backwards else (page[-1][0], high)

    def release(self, log: int) -> None:
        """Delete what no session shows any more of a log whose session is gone, and of logs kept for its sake alone.

        The search index is left to the caller.
        """
        released: int | None = log
        while released is not None and not self._database.read("SELECT 1 FROM sessions WHERE log = ?", released):
            [(kept,)] = self._database.read("SELECT coalesce(max(base_sequence), 0) FROM logs WHERE base = ?", released)
            past = "WHERE log = ? AND sequence > ?"
            for statement in (
                f"DELETE FROM event_texts WHERE event IN (SELECT event FROM events {past})",  # noqa: S608 - constant
                f"DELETE FROM events {past}",  # noqa: S608 - constant
                f"DELETE FROM results {past}",  # noqa: S608 - constant
            ):
                self._database.write(statement, released, kept)
            if kept:
                return
            [(base,)] = self._database.read("SELECT base FROM logs WHERE log = ?", released)
            self._database.write("DELETE FROM logs WHERE log = ?", released)
            released = base

    def remaining(self, segments: tuple[Segment, ...]) -> int:
        """Return the sequence up to which there still are the events that a deleted session showed."""
        kept = "SELECT coalesce(max(sequence), 0) FROM events WHERE log = ? AND sequence <= ?"
        return max(int(self._database.read(kept, one.log, one.upto)[0][0]) for one in segments)

    def _page(self, log: int, low: int, high: int, limit: int, *, backwards: bool) -> list[Row]:
        order = "DESC" if backwards else "ASC"
        return self._database.read(
            "SELECT sequence, kind, appended, document, coalesce(text, '') "  # noqa: S608 - constant
            "FROM events LEFT JOIN event_texts USING (event) "
            f"WHERE log = ? AND sequence > ? AND sequence <= ? ORDER BY sequence {order} LIMIT ?",
            log,
            low,
            high,
            limit,
        )

    def _end(self, session_id: str) -> tuple[int, int]:
        """Return the log of a session and the sequence of its last event."""
        rows = self._database.read(
            "SELECT log, coalesce((SELECT max(sequence) FROM events WHERE events.log = logs.log), base_sequence) "
            "FROM sessions JOIN logs USING (log) WHERE session_id = ?",
            session_id,
        )
        if not rows:
            raise unknown_session()
        return int(rows[0][0]), int(rows[0][1])


def unknown_session() -> InputError:
    """Return the error for an id that no session has."""
    return InputError("No session has this id.", remedy="Run: openmed session list")


def storable_text(text: str) -> str:
    """Return text without lone surrogates, which a database's text cannot hold."""
    return text.encode("utf-8", "replace").decode()


def _record(row: Row) -> EventRecord:
    sequence, kind, appended, document, searchable = row
    return EventRecord(sequence, kind, parse_time(appended), document, searchable)
