"""A bundle that was written, and what verifying it said."""

from collections.abc import Iterator
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from openmed_agent.tui.base_screen import FaceScreen
from openmed_agent.tui.chrome.key_bar import KeyBar
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.safe_text import shown_line
from openmed_agent.workbench.requests.reviews import SignedBundle

_LABEL: Final = 13


class SignedScreen(FaceScreen):
    """The report on one bundle."""

    DEFAULT_CSS = """
    SignedScreen > VerticalScroll { height: 1fr; padding: 1; }
    SignedScreen VerticalScroll > Static { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q", "back", "done")]

    def __init__(self, bundle: SignedBundle) -> None:
        super().__init__()
        self._bundle = bundle

    def compose(self) -> ComposeResult:
        """Yield the report."""
        yield TitleBar("Signed and written" if self._bundle.trusted else "Written, and not verified")
        with VerticalScroll():
            yield Static(Content("\n").join(report_lines(self._bundle)))
        yield KeyBar((("⏎", "done"), ("↑ ↓", "scroll")))

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self.query_one(VerticalScroll).focus()


def report_lines(bundle: SignedBundle) -> Iterator[Content]:
    """Yield the lines of a report: the answer first."""
    yield shown_line(bundle.answer, "$success bold" if bundle.trusted else "$warning bold")
    yield Content("")
    yield shown_line(bundle.destination, "$accent")
    for file in bundle.files:
        mark = ("  ✓ ", "$success") if file.good else ("  ✗ ", "$error")
        yield Content.assemble(mark, shown_line(file.name.ljust(26)), shown_line(f" {file.state}", "$secondary"))
    yield Content("")
    for label, text in bundle.facts:
        yield Content.assemble((label.ljust(_LABEL), "$secondary"), shown_line(text))
    for problem in bundle.problems:
        yield shown_line(problem, "$error")
    yield Content("")
    yield Content.assemble(
        ("Anywhere, at any time: ", "$secondary"), shown_line(f"openmed verify {bundle.destination}")
    )
