"""Decisions of a reviewer on the items of one revision: a history in which the latest counts."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from openmed_agent.errors import InputError
from openmed_agent.store.audit import AuditTrail
from openmed_agent.store.database import Database
from openmed_agent.store.times import parse_time, time_text

Made = Literal["scripted", "interactive"]
"""How a decision came about: by a program or a file, or by a person before whom the item was put."""


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """One decision; `item` is the item's digest, `document` the decision as JSON, opaque here."""

    draft_id: str
    revision: int
    reviewer: str
    item: str
    document: bytes
    decided: datetime
    made: Made


class Decisions:
    """The decisions of a store. One that was acknowledged is on the disk."""

    def __init__(self, database: Database, audit: AuditTrail) -> None:
        self._database = database
        self._audit = audit

    def put(
        self,
        draft_id: str,
        revision: int,
        reviewer: str,
        item: str,
        document: bytes,
        when: datetime,
        *,
        made: Made = "scripted",
    ) -> None:
        """Append a decision; a later one on the same item by the same reviewer counts instead of it.

        The audit record holds the digest of ``document``, so that the decision cannot be exchanged in its row.

        Raises:
            InputError: the revision or the reviewer is unknown.

        """
        with self._database.transaction():
            key_id = self._check_known(draft_id, revision, reviewer)
            self._database.write(
                "INSERT INTO decisions (draft_id, revision, reviewer, item, document, decided, made) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                draft_id,
                revision,
                reviewer,
                item,
                document,
                time_text(when),
                made,
            )
            self._audit.append(
                key_id,
                "decision.made",
                draft_id,
                {
                    "revision": revision,
                    "item": item,
                    "made": made,
                    "document": f"sha256:{hashlib.sha256(document).hexdigest()}",
                },
            )

    def all(self, draft_id: str, revision: int, reviewer: str) -> tuple[DecisionRecord, ...]:
        """Return a reviewer's latest decision on each item, in the order in which they were made."""
        latest: dict[str, DecisionRecord] = {}
        for decision in self.history(draft_id, revision, reviewer):
            latest.pop(decision.item, None)
            latest[decision.item] = decision
        return tuple(latest.values())

    def history(self, draft_id: str, revision: int, reviewer: str) -> tuple[DecisionRecord, ...]:
        """Return every decision of a reviewer on a revision, in the order in which they were made."""
        rows = self._database.read(
            "SELECT item, document, decided, made FROM decisions "
            "WHERE draft_id = ? AND revision = ? AND reviewer = ? ORDER BY sequence",
            draft_id,
            revision,
            reviewer,
        )
        return tuple(
            DecisionRecord(
                draft_id=draft_id,
                revision=revision,
                reviewer=reviewer,
                item=item,
                document=document,
                decided=parse_time(decided),
                made=made,
            )
            for item, document, decided, made in rows
        )

    def _check_known(self, draft_id: str, revision: int, reviewer: str) -> str:
        """Return the id of the reviewer's key; an unknown reviewer or revision is an InputError."""
        known = "SELECT 1 FROM drafts WHERE draft_id = ? AND revision = ?"
        if not self._database.read(known, draft_id, revision):
            raise InputError("No draft has this id and revision.", remedy="Run: openmed drafts")
        rows = self._database.read("SELECT key_id FROM reviewers WHERE name = ?", reviewer)
        if not rows:
            raise InputError("No reviewer has this name.", remedy="Run: openmed reviewer list")
        return str(rows[0][0])
