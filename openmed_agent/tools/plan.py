"""Tools that arrange the work itself: the visible plan, further tools, results that were too long."""

from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from openmed_agent.text.terminal import terminal_safe
from openmed_agent.tools.context import PlanStep, ToolContext
from openmed_agent.tools.probing import whole_part
from openmed_agent.tools.tool import Arguments, Display, NoArguments, Tool, ToolFacts, ToolResult
from openmed_agent.tools.values import Count, Label, StrictValue, counted, label_of

_MARKS: Final = {"pending": "[ ]", "active": "[>]", "done": "[x]"}


class Step(Arguments):
    """One step of the plan."""

    title: Annotated[str, Field(min_length=1, max_length=200, description="What is to be done, in one line.")]
    state: Annotated[Literal["pending", "active", "done"], Field(description="At most one step is active.")]


class PlanArguments(Arguments):
    """The whole plan."""

    steps: Annotated[tuple[Step, ...], Field(max_length=30, description="All steps in order; they replace the plan.")]

    @model_validator(mode="after")
    def _one_at_a_time(self) -> "PlanArguments":
        if sum(step.state == "active" for step in self.steps) > 1:
            raise ValueError("only one step may be active")
        return self


class FamiliesArguments(Arguments):
    """Which families."""

    families: Annotated[
        tuple[Literal["clinical", "privacy", "codes"], ...],
        Field(min_length=1, max_length=3, description="clinical: read notes; privacy: identifiers; codes: look up."),
    ]


class KeptArguments(Arguments):
    """Which part of a kept result."""

    handle: Annotated[str, Field(pattern=r"^result_[0-9]{1,9}$", description="The handle, such as result_3.")]
    offset: Annotated[int, Field(ge=0, description="First character, from 0.")] = 0
    limit: Annotated[int, Field(ge=1, le=10_000, description="How many characters.")] = 8_000


def _plan_text(steps: tuple[PlanStep, ...]) -> str:
    return "\n".join(f"{_MARKS[step.state]} {step.title}" for step in steps) or "There is no plan."


def _plan_result(steps: tuple[PlanStep, ...]) -> ToolResult:
    done = sum(step.state == "done" for step in steps)
    values = (Count(Label("steps"), len(steps)), *counted(step.state for step in steps))
    text = _plan_text(steps)
    return ToolResult(text=text, display=Display(f"Plan: {done} of {len(steps)} done", text, "plan"), values=values)


async def _update(given: PlanArguments, context: ToolContext) -> ToolResult:
    steps = tuple(PlanStep(terminal_safe(step.title, single_line=True), step.state) for step in given.steps)
    context.plan.replace(steps)
    return _plan_result(steps)


async def _show(_: NoArguments, context: ToolContext) -> ToolResult:
    return _plan_result(context.plan.steps)


async def _load(given: FamiliesArguments, context: ToolContext) -> ToolResult:
    names = context.load_families(given.families)
    text = f"Now available: {', '.join(names)}." if names else "This session has no tools of that family."
    values: tuple[StrictValue, ...] = tuple(label_of(name) for name in names)
    return ToolResult(text=text, display=Display(text), values=values)


async def _read_kept(given: KeptArguments, context: ToolContext) -> ToolResult:
    whole = context.results.read(given.handle)
    asked = min(given.offset, len(whole)), min(given.offset + given.limit, len(whole))
    start, end = await whole_part(context, whole, *asked)
    part = whole[start:end]
    head = f"{given.handle}: characters {start}-{end} of {len(whole)}"
    values = (Count(Label("characters"), len(whole)),)
    return ToolResult(text=f"{head}\n{part}", display=Display(head, part), values=values)


UPDATE_PLAN: Final = Tool(
    name="update_plan",
    family="plan",
    description="Set the plan that the person sees. Use it for work of three or more steps, and keep it current.",
    arguments=PlanArguments,
    facts=ToolFacts(read_only=True),
    run=_update,
)
READ_PLAN: Final = Tool(
    name="read_plan",
    family="plan",
    description="Show the present plan.",
    arguments=NoArguments,
    facts=ToolFacts(read_only=True, concurrent_safe=True),
    run=_show,
)
LOAD_TOOLS: Final = Tool(
    name="load_tools",
    family="plan",
    description="Make further tools available from your next answer on.",
    arguments=FamiliesArguments,
    facts=ToolFacts(read_only=True),
    run=_load,
)
READ_RESULT: Final = Tool(
    name="read_result",
    family="plan",
    description="Read a part of a long result or attachment that is kept behind a handle.",
    arguments=KeptArguments,
    facts=ToolFacts(read_only=True, concurrent_safe=True),
    run=_read_kept,
)
TOOLS: Final = (UPDATE_PLAN, READ_PLAN, LOAD_TOOLS, READ_RESULT)
