"""One line to type on at the bottom of a screen, so that what it is about stays in view: a new claim, a reason."""

import asyncio
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from openmed_agent.text.terminal import terminal_safe
from openmed_agent.tui.safe_text import shown_line


class AnswerLine(Vertical):
    """Hidden until something is asked; Escape leaves without an answer."""

    DEFAULT_CSS = """
    AnswerLine { display: none; height: 3; padding: 0 1; border-top: solid $accent; }
    AnswerLine.-asking { display: block; }
    AnswerLine > Static { height: 1; color: $secondary; text-wrap: nowrap; text-overflow: ellipsis; }
    AnswerLine > Input, AnswerLine > Input:focus { border: none; height: 1; padding: 0; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "leave it"), Binding("tab,shift+tab", "stay")]

    def __init__(self) -> None:
        super().__init__()
        self._answer: asyncio.Future[str | None] | None = None
        self._question = ""

    def compose(self) -> ComposeResult:
        """Yield question and field."""
        yield Static()
        yield Input(select_on_focus=False, disabled=True)

    @property
    def asking(self) -> bool:
        """Whether an answer is awaited."""
        return self._answer is not None

    async def ask(self, question: str, *, beginning: str = "") -> str | None:
        """Return what the person typed, without blanks around it; None where they left.

        ``beginning`` stands in the field already; text that a terminal must not be sent does not.
        """
        if self._answer is not None:
            return None
        self._answer = asyncio.get_running_loop().create_future()
        self._question = question
        field = self.query_one(Input)
        self.query_one(Static).update(shown_line(f"{question} · ⏎ done · esc leave it"))
        field.value = beginning if terminal_safe(beginning, single_line=True) == beginning else ""
        field.cursor_position = len(field.value)
        field.disabled = False
        self.add_class("-asking")
        field.focus()
        try:
            answer = await self._answer
        finally:
            self._answer = None
            if self.is_attached:
                self._close(field)
        return (answer or "").strip() or None

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the answer; an empty one keeps the field, since what is typed next would be keys of the screen."""
        event.stop()
        if event.value.strip():
            self._finish(event.value)
        else:
            self.query_one(Static).update(shown_line(f"{self._question} · type it, then ⏎ · esc leave it"))

    def action_leave(self) -> None:
        """Leave without an answer."""
        self._finish(None)

    def action_stay(self) -> None:
        """Keep the field."""

    def _close(self, field: Input) -> None:
        self.remove_class("-asking")
        field.value = ""
        field.disabled = True
        self.screen.set_focus(None)

    def _finish(self, answer: str | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)
