"""Whether the tables are what the audit chain says was done to them.

SQLCipher authenticates each page for itself, so whoever has an older copy of the file can put single pages of it
back without the key: a used approval is unused again, a retired reviewer is not retired, a decision is gone. The
chain is append-only and its end is signed, so what the chain records decides.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from openmed_agent.store.database import Database

if TYPE_CHECKING:
    from openmed_agent.store.audit import AuditRecord

CLOCK_LOWERED = "clock.lowered"
"""The act after which earlier times count no longer."""

# What the chain speaks of. Events of sessions are not in it, and there may be hundreds of thousands of them.
_RECORDED_TABLES = (
    "audit",
    "clock",
    "drafts",
    "blobs",
    "draft_blobs",
    "reviewers",
    "decisions",
    "approvals",
    "sessions",
)
_APPROVAL_ACTS = frozenset({"approval.signed", "approval.finalizing", "approval.committed", "approval.abandoned"})


@dataclass(frozen=True, slots=True)
class _Approval:
    draft_id: str
    revision: int
    state: str


@dataclass(frozen=True, slots=True)
class _Draft:
    payload_digest: str
    blobs: int


@dataclass(frozen=True, slots=True)
class _Question:
    """What a decision answers: an item of a revision, put to the reviewer with this key."""

    draft_id: str
    revision: int
    reviewer: str
    item: str


class _Details(BaseModel):
    """What this version reads of a record's details; a later one may add to them."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class _ApprovalDetails(_Details):
    nonce: str
    revision: int


class _DraftDetails(_Details):
    revision: int
    payload_digest: str
    blobs: int


class _DecisionDetails(_Details):
    revision: int
    item: str
    document: str | None = None  # records of earlier versions have no digest of the document


class _ReviewerDetails(_Details):
    public_key: str | None = None  # records of earlier versions have no digest of the key


@dataclass(slots=True)
class _Chain:
    """What the records, read in order, made of the store."""

    approvals: dict[str, _Approval] = field(default_factory=dict)
    drafts: dict[tuple[str, int], _Draft] = field(default_factory=dict)
    decisions: dict[_Question, list[str | None]] = field(default_factory=lambda: defaultdict(list))
    reviewers: dict[str, str | None] = field(default_factory=dict)
    retired: set[str] = field(default_factory=set)
    sessions: set[str] = field(default_factory=set)
    latest: str = ""

    def follow(self, record: "AuditRecord") -> None:
        """Take in one record; a ValidationError where its details are not those of its act."""
        self.latest = record.time if record.act == CLOCK_LOWERED else max(self.latest, record.time)
        match record.act:
            case act if act in _APPROVAL_ACTS:
                approval = _ApprovalDetails.model_validate_json(record.details)
                state = act.removeprefix("approval.")
                self.approvals[approval.nonce] = _Approval(record.subject, approval.revision, state)
            case "draft.added":
                draft = _DraftDetails.model_validate_json(record.details)
                self.drafts[record.subject, draft.revision] = _Draft(draft.payload_digest, draft.blobs)
            case "decision.made":
                decision = _DecisionDetails.model_validate_json(record.details)
                question = _Question(record.subject, decision.revision, record.actor, decision.item)
                self.decisions[question].append(decision.document)
            case "reviewer.added":
                self.reviewers[record.subject] = _ReviewerDetails.model_validate_json(record.details).public_key
            case "reviewer.retired":
                self.retired.add(record.subject)
            case "session.created" | "session.imported":
                self.sessions.add(record.subject)
            case "session.deleted":
                self.sessions.discard(record.subject)
            case _:
                pass


