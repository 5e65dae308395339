"""Where a person asks: sends, queues, completes, and walks the prompts of earlier days."""

from typing import TYPE_CHECKING, ClassVar, Final, Self, cast

from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message

from openmed_agent.errors import OpenMedError
from openmed_agent.tui.beside import run_beside
from openmed_agent.tui.conversation.prompt_editor import PromptEditor
from openmed_agent.tui.conversation.prompt_history import PromptHistory
from openmed_agent.tui.keymap import PROMPT, bindings

if TYPE_CHECKING:
    from openmed_agent.tui.app import OpenMedApp
    from openmed_agent.tui.conversation.completer import Completer

_IDLE: Final = "Ask, or type / @ $"
_BUSY: Final = "⏎ steers the running turn · tab queues behind it"
_SIGNS: Final = ("/", "@", "$")


class PromptArea(Vertical):
    """The prompt. What it says to its screen are ``Submitted``, ``Queued`` and, once, ``FirstKey``."""

    DEFAULT_CSS = """
    PromptArea { height: auto; }
    PromptArea > PromptEditor { border-left: heavy $accent; margin: 0 0 0 1; padding: 0 0 0 1; }
    PromptArea > PromptEditor:focus { border-left: heavy $accent; }
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
        self._editor = PromptEditor(
            _IDLE, lambda: self._face.options.folder, used=lambda: self.post_message(self.FirstKey())
        )
        self._history = PromptHistory()
        self._completer: Completer | None = None
        self._busy = False

    def compose(self) -> ComposeResult:
        """Yield the field."""
        yield self._editor

    @property
    def text(self) -> str:
        """What is in the field."""
        return self._editor.meant

    def put(self, text: str) -> None:
        """Show another text in the field, with the cursor at its end."""
        self._show(text)

    def set_busy(self, running: bool) -> None:  # noqa: FBT001 - a state, set by name
        """Say whether a turn runs, which Enter would steer."""
        if running != self._busy:
            self._busy = running
            self._editor.placeholder = _BUSY if running else _IDLE

    def focus(self, scroll_visible: bool = True) -> Self:  # noqa: FBT001, FBT002 - as Textual has it
        """Put the cursor into the field."""
        self._editor.focus(scroll_visible)
        return self

    def on_text_area_changed(self, event: PromptEditor.Changed) -> None:
        """Offer what could be meant at the cursor."""
        event.stop()
        self._complete()

    def on_text_area_selection_changed(self, event: PromptEditor.SelectionChanged) -> None:
        """Offer what could be meant where the cursor is now."""
        event.stop()
        self._complete()

    async def action_send(self) -> None:
        """Take what is marked in the list, or send the text."""
        completer = self._completer
        if completer is not None and completer.is_open and not await completer.take(sending=True):
            return
        if text := self._take():
            self.post_message(self.Submitted(text))

    async def action_queue(self) -> None:
        """Take what is marked in the list; or queue the text. Without a running turn the key is left to others."""
        if self._completer is not None and self._completer.is_open:
            await self._completer.take(sending=False)
            return
        if not self._busy:
            raise SkipAction
        if text := self._take():
            self.post_message(self.Queued(text))

    def action_newline(self) -> None:
        """Begin a new line."""
        self._editor.replace("\n", *self._editor.selection, maintain_selection_offset=False)

    def action_close_list(self) -> None:
        """Close the list; where there is none, Escape is the screen's."""
        if self._completer is None or not self._completer.is_open:
            raise SkipAction
        self._completer.dismiss()

    def action_history_older(self) -> None:
        """Go up: in the list, in the text, or from its first row to the prompt before."""
        if self._completer is not None and self._completer.is_open:
            self._completer.move(-1)
        elif not self._editor.at_first_row:
            self._editor.action_cursor_up()
        elif self._history.loaded:
            self._step_older()
        else:
            run_beside(self, self._load_history, group="history")

    def action_history_newer(self) -> None:
        """Go down: in the list, in the text, or from its last row to the prompt after."""
        if self._completer is not None and self._completer.is_open:
            self._completer.move(1)
        elif not self._editor.at_last_row:
            self._editor.action_cursor_down()
        elif (text := self._history.newer()) is not None:
            self._show(text)

    @property
    def _face(self) -> "OpenMedApp":
        return cast("OpenMedApp", self.app)

    def _complete(self) -> None:
        """Look for something to complete; what that needs is imported when the first sign is typed."""
        if self._completer is None:
            if not any(sign in self._editor.before_cursor for sign in _SIGNS):
                return
            from openmed_agent.tui.conversation.completer import Completer

            self._completer = Completer(self._editor)
            self.mount(self._completer, before=self._editor)
        self._completer.look()

    def _show(self, text: str, *, at_first_row: bool = False) -> None:
        """Put a text into the field that nothing is to be offered for."""
        self._editor.put(text, at_first_row=at_first_row)
        if self._completer is not None:
            self._completer.dismiss()

    def _step_older(self) -> None:
        if (text := self._history.older(self.text)) is not None:
            self._show(text, at_first_row=True)

    async def _load_history(self) -> None:
        """Fetch earlier prompts when they are first wanted, and show the last one unless something was typed since."""
        from openmed_agent.workbench.requests.prompt import EarlierPrompts, ListPrompts

        before = self.text
        try:
            earlier = await self._face.workbench.ask(ListPrompts(), EarlierPrompts)
        except OpenMedError as error:
            self._face.report(error)
            return
        self._history.load(earlier.texts)
        if self.text == before:
            self._step_older()

    def _take(self) -> str:
        """Return the text without space around it, and empty the field."""
        text = self.text.strip()
        if text:
            self._history.add(text)
            self._show("")
        return text
