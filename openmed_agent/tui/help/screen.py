"""Help: every key as it is now, every command, the PHI modes in plain words, and where things live. Typing searches."""

from typing import ClassVar

from openmed_agent.tui.chrome.list_screen import ListScreen
from openmed_agent.tui.chrome.row_list import Column
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.help.rows import COLUMNS, help_rows


class HelpScreen(ListScreen):
    """Everything there is to know about using the program, in one list."""

    TITLE_TEXT = "Help"
    COLUMNS: ClassVar[tuple[Column, ...]] = COLUMNS
    SEARCH = "type to search"
    SEARCH_FIRST = True

    def on_mount(self) -> None:
        """Show everything."""
        super().on_mount()
        self.query_one(TitleBar).tell("openmed --help is the command line's")
        self.searched("")

    def on_resize(self) -> None:
        """Fold the lines anew."""
        self.searched(self.query_text)

    def searched(self, text: str) -> None:
        """Show the lines that fit."""
        rows = help_rows(self.face.preferences.keys, self.face.paths, text, width=self.size.width)
        self.list.fill(rows)
        self.list.scroll_home(animate=False)
        self.tell("" if rows else "Nothing fits.")

    def key_pairs(self) -> list[tuple[str, str]]:
        """Return the keys of a text that is read."""
        return [("↑ ↓", "scroll"), ("PgUp PgDn", "page"), ("esc", "back")]
