"""First steps: shown once, over the conversation, and left at any point by one key. Nothing is contacted unasked."""

from typing import ClassVar

from textual.binding import BindingType

from openmed_agent.tui.first_run.last_step import LastStep
from openmed_agent.tui.first_run.model_step import ModelStep
from openmed_agent.tui.first_run.pages import PagesScreen
from openmed_agent.tui.first_run.safety_steps import InstructionsStep, KeyStep, PhiStep, WhereStep
from openmed_agent.tui.keymap import SETUP, bindings, label_of


class SetupScreen(PagesScreen):
    """What runs where, the store's key, a model, the PHI mode, a project's instructions, what to try."""

    TITLE_TEXT = "First steps"
    BINDINGS: ClassVar[list[BindingType]] = bindings(SETUP)

    def __init__(self) -> None:
        self._last = LastStep()
        super().__init__((WhereStep(), KeyStep(), ModelStep(), PhiStep(), InstructionsStep(), self._last))

    def leaving_keys(self) -> tuple[tuple[str, str], ...]:
        """Return the keys that leave this page, or everything."""
        skip = (label_of(SETUP[0], self.face.preferences.keys), "skip all of this")
        return (("esc", "back"), skip) if self._seen else (skip,)

    def action_skip(self) -> None:
        """Leave the rest as it is; it does not come back by itself."""
        self.ended()

    def action_back(self) -> None:
        """Go to the page before; on the first one stay."""
        if self._seen:
            super().action_back()

    def ended(self) -> None:
        """Remember that this was seen, and go where the person wants to."""
        self.face.change_preferences(self.face.preferences.changed(setup_seen=True))
        self.face.settings_changed()
        self.close()
        if self._last.opens:
            self.face.action_open(self._last.opens)


class InstructionsScreen(PagesScreen):
    """A project's ``OPENMED.md``, to be read and accepted or not."""

    TITLE_TEXT = "Instructions"

    def __init__(self) -> None:
        super().__init__((InstructionsStep(),))

    def ended(self) -> None:
        """Say what holds, and close."""
        self.face.say(self._steps[0].said if isinstance(self._steps[0], InstructionsStep) else "")
        self.close()
