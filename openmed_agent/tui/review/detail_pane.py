"""What is known of one item: claim, assertion, support, severity, codes, conflicts, warnings, decision."""

from collections.abc import Iterator
from typing import Final

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from openmed_agent.tui.safe_text import shown_line
from openmed_agent.workbench.requests.reviews import CodeLine, DecisionView, ItemView

_LABEL: Final = 10
_SUPPORT: Final = {
    "supported": "supported by the source",
    "contradicted": "contradicted by the sources",
    "unsupported": "not stated in the sources",
    "uncertain": "uncertain",
}
_DECIDED: Final = {"accept": "✓ accepted", "edit": "✎ edited to", "reject": "✗ rejected"}


class DetailPane(VerticalScroll):
    """Labels and what they say, one below the other."""

    DEFAULT_CSS = """
    DetailPane { padding: 0 1; scrollbar-size-vertical: 1; }
    DetailPane > Static { height: auto; }
    """
    can_focus = False

    def compose(self) -> ComposeResult:
        """Yield the one text that is filled later."""
        yield Static()

    def show(self, item: ItemView, decision: DecisionView | None) -> None:
        """Show an item from its beginning."""
        text = self.query_one(Static)
        text.update(Content("\n").join(_row(*line) for line in _lines(item, decision)))
        self.scroll_home(animate=False, immediate=True)

    def turn_page(self, *, back: bool = False) -> None:
        """Move by a screenful."""
        step = max(1, self.size.height - 1)
        self.scroll_relative(y=-step if back else step, animate=False, immediate=True)


def _row(label: str, text: Content) -> Content:
    return Content.assemble((label.ljust(_LABEL), "$secondary"), text)


def _lines(item: ItemView, decision: DecisionView | None) -> Iterator[tuple[str, Content]]:
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
