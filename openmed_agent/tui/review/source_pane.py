"""The source document beside the item: its lines numbered, the evidence between brackets and in view."""

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from openmed_agent.tui.review.source_rows import Look, SourceRows
from openmed_agent.workbench.requests.reviews import EvidencePlace, SourceView

_CLASSES: Final = {
    Look.TEXT: "source--text",
    Look.EVIDENCE: "source--evidence",
    Look.OTHER: "source--other",
    Look.BRACKET: "source--bracket",
}
_BESIDE_NUMBER: Final = 3  # a blank, the bar of a marked row, a blank


class SourcePane(ScrollView):
    """Draws only the rows in view; how a source is wrapped is computed once for a width."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {*_CLASSES.values(), "source--number", "source--bar"}
    DEFAULT_CSS = """
    SourcePane { height: 1fr; overflow-x: hidden; overflow-y: scroll; }
    SourcePane > .source--text { color: $foreground; }
    SourcePane > .source--number { color: $secondary; }
    SourcePane > .source--bar { color: $warning; text-style: bold; }
    SourcePane > .source--bracket { color: $warning; text-style: bold; }
    SourcePane > .source--evidence { background: $warning; color: $background; text-style: bold; }
    SourcePane > .source--other { text-style: underline; }
    """
    can_focus = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._sources: dict[str, SourceView] = {}
        self._rows: dict[str, SourceRows] = {}
        self._plain: dict[int, Strip] = {}
        self._width = 0
        self._source = ""
        self._current: EvidencePlace | None = None
        self._others: tuple[EvidencePlace, ...] = ()

    def load(self, sources: Sequence[SourceView]) -> None:
        """Take the sources of a draft."""
        self._sources = {source.digest: source for source in sources}
        self._rows.clear()
        self._plain.clear()

    def show(self, source: str, current: EvidencePlace | None, others: Sequence[EvidencePlace]) -> None:
        """Show a source with one place of it marked and in view."""
        if source != self._source:
            self._plain.clear()
        self._source = source
        self._current = current
        self._others = tuple(one for one in others if one.source == source)
        self._fit()
        self.refresh()
        self._scroll_to_mark()

    @property
    def shown_source(self) -> str:
        """The digest of the source that is shown; empty before the first."""
        return self._source

    def line_of(self, place: EvidencePlace) -> int:
        """Return the line, from 1, in which a place begins."""
        rows = self._rows_of(place.source)
        return 0 if rows is None else rows.line_of(place)

    def turn_page(self, *, back: bool = False) -> None:
        """Move by a screenful, keeping one row in view."""
        step = max(1, self.size.height - 1)
        self.scroll_to(y=self.scroll_offset.y + (-step if back else step), animate=False, immediate=True)

    def on_resize(self) -> None:
        """Wrap anew for another width."""
        if self.scrollable_content_region.width != self._width:
            self._width = self.scrollable_content_region.width
            self._rows.clear()
            self._plain.clear()
            self._fit()
        self._scroll_to_mark()

    def render_line(self, y: int) -> Strip:
        """Return the row at ``y`` of the view; rows without a mark are drawn once."""
        rows = self._rows_of(self._source)
        number = y + self.scroll_offset.y
        if rows is None or number >= len(rows):
            return Strip.blank(self.scrollable_content_region.width, self.get_component_rich_style("source--text"))
        marks = [one for one in (self._current, *self._others) if one is not None and rows.shows(number, one)]
        if marks:
            return self._strip(rows, number)
        if number not in self._plain:
            self._plain[number] = self._strip(rows, number)
        return self._plain[number]

    def notify_style_update(self) -> None:
        """Draw anew in other colours."""
        self._plain.clear()
        super().notify_style_update()

    def _strip(self, rows: SourceRows, number: int) -> Strip:
        row = rows[number]
        marked = self._current is not None and rows.shows(number, self._current)
        shown = str(row.line + 1) if row.first else ""
        style = self.get_component_rich_style
        number_shown = f" {shown.rjust(rows.number_width)}"
        before = " " * (row.indent + 1)
        if marked:
            segments = [
                Segment(number_shown, style("source--number")),
                Segment("▏", style("source--bar")),
                Segment(before, style("source--text")),
            ]
        else:
            segments = [Segment(f"{number_shown} {before}", style("source--number"))]
        segments.extend(
            Segment(piece.text, style(_CLASSES[piece.look]))
            for piece in rows.pieces(number, self._current, self._others)
        )
        return Strip(segments).adjust_cell_length(self.scrollable_content_region.width, style("source--text"))

    def _fit(self) -> None:
        rows = self._rows_of(self._source)
        self.virtual_size = Size(self.scrollable_content_region.width, 0 if rows is None else len(rows))

    def _rows_of(self, digest: str) -> SourceRows | None:
        source = self._sources.get(digest)
        if source is None or not self._width:
            return None
        if digest not in self._rows:
            numbers = len(str(len(source.lines))) + _BESIDE_NUMBER
            self._rows[digest] = SourceRows(source, self._width - numbers)
        return self._rows[digest]

    def _scroll_to_mark(self) -> None:
        """Bring the place into view, a few rows from the top; where it is in view already, nothing moves."""
        rows = self._rows_of(self._source)
        if rows is None or self._current is None:
            return
        first, last = rows.rows_of(self._current)
        height = self.size.height
        top = self.scroll_offset.y
        if top <= first and last < top + height:
            return
        lines_above = max(0, min(height // 3, height - (last - first + 1)))
        self.scroll_to(y=max(0, first - lines_above), animate=False, immediate=True)
