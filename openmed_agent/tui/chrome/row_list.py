"""A list of any length: only the lines in view are drawn, so thousands of rows cost what a screenful costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``width`` cells, 0 for what the others leave; left out where the list is narrower than ``needs``."""

    width: int = 0
    align: Literal["left", "right"] = "left"
    needs: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of cells; a ``heading`` and a row without ``identifier`` cannot be chosen."""

    cells: tuple[Content, ...]
    identifier: str = ""
    heading: bool = False


class RowList(ScrollView, can_focus=True):
    """Rows in columns, one of them highlighted."""

    DEFAULT_CSS = """
    RowList { height: 1fr; padding: 0 0 0 1; text-wrap: nowrap; text-overflow: ellipsis; overflow-x: hidden; }
    RowList > .row-list--heading { color: $accent; text-style: bold; }
    RowList > .row-list--chosen { background: $panel; text-style: bold; }
    RowList:focus > .row-list--chosen { background: $accent 30%; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"row-list--heading", "row-list--chosen"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown,space", "page(1)", show=False),
        Binding("home", "end(True)", show=False),
        Binding("end", "end(False)", show=False),
        Binding("enter", "choose", show=False),
    ]
    highlighted: reactive[int | None] = reactive(None, repaint=False)

    class Moved(Message):
        """Another row is highlighted; ``identifier`` is empty where none is."""

        def __init__(self, identifier: str) -> None:
            super().__init__()
            self.identifier = identifier

    class Chosen(Message):
        """A row was chosen."""

        def __init__(self, identifier: str) -> None:
            super().__init__()
            self.identifier = identifier

    def __init__(self, columns: Sequence[Column], *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._rows: tuple[Row, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows that are shown."""
        return self._rows

    @property
    def chosen(self) -> str:
        """The identifier of the highlighted row; empty where there is none."""
        return self._rows[self.highlighted].identifier if self.highlighted is not None else ""

    def fill(self, rows: Sequence[Row], *, keep: str | None = None) -> None:
        """Show other rows; the highlight stays on the row that it was on, or goes to ``keep``, else to the first."""
        wanted = self.chosen if keep is None else keep
        self._rows = tuple(rows)
        self.virtual_size = Size(self.size.width, len(self._rows))
        places = [number for number, row in enumerate(self._rows) if row.identifier]
        found = next((number for number in places if self._rows[number].identifier == wanted), None)
        self.highlighted = found if found is not None else next(iter(places), None)
        self.refresh()
        self._show_highlighted()
        self.post_message(self.Moved(self.chosen))

    def on_resize(self) -> None:
        """Fit the new width."""
        self.virtual_size = Size(self.size.width, len(self._rows))
        self._show_highlighted()

    def watch_highlighted(self) -> None:
        """Draw the change."""
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return one line of the view."""
        width, number = self.scrollable_content_region.width, y + round(self.scroll_offset.y)
        if number >= len(self._rows):
            return Strip.blank(width, self.visual_style.rich_style)
        row = self._rows[number]
        style = self.visual_style
        if row.heading:
            style += self.get_visual_style("row-list--heading", partial=True)
        if number == self.highlighted:
            style += self.get_visual_style("row-list--chosen", partial=True)
        line = _line(row.cells, self._columns, width - 1)  # a cell of air before the scrollbar
        strips = Visual.to_strips(self, line, width, 1, style, apply_selection=False)
        return (strips[0] if strips else Strip.blank(width)).adjust_cell_length(width, style.rich_style)

    def action_move(self, step: int) -> None:
        """Highlight the next row that can be chosen, in a direction."""
        place = (self.highlighted if self.highlighted is not None else -1) + step
        while 0 <= place < len(self._rows) and not self._rows[place].identifier:
            place += step
        if 0 <= place < len(self._rows):
            self._highlight(place)
        else:
            self.scroll_relative(y=step, animate=False)

    def action_page(self, step: int) -> None:
        """Go a screenful on."""
        if not any(row.identifier for row in self._rows):
            self.scroll_relative(y=step * self.size.height, animate=False)
            return
        start = self.highlighted or 0
        self._nearest(min(max(start + step * max(1, self.size.height - 1), 0), len(self._rows) - 1), -step)

    def action_end(self, first: bool) -> None:  # noqa: FBT001 - Textual passes it from the binding
        """Go to the first or the last row."""
        if first:
            self.scroll_home(animate=False)
            self._nearest(0, 1)
        else:
            self.scroll_end(animate=False)
            self._nearest(len(self._rows) - 1, -1)

    def action_choose(self) -> None:
        """Choose the highlighted row."""
        if self.chosen:
            self.post_message(self.Chosen(self.chosen))

    def on_click(self, event: Click) -> None:
        """Highlight a row; choose it where it is highlighted already."""
        number = event.y + round(self.scroll_offset.y)
        if not 0 <= number < len(self._rows) or not self._rows[number].identifier:
            return
        if number == self.highlighted:
            self.action_choose()
        else:
            self._highlight(number)

    def _nearest(self, place: int, step: int) -> None:
        while 0 <= place < len(self._rows) and not self._rows[place].identifier:
            place += step
        if 0 <= place < len(self._rows):
            self._highlight(place)

    def _highlight(self, place: int) -> None:
        self.highlighted = place
        self._show_highlighted()
        self.post_message(self.Moved(self.chosen))

    def _show_highlighted(self) -> None:
        if self.highlighted is None:
            return
        above = self.highlighted
        while above > 0 and not self._rows[above - 1].identifier:
            above -= 1  # the heading of a group is seen with its first row
        region = Region(0, above, max(1, self.size.width), self.highlighted - above + 1)
        self.scroll_to_region(region, animate=False, force=True)


def _line(cells: Sequence[Content], columns: Sequence[Column], width: int) -> Content:
    """Return cells as one line: each fixed column in its width, the open one in what is left, two spaces between."""
    shown = [(cell, column) for cell, column in zip(cells, columns, strict=False) if width >= column.needs]
    if len(cells) < len(columns):
        return Content("  ").join(cell for cell, _ in shown)
    fixed = sum(column.width for _, column in shown) + 2 * (len(shown) - 1)
    return Content("  ").join(_fitted(cell, column, max(8, width - fixed)) for cell, column in shown)


def _fitted(cell: Content, column: Column, left: int) -> Content:
    width = column.width or left
    cut = cell.truncate(width, ellipsis=True)
    missing = max(0, width - cut.cell_length)
    return cut.pad_left(missing) if column.align == "right" else cut.pad_right(missing)
