"""Reviewers: the named persons who may sign, with their wrapped keys."""

from dataclasses import dataclass, field
from datetime import datetime

from openmed_agent.errors import InputError
from openmed_agent.store.agreement import content_digest
from openmed_agent.store.audit import AuditTrail
from openmed_agent.store.database import Database, Row
from openmed_agent.store.times import parse_time, time_text

_COLUMNS = "name, key_id, public_key, wrapped_key, created, retired"


@dataclass(frozen=True, slots=True)
class ReviewerRecord:
    """A reviewer. `key_id` names the public key; `wrapped_key` is the private one under a passphrase."""

    name: str
    key_id: str
    public_key: bytes
    wrapped_key: bytes = field(repr=False)
    created: datetime
    retired: datetime | None = None


class Reviewers:
    """The reviewers of a store. Acts are audited under the key's id: a name is not for the chain."""

    def __init__(self, database: Database, audit: AuditTrail) -> None:
        self._database = database
        self._audit = audit

    def add(self, name: str, key_id: str, public_key: bytes, wrapped_key: bytes, created: datetime) -> ReviewerRecord:
        """Keep a new reviewer.

        Raises:
            InputError: the name or the key is taken; a retired reviewer keeps both.

        """
        with self._database.transaction():
            taken = self._database.read("SELECT 1 FROM reviewers WHERE name = ? OR key_id = ?", name, key_id)
            if taken or not name:
                raise InputError("A reviewer with this name or key exists.", remedy="Choose another name.")
            self._database.write(
                f"INSERT INTO reviewers ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, NULL)",  # noqa: S608 - constant
                name,
                key_id,
                public_key,
                wrapped_key,
                time_text(created),
            )
            self._audit.append(key_id, "reviewer.added", key_id, {"public_key": content_digest(public_key)})
        return ReviewerRecord(name, key_id, public_key, wrapped_key, created)

    def get(self, name: str) -> ReviewerRecord:
        """Return a reviewer, retired or not; an unknown name is an InputError."""
        rows = self._database.read(f"SELECT {_COLUMNS} FROM reviewers WHERE name = ?", name)  # noqa: S608
        if not rows:
            raise InputError("No reviewer has this name.", remedy="Run: openmed reviewer list")
        return _record(rows[0])

    def list(self) -> tuple[ReviewerRecord, ...]:
        """Return all reviewers by name, retired ones too."""
        rows = self._database.read(f"SELECT {_COLUMNS} FROM reviewers ORDER BY name")  # noqa: S608
        return tuple(_record(row) for row in rows)

    def retire(self, name: str, when: datetime) -> None:
        """Retire a reviewer for good.

        Raises:
            InputError: the name is unknown, or retired already.

        """
        with self._database.transaction():
            reviewer = self.get(name)
            if reviewer.retired is not None:
                raise InputError("The reviewer is retired already.")
            self._database.write("UPDATE reviewers SET retired = ? WHERE name = ?", time_text(when), name)
            self._audit.append(reviewer.key_id, "reviewer.retired", reviewer.key_id)


def _record(row: Row) -> ReviewerRecord:
    name, key_id, public_key, wrapped_key, created, retired = row
    return ReviewerRecord(
        name,
        key_id,
        public_key,
        wrapped_key,
        parse_time(created),
        None if retired is None else parse_time(retired),
    )
