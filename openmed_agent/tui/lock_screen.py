"""The blank screen of a lock. It shows nothing of what is below, and lets a person back who confirms to be there."""

from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from openmed_agent.errors import OpenMedError
from openmed_agent.tui.beside import run_beside
from openmed_agent.tui.safe_text import shown
from openmed_agent.workbench.requests.lock import CheckPassphrase, FindLock, LockKind, PassphraseChecked

if TYPE_CHECKING:
    from openmed_agent.tui.app import OpenMedApp

_ENTER: Final = "⏎ go on · ^Q quit"
_ASKING: Final = "type the store's passphrase · ⏎ go on · ^Q quit"
_AGAIN: Final = "⏎ try again · ^Q quit"


class LockScreen(ModalScreen[None]):
    """Asks for Enter, or for the store's passphrase where it has one. What is not known yet opens nothing."""

    DEFAULT_CSS = """
    LockScreen { align: center middle; background: $background; }
    LockScreen > Vertical { width: 56; max-width: 100%; height: auto; }
    LockScreen Static { width: 100%; text-align: center; }
    LockScreen .keys { color: $secondary; margin-top: 1; }
    LockScreen .problem { color: $warning; margin-top: 1; display: none; }
    LockScreen Input, LockScreen Input:focus { border: none; height: 1; padding: 0 1; margin-top: 1;
                                               background: $panel; }
    LockScreen Input { display: none; }
    LockScreen ToastRack { display: none; }
    """
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "confirm", "go on")]

    def __init__(self) -> None:
        super().__init__()
        self._kind: LockKind | None = None

    def compose(self) -> ComposeResult:
        """Yield what is locked, a field for the passphrase, and the keys."""
        with Vertical():
            yield Static("openmed is locked", classes="name")
            yield Input(password=True, select_on_focus=False, disabled=True)
            yield Static(classes="problem")
            yield Static("", classes="keys")

    def on_screen_resume(self) -> None:
        """Begin anew: find out what opens it."""
        self._kind = None
        field = self.query_one(Input)
        field.value = ""
        field.disabled = True
        self._tell("", keys="^Q quit")
        run_beside(self, self._find_kind, group="lock")

    def action_confirm(self) -> None:
        """Open, where Enter is enough; where it is not known what opens it, ask again."""
        if self._kind is None:
            run_beside(self, self._find_kind, group="lock")
        elif not self._kind.passphrase:
            self._face.unlock()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Try the passphrase."""
        event.stop()
        field = self.query_one(Input)
        if event.value and not field.disabled:
            field.disabled = True
            field.value = ""
            passphrase = event.value
            run_beside(self, lambda: self._check(passphrase), group="lock")

    @property
    def _face(self) -> "OpenMedApp":
        return cast("OpenMedApp", self.app)

    async def _find_kind(self) -> None:
        try:
            self._kind = await self._face.workbench.ask(FindLock(), LockKind)
        except OpenMedError as error:
            self._tell(str(error), keys=_AGAIN)
            return
        field = self.query_one(Input)
        field.display = self._kind.passphrase
        self._tell("", keys=_ASKING if self._kind.passphrase else _ENTER)
        if self._kind.passphrase:
            field.disabled = False
            field.focus()

    async def _check(self, passphrase: str) -> None:
        try:
            checked = await self._face.workbench.ask(CheckPassphrase(passphrase=passphrase), PassphraseChecked)
        except OpenMedError as error:
            problem = str(error)
        else:
            if checked.right:
                self._face.unlock()
            problem = "" if checked.right else "That is not the store's passphrase."
        field = self.query_one(Input)
        field.disabled = False
        field.focus()
        self._tell(problem, keys=_ASKING)

    def _tell(self, problem: str, *, keys: str) -> None:
        line = self.query_one(".problem", Static)
        line.display = bool(problem)
        line.update(shown(problem))
        self.query_one(".keys", Static).update(shown(keys))
