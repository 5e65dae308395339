"""Waits for one key."""

from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Static

from openmed_agent.tui.safe_text import shown

_LEAVE: Final = "escape"


class KeyDialog(ModalScreen[tuple[str, bool] | None]):
    """Ends with the name of the key that was pressed and whether it types a character; None for esc."""

    DEFAULT_CSS = """
    KeyDialog { align: center middle; background: $background 60%; }
    KeyDialog > Vertical { width: 64; max-width: 90%; height: auto; padding: 1 2; background: $surface;
                           border: round $accent; }
    KeyDialog .keys { margin-top: 1; color: $secondary; }
    """

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """Yield the question."""
        with Vertical():
            yield Static(shown(self._question, "bold"))
            yield Static("press the new key · esc back", classes="keys")

    def on_key(self, event: Key) -> None:
        """End with the key; it does nothing else here."""
        event.stop()
        event.prevent_default()
        self.dismiss(None if event.key == _LEAVE else (event.key, event.is_printable))
