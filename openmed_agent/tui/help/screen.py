"""Help."""

from textual.screen import Screen


class HelpScreen(Screen[None]):
    """All keys and commands."""
