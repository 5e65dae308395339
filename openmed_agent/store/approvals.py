"""Approvals: what was signed, and how far its finalizing has come.

    signed --begin_finalizing--> finalizing --commit--> committed
                                            --abandon-> abandoned
           --void_signed---------------------------> abandoned

To begin finalizing consumes the nonce for ever. A draft has at most one approval that is finalizing or
committed. Each step is one transaction that holds the write lock from its start, with its audit record
inside, so of two processes that race one wins.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.store.audit import AuditTrail
from openmed_agent.store.database import Database, Row
from openmed_agent.store.times import parse_time, time_text

ApprovalState = Literal["signed", "finalizing", "committed", "abandoned"]

_COLUMNS = "nonce, draft_id, revision, statement, signature, issued, expires, state, staging"


@dataclass(frozen=True, slots=True)
class ApprovalRecord:
    """A signed statement and its state; `staging` is where the bundle is prepared, once that began."""

    nonce: str
    draft_id: str
    revision: int
    statement: bytes = field(repr=False)  # with its signature it is the token
    signature: bytes = field(repr=False)
    issued: datetime
    expires: datetime
    state: ApprovalState = "signed"
    staging: str | None = None


class Approvals:
    """The approvals of a store."""

    def __init__(self, database: Database, audit: AuditTrail) -> None:
        self._database = database
        self._audit = audit

    def record_signed(
        self,
        nonce: str,
        draft_id: str,
        revision: int,
        statement: bytes,
        signature: bytes,
        issued: datetime,
        expires: datetime,
        *,
        actor: str = "openmed",
    ) -> ApprovalRecord:
        """Keep a signed statement, ready to be finalized once.

        Raises:
            NotPermittedError: the nonce was used before.
            InputError: the revision is unknown.

        """
        with self._database.transaction():
            if self._find(nonce) is not None:
                raise NotPermittedError("This approval was recorded before.", remedy="Sign the draft again.")
            if not self._database.read("SELECT 1 FROM drafts WHERE draft_id = ? AND revision = ?", draft_id, revision):
                raise InputError("No draft has this id and revision.", remedy="Run: openmed drafts")
            self._database.write(
                f"INSERT INTO approvals ({_COLUMNS}) "  # noqa: S608 - constant
                "VALUES (?, ?, ?, ?, ?, ?, ?, 'signed', NULL)",
                nonce,
                draft_id,
                revision,
                statement,
                signature,
                time_text(issued),
                time_text(expires),
            )
            self._audit.append(actor, "approval.signed", draft_id, {"revision": revision, "nonce": nonce})
        return ApprovalRecord(nonce, draft_id, revision, statement, signature, issued, expires)

    def begin_finalizing(self, nonce: str, staging: str, *, actor: str = "openmed") -> ApprovalRecord:
        """Consume the nonce and record where the bundle is staged.

        Raises:
            NotPermittedError: the approval is unknown or was used, or another approval of the draft is
                finalizing or committed.

        """
        with self._database.transaction():
            approval = self.get(nonce)
            if approval.state != "signed":
                raise NotPermittedError("This approval was used before.", remedy="Sign the draft again.")
            if self._database.read(
                "SELECT 1 FROM approvals WHERE draft_id = ? AND state IN ('finalizing', 'committed')",
                approval.draft_id,
            ):
                raise NotPermittedError(
                    "The draft is being finalized, or was, by another approval.",
                    remedy="Run the workflow again for another bundle.",
                )
            return self._move(approval, "finalizing", staging=staging, actor=actor)

    def commit(self, nonce: str, *, actor: str = "openmed") -> ApprovalRecord:
        """Record that the bundle is in its place; only from finalizing, else NotPermittedError."""
        return self._end(nonce, "committed", actor=actor)

    def abandon(self, nonce: str, *, actor: str = "openmed") -> ApprovalRecord:
        """Record that no bundle was made; the nonce stays consumed. Only from finalizing."""
        return self._end(nonce, "abandoned", actor=actor)

    def void_signed(self, *, actor: str = "openmed") -> int:
        """Abandon every approval that was not used yet, and return how many were.

        Raises:
            NotPermittedError: a finalizing was interrupted and is not recovered yet.

        """
        with self._database.transaction():
            if self.unfinished():
                raise NotPermittedError("A finalizing was interrupted.", remedy="Run: openmed finalize --recover")
            # Where the draft has its bundle no other approval of it can be used any more.
            rows = self._database.read(
                f"SELECT {_COLUMNS} FROM approvals AS approval WHERE state = 'signed' AND NOT EXISTS "  # noqa: S608
                "(SELECT 1 FROM approvals WHERE draft_id = approval.draft_id AND state = 'committed') ORDER BY nonce"
            )
            for row in rows:
                approval = _record(row)
                # The database lets an approval be abandoned from finalizing only.
                self._set(approval, "finalizing", staging="")
                self._move(approval, "abandoned", staging="", actor=actor)
            return len(rows)

    def get(self, nonce: str) -> ApprovalRecord:
        """Return an approval; one that this store never recorded is a NotPermittedError."""
        approval = self._find(nonce)
        if approval is None:
            raise NotPermittedError("This approval was not signed in this store.", remedy="Sign the draft here.")
        return approval

    def unfinished(self) -> tuple[ApprovalRecord, ...]:
        """Return the approvals whose finalizing began and has not ended, for recovery."""
        rows = self._database.read(
            f"SELECT {_COLUMNS} FROM approvals WHERE state = 'finalizing' ORDER BY nonce"  # noqa: S608
        )
        return tuple(_record(row) for row in rows)

    def of_draft(self, draft_id: str) -> tuple[ApprovalRecord, ...]:
        """Return all approvals of a draft, the earliest issued first."""
        rows = self._database.read(
            f"SELECT {_COLUMNS} FROM approvals WHERE draft_id = ? ORDER BY issued, nonce",  # noqa: S608
            draft_id,
        )
        return tuple(_record(row) for row in rows)

    def _end(self, nonce: str, state: ApprovalState, *, actor: str) -> ApprovalRecord:
        with self._database.transaction():
            approval = self.get(nonce)
            if approval.state != "finalizing":
                raise NotPermittedError(f"The approval is {approval.state}, so it cannot become {state}.")
            return self._move(approval, state, staging=approval.staging, actor=actor)

    def _move(
        self, approval: ApprovalRecord, state: ApprovalState, *, staging: str | None, actor: str
    ) -> ApprovalRecord:
        self._set(approval, state, staging=staging)
        self._audit.append(
            actor,
            f"approval.{state}",
            approval.draft_id,
            {"revision": approval.revision, "nonce": approval.nonce},
        )
        return self.get(approval.nonce)

    def _set(self, approval: ApprovalRecord, state: ApprovalState, *, staging: str | None) -> None:
        self._database.write(
            "UPDATE approvals SET state = ?, staging = ? WHERE nonce = ?", state, staging, approval.nonce
        )

    def _find(self, nonce: str) -> ApprovalRecord | None:
        rows = self._database.read(f"SELECT {_COLUMNS} FROM approvals WHERE nonce = ?", nonce)  # noqa: S608
        return _record(rows[0]) if rows else None


def _record(row: Row) -> ApprovalRecord:
    nonce, draft_id, revision, statement, signature, issued, expires, state, staging = row
    return ApprovalRecord(
        nonce,
        draft_id,
        revision,
        statement,
        signature,
        parse_time(issued),
        parse_time(expires),
        state,
        staging,
    )
