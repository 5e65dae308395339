"""One of a few choices on one line: ``● mask  ○ remove  ○ replace``; the arrow keys move the mark."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widgets import Static

from openmed_agent.text.terminal import cell_width
from openmed_agent.tui.chrome.dialogs import Choice
from openmed_agent.tui.safe_text import shown_line

_BETWEEN = 2


class ChoiceRow(Static, can_focus=True):
    """A label and its choices; ``value`` is the one that holds. Choices that do not fit go on the next line."""

    DEFAULT_CSS = """
    ChoiceRow { height: auto; padding: 0 1; }
    ChoiceRow:focus { background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", show=False),
        Binding("right,space", "move(1)", show=False),
    ]

    class Changed(Message):
        """Another choice holds."""

        def __init__(self, row: "ChoiceRow", value: str) -> None:
            super().__init__()
            self.row = row
            self.value = value

        @property
        def control(self) -> "ChoiceRow":
            """The row."""
            return self.row

    def __init__(self, label: str, choices: Sequence[Choice], *, now: str = "", id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._label = label
        self._choices = tuple(choices)
        self.value = now if any(one.value == now for one in choices) else (choices[0].value if choices else "")

    def on_mount(self) -> None:
        """Show the choices."""
        self.update(self._content())

    def choose(self, value: str) -> None:
        """Let another choice hold, and say so where it did not before."""
        if value == self.value:
            return
        self.value = value
        self.update(self._content())
        self.post_message(self.Changed(self, value))

    def action_move(self, step: int) -> None:
        """Move the mark, around the end."""
        values = [one.value for one in self._choices]
        if values:
            self.choose(values[(values.index(self.value) + step) % len(values)])

    def on_click(self, event: Click) -> None:
        """Choose what was clicked."""
        at = event.get_content_offset(self)
        if at is None or at.y:
            return
        start = self._label_width
        for choice in self._choices:
            end = start + cell_width(choice.label) + 2
            if start <= at.x < end:
                self.choose(choice.value)
            start = end + _BETWEEN

    @property
    def _label_width(self) -> int:
        return cell_width(self._label) + _BETWEEN if self._label else 0

    def _content(self) -> Content:
        marks = (
            Content.assemble(
                ("●\u00a0", "$accent") if one.value == self.value else ("○\u00a0", "$secondary"),
                shown_line(one.label.replace(" ", "\u00a0"), "bold" if one.value == self.value else "$secondary"),
            )
            for one in self._choices
        )
        label = Content.styled(f"{self._label}{' ' * _BETWEEN}", "$secondary") if self._label else Content()
        return Content.assemble(label, Content(" " * _BETWEEN).join(marks))
