"""A session as text for a terminal and as JSON: who said what, and what was done."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from openmed_agent.cli.console import output, safe
from openmed_agent.errors import StoreError
from openmed_agent.runtime.events import (
    Answered,
    Compacted,
    Event,
    Notice,
    PermissionSettled,
    Steered,
    ToolEnded,
    TurnEnded,
    TurnStarted,
    read_event,
)
from openmed_agent.text.terminal import terminal_safe

if TYPE_CHECKING:
    from openmed_agent.store import EventRecord, SessionRecord


def print_session(session: "SessionRecord", events: "Iterable[EventRecord]") -> None:
    """Print a session from its beginning to its end."""
    from rich.text import Text

    console = output()
    console.print(safe(session.title or session.session_id, "bold"))
    modes = f"PHI mode {session.phi_mode}, agent mode {session.agent_mode}"
    console.print(safe(f"{session.session_id} · {modes} · {session.model}", "dim"))
    for record in events:
        for style, text in _said(record):
            console.print(Text(terminal_safe(text), style=style))


def event_fields(record: "EventRecord") -> dict[str, Any]:
    """Return an event as JSON output shows it.

    Raises:
        StoreError: its document is not JSON.

    """
    try:
        document = json.loads(record.document)
    except (ValueError, RecursionError):
        raise StoreError(f"Event {record.sequence} of the session is not JSON.", remedy="Run: openmed doctor") from None
    return {
        "sequence": record.sequence,
        "kind": record.kind,
        "appended": record.appended.isoformat(),
        "event": document,
    }


def _said(record: "EventRecord") -> list[tuple[str, str]]:
    """Return the styled lines for an event; none for what a person need not read again."""
    try:
        event = read_event(record.document, record.sequence)
    except ValueError:
        return [("dim", f"{record.sequence}  (an event that this version cannot read: {record.kind})")]
    return [(style, f"{record.sequence}  {text}") for style, text in _lines(event)]


def _lines(event: Event) -> list[tuple[str, str]]:
    match event:
        case TurnStarted() | Steered():
            return [("bold cyan", f"› {event.shown}")]
        case Answered(shown=str(text)) if text:
            return [("", text)]
        case ToolEnded():
            return [("dim", f"{event.tool}: {event.title} ({event.outcome})")]
        case PermissionSettled(allowed=False):
            return [("yellow", f"Not allowed: {event.tool}. {event.reason}")]
        case Compacted() | Notice():
            return [("dim", event.shown)]
        case TurnEnded(shown=str(sentence)) if sentence:
            return [("yellow", sentence)]
        case _:
            return []
