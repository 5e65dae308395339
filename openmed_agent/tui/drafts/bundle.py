"""What the verification of a bundle found."""

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from openmed_agent.tui.base_screen import FaceScreen
from openmed_agent.tui.chrome.key_bar import KeyBar
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.safe_text import shown_line
from openmed_agent.workbench.requests.drafts import BundleReport

_GOOD: Final = "as signed"


class BundleScreen(FaceScreen):
    """Shows a report: the answer, who signed, each file."""

    DEFAULT_CSS = """
    BundleScreen > VerticalScroll { height: 1fr; padding: 1 2; }
    """
    KEYS: ClassVar = (("↑ ↓", "scroll"), ("esc", "back"), ("F1", "help"))

    def __init__(self, report: BundleReport) -> None:
        super().__init__()
        self._report = report

    def compose(self) -> ComposeResult:
        """Yield the report."""
        yield TitleBar("Bundle")
        with VerticalScroll():
            yield Static(report_content(self._report))
        yield KeyBar(self.KEYS)

    def on_mount(self) -> None:
        """Say the answer at the top too."""
        self.query_one(TitleBar).tell("✓ verified" if self._report.trusted else "✗ not verified")
        self.query_one(VerticalScroll).focus()


def report_content(report: BundleReport) -> Content:
    """Return the whole report as lines."""
    mark = ("✓ ", "$success bold") if report.trusted else ("✗ ", "$error bold")
    lines = [Content.assemble(mark, shown_line(report.answer, "bold")), Content()]
    lines += [Content.assemble((label.ljust(14), "$secondary"), shown_line(words)) for label, words in report.facts]
    lines += [Content(), shown_line(report.folder, "$accent bold")]
    for name, state in report.files:
        good = state == _GOOD
        head = ("✓ ", "$success") if good else ("✗ ", "$error")
        lines.append(Content.assemble(head, shown_line(name), shown_line(f"  {state}", "$secondary" if good else "")))
    if report.problems:
        lines += [Content(), *(Content.assemble(("✗ ", "$error"), shown_line(one)) for one in report.problems)]
    return Content("\n").join(lines)
