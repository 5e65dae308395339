"""A screen that is a list: title, search field, rows, a line of detail, keys. Most screens are one."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Static

from openmed_agent.tui.base_screen import FaceScreen
from openmed_agent.tui.chrome.key_bar import KeyBar
from openmed_agent.tui.chrome.row_list import Column, RowList
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.keymap import LISTS, KeyAction, bindings, label_of
from openmed_agent.tui.safe_text import shown

_PAUSE: Final = 0.15
"""Seconds without a key until a search begins."""


class SearchField(Input):
    """One line to search by; down and enter go back to the list."""

    DEFAULT_CSS = """
    SearchField { border: none; height: 1; padding: 0; margin: 0 1 1 1; background: $surface; }
    SearchField:focus { border: none; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("down,enter", "screen.to_list", show=False)]


class ListScreen(FaceScreen):
    """Base of the screens that are lists. A subclass fills the rows and says what its keys do."""

    DEFAULT_CSS = """
    ListScreen .detail { height: auto; min-height: 1; max-height: 6; padding: 0 1; margin-top: 1; color: $secondary; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(LISTS)]
    TITLE_TEXT: ClassVar[str] = ""
    COLUMNS: ClassVar[tuple[Column, ...]] = (Column(),)
    KEYS: ClassVar[tuple[KeyAction, ...]] = ()
    CHOOSE: ClassVar[str] = ""
    """What enter does to a row; empty where it does nothing."""
    SEARCH: ClassVar[str] = ""
    """What the search field says while it is empty; without it there is no field."""
    SEARCH_FIRST: ClassVar[bool] = False
    """Whether the field has the focus at first, so that typing searches."""

    def __init__(self) -> None:
        super().__init__()
        self._pause: Timer | None = None

    def compose(self) -> ComposeResult:
        """Yield title, field, list, detail and keys."""
        yield TitleBar(self.TITLE_TEXT)
        if self.SEARCH:
            yield SearchField(placeholder=self.SEARCH, select_on_focus=False)
        yield RowList(self.COLUMNS)
        yield Static(classes="detail")
        yield KeyBar(self.key_pairs())

    def on_mount(self) -> None:
        """Begin in the list, or in the field."""
        (self.query_one(SearchField) if self.SEARCH_FIRST else self.list).focus()

    @property
    def list(self) -> RowList:
        """The rows."""
        return self.query_one(RowList)

    @property
    def query_text(self) -> str:
        """What is searched for."""
        return self.query_one(SearchField).value.strip() if self.SEARCH else ""

    def tell(self, detail: str | Content) -> None:
        """Show some detail; a string is untrusted text."""
        self.query_one(".detail", Static).update(detail if isinstance(detail, Content) else shown(detail))

    def searched(self, text: str) -> None:
        """Show what fits a search; called when the person has paused."""

    def key_pairs(self) -> Sequence[tuple[str, str]]:
        """Return the keys for the key bar."""
        remapped = self.face.preferences.keys
        own = [(label_of(one, remapped), one.description) for one in self.KEYS if one.shown]
        search = [("/", "search")] if self.SEARCH and not self.SEARCH_FIRST else []
        return [*([("⏎", self.CHOOSE)] if self.CHOOSE else []), *own, *search, ("esc", "back")]

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search once the person pauses."""
        event.stop()
        if self._pause is not None:
            self._pause.stop()
        text = event.value.strip()
        self._pause = self.set_timer(_PAUSE, lambda: self.searched(text))

    def action_search(self) -> None:
        """Go to the field."""
        if self.SEARCH:
            self.query_one(SearchField).focus()

    def action_to_list(self) -> None:
        """Go back to the list."""
        self.list.focus()

    def action_back(self) -> None:
        """Leave the field; then forget the search; then close."""
        if not self.SEARCH or self.SEARCH_FIRST:
            self.close()
        elif isinstance(self.focused, SearchField):
            self.list.focus()
        elif self.query_text:
            self.query_one(SearchField).value = ""
        else:
            self.close()
