"""One run of a workflow as a person asks for it, whichever face they use: over both planes, under a PHI mode."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from openmed_agent.planes.codes.client import CodesClient
from openmed_agent.planes.inference.client import InferenceClient
from openmed_agent.privacy.gate import CodesQueryGate, check_inference_plane
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.settings.configuration import Configuration
from openmed_agent.text.sources import SourceDocument
from openmed_agent.workflows.definition import Workflow
from openmed_agent.workflows.inputs import Values, shown_inputs
from openmed_agent.workflows.runner import WorkflowResult, run_workflow
from openmed_agent.workflows.work import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartRun:
    """What is run over what. ``draft_id`` is the id that the draft shall have; without one it is drawn."""

    workflow: Workflow
    values: Values
    sources: tuple[SourceDocument, ...]
    phi_mode: PhiMode
    destination: str | None = None
    draft_id: str | None = None


@dataclass(frozen=True, slots=True)
class RunWatcher:
    """Who is told while a run goes on: ``step`` of each step by its name before it begins, ``said`` of what it does."""

    step: Callable[[str], None]
    said: Callable[[str], None]


async def run_chart(
    run: ChartRun,
    configuration: Configuration,
    inference: InferenceClient,
    codes: CodesClient,
    watcher: RunWatcher,
) -> WorkflowResult:
    """Return the draft of a run, which is not kept yet.

    Raises:
        NotPermittedError: the PHI mode does not let chart text go to the configured inference plane.
        OpenMedError: a document or a plane is not usable.

    """
    check_inference_plane(run.phi_mode, configuration.inference)
    watcher.said("Starting the planes")
    await asyncio.gather(inference.health(), codes.health())  # side by side, each in its process

    async def holds_identifier(term: str) -> bool:
        return bool(await inference.extract_pii(term))

    gate = CodesQueryGate(run.phi_mode, remote=configuration.codes.url is not None, scan=holds_identifier)
    return await run_workflow(
        run.workflow,
        run.sources,
        Services(inference, codes, gate, watcher.said, watcher.step),
        inputs=shown_inputs(run.workflow, run.values),
        phi_mode=run.phi_mode.value,
        now=datetime.now(UTC),
        valid_hours=configuration.review.draft_hours,
        destination=run.destination,
        draft_id=run.draft_id,
    )
