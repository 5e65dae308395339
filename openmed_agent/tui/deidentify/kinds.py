"""The kinds of identifiers in a text: how many of each were treated, and which are to stay as they are."""

from collections.abc import Iterable

from textual.content import Content
from textual.message import Message

from openmed_agent.tui.chrome.row_list import Column, Row, RowList
from openmed_agent.tui.deidentify.wrapping import label_words
from openmed_agent.tui.safe_text import shown_line
from openmed_agent.workbench.requests.privacy import LabelCount


class KindList(RowList):
    """A row for each kind; enter lets it stay as it is, or has it treated again."""

    class Toggled(Message):
        """The person wants another treatment of a kind."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__((Column(), Column(6, "right")), id=id)
        self.kept: frozenset[str] = frozenset()
        self._counts: tuple[LabelCount, ...] = ()

    def show(self, counts: Iterable[LabelCount]) -> None:
        """Show the kinds that were treated, and those that are kept."""
        self._counts = tuple(counts)
        self._fill()

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Change the treatment of a kind."""
        event.stop()
        self.kept = self.kept ^ {event.identifier}
        self._fill()
        self.post_message(self.Toggled())

    def _fill(self) -> None:
        counts = {one.label: one.count for one in self._counts}
        names = sorted(counts.keys() | self.kept)
        self.fill([self._row(name, counts.get(name, 0)) for name in names])

    def _row(self, name: str, count: int) -> Row:
        words = shown_line(label_words(name))
        if name in self.kept:
            return Row((Content.assemble(("○ ", "$warning"), words), Content.styled("kept", "$warning")), name)
        return Row((Content.assemble(("● ", "$success"), words), Content(f"{count:,}")), name)
