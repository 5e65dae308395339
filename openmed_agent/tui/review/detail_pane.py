"""What is known of one item: claim, assertion, support, severity, codes, conflicts, warnings, decision."""

from collections.abc import Iterator
from typing import Final

from textual.content import Content
from textual.widget import Widget

from openmed_agent.tui.review.fact_lines import Fact, fact_lines
from openmed_agent.tui.safe_text import shown_line
from openmed_agent.workbench.requests.reviews import CodeLine, DecisionView, ItemView

_LABEL: Final = 11
_SUPPORT: Final = {
    "supported": "supported by the source",
    "contradicted": "contradicted by the sources",
    "unsupported": "not stated in the sources",
    "uncertain": "uncertain",
}
_DECIDED: Final = {"accept": "✓ accepted", "edit": "✎ edited to", "reject": "✗ rejected"}


class DetailPane(Widget):
    """Labels and what they say, one below the other. It keeps its own place, so that a new item lays nothing out."""

    DEFAULT_CSS = """
    DetailPane { padding: 0 1; }
    """
    can_focus = False
    auto_links = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._facts: tuple[Fact, ...] = ()
        self._lines: tuple[Content, ...] = ()
        self._top = 0

    def show(self, item: ItemView, decision: DecisionView | None) -> None:
        """Show an item from its beginning."""
        self._facts = tuple(_facts(item, decision))
        self._top = 0
        self._wrap()

    def on_resize(self) -> None:
        """Wrap anew for another size."""
        self._wrap()

    def move(self, rows: int) -> None:
        """Move by rows, as far as there is more."""
        self._top = max(0, min(self._top + rows, len(self._lines) - self.size.height))
        self.refresh()

    def turn_page(self, *, back: bool = False) -> None:
        """Move by a screenful."""
        step = max(1, self.size.height - 2)
        self.move(-step if back else step)

    def render(self) -> Content:
        """Return the lines in view; the last one says how many more there are."""
        height = self.size.height
        rest = len(self._lines) - self._top
        if rest <= height:
            return Content("\n").join(self._lines[self._top :])
        more = shown_line(f"↓ {rest - height + 1} more lines: tab, then ↓", "$secondary")
        return Content("\n").join((*self._lines[self._top : self._top + height - 1], more))

    def _wrap(self) -> None:
        self._lines = tuple(fact_lines(self._facts, label_width=_LABEL, width=self.size.width))
        self._top = 0
        self.refresh()


def _facts(item: ItemView, decision: DecisionView | None) -> Iterator[Fact]:
    yield "Claim", shown_line(item.claim, "bold")
    for warning in item.warnings:
        yield "⚠ Check", shown_line(warning, "$warning bold")
    for conflict in item.conflicts:
        yield "✗ Conflict", shown_line(conflict, "$warning")
    if decision is not None:
        yield "Decided", _decided(decision)
    support = shown_line(_SUPPORT[item.support], "" if item.support == "supported" else "$warning")
    yield "Support", support
    severity = shown_line(item.severity, "$warning" if item.severity == "high" else "")
    yield "Severity", Content.assemble(severity, shown_line(" · decided on its own" if item.alone else ""))
    yield "Says", shown_line(f"{item.says}, {item.kind}" if item.says else item.kind)
    for number, code in enumerate(item.codes):
        yield "Codes" if number == 0 else "", _code(code)
    if item.notes:
        yield "Notes", shown_line(item.notes)
    if not item.evidence:
        yield "Evidence", shown_line("no place of the sources stands behind this", "$warning")


def _decided(decision: DecisionView) -> Content:
    what = _DECIDED[decision.action]
    words = f"{what}: {decision.text}" if decision.text else what
    return shown_line(f"{words} · {decision.reason}" if decision.reason else words, "$success")


def _code(code: CodeLine) -> Content:
    state = " · partial release" if code.complete is False else ""
    return Content.assemble(
        shown_line(f"{code.system} {code.code}", "$accent"),
        shown_line(f" {code.display}"),
        shown_line(f" · {code.release}{state}", "$secondary"),
    )
