"""One run of a workflow as it goes on: its steps, and the draft that it ends in."""

from contextlib import aclosing
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from openmed_agent.errors import OpenMedError
from openmed_agent.tui.base_screen import FaceScreen
from openmed_agent.tui.chrome.key_bar import KeyBar
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.keymap import WORKFLOW_RUN, bindings
from openmed_agent.tui.safe_text import shown, shown_line
from openmed_agent.tui.unlocking import once_unlocked
from openmed_agent.tui.workflows.words import step_words
from openmed_agent.workbench.requests.drafts import DraftList, ListDrafts
from openmed_agent.workbench.requests.workflows import DraftMade, RunPart, RunWorkflow, WorkflowRow

State = Literal["running", "stopping", "made", "failed", "stopped"]
_NAME_WIDTH = 20


class RunScreen(FaceScreen):
    """Follows a run. Escape stops it while it runs; afterwards it goes back."""

    DEFAULT_CSS = """
    RunScreen > VerticalScroll { height: 1fr; padding: 1 2; }
    RunScreen #outcome { margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(WORKFLOW_RUN)

    def __init__(self, workflow: WorkflowRow, asked: RunWorkflow) -> None:
        super().__init__()
        self._workflow = workflow
        self._asked = asked
        self._state: State = "running"
        self._draft_id = ""
        self._made: DraftMade | None = None
        self._begun: list[str] = []
        self._said = ""

    def compose(self) -> ComposeResult:
        """Yield the steps and the outcome."""
        yield TitleBar(self._workflow.title)
        with VerticalScroll():
            yield Static(id="steps")
            yield Static(id="outcome")
        yield KeyBar(())

    def on_mount(self) -> None:
        """Begin the run."""
        self.query_one(TitleBar).tell(f"PHI {self._asked.phi_mode}")
        self._show()
        self.start(self._follow(), group="run")

    def action_back(self) -> None:
        """Stop the run, or go back where it has ended."""
        if self._state == "running":
            self._state = "stopping"
            self._show()
            self.workers.cancel_group(self, "run")
            self.start(self._stopped(), group="stopped")
        else:
            self.dismiss()

    def action_review(self) -> None:
        """Review the draft that was made."""
        if self._made is not None:
            self.dismiss()
            self.face.review(self._made.draft_id)

    def action_again(self) -> None:
        """Run once more after a fault or a stop."""
        if self._state in {"failed", "stopped"}:
            self._state, self._begun, self._said, self._draft_id = "running", [], "", ""
            self.query_one("#outcome", Static).update(Content())
            self._show()
            self.start(self._follow(), group="run")

    async def _follow(self) -> None:
        try:
            await once_unlocked(self.face, self._take_parts)
        except OpenMedError as error:
            self._end("failed", Content.assemble(("✗ ", "$error"), shown(str(error))))
            return
        if self._made is not None:
            self._end("made", _outcome(self._made))

    async def _take_parts(self) -> None:
        async with aclosing(self.face.workbench.follow(self._asked, RunPart)) as parts:
            async for part in parts:
                self._take(part)

    def _take(self, part: RunPart) -> None:
        self._draft_id = part.draft_id or self._draft_id
        self._made = part.made or self._made
        if part.step:
            self._begun.append(part.step)
            self._said = ""
        if part.said:
            self._said = part.said
        self._show()

    async def _stopped(self) -> None:
        """Say what became of it: a run that was just at its end has kept its draft."""
        found = await self.ask(ListDrafts(draft_id=self._draft_id), DraftList) if self._draft_id else None
        if found is not None and found.drafts:
            row = found.drafts[0]
            self._made = DraftMade(draft_id=row.draft_id, items=row.items, to_decide=row.left, expires=row.expires)
            self._end("made", _outcome(self._made))
        else:
            self._end("stopped", Content.assemble(("✗ ", "$warning"), "Stopped. No draft was kept."))

    def _end(self, state: State, outcome: Content) -> None:
        self._state = state
        self._said = ""
        self._show()
        self.query_one("#outcome", Static).update(outcome)

    def _show(self) -> None:
        self.query_one("#steps", Static).update(Content("\n").join(self._step_lines()))
        keys = {
            "running": (("esc", "stop"),),
            "stopping": (("esc", "leave"),),
            "made": (("⏎", "review"), ("esc", "back")),
            "failed": (("r", "run again"), ("esc", "back")),
            "stopped": (("r", "run again"), ("esc", "back")),
        }
        self.query_one(KeyBar).show(keys[self._state])

    def _step_lines(self) -> list[Content]:
        done = len(self._begun) - (self._state != "made")
        goes_on = self._state in {"running", "stopping"}
        lines: list[Content] = []
        if goes_on and not self._begun:
            first = "Stopping" if self._state == "stopping" else self._said or "Reading the documents"
            lines.append(Content.assemble(("▸ ", "$accent"), shown_line(first)))
        for number, step in enumerate(self._workflow.steps):
            words = shown_line(step_words(step).ljust(_NAME_WIDTH))
            if number < done:
                lines.append(Content.assemble(("✓ ", "$success"), words))
            elif number == done and self._begun:
                mark = ("▸ ", "$accent") if goes_on else ("✗ ", "$error")
                lines.append(Content.assemble(mark, words.stylize("bold"), shown_line(self._said, "$secondary")))
            else:
                lines.append(Content.assemble(("○ ", "$secondary"), words.stylize("$secondary")))
        return lines


def _outcome(made: DraftMade) -> Content:
    head = f"Draft {made.draft_id[:8]} is kept: {made.items} items, {made.to_decide} to decide one by one."
    lines = [Content.assemble(("✓ ", "$success"), (head, "bold"))]
    expires = made.expires.replace("T", " ")[:16]
    lines.append(shown_line(f"  Nothing is final yet. It expires {expires} UTC.", "$secondary"))
    if made.partial:
        lines.append(shown_line(f"  Only a part is installed of {', '.join(made.partial)}.", "$secondary"))
    lines += [Content.assemble(("! ", "$warning"), shown_line(one)) for one in made.warnings]
    return Content("\n").join(lines)
