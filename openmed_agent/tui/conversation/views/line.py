"""A sentence of the program between the messages."""

from typing import Final

from textual.content import Content
from textual.widgets import Static

from openmed_agent.tui.conversation.entries import EntryView, Line, Tone
from openmed_agent.tui.safe_text import shown

_MARKS: Final[dict[Tone, tuple[str, str]]] = {
    "quiet": ("·", "$secondary"),
    "plain": ("·", ""),
    "warning": ("!", "$warning"),
    "error": ("✗", "$error"),
}


class LineView(Static, EntryView):
    """One sentence, its tone told by a mark as well as by its colour."""

    DEFAULT_CSS = """
    LineView { height: auto; padding: 0 2 0 1; }
    """

    def __init__(self, entry: Line) -> None:
        super().__init__(_content(entry))
        self._entry = entry

    def show_entry(self) -> None:
        """Show the sentence as it is now."""
        self.update(_content(self._entry))


def _content(entry: Line) -> Content:
    mark, style = _MARKS[entry.tone]
    return Content.assemble(Content.styled(f"{mark} ", style), shown(entry.text, style))
