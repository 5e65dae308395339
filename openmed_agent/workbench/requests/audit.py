"""What the screen asks about the audit chain. Records hold ids, digests, counts and times; never text of a chart."""

from datetime import datetime
from typing import ClassVar

from openmed_agent.workbench.wire import Request, WireModel


class ListRecords(Request):
    """Answered by ``AuditPage``: the newest records, the newest first; those before a sequence where one is given."""

    kind: ClassVar[str] = "audit.records"
    before: int | None = None
    limit: int = 500
    outbound: bool = False
    """Only requests that left this machine, or went to a model."""


class AuditRow(WireModel):
    """One record; ``host`` and ``sent_bytes`` where something was sent."""

    sequence: int
    time: datetime
    actor: str
    act: str
    subject: str
    host: str = ""
    sent_bytes: int | None = None
    details: tuple[tuple[str, str], ...] = ()


class AuditPage(WireModel):
    """Records, the newest first; ``more`` where there are older ones."""

    records: tuple[AuditRow, ...]
    more: bool


class VerifyAudit(Request):
    """Check the chain against its signed head, and the tables against it. Answered by ``AuditVerdict``."""

    kind: ClassVar[str] = "audit.verify"


class AuditVerdict(WireModel):
    """Whether every record is as it was written, and a sentence for each fault."""

    whole: bool
    records: int
    problems: tuple[str, ...]
