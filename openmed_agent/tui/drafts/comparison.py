"""How two runs or revisions differ: what conflicts first, then what changed, went and came."""

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from openmed_agent.tui.base_screen import FaceScreen
from openmed_agent.tui.chrome.key_bar import KeyBar
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.safe_text import shown_line
from openmed_agent.workbench.requests.comparisons import Change, ChangeRow, Comparison

_GROUPS: Final[tuple[tuple[Change, str, str], ...]] = (
    ("conflicting", "Conflicting: both cannot be true", "$warning bold"),
    ("changed", "Changed", "$accent bold"),
    ("removed", "Removed", "$accent bold"),
    ("added", "Added", "$accent bold"),
)


class ComparisonScreen(FaceScreen):
    """Shows a comparison."""

    DEFAULT_CSS = """
    ComparisonScreen > VerticalScroll { height: 1fr; padding: 1 2; }
    """
    KEYS: ClassVar = (("↑ ↓", "scroll"), ("esc", "back"), ("F1", "help"))

    def __init__(self, comparison: Comparison) -> None:
        super().__init__()
        self._comparison = comparison

    def compose(self) -> ComposeResult:
        """Yield the differences in their groups."""
        yield TitleBar("Differences")
        with VerticalScroll():
            yield Static(comparison_content(self._comparison))
        yield KeyBar(self.KEYS)

    def on_mount(self) -> None:
        """Say how many there are."""
        found = self._comparison
        self.query_one(TitleBar).tell(f"{found.same} the same · {len(found.rows)} differ")
        self.query_one(VerticalScroll).focus()


def comparison_content(found: Comparison) -> Content:
    """Return the whole comparison as lines."""
    lines = [
        Content.assemble(("- ", "$error"), shown_line(found.before, "$secondary")),
        Content.assemble(("+ ", "$success"), shown_line(found.after, "$secondary")),
    ]
    if not found.rows:
        lines += [Content(), Content(f"Both hold the same {found.same} items.")]
    for change, title, style in _GROUPS:
        rows = [row for row in found.rows if row.change == change]
        if rows:
            lines += [Content(), Content.styled(f"{title} · {len(rows)}", style)]
        for row in rows:
            lines += _lines(row)
    return Content("\n").join(lines)


def _lines(row: ChangeRow) -> list[Content]:
    kind = shown_line(f"  {row.kind}", "$secondary")
    lines = []
    if row.before:
        lines.append(Content.assemble(("- ", "$error"), shown_line(row.before), kind))
    if row.after:
        lines.append(Content.assemble(("+ ", "$success"), shown_line(row.after), Content() if row.before else kind))
    if row.note:
        lines.append(Content.assemble("  ", shown_line(row.note, "$secondary italic")))
    return lines
