"""What the screen asks about workflows: which there are, whether inputs will do, and one run with its steps."""

from typing import ClassVar, Literal

from openmed_agent.workbench.requests.turns import PhiModeName
from openmed_agent.workbench.wire import Request, WireModel


class ListWorkflows(Request):
    """Answered by ``WorkflowList``."""

    kind: ClassVar[str] = "workflows.list"


class WorkflowInput(WireModel):
    """One input, as the workflow defines it."""

    name: str
    type: Literal["document", "text", "choice"]
    description: str
    required: bool = True
    many: bool = False
    choices: tuple[str, ...] = ()


class WorkflowRow(WireModel):
    """One workflow; its texts are untrusted unless it is built in."""

    identifier: str
    version: str
    title: str
    description: str
    built_in: bool
    inputs: tuple[WorkflowInput, ...]
    steps: tuple[str, ...]


class WorkflowList(WireModel):
    """Workflows, built-in ones first; ``problems`` is a sentence for each folder that holds no usable one."""

    workflows: tuple[WorkflowRow, ...]
    problems: tuple[str, ...] = ()
    phi_mode: PhiModeName
    phi_modes: tuple[PhiModeName, ...]
    """The modes that project and site allow, the weakest first."""
    folder: str
    """Where relative paths begin."""


class RunRequest(Request):
    """Base of what names a workflow with its inputs; a document is given by its path."""

    workflow: str
    values: dict[str, tuple[str, ...]]


class CheckInputs(RunRequest):
    """Answered by ``InputFaults``; the documents are looked into, nothing is run."""

    kind: ClassVar[str] = "workflows.check"


class InputFaults(WireModel):
    """A sentence by the name of each input that will not do; none where all will."""

    faults: dict[str, str]


class RunWorkflow(RunRequest):
    """Run it; a stream of ``RunPart``. Closing the stream ends the run, and no draft is kept."""

    kind: ClassVar[str] = "workflows.run"
    phi_mode: PhiModeName


class DraftMade(WireModel):
    """The draft that a run ended in, which is kept."""

    draft_id: str
    items: int
    to_decide: int
    expires: str
    warnings: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    """Code systems of which only a part is there."""


class RunPart(WireModel):
    """One thing that happened: the run began under an id, a step began, something was said, or the draft is kept."""

    draft_id: str = ""
    step: str = ""
    said: str = ""
    made: DraftMade | None = None
