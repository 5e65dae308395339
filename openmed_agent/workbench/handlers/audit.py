"""Answers what the screen asks about the audit chain."""

import json

from openmed_agent.store.audit import AuditRecord
from openmed_agent.store.times import parse_time
from openmed_agent.workbench.bench import Bench
from openmed_agent.workbench.handling import Handler, answered_by
from openmed_agent.workbench.requests.audit import AuditPage, AuditRow, AuditVerdict, ListRecords, VerifyAudit

_SENT = "outbound.sent"


async def list_records(bench: Bench, request: ListRecords) -> AuditPage:
    """Return the newest records."""
    store = bench.store
    found = store.audit.latest(request.limit + 1, before=request.before, act=_SENT if request.outbound else None)
    names = {reviewer.key_id: reviewer.name for reviewer in store.reviewers.list()}
    rows = tuple(_row(one, names) for one in found[: request.limit])
    return AuditPage(records=rows, more=len(found) > request.limit)


async def verify_audit(bench: Bench, _: VerifyAudit) -> AuditVerdict:
    """Check the whole chain."""
    report = bench.store.audit.verify()
    return AuditVerdict(whole=report.ok, records=report.records, problems=report.problems)


def _row(record: AuditRecord, names: dict[str, str]) -> AuditRow:
    details = _details(record)
    sent = details.pop("bytes", None) if record.act == _SENT else None
    host = details.pop("host", None) if record.act == _SENT else None
    return AuditRow(
        sequence=record.sequence,
        time=parse_time(record.time),
        actor=names.get(record.actor, record.actor),
        act=record.act,
        subject=names.get(record.subject, record.subject),
        host=str(host or ""),
        sent_bytes=sent if isinstance(sent, int) else None,
        details=tuple((name, str(value)) for name, value in details.items()),
    )


def _details(record: AuditRecord) -> dict[str, object]:
    """Return the details of a record; none where they are not what was written, which a verification tells."""
    try:
        details = json.loads(record.details)
    except (ValueError, RecursionError):
        return {}
    return details if isinstance(details, dict) else {}


HANDLERS: tuple[Handler, ...] = (
    answered_by(ListRecords, list_records),
    answered_by(VerifyAudit, verify_audit),
)
