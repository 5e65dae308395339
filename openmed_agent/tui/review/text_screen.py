"""Files of text as they would be written, one below the other."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from openmed_agent.tui.base_screen import FaceScreen
from openmed_agent.tui.chrome.key_bar import KeyBar
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.safe_text import shown, shown_line


class TextScreen(FaceScreen):
    """Reads names and contents."""

    DEFAULT_CSS = """
    TextScreen > VerticalScroll { height: 1fr; padding: 0 1; }
    TextScreen VerticalScroll > Static { height: auto; margin-bottom: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,ctrl+t", "back", "back")]

    def __init__(self, title: str, texts: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self._title = title
        self._texts = texts

    def compose(self) -> ComposeResult:
        """Yield each file under its name."""
        yield TitleBar(self._title)
        with VerticalScroll():
            for name, text in self._texts:
                yield Static(shown_line(name, "$accent bold"))
                yield Static(shown(text))
        yield KeyBar((("↑ ↓", "scroll"), ("esc", "back")))

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self.query_one(VerticalScroll).focus()
