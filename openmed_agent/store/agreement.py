"""Whether the tables are what the audit chain says was done to them.

SQLCipher authenticates each page for itself, so whoever has an older copy of the file can put single pages of it
back without the key: a used approval is unused again, a retired reviewer is not retired, a decision is gone. The
chain is append-only and its end is signed, so what the chain records decides.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from openmed_agent.store.database import Database

if TYPE_CHECKING:
    from openmed_agent.store.audit import AuditRecord

_STATES = frozenset({"approval.signed", "approval.finalizing", "approval.committed", "approval.abandoned"})
_DECISIONS = """SELECT decision.draft_id, decision.revision, reviewer.key_id, decision.item, count(*)
    FROM decisions AS decision JOIN reviewers AS reviewer ON reviewer.name = decision.reviewer GROUP BY 1, 2, 3, 4"""


def disagreements(database: Database, records: "Iterable[AuditRecord]") -> Iterator[str]:
    """Yield a sentence for each table that is not what the records of the chain made of it."""
    states: dict[str, str] = {}
    retired: set[str] = set()
    drafts: set[tuple[str, int]] = set()
    decided: Counter[tuple[str, int, str, str]] = Counter()
    latest = ""
    for record in records:
        details = json.loads(record.details)
        latest = max(latest, record.time)
        match record.act:
            case act if act in _STATES:
                states[details["nonce"]] = act.removeprefix("approval.")
            case "reviewer.retired":
                retired.add(record.subject)
            case "draft.added":
                drafts.add((record.subject, details["revision"]))
            case "decision.made":
                decided[record.subject, details["revision"], record.actor, details["item"]] += 1
            case _:
                pass
    if dict(database.read("SELECT nonce, state FROM approvals")) != states:
        yield "An approval is not in the state that the audit chain records."
    if {key for (key,) in database.read("SELECT key_id FROM reviewers WHERE retired IS NOT NULL")} != retired:
        yield "The reviewers who are retired are not the ones that the audit chain records."
    if set(database.read("SELECT draft_id, revision FROM drafts")) != drafts:
        yield "The drafts are not the ones that the audit chain records."
    if {(one, two, three, four): count for one, two, three, four, count in database.read(_DECISIONS)} != dict(decided):
        yield "The decisions are not the ones that the audit chain records."
    if any(floor < latest for (floor,) in database.read("SELECT latest FROM clock")):
        yield "The latest time the store saw is before the time of an audit record."
