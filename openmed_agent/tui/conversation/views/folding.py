"""Messages of one line that open: calls of tools, reasoning, summaries."""

from itertools import islice
from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click
from textual.widgets import Static

from openmed_agent.text.terminal import cell_width, terminal_safe
from openmed_agent.tui.conversation.entries import (
    Call,
    CallState,
    EntryView,
    Line,
    Reasoning,
    diff_content,
    lines_of_diff,
)
from openmed_agent.tui.safe_text import shown, shown_line

_MOST_LINES: Final = 300
_MOST_CHARACTERS: Final = 40_000
_TOOL_CELLS: Final = 20

_STATES: Final[dict[CallState, tuple[str, str, str]]] = {
    "waiting": ("▸", "$accent", "waits"),
    "running": ("▸", "$accent", "runs"),
    "done": ("✓", "$success", ""),
    "failed": ("✗", "$error", "failed"),
    "refused": ("✗", "$warning", "refused"),
    "interrupted": ("✗", "$warning", "interrupted"),
    "invalid": ("✗", "$warning", "not a valid call"),
}


class FoldingView(Vertical, EntryView, can_focus=False):
    """A line that opens; what is inside is made when it first opens."""

    DEFAULT_CSS = """
    FoldingView { height: auto; padding: 0 2 0 1; }
    FoldingView > .head { text-wrap: nowrap; text-overflow: ellipsis; }
    FoldingView.-open > .head { text-wrap: wrap; }
    FoldingView > .body { padding: 0 0 1 2; color: $foreground 85%; }
    """
    opened = False

    def __init__(self) -> None:
        super().__init__()
        self._head = Static(self.head(), classes="head")
        self._body: Static | None = None

    def compose(self) -> ComposeResult:
        """Yield the line."""
        yield self._head

    def head(self) -> Content:
        """Return the line."""
        raise NotImplementedError

    def body(self) -> Content | None:
        """Return what is inside, None where there is nothing."""
        raise NotImplementedError

    def show_entry(self) -> None:
        """Show the entry as it is now."""
        self._head.update(self.head())
        if self.opened and (inside := self.body()) is not None:
            self._show_body(inside)

    def open(self, *, opened: bool) -> None:
        """Open or fold."""
        inside = self.body()
        if inside is None or opened == self.opened:
            return
        self.opened = opened
        self.set_class(opened, "-open")
        if opened:
            self._show_body(inside)
        elif self._body is not None:
            self._body.remove()
            self._body = None
        self._head.update(self.head())

    def on_click(self, event: Click) -> None:
        """Open or fold by a click on the line."""
        event.stop()
        self.open(opened=not self.opened)

    def _show_body(self, inside: Content) -> None:
        if self._body is None:
            self._body = Static(inside, classes="body")
            self.mount(self._body)
        else:
            self._body.update(inside)

    def _hint(self) -> Content:
        if self.opened or self.body() is None:
            return Content("")
        return Content.styled("  ⋯", "$secondary")


class CallView(FoldingView):
    """``✓ extract_entities   progress_note.txt · 14 entities   0.08 s``."""

    def __init__(self, entry: Call) -> None:
        self._entry = entry
        super().__init__()

    def head(self) -> Content:
        """Return mark, tool, title and time."""
        entry = self._entry
        mark, style, word = _STATES[entry.state]
        tool = terminal_safe(entry.tool, single_line=True)
        title = terminal_safe(entry.title, single_line=True).removeprefix(tool).strip()
        gap = " " * max(2, _TOOL_CELLS - cell_width(tool))
        parts: list[Content] = [
            Content.styled(f"{mark} ", style),
            Content.styled(tool, "$foreground bold"),
            Content(gap),
        ]
        if word:
            parts.append(Content.styled(f"{word}  ", style))
        parts.append(Content.styled(title, "$foreground 80%"))
        if entry.seconds >= _SHOWN_SECONDS:
            parts.append(Content.styled(f"  {_seconds(entry.seconds)}", "$secondary"))
        if entry.form == "draft":
            parts.append(Content.styled("  F4 review", "$accent"))
        return Content.assemble(*parts, self._hint())

    def body(self) -> Content | None:
        """Return the result."""
        text = _cut(terminal_safe(self._entry.body).expandtabs(4))
        if not text.strip():
            return None
        return diff_content(lines_of_diff(text)) if self._entry.form == "diff" else Content(text)


class ReasoningView(FoldingView):
    """``▸ thinking`` and, once it is whole, how much was thought."""

    def __init__(self, entry: Reasoning) -> None:
        self._entry = entry
        super().__init__()

    def head(self) -> Content:
        """Return the line."""
        if not self._entry.settled:
            return Content.styled("▸ thinking", "$secondary")
        words = len(self._entry.text.split())
        return Content.assemble(Content.styled(f"· thought, {words} words", "$secondary"), self._hint())

    def body(self) -> Content | None:
        """Return the thoughts."""
        text = self._entry.text
        return shown(_cut(text), "$secondary italic") if text.strip() else None


class SummaryView(FoldingView):
    """A sentence with more behind it, such as the summary that stands for older messages."""

    def __init__(self, entry: Line) -> None:
        self._entry = entry
        super().__init__()

    def head(self) -> Content:
        """Return the sentence."""
        return Content.assemble(
            Content.styled("· ", "$secondary"), shown_line(self._entry.text, "$secondary"), self._hint()
        )

    def body(self) -> Content | None:
        """Return what is behind it."""
        return shown(_cut(self._entry.detail)) if self._entry.detail.strip() else None


_SHOWN_SECONDS: Final = 0.005


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"  # noqa: PLR2004 - two digits are enough


def _cut(text: str) -> str:
    """Return what a screen shows of a long text, and how much is left out."""
    lines = text[:_MOST_CHARACTERS].splitlines()
    kept = "\n".join(islice(lines, _MOST_LINES))
    left = len(text) - len(kept)
    return f"{kept}\n… {left:,} more characters" if left > _MOST_LINES else kept
