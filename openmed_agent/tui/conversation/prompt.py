"""Where a person asks: sends, queues, walks the prompts of earlier days."""

from typing import ClassVar, Final, Self

from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message

from openmed_agent.tui.conversation.prompt_editor import PromptEditor
from openmed_agent.tui.keymap import PROMPT, bindings

_IDLE: Final = "Ask, or type / @ $"
_BUSY: Final = "Enter steers the running turn · Tab queues behind it"


class PromptArea(Vertical):
    """The prompt. What it says to its screen are ``Submitted``, ``Queued`` and, once, ``FirstKey``."""

    DEFAULT_CSS = """
    PromptArea { height: auto; border-left: heavy $accent; padding: 0 0 0 1; margin: 0 0 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(PROMPT)

    class Submitted(Message):
        """The person sent a text; while a turn runs it steers that turn."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Queued(Message):
        """The person wants a text to be a turn of its own after the running one."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class FirstKey(Message):
        """The person typed for the first time."""

    def __init__(self) -> None:
        super().__init__()
        self._editor = PromptEditor(_IDLE)
        self._busy = False

    def compose(self) -> ComposeResult:
        """Yield the field."""
        yield self._editor

    @property
    def text(self) -> str:
        """What is in the field."""
        return self._editor.text

    def put(self, text: str) -> None:
        """Show another text in the field, with the cursor at its end."""
        self._editor.put(text)

    def set_busy(self, running: bool) -> None:  # noqa: FBT001 - a state, set by name
        """Say whether a turn runs, which Enter would steer."""
        self._busy = running
        self._editor.placeholder = _BUSY if running else _IDLE

    def focus(self, scroll_visible: bool = True) -> Self:  # noqa: FBT001, FBT002 - as Textual has it
        """Put the cursor into the field."""
        self._editor.focus(scroll_visible)
        return self

    def on_prompt_editor_used(self, event: PromptEditor.Used) -> None:
        """Hand on that the person typed."""
        event.stop()
        self.post_message(self.FirstKey())

    def action_send(self) -> None:
        """Send the text."""
        if text := self._take():
            self.post_message(self.Submitted(text))

    def action_queue(self) -> None:
        """Queue the text behind the running turn; without one the key is left to others."""
        if not self._busy:
            raise SkipAction
        if text := self._take():
            self.post_message(self.Queued(text))

    def action_newline(self) -> None:
        """Begin a new line."""
        self._editor.insert("\n")

    def action_history_older(self) -> None:
        """Go up; at the first row, to the prompt before."""
        self._editor.action_cursor_up()

    def action_history_newer(self) -> None:
        """Go down; at the last row, to the prompt after."""
        self._editor.action_cursor_down()

    def _take(self) -> str:
        """Return the text without space around it, and empty the field."""
        text = self.text.strip()
        if text:
            self._editor.put("")
        return text
