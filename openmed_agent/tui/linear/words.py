"""What the linear face says of itself."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from openmed_agent.workbench.requests.drafts import DraftRow
    from openmed_agent.workbench.requests.sessions import SessionRow
    from openmed_agent.workbench.requests.turns import ModelStatus

HELP: Final = (
    "Help: Type a message and press Enter to send it. A line that ends with a backslash goes on in the next one.",
    "Help: Ctrl+C interrupts a turn. Ctrl+D, or /quit, leaves.",
    "Help: /phi MODE changes what may reach the model: full, deid or strict.",
    "Help: /agent MODE: clinical, consumer, coordination or plan.",
    "Help: /permissions MODE, what tools may do unasked: auto, ask, deny or plan.",
    "Help: /model NAME lets another model answer; /model says which one does.",
    "Help: /sessions TEXT lists sessions; /resume NUMBER goes on with one of them; /new begins a new one.",
    "Help: /undo takes back the last turn. /result reads the whole result of the last tool.",
    "Help: /drafts lists drafts and how to review and sign them.",
)


def destination(model: "ModelStatus") -> str:
    """Return which model answers and where, or why none does."""
    if not model.name:
        return f"Model: none. {model.why}"
    return f"Model: {model.name} at {model.host}, {'on this machine' if model.local else 'not on this machine'}"


def session_line(number: int, row: "SessionRow") -> str:
    """Return one session of a list."""
    elsewhere = ", open in another window" if row.held == "elsewhere" else ""
    used = row.updated.strftime("%Y-%m-%d %H:%M UTC")
    return f"Session {number}: {row.title or 'without a title'}, used {used}, {row.events} events{elsewhere}"


def draft_line(row: "DraftRow") -> str:
    """Return one draft of a list."""
    state = f"{row.left} of {row.items} to decide" if row.state == "draft" else row.state
    return f"Draft {row.draft_id}: {row.workflow} of {', '.join(row.sources) or 'nothing'}, {state}"


def modes(means: Mapping[str, str], what: str, present: str) -> list[str]:
    """Return what there is to choose, and what holds."""
    return [f"{what}: {present} holds.", *(f"{what} {name}: {meaning}" for name, meaning in means.items())]
