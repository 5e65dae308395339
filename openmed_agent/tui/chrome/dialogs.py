"""Small questions over a screen: yes or no, one line, one of several."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from openmed_agent.tui.safe_text import shown, shown_line


class ConfirmDialog(ModalScreen[bool]):
    """Asks whether to do something; the answer is True only where the person pressed ``y``."""

    DEFAULT_CSS = """
    ConfirmDialog { align: center middle; background: $background 60%; }
    ConfirmDialog > Vertical { width: 64; max-width: 90%; height: auto; padding: 1 2; background: $surface;
                               border: round $warning; }
    ConfirmDialog .keys { margin-top: 1; color: $secondary; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "yes"),
        Binding("n,escape,ctrl+c", "answer(False)", "no"),
    ]

    def __init__(self, question: str, *, detail: str = "", yes: str = "yes", no: str = "no") -> None:
        super().__init__()
        self._question = question
        self._detail = detail
        self._keys = f"y {yes} · n {no}"

    def compose(self) -> ComposeResult:
        """Yield question, detail and keys."""
        with Vertical():
            yield Static(shown(self._question, "bold"))
            if self._detail:
                yield Static(shown(self._detail))
            yield Static(shown_line(self._keys), classes="keys")

    def action_answer(self, answer: bool) -> None:  # noqa: FBT001 - Textual passes it from the binding
        """End with the answer."""
        self.dismiss(answer)


class LineDialog(ModalScreen[str | None]):
    """Asks for one line; None where the person left. ``secret`` shows dots and keeps nothing."""

    DEFAULT_CSS = """
    LineDialog { align: center middle; background: $background 60%; }
    LineDialog > Vertical { width: 72; max-width: 90%; height: auto; padding: 1 2; background: $surface;
                            border: round $accent; }
    LineDialog Input { border: none; height: 1; padding: 0; margin-top: 1; background: $panel; }
    LineDialog Input:focus { border: none; }
    LineDialog .keys { margin-top: 1; color: $secondary; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+c", "leave", "back")]

    def __init__(self, question: str, *, beginning: str = "", detail: str = "", secret: bool = False) -> None:
        super().__init__()
        self._question = question
        self._beginning = beginning
        self._detail = detail
        self._secret = secret

    def compose(self) -> ComposeResult:
        """Yield question, field and keys."""
        with Vertical():
            yield Static(shown(self._question, "bold"))
            if self._detail:
                yield Static(shown(self._detail))
            yield Input(self._beginning, password=self._secret, select_on_focus=False)
            yield Static("⏎ done · esc back", classes="keys")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """End with what was typed."""
        self.dismiss(event.value)

    def action_leave(self) -> None:
        """End without an answer."""
        self.dismiss(None)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several answers: its value, and how it is shown."""

    value: str
    label: str
    detail: str = ""


class ChoiceDialog(ModalScreen[str | None]):
    """Asks for one of several; None where the person left."""

    DEFAULT_CSS = """
    ChoiceDialog { align: center middle; background: $background 60%; }
    ChoiceDialog > Vertical { width: 72; max-width: 90%; height: auto; max-height: 80%; padding: 1 2;
                              background: $surface; border: round $accent; }
    ChoiceDialog OptionList { border: none; padding: 0; margin-top: 1; background: $surface; height: auto;
                              max-height: 16; }
    ChoiceDialog OptionList:focus { border: none; background-tint: $foreground 0%; }
    ChoiceDialog OptionList:focus > .option-list--option-highlighted { background: $accent 30%; color: $foreground; }
    ChoiceDialog .keys { margin-top: 1; color: $secondary; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+c", "leave", "back")]

    def __init__(self, question: str, choices: Sequence[Choice], *, now: str = "", detail: str = "") -> None:
        super().__init__()
        self._question = question
        self._choices = tuple(choices)
        self._now = now
        self._detail = detail

    def compose(self) -> ComposeResult:
        """Yield question, answers and keys."""
        with Vertical():
            yield Static(shown(self._question, "bold"))
            if self._detail:
                yield Static(shown(self._detail))
            yield OptionList(*(Option(_label(one, self._now)) for one in self._choices))
            yield Static("↑ ↓ move · ⏎ choose · esc back", classes="keys")

    def on_mount(self) -> None:
        """Begin at what holds now."""
        values = [one.value for one in self._choices]
        for answers in self.query(OptionList):  # none where the dialog was left before it was there
            answers.highlighted = values.index(self._now) if self._now in values else 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """End with the chosen value."""
        self.dismiss(self._choices[event.option_index].value)

    def action_leave(self) -> None:
        """End without an answer."""
        self.dismiss(None)


def _label(choice: Choice, now: str) -> Content:
    mark = "● " if choice.value == now else "  "
    label = Content.assemble(mark, shown_line(choice.label))
    return Content.assemble(label, "\n    ", shown_line(choice.detail, "$secondary")) if choice.detail else label
