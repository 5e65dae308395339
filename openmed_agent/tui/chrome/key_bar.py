"""The line at the bottom of a screen: its keys, as many as fit."""

from collections.abc import Iterable

from textual.content import Content
from textual.widgets import Static

from openmed_agent.text.terminal import cell_width


class KeyBar(Static):
    """``⏎ send · ^O sessions``: pairs of a key and what it does; those that do not fit are left out, last first."""

    DEFAULT_CSS = """
    KeyBar { height: 1; padding: 0 1; color: $secondary; text-wrap: nowrap; }
    """

    def __init__(self, keys: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self._keys = tuple(keys)

    def on_resize(self) -> None:
        """Show what fits the new width."""
        self._fill()

    def show(self, keys: Iterable[tuple[str, str]]) -> None:
        """Show other keys."""
        self._keys = tuple(keys)
        self._fill()

    def _fill(self) -> None:
        left = self.size.width
        parts: list[Content] = []
        for key, act in self._keys:
            needed = cell_width(f"{key} {act}") + (3 if parts else 0)
            if needed > left:
                break
            left -= needed
            parts.append(Content.assemble((key, "$footer-key-foreground"), " ", act))
        self.update(Content(" · ").join(parts))
