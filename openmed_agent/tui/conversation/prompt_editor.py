"""The field of the prompt: a text of one to eight rows that a person edits."""

from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

from openmed_agent.tui.keymap import EDITING, bindings

MOST_ROWS: Final = 8

_MOVES: Final = frozenset({"pageup", "pagedown", "backspace", "delete,ctrl+d", "alt+delete"})


def _moves() -> list[BindingType]:
    """Return the bindings of a text area that move, select and delete; Up and Down without Shift are the prompt's."""
    return [
        one
        for one in TextArea.BINDINGS
        if isinstance(one, Binding)
        and (one.key in _MOVES or one.action.startswith("cursor_"))
        and one.key not in {"up", "down"}
    ]


class PromptEditor(TextArea, inherit_bindings=False):
    """Edits the prompt. It is as high as its text, and changes its height only when the number of rows changes."""

    DEFAULT_CSS = """
    PromptEditor { height: 1; border: none; padding: 0; background: $background; }
    PromptEditor:focus { border: none; }
    PromptEditor .text-area--placeholder { color: $secondary; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*_moves(), *bindings(EDITING)]

    class Used(Message):
        """The person has typed, or pasted, for the first time."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, highlight_cursor_line=False, soft_wrap=True)
        self.cursor_blink = False
        self._rows = 1
        self._used = False

    @property
    def at_first_row(self) -> bool:
        """Whether the cursor cannot go up."""
        return self.navigator.is_first_wrapped_line(self.cursor_location)

    @property
    def at_last_row(self) -> bool:
        """Whether the cursor cannot go down."""
        return self.navigator.is_last_wrapped_line(self.cursor_location)

    def put(self, text: str) -> None:
        """Show another text, with the cursor at its end."""
        self.load_text(text)
        self.move_cursor(self.document.end)

    def on_key(self, event: events.Key) -> None:
        """Leave Enter to the key table, and say when the first key came."""
        self._say_used()
        if event.key == "enter":
            event.prevent_default()

    def on_paste(self) -> None:
        """Say when the first text came by paste."""
        self._say_used()

    def on_text_area_changed(self) -> None:
        """Grow or shrink with the text."""
        self.fit()

    def on_resize(self) -> None:
        """Grow or shrink with the width."""
        self.fit()

    def fit(self) -> None:
        """Take as many rows as the text has, within bounds."""
        rows = max(1, min(self.wrapped_document.height, MOST_ROWS))
        if rows != self._rows:
            self._rows = rows
            self.styles.height = rows

    def _say_used(self) -> None:
        if not self._used:
            self._used = True
            self.post_message(self.Used())
