"""Chooses the colours; each is seen while it is highlighted."""

from collections.abc import Mapping
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from openmed_agent.tui.themes import THEMES

THEME_WORDS: Final[Mapping[str, str]] = {
    "openmed-dark": "dark",
    "openmed-light": "light",
    "openmed-contrast": "high contrast",
    "openmed-colour-blind": "colour-blind: blue and orange",
    "openmed-colour-blind-light": "colour-blind, light",
}


class ThemeDialog(ModalScreen[str | None]):
    """The themes of ours; None, and the colours as they were, where the person leaves."""

    DEFAULT_CSS = """
    ThemeDialog { align: center middle; background: $background 20%; }
    ThemeDialog > Vertical { width: 56; max-width: 90%; height: auto; padding: 1 2; background: $surface;
                             border: round $accent; }
    ThemeDialog OptionList { border: none; padding: 0; margin-top: 1; background: $surface; height: auto; }
    ThemeDialog OptionList:focus { border: none; background-tint: $foreground 0%; }
    ThemeDialog OptionList:focus > .option-list--option-highlighted { background: $accent 30%; color: $foreground; }
    ThemeDialog .sample { margin-top: 1; height: auto; }
    ThemeDialog .keys { margin-top: 1; color: $secondary; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+c", "leave", "back")]

    def __init__(self) -> None:
        super().__init__()
        self._before = ""

    def compose(self) -> ComposeResult:
        """Yield the themes and a sample of the colours."""
        with Vertical():
            yield Static("[b]Colours[/b]")
            yield OptionList(*(Option(THEME_WORDS[one.name], id=one.name) for one in THEMES))
            yield Static(
                "[$success]✓ supported[/]   [$warning]▸ to decide[/]   [$error]✗ contradicted[/]   [$accent]^P[/]",
                classes="sample",
            )
            yield Static("↑ ↓ look · ⏎ choose · esc as before", classes="keys")

    def on_mount(self) -> None:
        """Begin at the theme in use."""
        self._before = self.app.theme
        names = [one.name for one in THEMES]
        self.query_one(OptionList).highlighted = names.index(self._before) if self._before in names else 0

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the highlighted theme."""
        if event.option.id is not None:
            self.app.theme = event.option.id

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """End with the theme."""
        self.dismiss(event.option.id)

    def action_leave(self) -> None:
        """Put the colours back."""
        self.app.theme = self._before
        self.dismiss(None)
