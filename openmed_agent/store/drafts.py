"""Drafts and the bytes they refer to: immutable revisions, blobs kept once by digest."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from openmed_agent.errors import InputError, StoreError
from openmed_agent.store.audit import AuditTrail
from openmed_agent.store.database import Database, Row
from openmed_agent.store.times import parse_time, time_text

_COLUMNS = "draft_id, revision, workflow, workflow_version, created, expires, payload_digest, document"


@dataclass(frozen=True, slots=True)
class DraftRecord:
    """One revision of a draft; `document` is its JSON, opaque here. Digests are `sha256:<hex>`."""

    draft_id: str
    revision: int
    workflow: str
    workflow_version: str
    created: datetime
    expires: datetime
    payload_digest: str
    document: bytes = field(repr=False)


class Drafts:
    """The drafts of a store."""

    def __init__(self, database: Database, audit: AuditTrail) -> None:
        self._database = database
        self._audit = audit

    def add(self, draft: DraftRecord, blobs: Mapping[str, bytes], *, actor: str = "openmed") -> None:
        """Keep a revision and all its blobs (sources and artifacts by digest), whole or not at all.

        Revisions of a draft count 1, 2, 3; none is ever changed.

        Raises:
            InputError: the revision exists or leaves a gap, or a blob is not what its digest says.

        """
        for digest, content in blobs.items():
            if not _is_digest_of(digest, content):
                raise InputError("A file of the draft is not what its digest says.", remedy="Run it again.")
        with self._database.transaction():
            self._check_next(draft)
            self._database.write(
                f"INSERT INTO drafts ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - constant
                draft.draft_id,
                draft.revision,
                draft.workflow,
                draft.workflow_version,
                time_text(draft.created),
                time_text(draft.expires),
                draft.payload_digest,
                draft.document,
            )
            for digest, content in blobs.items():
                self._keep(draft, digest, content)
            self._audit.append(
                actor,
                "draft.added",
                draft.draft_id,
                {
                    "revision": draft.revision,
                    "workflow": draft.workflow,
                    "payload_digest": draft.payload_digest,
                    "blobs": len(blobs),
                },
            )

    def get(self, draft_id: str, revision: int | None = None) -> DraftRecord:
        """Return a revision (the latest by default) of the draft with this id or unique start of an id.

        Raises:
            InputError: no draft, or more than one, begins so; or it has no such revision.

        """
        draft_id = self.resolve(draft_id)
        rows = self._database.read(
            f"SELECT {_COLUMNS} FROM drafts WHERE draft_id = ? AND revision = coalesce(?, "  # noqa: S608
            "(SELECT max(revision) FROM drafts WHERE draft_id = ?))",
            draft_id,
            revision,
            draft_id,
        )
        if not rows:
            raise InputError(f"The draft has no revision {revision}.", remedy="Run: openmed drafts")
        return _record(rows[0])

    def resolve(self, start: str) -> str:
        """Return the id of the one draft whose id is, or begins with, the given start.

        Raises:
            InputError: there is none, or more than one.

        """
        found = self._database.read(
            "SELECT DISTINCT draft_id FROM drafts WHERE substr(draft_id, 1, ?) = ? ORDER BY draft_id",
            len(start),
            start,
        )
        ids = [str(row[0]) for row in found]
        if start and start in ids:
            return start
        if not start or not ids:
            raise InputError("No draft has this id.", remedy="Run: openmed drafts")
        if len(ids) > 1:
            raise InputError(f"{len(ids)} drafts begin with this id.", remedy="Give more of the id.")
        return ids[0]

    def list(self) -> tuple[DraftRecord, ...]:
        """Return the latest revision of every draft, the newest first."""
        rows = self._database.read(
            f"SELECT {_COLUMNS} FROM drafts AS draft WHERE revision = "  # noqa: S608 - constant
            "(SELECT max(revision) FROM drafts WHERE draft_id = draft.draft_id) "
            "ORDER BY created DESC, draft_id"
        )
        return tuple(_record(row) for row in rows)

    def revisions(self, draft_id: str) -> tuple[int, ...]:
        """Return the numbers of a draft's revisions, in order; empty for an unknown draft."""
        rows = self._database.read("SELECT revision FROM drafts WHERE draft_id = ? ORDER BY 1", draft_id)
        return tuple(int(row[0]) for row in rows)

    def blob_digests(self, draft_id: str, revision: int) -> tuple[str, ...]:
        """Return the digests of the blobs of one revision, sorted."""
        rows = self._database.read(
            "SELECT digest FROM draft_blobs WHERE draft_id = ? AND revision = ? ORDER BY 1",
            draft_id,
            revision,
        )
        return tuple(str(row[0]) for row in rows)

    def blob(self, digest: str) -> bytes:
        """Return the bytes with this digest, verified.

        Raises:
            InputError: the store has none.
            StoreError: what the store has is not what the digest says.

        """
        rows = self._database.read("SELECT content FROM blobs WHERE digest = ?", digest)
        if not rows:
            raise InputError("The store has no file with this digest.", remedy="Run the workflow again.")
        content = bytes(rows[0][0])
        if not _is_digest_of(digest, content):
            raise StoreError("A file in the store is not what its digest says.", remedy="Run: openmed audit verify")
        return content

    def _check_next(self, draft: DraftRecord) -> None:
        expected = max(self.revisions(draft.draft_id), default=0) + 1
        if draft.revision < expected:
            raise InputError(
                f"Revision {draft.revision} of the draft exists already and is never changed.",
                remedy="Make the next revision from the latest one.",
            )
        if draft.revision > expected:
            raise InputError(f"Revision {draft.revision} does not follow {expected - 1}, the draft's latest.")

    def _keep(self, draft: DraftRecord, digest: str, content: bytes) -> None:
        self._database.write("INSERT OR IGNORE INTO blobs (digest, content) VALUES (?, ?)", digest, content)
        self._database.write(
            "INSERT INTO draft_blobs (draft_id, revision, digest) VALUES (?, ?, ?)",
            draft.draft_id,
            draft.revision,
            digest,
        )


def _record(row: Row) -> DraftRecord:
    draft_id, revision, workflow, version, created, expires, payload_digest, document = row
    return DraftRecord(
        draft_id,
        revision,
        workflow,
        version,
        parse_time(created),
        parse_time(expires),
        payload_digest,
        document,
    )


def _is_digest_of(digest: str, content: bytes) -> bool:
    actual = "sha256:" + hashlib.sha256(content).hexdigest()
    return hmac.compare_digest(actual.encode(), digest.encode())
