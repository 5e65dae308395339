"""The line at the top of a screen: where one is, and at its right what matters there."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from openmed_agent.tui.safe_text import shown_line


class TitleBar(Horizontal):
    """``openmed   title`` on the left; on the right what the screen says with ``tell``."""

    DEFAULT_CSS = """
    TitleBar { height: 2; padding: 0 1; border-bottom: solid $panel; }
    TitleBar > .title { width: 1fr; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    TitleBar > .aside { width: auto; max-width: 60%; height: 1; padding: 0 0 0 2; color: $secondary; text-wrap: nowrap;
                        text-overflow: ellipsis; }
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self._heading = Static(_heading(title), classes="title")
        self._aside = Static(classes="aside")

    def compose(self) -> ComposeResult:
        """Yield both sides."""
        yield self._heading
        yield self._aside

    def rename(self, title: str) -> None:
        """Show another title."""
        self._title = title
        self._heading.update(_heading(title))

    def tell(self, aside: str | Content) -> None:
        """Show something at the right; a string is untrusted text."""
        content = aside if isinstance(aside, Content) else shown_line(aside)
        self._aside.update(content)


def _heading(title: str) -> Content:
    return Content.assemble(Content.styled("openmed", "$accent bold"), "   ", shown_line(title))
