"""How records of the audit chain look in the list."""

from collections.abc import Iterable
from datetime import UTC
from typing import Final

from textual.content import Content

from openmed_agent.tui.chrome.row_list import Column, Row
from openmed_agent.tui.safe_text import shown_line
from openmed_agent.workbench.requests.audit import AuditRow

COLUMNS: Final = (
    Column(5, "right"),
    Column(19),
    Column(20),
    Column(),
    Column(20, needs=100),
)
"""Number, time, act, subject or destination, who."""

_HEADINGS: Final = ("No.", "Time (UTC)", "Act", "On", "Who")
_ID: Final = 32


def audit_rows(records: Iterable[AuditRow]) -> list[Row]:
    """Return the heading and a row for each record."""
    heading = Row(tuple(Content.styled(word, "$secondary") for word in _HEADINGS))
    return [heading, *(_row(one) for one in records)]


def detail_of(record: AuditRow) -> Content:
    """Return everything that a record says: ids, digests, counts and times."""
    sent = [("host", record.host), ("bytes", f"{record.sent_bytes or 0:,}")] if record.host else []
    details = " · ".join(f"{name} {value}" for name, value in (*sent, *record.details))
    who = shown_line(f"{record.act} on {record.subject} by {record.actor}")
    return Content.assemble(who, "\n", shown_line(details, "$secondary")) if details else who


def _row(record: AuditRow) -> Row:
    return Row(
        (
            Content.styled(str(record.sequence), "$secondary"),
            Content(f"{record.time.astimezone(UTC):%Y-%m-%d %H:%M:%S}"),
            shown_line(record.act, "$warning" if record.host else ""),
            shown_line(_subject(record)),
            shown_line(_short(record.actor), "$secondary"),
        ),
        str(record.sequence),
    )


def _subject(record: AuditRow) -> str:
    if record.host:
        return f"{record.host}, {record.sent_bytes or 0:,} B, {record.subject}"
    return _short(record.subject)


def _short(text: str) -> str:
    return f"{text[:8]}…" if len(text) >= _ID and " " not in text else text
