"""The audit chain: who did what, each record bound to all before it.

The hash of a record covers its fields and the hash of the record before (SHA-256 over RFC 8785 JSON). The
database commits first and the signed head follows, before the act is acknowledged: after a crash the head
may lag behind the chain and never leads. A chain that ends before its head, or disagrees with it, has lost
or changed records; nothing is written to such a store any more.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from openmed_agent.errors import StoreError
from openmed_agent.store.agreement import disagreements
from openmed_agent.store.clock import Clock
from openmed_agent.store.database import Database, Row
from openmed_agent.store.head import GENESIS, AuditHead, HeadStatement
from openmed_agent.store.locking import exclusive
from openmed_agent.store.times import time_text

Detail = str | int | None

_LOCK_SECONDS = 30.0
_COLUMNS = "sequence, time, actor, act, subject, details, previous, hash"
# Ids, digests, times, counts and names of acts pass; a sentence, a path or a person's full name does not.
_PLAIN_VALUE = re.compile(r"[A-Za-z0-9._:=@-]{1,200}")
_LARGEST_INTEGER = 2**53 - 1


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One act. `details` is canonical JSON, `time` is RFC 3339, digests are `sha256:<hex>`."""

    sequence: int
    time: str
    actor: str
    act: str
    subject: str
    details: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The outcome of a verification: how many records were read, and a sentence for each fault."""

    ok: bool
    records: int
    problems: tuple[str, ...]


class AuditTrail:
    """The audit chain of one store, and the rule that every commit moves its head."""

    def __init__(self, database: Database, head: AuditHead, *, lock: Path, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._head = head
        self._lock = lock
        self._clock = clock
        database.guard_commits(self._moving_head)

    def append(self, actor: str, act: str, subject: str, details: Mapping[str, Detail] | None = None) -> AuditRecord:
        """Append a record, in the caller's transaction or in one of its own, and return it.

        Values are ids, digests, times, counts and single words of ASCII; anything that could be text of a
        chart is a ValueError, since the chain is never erased.

        Raises:
            StoreError: the chain is behind its head or disagrees with it, or cannot be written.

        """
        content = dict(details or {})
        _check_plain(actor, act, subject, content)
        with self._database.transaction():
            now = self._clock()
            Clock(self._database).note_time(now)
            sequence, previous = self._last()
            fields = (sequence + 1, time_text(now), actor, act, subject, _canonical(content), previous)
            record = AuditRecord(*fields, hash=_record_hash(*fields))
            self._database.write(
                f"INSERT INTO audit ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - constant
                *asdict(record).values(),
            )
        return record

    def records(self) -> Iterator[AuditRecord]:
        """Yield all records, oldest first, as they are stored."""
        for row in self._database.read(f"SELECT {_COLUMNS} FROM audit ORDER BY sequence"):  # noqa: S608
            yield AuditRecord(*row)

    def latest(self, limit: int, *, before: int | None = None, act: str | None = None) -> tuple[AuditRecord, ...]:
        """Return the newest records, the newest first: those before a sequence, and of one act, where given."""
        rows = self._database.read(
            f"SELECT {_COLUMNS} FROM audit WHERE sequence < ? AND act = coalesce(?, act)"  # noqa: S608 - constant
            " ORDER BY sequence DESC LIMIT ?",
            _LARGEST_INTEGER if before is None else before,
            act,
            limit,
        )
        return tuple(AuditRecord(*row) for row in rows)

    def verify(self) -> AuditReport:
        """Check every record against the one before, the chain against its signed head, and the tables against it.

        Raises:
            StoreError: the database cannot be read at all.

        """
        # The head is read first: it never leads, so a chain that is read later must contain it.
        problems: list[str] = []
        try:
            head = self._head.read()
        except StoreError as error:
            head = None
            problems.append(error.message)
        with self._database.snapshot():
            records = tuple(self.records())
            problems.extend(_chain_problems(records))
            if not problems:
                problems.extend(disagreements(self._database, records))
        if head is not None:
            at_head = records[head.sequence - 1].hash if 0 < head.sequence <= len(records) else GENESIS
            problems.extend(_head_problems(head, last=len(records), hash_at_head=at_head))
        return AuditReport(ok=not problems, records=len(records), problems=tuple(problems))

    @contextmanager
    def _moving_head(self) -> Iterator[None]:
        """Around a COMMIT: refuse a chain that its head does not vouch for, then let the head follow.

        All that can fail for want of space, the signing and writing of the new head, comes before the COMMIT.
        """
        with exclusive(self._lock, seconds=_LOCK_SECONDS):
            head = self._head.read()
            sequence, last_hash = self._last()
            at_head = self._database.read("SELECT hash FROM audit WHERE sequence = ?", head.sequence)
            problems = _head_problems(
                head, last=sequence, hash_at_head=_only_text(at_head) if head.sequence else GENESIS
            )
            if problems:
                raise StoreError(
                    f"Nothing was written: {problems[0]}",
                    remedy="Restore the newest copy of the database, or run: openmed audit verify",
                )
            if sequence == head.sequence:
                yield
                return
            staged = self._head.stage(sequence, last_hash)
            try:
                yield
            except BaseException:
                staged.unlink(missing_ok=True)
                raise
            self._head.publish(staged)

    def _last(self) -> tuple[int, str]:
        rows = self._database.read("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1")
        return (rows[0][0], rows[0][1]) if rows else (0, GENESIS)


def _chain_problems(records: tuple[AuditRecord, ...]) -> Iterator[str]:
    previous = GENESIS
    for expected, record in enumerate(records, start=1):
        if record.sequence != expected:
            yield f"Record {expected} is missing from the audit chain."
            return
        if record.previous != previous:
            yield f"Record {expected} does not follow the record before it."
        if record.hash != _stored_hash(record):
            yield f"Record {expected} was changed after it was written."
        previous = record.hash


def _head_problems(head: HeadStatement, *, last: int, hash_at_head: str) -> list[str]:
    if head.sequence > last:
        return [f"The audit chain ends at record {last}, but its signed head is at record {head.sequence}."]
    if head.hash != hash_at_head:
        return [f"Record {head.sequence} is not the one that the signed head names."]
    return []


def _stored_hash(record: AuditRecord) -> str | None:
    """Return the hash that the stored fields give, or None where they cannot be what was written."""
    try:
        if _canonical(json.loads(record.details)) != record.details:
            return None
        return _record_hash(
            record.sequence,
            record.time,
            record.actor,
            record.act,
            record.subject,
            record.details,
            record.previous,
        )
    except (ValueError, TypeError, RecursionError):
        return None


def _record_hash(sequence: int, time: str, actor: str, act: str, subject: str, details: str, previous: str) -> str:
    content: dict[str, Detail | dict[str, Detail]] = {
        "sequence": sequence,
        "time": time,
        "actor": actor,
        "act": act,
        "subject": subject,
        "details": json.loads(details),
        "previous": previous,
    }
    return "sha256:" + hashlib.sha256(_canonical(content).encode()).hexdigest()


def _canonical(content: Mapping[str, Detail | dict[str, Detail]]) -> str:
    """Return the RFC 8785 form of plain values: of ASCII text, integers and null this is it, in a tenth of the time."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def _only_text(rows: list[Row]) -> str:
    return str(rows[0][0]) if rows else ""


def _check_plain(actor: str, act: str, subject: str, details: Mapping[str, Detail]) -> None:
    for value in (actor, act, subject, *details.keys(), *details.values()):
        match value:
            case str() if _PLAIN_VALUE.fullmatch(value):
                continue
            case int() if abs(value) <= _LARGEST_INTEGER:
                continue
            case None:
                continue
            case _:
                raise ValueError("an audit value is an id, a digest, a time, a count or one plain word")
