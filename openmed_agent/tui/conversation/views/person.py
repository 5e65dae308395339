"""What the person said, marked like the prompt that it came from."""

from textual.widgets import Static

from openmed_agent.tui.conversation.entries import EntryView, Said
from openmed_agent.tui.safe_text import shown


class SaidView(Static, EntryView):
    """One message of the person."""

    DEFAULT_CSS = """
    SaidView { border-left: heavy $accent; padding: 0 1; margin: 1 2 1 1; background: $surface; height: auto; }
    """

    def __init__(self, entry: Said) -> None:
        super().__init__(shown(entry.text))
        self._entry = entry

    def show_entry(self) -> None:
        """Show the text as it is now."""
        self.update(shown(self._entry.text))
