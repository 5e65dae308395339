"""Answers what the screen asks about workflows, and runs one."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

from openmed_agent.errors import InputError
from openmed_agent.planes.supervisor import Preparation
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.settings.paths import content_folder
from openmed_agent.settings.permissions import stricter_phi_mode
from openmed_agent.text.sources import read_source
from openmed_agent.workbench.bench import Bench
from openmed_agent.workbench.handlers.paths import given_path
from openmed_agent.workbench.handling import Handler, answered_by, streamed_by
from openmed_agent.workbench.requests.turns import PhiModeName
from openmed_agent.workbench.requests.workflows import (
    CheckInputs,
    DraftMade,
    InputFaults,
    ListWorkflows,
    RunPart,
    RunRequest,
    RunWorkflow,
    WorkflowInput,
    WorkflowList,
    WorkflowRow,
)
from openmed_agent.workflows.chart_run import ChartRun, RunWatcher, run_chart
from openmed_agent.workflows.decisions import must_decide_individually
from openmed_agent.workflows.definition import (
    InputDefinition,
    Workflow,
    find_workflow,
    load_workflow,
    workflow_folders,
)
from openmed_agent.workflows.draft_store import save_draft
from openmed_agent.workflows.inputs import Values, read_sources, value_fault
from openmed_agent.workflows.runner import WorkflowResult, new_draft_id

_MODES: tuple[PhiModeName, ...] = ("full", "deid", "strict")


async def list_workflows(bench: Bench, _: ListWorkflows) -> WorkflowList:
    """Return the workflows; one that cannot be used is named among the problems."""
    folders = _folders(bench)
    rows: list[WorkflowRow] = []
    problems: list[str] = []
    for folder in workflow_folders(folders):
        try:
            rows.append(_row(load_workflow(folder, built_in=folder.parent == folders[0])))
        except InputError as error:
            problems.append(str(error))
    privacy = bench.configuration.privacy
    return WorkflowList(
        workflows=tuple(rows),
        problems=tuple(problems),
        phi_mode=privacy.effective_phi_mode,
        phi_modes=tuple(mode for mode in _MODES if stricter_phi_mode(mode, privacy.minimum_phi_mode) == mode),
        folder=str(bench.options.folder),
    )


async def check_inputs(bench: Bench, request: CheckInputs) -> InputFaults:
    """Return what is wrong with the inputs, the first thing of each."""
    workflow = find_workflow(request.workflow, _folders(bench))
    values = _values(bench, workflow, request)
    faults: dict[str, str] = {}
    for name, definition in workflow.definition.inputs.items():
        fault = await asyncio.to_thread(_fault, name, definition, values.get(name, ()))
        if fault:
            faults[name] = fault
    return InputFaults(faults=faults)


async def run(bench: Bench, request: RunWorkflow) -> AsyncGenerator[RunPart, None]:
    """Yield what happens in a run; its draft is kept before the last part, all of it or nothing."""
    workflow = find_workflow(request.workflow, _folders(bench))
    values = _values(bench, workflow, request)
    _check_complete(workflow, values)
    asked = ChartRun(
        workflow=workflow,
        values=values,
        sources=await asyncio.to_thread(read_sources, workflow, values),
        phi_mode=PhiMode(bench.configuration.privacy.chosen(request.phi_mode)),
        draft_id=new_draft_id(),
    )
    store = bench.store  # before the work: a locked store would lose it
    yield RunPart(draft_id=asked.draft_id or "")
    parts: asyncio.Queue[RunPart | None] = asyncio.Queue()
    work = asyncio.create_task(_run(bench, asked, parts))
    work.add_done_callback(lambda _: parts.put_nowait(None))
    try:
        while (part := await parts.get()) is not None:
            yield part
        result = await work
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
    save_draft(store, result.draft, result.sources, result.artifacts)
    yield RunPart(made=_made(result))


async def _run(bench: Bench, asked: ChartRun, parts: "asyncio.Queue[RunPart | None]") -> WorkflowResult:
    watcher = RunWatcher(
        step=lambda step: parts.put_nowait(RunPart(step=step)), said=lambda words: parts.put_nowait(RunPart(said=words))
    )

    def prepared(what: Preparation) -> None:
        share = f" {100 * what.done // what.total} %" if what.total else ""
        watcher.said(f"{what.what}, once{share}")

    bench.told_of_preparations.add(prepared)
    try:
        return await run_chart(asked, bench.configuration, await bench.inference(), await bench.codes(), watcher)
    finally:
        bench.told_of_preparations.discard(prepared)


def _made(result: WorkflowResult) -> DraftMade:
    draft = result.draft
    return DraftMade(
        draft_id=draft.draft_id,
        items=len(draft.items),
        to_decide=sum(1 for item in draft.items if must_decide_individually(item)),
        expires=draft.expires,
        warnings=result.warnings,
        partial=tuple(dict.fromkeys(one.system for one in draft.releases if not one.complete)),
    )


def _folders(bench: Bench) -> tuple[Path, ...]:
    return (content_folder("workflows"), bench.paths.user_workflows)


def _row(workflow: Workflow) -> WorkflowRow:
    definition = workflow.definition
    return WorkflowRow(
        identifier=definition.id,
        version=definition.version,
        title=definition.title,
        description=definition.description,
        built_in=workflow.built_in,
        inputs=tuple(
            WorkflowInput(name=name, **one.model_dump(include=set(InputDefinition.model_fields)))
            for name, one in definition.inputs.items()
        ),
        steps=tuple(step.uses for step in definition.steps),
    )


def _values(bench: Bench, workflow: Workflow, request: RunRequest) -> Values:
    """Return what was given without blanks, documents as absolute paths; raises for an unknown input."""
    known = workflow.definition.inputs
    if not request.values.keys() <= known.keys():
        raise InputError("The workflow has no such input.", remedy="Open its form again.")
    given = {name: tuple(one for one in values if one.strip()) for name, values in request.values.items()}
    return {
        name: tuple(str(given_path(one, bench.options.folder)) for one in values)
        if known[name].type == "document"
        else values
        for name, values in given.items()
        if values
    }


def _check_complete(workflow: Workflow, values: Values) -> None:
    for name, definition in workflow.definition.inputs.items():
        given = values.get(name, ())
        if definition.required and not given:
            raise InputError(f"The workflow needs the input {name}.", remedy="Fill it in.")
        for value in given:
            if fault := value_fault(name, definition, value):
                raise InputError(fault)


def _fault(name: str, definition: InputDefinition, values: tuple[str, ...]) -> str | None:
    if definition.required and not values:
        return "This is needed."
    if len(values) > 1 and not definition.many:
        return "Only one may be given."
    for value in values:
        if fault := value_fault(name, definition, value):
            return fault
        if definition.type == "document":
            try:
                read_source(Path(value))
            except InputError as error:
                return error.message
    return None


HANDLERS: tuple[Handler, ...] = (
    answered_by(ListWorkflows, list_workflows),
    answered_by(CheckInputs, check_inputs),
    streamed_by(RunWorkflow, run),
)
