"""Differences one below the other: between two revisions, between two runs, or what a reviewer changed."""

from collections.abc import Iterable, Iterator
from typing import Final

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from openmed_agent.tui.safe_text import shown_line
from openmed_agent.workbench.requests.comparisons import ChangeRow, Comparison

_WORDS: Final = {"added": "added", "removed": "removed", "changed": "changed", "conflicting": "✗ in conflict"}


class DiffView(VerticalScroll):
    """Shows comparisons; what was is marked with a minus, what is with a plus."""

    DEFAULT_CSS = """
    DiffView { padding: 0 1; scrollbar-size-vertical: 1; }
    DiffView > Static { height: auto; }
    """

    def __init__(self, comparisons: Iterable[Comparison] = (), *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._comparisons = tuple(comparisons)

    def compose(self) -> ComposeResult:
        """Yield the one text."""
        yield Static(diff_content(self._comparisons))

    def show(self, *comparisons: Comparison) -> None:
        """Show other comparisons."""
        self._comparisons = comparisons
        self.query_one(Static).update(diff_content(comparisons))
        self.scroll_home(animate=False)


def diff_content(comparisons: Iterable[Comparison]) -> Content:
    """Return comparisons as text."""
    parts = [Content("\n").join(_lines(comparison)) for comparison in comparisons]
    return Content("\n\n").join(parts)


def change_lines(row: ChangeRow) -> Iterator[Content]:
    """Yield the lines of one difference."""
    warning = row.change == "conflicting"
    yield Content.assemble((_WORDS[row.change], "$warning bold" if warning else "bold"), shown_line(f"  {row.kind}"))
    if row.before:
        yield Content.assemble(("  − ", "$error"), shown_line(row.before, "$error"))
    if row.after:
        yield Content.assemble(("  + ", "$success"), shown_line(row.after, "$success"))
    if row.note:
        yield shown_line(f"    {row.note}", "$secondary")


def _lines(comparison: Comparison) -> Iterator[Content]:
    yield Content.assemble(
        shown_line(comparison.before, "$accent bold"), " → ", shown_line(comparison.after, "$accent bold")
    )
    same = "1 item is the same" if comparison.same == 1 else f"{comparison.same} items are the same"
    yield shown_line(f"{same}, {_count(comparison.rows)}", "$secondary")
    for row in comparison.rows:
        yield Content("")
        yield from change_lines(row)


def _count(rows: tuple[ChangeRow, ...]) -> str:
    if not rows:
        return "nothing differs"
    return "1 differs" if len(rows) == 1 else f"{len(rows)} differ"
