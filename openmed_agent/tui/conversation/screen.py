"""The conversation: what was said, and where one asks."""

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import TextArea


class ConversationScreen(Screen[None]):
    """The first screen; it never closes."""

    def compose(self) -> ComposeResult:
        """Yield what was said, the prompt and the status."""
        yield TextArea(placeholder="Ask, or type / @ $")

    def run_command(self, action: str, argument: str) -> None:
        """Do what a command of the conversation says."""
