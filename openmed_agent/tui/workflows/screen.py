"""Workflows: which there are, and what each one needs."""

from typing import ClassVar, Final

from textual.content import Content

from openmed_agent.tui.chrome.list_screen import ListScreen
from openmed_agent.tui.chrome.row_list import Column, Row, RowList
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.safe_text import shown, shown_line
from openmed_agent.tui.workflows.words import step_words, tags_of
from openmed_agent.workbench.requests.workflows import ListWorkflows, WorkflowList, WorkflowRow

_NONE: Final = Content("There are no workflows here.")


class WorkflowsScreen(ListScreen):
    """The list, and below it what the highlighted workflow does and needs."""

    DEFAULT_CSS = """
    WorkflowsScreen RowList { height: auto; max-height: 40%; margin-top: 1; }
    WorkflowsScreen .detail { height: 1fr; max-height: 100%; padding: 1; border-top: solid $panel; overflow-y: auto;
                              color: $foreground; }
    """
    TITLE_TEXT = "Workflows"
    COLUMNS: ClassVar[tuple[Column, ...]] = (Column(), Column(24, needs=70), Column(8))
    CHOOSE = "fill in and run"

    def __init__(self) -> None:
        super().__init__()
        self._known: WorkflowList | None = None

    def on_mount(self) -> None:
        """Ask which there are."""
        super().on_mount()
        self.start(self._load(), group="load")

    async def _load(self) -> None:
        found = await self.ask(ListWorkflows(), WorkflowList)
        if found is None:
            return
        self._known = found
        self.query_one(TitleBar).tell(f"PHI {found.phi_mode}")
        self.list.fill([_row(one) for one in found.workflows])
        if not found.workflows:
            self.tell(Content.assemble(_NONE, *_problems(found)))

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """Tell what the highlighted workflow needs."""
        chosen = self._named(event.identifier)
        if chosen is not None and self._known is not None:
            self.tell(Content.assemble(_needs(chosen), *_problems(self._known)))

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Open the form of a workflow."""
        from openmed_agent.tui.workflows.form import WorkflowForm

        chosen = self._named(event.identifier)
        if chosen is not None and self._known is not None:
            self.face.push_screen(WorkflowForm(chosen, self._known))

    def _named(self, identifier: str) -> WorkflowRow | None:
        known = self._known.workflows if self._known else ()
        return next((one for one in known if one.identifier == identifier), None)


def _row(one: WorkflowRow) -> Row:
    origin = Content.styled("built in" if one.built_in else "yours", "$secondary")
    return Row((shown_line(one.title), shown_line(one.identifier, "$secondary"), origin), one.identifier)


def _needs(one: WorkflowRow) -> Content:
    head = Content.assemble(
        shown_line(one.title, "bold"), "  ", shown_line(f"{one.identifier} {one.version}", "$secondary")
    )
    lines = [head, shown(one.description), Content(), Content.styled("Needs", "$accent bold")]
    for given in one.inputs:
        name, tags = shown_line(given.name, "bold"), shown_line(tags_of(given), "$secondary")
        lines.append(Content.assemble(name, "  ", tags))
        lines.append(shown_line(given.description))
    if not one.inputs:
        lines.append(Content("nothing"))
    steps = shown_line(" · ".join(step_words(step) for step in one.steps))
    return Content("\n").join((*lines, Content(), Content.styled("Steps", "$accent bold"), steps))


def _problems(found: WorkflowList) -> tuple[Content, ...]:
    return tuple(Content.assemble("\n\n", ("✗ not usable: ", "$warning"), shown_line(one)) for one in found.problems)
