"""How revisions of a draft differ, and what was decided so far would change."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from openmed_agent.tui.base_screen import FaceScreen
from openmed_agent.tui.chrome.key_bar import KeyBar
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.review.diff_view import DiffView
from openmed_agent.workbench.requests.comparisons import Comparison


class DiffScreen(FaceScreen):
    """Comparisons over the whole screen."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,d", "back", "back")]

    def __init__(self, title: str, comparisons: tuple[Comparison, ...]) -> None:
        super().__init__()
        self._title = title
        self._comparisons = comparisons

    def compose(self) -> ComposeResult:
        """Yield the differences."""
        yield TitleBar(self._title)
        yield DiffView(self._comparisons)
        yield KeyBar((("↑ ↓", "scroll"), ("esc", "back")))

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self.query_one(DiffView).focus()
