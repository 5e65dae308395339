"""Accepting several items at once: shows exactly which, a screenful at a time, with the words of their source."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from openmed_agent.tui.safe_text import shown_line
from openmed_agent.workbench.requests.reviews import ItemView, SourceView

_MOST: Final = 9
_ROWS_OF_AN_ITEM: Final = 3
_ROWS_AROUND: Final = 10
_LONGEST_QUOTE: Final = 60


class TogetherDialog(ModalScreen[tuple[str, ...]]):
    """Asks about the first items of those that wait; the answer are the digests to accept, none where the person left.

    As many are asked about as fit the screen, so that nothing is accepted that was not in view.
    """

    DEFAULT_CSS = """
    TogetherDialog { align: center middle; background: $background 60%; }
    TogetherDialog > Vertical { width: 92%; max-width: 100; height: auto; max-height: 96%; padding: 1 2;
                                background: $surface; border: round $accent; }
    TogetherDialog VerticalScroll { height: auto; max-height: 100%; margin-top: 1; }
    TogetherDialog .keys { margin-top: 1; color: $secondary; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "accept", "accept"),
        Binding("n,escape,ctrl+c", "leave", "leave"),
    ]

    def __init__(self, waiting: Sequence[ItemView], sources: Sequence[SourceView]) -> None:
        super().__init__()
        self._waiting = tuple(waiting)
        self._sources = {source.digest: source for source in sources}
        self._page: tuple[ItemView, ...] = ()

    def compose(self) -> ComposeResult:
        """Yield question, items and keys."""
        room = (self.app.size.height - _ROWS_AROUND) // _ROWS_OF_AN_ITEM
        self._page = self._waiting[: max(1, min(_MOST, room))]
        count, waiting = len(self._page), len(self._waiting)
        with Vertical():
            yield Static(
                shown_line(f"Accept these {count} of {waiting} together?" if count > 1 else "Accept it?", "bold")
            )
            with VerticalScroll():
                for number, item in enumerate(self._page, start=1):
                    yield Static(self._entry(number, item))
            yield Static("y accept them · n leave them · ↑ ↓ scroll", classes="keys")

    def action_accept(self) -> None:
        """Accept what is shown."""
        self.dismiss(tuple(item.digest for item in self._page))

    def action_leave(self) -> None:
        """Accept nothing."""
        self.dismiss(())

    def _entry(self, number: int, item: ItemView) -> Content:
        codes = "".join(f"  {code.system} {code.code}" for code in item.codes)
        claim = Content.assemble((f"{number}  ", "$secondary"), shown_line(item.claim), shown_line(codes, "$accent"))
        return Content.assemble(claim, "\n   ", shown_line(self._quote(item), "$secondary"))

    def _quote(self, item: ItemView) -> str:
        if not item.evidence:
            return "no place of the sources"
        first = item.evidence[0]
        source = self._sources[first.source]
        quote = " ".join(source.text[first.start : first.end].split())
        shown = quote if len(quote) <= _LONGEST_QUOTE else f"{quote[:_LONGEST_QUOTE]}…"
        more = f", and {len(item.evidence) - 1} more" if len(item.evidence) > 1 else ""
        return f"“{shown}” {source.name}{more}"
