"""The form of one workflow, made from its inputs."""

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from openmed_agent.tui.base_screen import FaceScreen
from openmed_agent.tui.beside import run_beside
from openmed_agent.tui.chrome.choice_row import ChoiceRow
from openmed_agent.tui.chrome.dialogs import Choice, ConfirmDialog
from openmed_agent.tui.chrome.key_bar import KeyBar
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.keymap import WORKFLOW_FORM, bindings
from openmed_agent.tui.safe_text import shown
from openmed_agent.tui.workflows.field import InputField
from openmed_agent.workbench.requests.turns import PhiModeName
from openmed_agent.workbench.requests.workflows import CheckInputs, InputFaults, WorkflowList, WorkflowRow

_MODES: Final[dict[PhiModeName, str]] = {
    "full": "A codes service on another machine is asked with the words of the chart.",
    "deid": "A codes service on another machine is asked nothing that holds an identifier.",
    "strict": "A codes service on another machine is asked with terms of dictionaries only, and an inference service "
    "there only where it is trusted for strict.",
}
"""What a run lets leave in each mode, the weakest first; the embedded services are on this machine."""


class WorkflowForm(FaceScreen):
    """Asks for the inputs of a workflow and the PHI mode, then runs it."""

    DEFAULT_CSS = """
    WorkflowForm > VerticalScroll { height: 1fr; padding: 1 1 0 1; }
    WorkflowForm #about { padding: 0 1; margin-bottom: 1; }
    WorkflowForm #mode { padding: 0 1; color: $secondary; }
    WorkflowForm #folder { padding: 0 1; margin-top: 1; color: $secondary; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(WORKFLOW_FORM)
    KEYS: ClassVar = (
        ("⏎ ^R", "run"),
        ("tab", "next field"),
        ("→", "complete a path"),
        ("esc", "back"),
    )

    def __init__(self, workflow: WorkflowRow, known: WorkflowList) -> None:
        super().__init__()
        self._workflow = workflow
        self._known = known

    def compose(self) -> ComposeResult:
        """Yield a field for each input, and the PHI mode."""
        yield TitleBar(self._workflow.title)
        with VerticalScroll(can_focus=False):
            yield Static(shown(self._workflow.description), id="about")
            for one in self._workflow.inputs:
                yield InputField(one, self.face.workbench)
            modes = [Choice(mode, mode) for mode in self._known.phi_modes]
            yield ChoiceRow("PHI mode", modes, now=self._known.phi_mode, id="phi")
            yield Static(id="mode")
            yield Static(shown(f"Relative paths begin at {self._known.folder}"), id="folder")
        yield KeyBar(self.KEYS)

    def on_mount(self) -> None:
        """Begin at the first field."""
        self._tell_mode()
        fields = list(self.query(InputField))
        if fields:
            fields[0].begin()

    def on_choice_row_changed(self, event: ChoiceRow.Changed) -> None:
        """Show the mode that holds."""
        if event.row.id == "phi":
            self._tell_mode()

    def on_input_submitted(self, _: Input.Submitted) -> None:
        """Run, as a form does on Enter."""
        self.action_run()

    def action_run(self) -> None:
        """Check the inputs; where all will do, run the workflow."""
        run_beside(self, self._check_and_run, group="run")

    @property
    def _mode(self) -> PhiModeName:
        value = self.query_one("#phi", ChoiceRow).value
        return next(mode for mode in _MODES if mode == value)

    def _tell_mode(self) -> None:
        self.query_one(TitleBar).tell(f"PHI {self._mode}")
        self.query_one("#mode", Static).update(Content(_MODES[self._mode]))

    async def _check_and_run(self) -> None:
        fields = {field.definition.name: field for field in self.query(InputField)}
        values = {name: field.values for name, field in fields.items() if field.values}
        request = CheckInputs(workflow=self._workflow.identifier, values=values)
        found = await self.ask(request, InputFaults)
        if found is None:
            return
        for name, field in fields.items():
            field.show_fault(found.faults.get(name, ""))
        if found.faults:
            faulty = next((field for name, field in fields.items() if name in found.faults), None)
            if faulty is not None:
                faulty.begin()
            else:  # of something that has no field
                self.face.say(next(iter(found.faults.values())), severity="warning")
            return
        mode = self._mode
        if self._is_weaker(mode) and not await self.face.push_screen_wait(
            ConfirmDialog(
                f"Run in PHI mode {mode}?",
                detail=f"The settings say {self._known.phi_mode}, which lets less leave this machine.",
                yes=f"run in {mode}",
            )
        ):
            return
        from openmed_agent.tui.workflows.run import RunScreen
        from openmed_agent.workbench.requests.workflows import RunWorkflow

        asked = RunWorkflow(workflow=request.workflow, values=request.values, phi_mode=mode)
        self.face.push_screen(RunScreen(self._workflow, asked))

    def _is_weaker(self, mode: PhiModeName) -> bool:
        modes = tuple(_MODES)
        return modes.index(mode) < modes.index(self._known.phi_mode)
