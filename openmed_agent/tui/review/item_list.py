"""The list of items: what is to be decided, what was decided, and where one is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from openmed_agent.tui.review.item_rows import BEFORE_CLAIM, WORD, ItemRow, item_rows, mark_of, word_of
from openmed_agent.workbench.requests.reviews import DecisionView, ItemView


class ItemList(ScrollView):
    """Draws only the rows in view; moving draws two items anew and lays nothing out."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "item--heading",
        "item--claim",
        "item--here",
        "item--decided",
        "item--word",
        "item--mark",
    }
    DEFAULT_CSS = """
    ItemList { overflow-x: hidden; overflow-y: scroll; }
    ItemList > .item--heading { color: $secondary; text-style: bold; }
    ItemList > .item--claim { color: $foreground; }
    ItemList > .item--decided { color: $secondary; }
    ItemList > .item--here { background: $panel; color: $foreground; text-style: bold; }
    ItemList > .item--word { color: $warning; }
    ItemList > .item--mark { color: $accent; text-style: bold; }
    """
    can_focus = False

    @dataclass
    class Chosen(Message):
        """The person pointed at an item."""

        number: int

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._items: tuple[ItemView, ...] = ()
        self._decisions: Mapping[str, DecisionView] = {}
        self._rows: tuple[ItemRow, ...] = ()
        self._first_rows: list[int] = []
        self._width = 0
        self._here = 0

    def load(self, items: Sequence[ItemView]) -> None:
        """Take the items of a draft."""
        self._items = tuple(items)
        self._here = min(self._here, max(0, len(items) - 1))
        self._fit()

    def mark(self, decisions: Mapping[str, DecisionView]) -> None:
        """Show what was decided."""
        self._decisions = decisions
        self.refresh()

    def go_to(self, number: int) -> None:
        """Point at an item and bring it into view."""
        before, self._here = self._here, number
        for one in {before, number}:
            if one < len(self._first_rows):
                self.refresh_lines(self._first_rows[one], self._height_of(one))
        self._scroll_here()

    def on_resize(self) -> None:
        """Wrap anew for another width."""
        if self.scrollable_content_region.width != self._width:
            self._width = self.scrollable_content_region.width
            self._fit()
        self._scroll_here()

    def on_click(self, event: Click) -> None:
        """Tell which item was pointed at."""
        number = event.y + self.scroll_offset.y
        if number < len(self._rows) and not self._rows[number].is_heading:
            self.post_message(self.Chosen(self._rows[number].item))

    def render_line(self, y: int) -> Strip:
        """Return the row at ``y`` of the view."""
        number = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if number >= len(self._rows):
            return Strip.blank(width, self.get_component_rich_style("item--claim"))
        row = self._rows[number]
        if row.is_heading:
            style = self.get_component_rich_style("item--heading")
            return Strip([Segment(f" {row.text}", style)]).adjust_cell_length(width, style)
        return self._item_strip(row, width)

    def _item_strip(self, row: ItemRow, width: int) -> Strip:
        item = self._items[row.item]
        decision = self._decisions.get(item.digest)
        here = row.item == self._here
        style = self.get_component_rich_style
        base = style("item--here") if here else style("item--decided" if decision else "item--claim")
        mark = base + style("item--mark", partial=True)
        pointer = "▸" if here and row.first else " "
        word = word_of(item) if row.first else ""
        room = width - BEFORE_CLAIM - WORD - 1
        segments = [
            Segment(f"{pointer} ", mark),
            Segment(f"{mark_of(decision) if row.first else ' '} ", mark),
            Segment(row.text + " " * max(0, room - cell_len(row.text) + 1), base),
            Segment(word + " " * max(0, WORD - cell_len(word)), base + style("item--word", partial=True)),
        ]
        return Strip(segments).adjust_cell_length(width, base)

    def _fit(self) -> None:
        if not self._width:
            return
        self._rows = item_rows(self._items, self._width)
        self._first_rows = [number for number, row in enumerate(self._rows) if row.first]
        self.virtual_size = Size(self._width, len(self._rows))
        self.refresh()

    def _height_of(self, number: int) -> int:
        first = self._first_rows[number]
        return sum(1 for row in self._rows[first : first + 2] if row.item == number)

    def _scroll_here(self) -> None:
        """Keep the item in view, with the heading above it where it is the first of its group."""
        if self._here >= len(self._first_rows):
            return
        first = self._first_rows[self._here]
        last = first + self._height_of(self._here) - 1
        above = first - 1 if first and self._rows[first - 1].is_heading else first
        top, height = self.scroll_offset.y, self.size.height
        if above < top:
            self.scroll_to(y=above, animate=False, immediate=True)
        elif last >= top + height:
            self.scroll_to(y=last - height + 1, animate=False, immediate=True)