def disagreements(database: Database, records: "Iterable[AuditRecord]") -> Iterator[str]:
    """Yield a sentence for each table that is not what the records of the chain made of it.

    The caller reads the records and runs this within one transaction or snapshot of the database.
    """
    chain = _Chain()
    for record in records:
        try:
            chain.follow(record)
        except ValidationError:
            yield f"Record {record.sequence} of the audit chain does not hold what its act needs."
            return
    checks = (
        (_is_whole(database), "The indexes of the store do not agree with its tables."),
        (_approvals(database) == chain.approvals, "An approval is not in the state that the audit chain records."),
        (_drafts(database) == chain.drafts, "The drafts are not the ones that the audit chain records."),
        (not _lost_blobs(database), "A file of a draft is missing from the store."),
        (
            _documented(_decisions(database), chain.decisions),
            "The decisions are not the ones that the audit chain records.",
        ),
        (
            _documented_keys(_reviewers(database), chain.reviewers),
            "The reviewers are not the ones that the audit chain records.",
        ),
        (
            _retired(database) == chain.retired,
            "The reviewers who are retired are not the ones that the audit chain records.",
        ),
        (_sessions(database) == chain.sessions, "The sessions are not the ones that the audit chain records."),
        (_floor(database) >= chain.latest, "The latest time the store saw is before the time of an audit record."),
    )
    yield from (sentence for holds, sentence in checks if not holds)


def _is_whole(database: Database) -> bool:
    """Return whether each index holds what its table does: a query may read an old page of the index alone."""
    return all(database.read(f"PRAGMA integrity_check({table})") == [("ok",)] for table in _RECORDED_TABLES)


def _approvals(database: Database) -> dict[str, _Approval]:
    rows = database.read("SELECT nonce, draft_id, revision, state FROM approvals")
    return {nonce: _Approval(draft_id, revision, state) for nonce, draft_id, revision, state in rows}


def _drafts(database: Database) -> dict[tuple[str, int], _Draft]:
    rows = database.read(
        "SELECT draft_id, revision, payload_digest, (SELECT count(*) FROM draft_blobs AS blob "
        "WHERE blob.draft_id = draft.draft_id AND blob.revision = draft.revision) FROM drafts AS draft"
    )
    return {(draft_id, revision): _Draft(digest, blobs) for draft_id, revision, digest, blobs in rows}


def _lost_blobs(database: Database) -> bool:
    lost = "SELECT 1 FROM draft_blobs WHERE digest NOT IN (SELECT digest FROM blobs) LIMIT 1"
    return bool(database.read(lost))


def _decisions(database: Database) -> dict[_Question, list[str]]:
    """Return the digests of the decisions' documents, in the order in which they were made."""
    found: dict[_Question, list[str]] = defaultdict(list)
    # An outer join: a decision whose reviewer is gone must not go unseen.
    for draft_id, revision, key_id, item, document in database.read(
        "SELECT decision.draft_id, decision.revision, reviewer.key_id, decision.item, decision.document "
        "FROM decisions AS decision LEFT JOIN reviewers AS reviewer ON reviewer.name = decision.reviewer "
        "ORDER BY decision.sequence"
    ):
        found[_Question(draft_id, revision, key_id, item)].append(content_digest(document))
    return found


def _documented(found: dict[_Question, list[str]], recorded: dict[_Question, list[str | None]]) -> bool:
    return found.keys() == recorded.keys() and all(
        len(digests) == len(recorded[question])
        and all(known in {None, digest} for digest, known in zip(digests, recorded[question], strict=True))
        for question, digests in found.items()
    )


def _reviewers(database: Database) -> dict[str, str]:
    rows = database.read("SELECT key_id, public_key FROM reviewers")
    return {key_id: content_digest(public_key) for key_id, public_key in rows}


def _documented_keys(found: dict[str, str], recorded: dict[str, str | None]) -> bool:
    return found.keys() == recorded.keys() and all(
        recorded[key_id] in {None, digest} for key_id, digest in found.items()
    )


def _retired(database: Database) -> set[str]:
    return {str(key_id) for (key_id,) in database.read("SELECT key_id FROM reviewers WHERE retired IS NOT NULL")}


def _sessions(database: Database) -> set[str]:
    return {str(session_id) for (session_id,) in database.read("SELECT session_id FROM sessions")}


def _floor(database: Database) -> str:
    rows = database.read("SELECT latest FROM clock")
    return str(rows[0][0]) if rows else ""


def content_digest(content: bytes) -> str:
    """Return the digest by which a record of the chain names some bytes: ``sha256:<hex>``."""
    return "sha256:" + hashlib.sha256(content).hexdigest()
