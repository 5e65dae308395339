"""A text of any length with marks in it; only the rows in view are drawn."""

import asyncio
from collections.abc import Iterable
from typing import ClassVar, Final

from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from openmed_agent.tui.beside import run_beside
from openmed_agent.tui.deidentify.wrapping import Mark, TextRow, text_rows
from openmed_agent.workbench.requests.privacy import Piece


class MarkedText(ScrollView, can_focus=True):
    """Shows pieces; those with a label are marked, and in a ``labelled`` one named behind."""

    DEFAULT_CSS = """
    MarkedText { height: 1fr; padding: 0 1; overflow-x: hidden; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = set()
    STYLES: Final[dict[Mark, str]] = {"found": "bold underline $warning", "label": "$secondary italic", "": ""}

    def __init__(self, *, labelled: bool, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._labelled = labelled
        self._pieces: tuple[Piece, ...] = ()
        self._rows: tuple[TextRow, ...] = ()
        self._wrapped_at = 0

    def show(self, pieces: Iterable[Piece]) -> None:
        """Show other pieces, from their beginning."""
        self._pieces = tuple(pieces)
        self._wrapped_at = 0
        self.scroll_home(animate=False)
        self._wrap()

    def on_resize(self) -> None:
        """Break the rows anew where the width changed."""
        self._wrap()

    def render_line(self, y: int) -> Strip:
        """Return one line of the view."""
        width, number = self.scrollable_content_region.width, y + round(self.scroll_offset.y)
        style = self.visual_style
        if number >= len(self._rows):
            return Strip.blank(width, style.rich_style)
        content = Content.assemble(*(Content.styled(run.text, self.STYLES[run.mark]) for run in self._rows[number]))
        strips = Visual.to_strips(self, content, width, 1, style, apply_selection=False)
        return (strips[0] if strips else Strip.blank(width)).adjust_cell_length(width, style.rich_style)

    def _wrap(self) -> None:
        width = self.scrollable_content_region.width
        if width > 0 and width != self._wrapped_at:
            self._wrapped_at = width
            run_beside(self, self._wrapped, group="wrap")

    async def _wrapped(self) -> None:
        """Break the rows; what is broken is no argument, because Textual writes the arguments of a worker out."""
        width = self._wrapped_at
        self._rows = await asyncio.to_thread(text_rows, self._pieces, width, labelled=self._labelled)
        self.virtual_size = Size(width, len(self._rows))
        self.refresh()
