"""Sessions."""

from textual.screen import Screen


class SessionsScreen(Screen[None]):
    """Sessions to resume."""
