"""Tools around workflows: run one as a draft, look at drafts, and hand over to a person, who alone decides."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from openmed_agent.errors import InputError
from openmed_agent.settings.paths import content_folder
from openmed_agent.tools.context import ToolContext
from openmed_agent.tools.draft_text import (
    SHORT_ID,
    draft_display,
    draft_values,
    heading,
    item_lines,
    next_command,
    words_of,
)
from openmed_agent.tools.mentions import inference_of
from openmed_agent.tools.records import read_record
from openmed_agent.tools.tool import Arguments, Display, NoArguments, Tool, ToolFacts, ToolResult
from openmed_agent.tools.values import Count, DraftReference, Label, StrictValue
from openmed_agent.workflows.decisions import must_decide_individually
from openmed_agent.workflows.definition import Workflow, find_workflow, load_workflow, workflow_folders
from openmed_agent.workflows.diff import Comparison, compare_drafts
from openmed_agent.workflows.draft import ItemKind
from openmed_agent.workflows.draft_store import StoredDraft, list_drafts, load_draft, save_draft
from openmed_agent.workflows.inputs import value_fault
from openmed_agent.workflows.runner import run_workflow
from openmed_agent.workflows.work import Services

_MOST_DRAFTS: Final = 50

DraftId = Annotated[str, Field(pattern=r"^[0-9a-f]{4,64}(@[0-9]{1,9})?$", description="Draft id, or ID@REVISION.")]


class InputValue(Arguments):
    """One value of an input."""

    name: Annotated[str, Field(max_length=64, description="Name of the input, such as note_path.")]
    value: Annotated[str, Field(min_length=1, max_length=4000, description="For a document, its path or handle.")]


class RunArguments(Arguments):
    """Which workflow, with which inputs."""

    workflow: Annotated[str, Field(min_length=1, max_length=64, description="Its id, as list_workflows shows it.")]
    inputs: Annotated[tuple[InputValue, ...], Field(max_length=50, description="Repeat a name for several values.")]


class DraftArguments(Arguments):
    """Which draft."""

    draft: DraftId


class ShowArguments(DraftArguments):
    """Which draft, and which of its items."""

    kinds: Annotated[tuple[ItemKind, ...], Field(max_length=14, description="Only items of these kinds.")] = ()
    to_decide_only: Annotated[bool, Field(description="Only items that are decided one by one.")] = False


class DiffArguments(Arguments):
    """Two drafts."""

    before: DraftId
    after: DraftId


async def _list(_: NoArguments, context: ToolContext) -> ToolResult:
    folders = _folders(context)
    known: list[Workflow] = []
    problems: list[str] = []
    for folder in workflow_folders(folders):
        try:
            known.append(load_workflow(folder, built_in=folder.parent == folders[0]))
        except InputError as error:
            problems.append(f"Not usable: {error.message}")
    lines = [line for workflow in known for line in _workflow_lines(workflow)]
    drafts = list_drafts(context.store)[:_MOST_DRAFTS]
    # Newest first; a date of ours would only become one more surrogate.
    lines += [f"draft {draft.draft_id[:SHORT_ID]} of {draft.workflow}" for draft in drafts]
    body = "\n".join((*lines, *problems))
    values: tuple[StrictValue, ...] = (
        *(Label(workflow.definition.id[:40]) for workflow in known if workflow.built_in),
        *(DraftReference(draft.draft_id[:SHORT_ID]) for draft in drafts),
    )
    return ToolResult(
        text=body or "There are no workflows.", display=Display(f"{len(known)} workflows", body), values=values
    )


def _workflow_lines(workflow: Workflow) -> list[str]:
    definition = workflow.definition
    inputs = [
        f"  {name} ({one.type}{', several' if one.many else ''}{'' if one.required else ', optional'}"
        f"{': ' + ' | '.join(one.choices) if one.choices else ''}): {one.description}"
        for name, one in definition.inputs.items()
    ]
    return [f"{definition.id}: {definition.description}", *inputs]


async def _run(given: RunArguments, context: ToolContext) -> ToolResult:
    workflow = find_workflow(given.workflow, _folders(context))
    values = checked_inputs(workflow, given.inputs)
    documents = [name for name, one in workflow.definition.inputs.items() if one.type == "document"]
    records = {name: [await read_record(context, value) for value in values.get(name, ())] for name in documents}
    shown = {
        name: tuple(record.source.name for record in records[name]) if name in records else tuple(many)
        for name, many in values.items()
    }
    ran = await run_workflow(
        workflow,
        tuple(record.source for name in documents for record in records[name]),
        Services(inference_of(context), context.codes, context.codes_gate),
        inputs=shown,
        phi_mode=context.phi_mode.value,
        now=datetime.now(UTC),
        valid_hours=context.configuration.review.draft_hours,
    )
    save_draft(context.store, ran.draft, ran.sources, ran.artifacts)
    warnings = [f"Warning: {warning}" for warning in ran.warnings]
    text = "\n".join((heading(ran.draft), *warnings, *item_lines(ran.draft, ran.draft.items), next_command(ran.draft)))
    return ToolResult(text=text, display=draft_display(ran.draft, text), values=draft_values(ran.draft))


def checked_inputs(workflow: Workflow, given: Iterable[InputValue]) -> dict[str, tuple[str, ...]]:
    """Return the values by input.

    Raises:
        InputError: an input is unknown, missing, repeated, or not one of its choices.

    """
    known = workflow.definition.inputs
    takes = f"It takes {', '.join(known)}."
    values: dict[str, tuple[str, ...]] = {}
    for one in given:
        if one.name not in known:
            raise InputError("The workflow has no input of that name.", remedy=takes)
        definition = known[one.name]
        if one.name in values and not definition.many:
            raise InputError(f"Input {one.name} may be given only once.")
        if fault := value_fault(one.name, definition, one.value):
            raise InputError(fault)
        values[one.name] = (*values.get(one.name, ()), one.value)
    for name, definition in known.items():
        if definition.required and name not in values:
            raise InputError(f"The workflow needs the input {name}: {definition.description}", remedy=takes)
    return values


async def _show(given: ShowArguments, context: ToolContext) -> ToolResult:
    draft = (await _loaded(context, given.draft)).draft
    items = [
        item
        for item in draft.items
        if (not given.kinds or item.kind in given.kinds)
        and (not given.to_decide_only or must_decide_individually(item))
    ]
    text = "\n".join((heading(draft), *item_lines(draft, items), next_command(draft)))
    return ToolResult(text=text, display=draft_display(draft, text), values=draft_values(draft))


async def _request_review(given: DraftArguments, context: ToolContext) -> ToolResult:
    draft = (await _loaded(context, given.draft)).draft
    text = f"{heading(draft)}\n{next_command(draft)}"
    return ToolResult(text=text, display=draft_display(draft, text), values=draft_values(draft))


async def _diff(given: DiffArguments, context: ToolContext) -> ToolResult:
    before = await _loaded(context, given.before)
    after = await _loaded(context, given.after)
    return _difference(compare_drafts(before.draft, after.draft))


def _difference(found: Comparison) -> ToolResult:
    lines = [f"conflicting: {words_of(pair.before)} / {words_of(pair.after)}" for pair in found.conflicting]
    lines += [f"changed: {words_of(pair.before)} / {words_of(pair.after)}" for pair in found.changed]
    lines += [f"added: {words_of(item)}" for item in found.added]
    lines += [f"removed: {words_of(item)}" for item in found.removed]
    values = tuple(
        Count(Label(name), number)
        for name, number in (
            ("same", found.same),
            ("added", len(found.added)),
            ("removed", len(found.removed)),
            ("changed", len(found.changed)),
            ("conflicting", len(found.conflicting)),
        )
    )
    head = f"{found.same} items are the same, {len(lines)} differ"
    body = "\n".join(lines)
    return ToolResult(text=f"{head}\n{body}", display=Display(head, body, "draft"), values=values)


async def _loaded(context: ToolContext, name: str) -> StoredDraft:
    """Return a draft, after the identifiers of its sources were learned: it may come from an earlier session."""
    identifier, _, revision = name.partition("@")
    stored = load_draft(context.store, identifier, int(revision) if revision else None)
    for source in stored.sources:
        await context.learn(source.text)
    return stored


def _folders(context: ToolContext) -> tuple[Path, ...]:
    return (content_folder("workflows"), context.paths.user_workflows)


_READS: Final = ToolFacts(read_only=True)
LIST_WORKFLOWS: Final = Tool(
    name="list_workflows",
    family="workflows",
    description="List the workflows with their inputs, and the drafts in the store.",
    arguments=NoArguments,
    facts=_READS,
    run=_list,
)
RUN_WORKFLOW: Final = Tool(
    name="run_workflow",
    family="workflows",
    description="Run a workflow over the documents of ONE patient; its draft is kept for a person to decide on.",
    arguments=RunArguments,
    facts=ToolFacts(read_only=False),
    run=_run,
    subject=lambda given, _context: given.workflow,
)
SHOW_DRAFT: Final = Tool(
    name="show_draft",
    family="workflows",
    description="Show a draft's items with evidence, support, severity, and what a person has to decide.",
    arguments=ShowArguments,
    facts=_READS,
    run=_show,
)
REQUEST_REVIEW: Final = Tool(
    name="request_review",
    family="workflows",
    description="Hand a draft to a person: shows them the command to type. Only they can decide on it.",
    arguments=DraftArguments,
    facts=_READS,
    run=_request_review,
)
DIFF_RUNS: Final = Tool(
    name="diff_runs",
    family="workflows",
    description="Compare two drafts item by item: added, removed, changed, conflicting.",
    arguments=DiffArguments,
    facts=_READS,
    run=_diff,
)
TOOLS: Final = (LIST_WORKFLOWS, RUN_WORKFLOW, SHOW_DRAFT, REQUEST_REVIEW, DIFF_RUNS)
