"""What the transcript is made of, one entry a message: plain data that a widget shows and that outlives it."""

from dataclasses import dataclass, field
from typing import Literal

from textual.content import Content
from textual.widget import Widget

CallState = Literal["waiting", "running", "done", "failed", "refused", "interrupted", "invalid"]
Tone = Literal["quiet", "plain", "warning", "error"]


class EntryView(Widget):
    """A widget that shows an entry."""

    def show_entry(self) -> None:
        """Show the entry as it is now."""


@dataclass(slots=True, eq=False)
class Entry:
    """One message. ``sequence`` is its place in the log; None for what is not kept there, or not yet."""

    sequence: int | None = None
    view: EntryView | None = field(default=None, repr=False)
    """The widget that shows it, where it is in the mounted window."""


@dataclass(slots=True, eq=False)
class Said(Entry):
    """What the person said; ``steering`` while a turn was running."""

    text: str = field(default="", repr=False)
    steering: bool = False


@dataclass(slots=True, eq=False)
class Answer(Entry):
    """What the model said; ``settled`` once it is whole."""

    text: str = field(default="", repr=False)
    settled: bool = False
    cut: bool = False


@dataclass(slots=True, eq=False)
class Reasoning(Entry):
    """What the model thought aloud; never kept."""

    text: str = field(default="", repr=False)
    settled: bool = False


@dataclass(slots=True, eq=False)
class Call(Entry):
    """A call of a tool and what came of it. ``form`` is how the body is read: text, diff, draft or plan."""

    call_id: str = ""
    tool: str = ""
    title: str = field(default="", repr=False)
    state: CallState = "waiting"
    seconds: float = 0.0
    body: str = field(default="", repr=False)
    form: str = "text"


@dataclass(slots=True, eq=False)
class Line(Entry):
    """A sentence of the program: a notice, the end of a turn, a marker. ``detail`` can be opened."""

    text: str = field(default="", repr=False)
    tone: Tone = "quiet"
    detail: str = field(default="", repr=False)


def lines_of_diff(diff: str) -> list[tuple[str, str]]:
    """Return the lines of a diff, each with its style; the sign in front says the same as the colour."""
    return [(line, _diff_style(line)) for line in diff.splitlines()]


def diff_content(lines: list[tuple[str, str]]) -> Content:
    """Return lines with their styles as one content; the lines are terminal-safe already."""
    return Content("\n").join(Content.styled(line, style) if style else Content(line) for line, style in lines)


def _diff_style(line: str) -> str:
    if line.startswith(("+++", "---")):
        return "$secondary bold"
    match line[:1]:
        case "+":
            return "$success"
        case "-":
            return "$error"
        case "@":
            return "$secondary"
        case _:
            return ""
