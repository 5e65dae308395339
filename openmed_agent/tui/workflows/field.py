"""One field of a form: what is asked for, where to type it, and beside it why it will not do."""

from typing import TYPE_CHECKING, Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from openmed_agent.tui.chrome.choice_row import ChoiceRow
from openmed_agent.tui.chrome.dialogs import Choice
from openmed_agent.tui.chrome.path_input import PathInput
from openmed_agent.tui.safe_text import shown, shown_line
from openmed_agent.tui.workflows.words import tags_of
from openmed_agent.workbench.requests.workflows import WorkflowInput

if TYPE_CHECKING:
    from openmed_agent.workbench.client import Workbench

_LONGEST_TEXT: Final = 4_000
_MOST_FIELDS: Final = 50
_LEFT_OUT: Final = "\u0000"
"""The choice that stands for no value; no real value holds a NUL."""


class InputField(Vertical):
    """An input of a workflow; one that takes several values has a new line once the last is filled."""

    DEFAULT_CSS = """
    InputField { height: auto; margin: 0 0 1 0; }
    InputField > Static { padding: 0 1; }
    InputField > .about { color: $secondary; }
    InputField > .fault { color: $error; display: none; }
    InputField > .fault.shown { display: block; }
    InputField > .line { border: none; height: 1; padding: 0 1; background: $panel; margin: 0 1; }
    InputField > .line:focus { background: $accent 20%; }
    """

    def __init__(self, definition: WorkflowInput, workbench: "Workbench") -> None:
        super().__init__()
        self.definition = definition
        self._workbench = workbench

    def compose(self) -> ComposeResult:
        """Yield heading, description, the first line, and where a fault would stand."""
        mark = Content.styled(" *", "$warning") if self.definition.required else Content()
        tags = shown_line(f"  {tags_of(self.definition)}", "$secondary")
        yield Static(Content.assemble(shown_line(self.definition.name, "bold"), mark, tags))
        yield Static(shown(self.definition.description), classes="about")
        yield self._line()
        yield Static(classes="fault")

    @property
    def values(self) -> tuple[str, ...]:
        """What was filled in."""
        typed = (one.value for one in self.query(Input))
        chosen = (one.value for one in self.query(ChoiceRow) if one.value != _LEFT_OUT)
        return tuple(value for value in (*typed, *chosen) if value.strip())

    def show_fault(self, sentence: str) -> None:
        """Show why it will not do; an empty sentence takes that away."""
        fault = self.query_one(".fault", Static)
        fault.update(Content.assemble("✗ ", shown_line(sentence)) if sentence else Content())
        fault.set_class(bool(sentence), "shown")

    def begin(self) -> None:
        """Put the cursor here."""
        self.query(".line").first().focus()

    async def on_input_changed(self, _: Input.Changed) -> None:
        """Take a fault away, and offer another line where several values may be given."""
        self.show_fault("")
        lines = self.query(Input)
        if self.definition.many and len(lines) < _MOST_FIELDS and lines.last().value:
            await self.mount(self._line(), after=lines.last())

    def _line(self) -> Widget:
        line: Widget
        match self.definition.type:
            case "document":
                line = PathInput(self._workbench)
            case "choice":
                choices = [Choice(one, one) for one in self.definition.choices]
                line = ChoiceRow("", choices if self.definition.required else [Choice(_LEFT_OUT, "none"), *choices])
            case "text":
                line = Input(max_length=_LONGEST_TEXT, select_on_focus=False)
        line.add_class("line")
        return line
