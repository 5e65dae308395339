"""The field of the prompt: a text of one to eight rows that a person edits."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Final

from rich.text import Text
from textual import events
from textual._text_area_theme import TextAreaTheme
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.document._document import EditResult
from textual.document._edit import Edit
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import TextArea

from openmed_agent.tui.conversation.folded_lines import FoldedLines
from openmed_agent.tui.conversation.stand_ins import drawn, held, meant
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
    PromptEditor { height: 1; border: none; padding: 0; background: $background; scrollbar-gutter: auto; }
    PromptEditor:focus { border: none; }
    PromptEditor .text-area--placeholder { color: $secondary; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*_moves(), *bindings(EDITING)]

    def __init__(self, placeholder: str, folder: Callable[[], Path], *, used: Callable[[], object]) -> None:
        """``folder`` returns where relative paths begin; ``used`` hears once that the person typed or pasted."""
        super().__init__(placeholder=placeholder, highlight_cursor_line=False, soft_wrap=True)
        self.cursor_blink = False
        self._folder = folder
        self._folded = FoldedLines()
        self._rows = 1
        self._used = False
        self._tell_used = used
        self._styled: TextAreaTheme | None = None

    @property
    def meant(self) -> str:
        """The text as it would be sent."""
        return self._folded.unfold(meant(self.text))

    @property
    def selected_text(self) -> str:
        """The marked text as it would be sent."""
        return self._folded.unfold(meant(super().selected_text))

    @property
    def before_cursor(self) -> str:
        """The line up to the cursor."""
        row, column = self.cursor_location
        return meant(self.document.get_line(row)[:column])

    @property
    def at_first_row(self) -> bool:
        """Whether the cursor cannot go up."""
        return self.navigator.is_first_wrapped_line(self.cursor_location)

    @property
    def at_last_row(self) -> bool:
        """Whether the cursor cannot go down."""
        return self.navigator.is_last_wrapped_line(self.cursor_location)

    def put(self, text: str, *, at_first_row: bool = False) -> None:
        """Show another text, with the cursor at its end, or at the end of its first row."""
        self.load_text(held(self._folded.fold(text)))
        self.move_cursor(self.document.end)
        if at_first_row:
            self.move_cursor((0, 0))
            self.action_cursor_line_end()

    def edit(self, edit: Edit) -> EditResult:
        """Make an edit, with stand-ins for what would act on the terminal."""
        edit.text = held(edit.text)
        return super().edit(edit)

    def notify_style_update(self) -> None:
        """Resolve the colours anew at the next drawing."""
        self._styled = None
        super().notify_style_update()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the rows as they are drawn, with colours that are resolved when they changed, not at every key."""
        if self._styled is not self._theme:
            self._theme.apply_css(self)
            self._styled = self._theme
        return super(TextArea, self).render_lines(crop)

    def get_line(self, line_index: int) -> Text:
        """Return a line as it is drawn."""
        return Text(drawn(self.document.get_line(line_index)), end="", no_wrap=True)

    def action_cut(self) -> None:
        """Copy what is marked, and delete it."""
        if self.selection.is_empty:
            raise SkipAction
        self.action_copy()
        self.delete(*self.selection)

    async def on_key(self, event: events.Key) -> None:
        """Do at once what a key of the prompt does, since the keys behind it come next; Enter types nothing."""
        self._say_used()
        if not event.is_printable and await self._act(event.key):
            event.stop()
            event.prevent_default()
        elif event.key == "enter":
            event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """Insert a paste at once, since the keys behind it come next; paths of files become mentions."""
        from openmed_agent.tui.conversation.pasting import pasted_text

        event.prevent_default()
        event.stop()
        self._say_used()
        text = self._folded.fold(pasted_text(event.text, self._folder()))
        self.replace(text, *self.selection, maintain_selection_offset=False)

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

    async def _act(self, key: str) -> bool:
        """Do what a key does here or in the area around; return whether it did anything.

        Textual looks that up when the key has come back to the application, after what was typed behind it: of one
        burst ``ab``, backspace, ``c`` would become ``ab``, and Enter would send what was meant for the next message.
        """
        bound = self.screen.active_bindings.get(key)
        if bound is None or bound.binding.priority or bound.node not in {self, self.parent}:
            return False
        return await self.app.run_action(bound.binding.action, bound.node)

    def _say_used(self) -> None:
        if not self._used:
            self._used = True
            self._tell_used()
