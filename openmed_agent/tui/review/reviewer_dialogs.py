"""Who reviews: choose one of several, or create one with a passphrase that only that person knows."""

from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from openmed_agent.errors import OpenMedError
from openmed_agent.tui.chrome.dialogs import Choice, ChoiceDialog
from openmed_agent.tui.chrome.field_keys import FIELD_KEYS
from openmed_agent.tui.safe_text import shown, shown_line
from openmed_agent.workbench.requests.reviews import CreateReviewer, ReviewerCreated

if TYPE_CHECKING:
    from openmed_agent.tui.app import OpenMedApp

_NEW: Final = "new reviewer"
_ADVICE: Final = (
    "The passphrase signs for you, and nobody can restore it: five or more words that do not belong together are good."
)


async def choose_reviewer(face: "OpenMedApp", names: tuple[str, ...], *, now: str) -> str | None:
    """Return who shall review: one of ``names`` or a reviewer that is created now; None where the person left."""
    if names:
        choices = (*(Choice(name, name) for name in names), Choice("", _NEW, "makes a key under a new passphrase"))
        chosen = await face.push_screen_wait(ChoiceDialog("Who reviews this draft?", choices, now=now))
        if chosen is None or chosen:
            return chosen
    created = await face.push_screen_wait(CreateReviewerDialog())
    if created is None:
        return None
    face.say(f"{created.name} can sign now. Fingerprint of the key: {created.fingerprint}")
    return created.name


class CreateReviewerDialog(ModalScreen[ReviewerCreated | None]):
    """Asks for a name and, twice, a passphrase; what is refused is said here, and the name stays."""

    DEFAULT_CSS = """
    CreateReviewerDialog { align: center middle; background: $background 60%; }
    CreateReviewerDialog > Vertical { width: 72; max-width: 90%; height: auto; padding: 1 2; background: $surface;
                                      border: round $accent; }
    CreateReviewerDialog Input, CreateReviewerDialog Input:focus { border: none; height: 1; padding: 0;
                                                                   background: $panel; }
    CreateReviewerDialog .label { margin-top: 1; color: $secondary; }
    CreateReviewerDialog .problem { color: $warning; display: none; margin-top: 1; }
    CreateReviewerDialog .problem.-shown { display: block; }
    CreateReviewerDialog .keys { margin-top: 1; color: $secondary; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*FIELD_KEYS, Binding("escape,ctrl+c", "leave", "back")]

    def compose(self) -> ComposeResult:
        """Yield the three fields."""
        with Vertical():
            yield Static(shown("Create a reviewer", "bold"))
            yield Static(shown(_ADVICE))
            yield Static("Name, as it shall stand on signatures", classes="label")
            yield Input(id="name", placeholder="Dr. Ada Quill", max_length=80)
            yield Static("Passphrase", classes="label")
            yield Input(id="first", password=True)
            yield Static("The same again", classes="label")
            yield Input(id="second", password=True)
            yield Static(classes="problem")
            yield Static("⏎ next, create · esc back", classes="keys")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the next field; create the reviewer after the last."""
        order = ("name", "first", "second")
        place = order.index(event.input.id or "name")
        if place + 1 < len(order):
            self.set_focus(self.query_one(f"#{order[place + 1]}", Input))  # at once: what follows must not be seen
        else:
            self.run_worker(self._create(), exclusive=True)

    def action_leave(self) -> None:
        """Create nobody."""
        self._forget()
        self.dismiss(None)

    async def _create(self) -> None:
        name = self.query_one("#name", Input).value
        first, second = self.query_one("#first", Input).value, self.query_one("#second", Input).value
        self._forget()
        if first != second:
            self._refuse("The two passphrases differ. Type both again.")
            return
        face = cast("OpenMedApp", self.app)
        try:
            created = await face.workbench.ask(CreateReviewer(name=name, passphrase=first), ReviewerCreated)
        except OpenMedError as error:
            self._refuse(str(error))
        else:
            self.dismiss(created)

    def _forget(self) -> None:
        for field in ("#first", "#second"):
            self.query_one(field, Input).value = ""

    def _refuse(self, sentence: str) -> None:
        problem = self.query_one(".problem", Static)
        problem.update(shown_line(sentence))
        problem.add_class("-shown")
        name = self.query_one("#name", Input)
        self.set_focus(self.query_one("#first", Input) if name.value else name)
