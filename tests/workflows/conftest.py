"""Both embedded planes, started once for the tests of this folder."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from openmed_agent.planes.connection import PlaneConnections, open_codes, open_inference
from openmed_agent.planes.supervisor import silent_watcher
from openmed_agent.privacy.gate import CodesQueryGate
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.settings.configuration import Configuration
from openmed_agent.settings.paths import Paths, content_folder
from openmed_agent.text.sources import source_from_bytes
from openmed_agent.workflows.definition import find_workflow
from openmed_agent.workflows.runner import WorkflowResult, run_workflow
from openmed_agent.workflows.work import Services

Summarise = Callable[..., WorkflowResult]


@pytest.fixture(scope="session")
def summarise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Summarise]:
    """Return a function from {file name: text} to the result of chart_summary."""
    folder = tmp_path_factory.getbasetemp().parent / "codes-index"  # one index for all workers
    paths = Paths(root=Path("/nonexistent"), configuration=Path("/nonexistent"), cache=folder)
    connections = PlaneConnections(Configuration(), paths, silent_watcher())
    workflow = find_workflow("chart_summary", (content_folder("workflows"),))
    loop = asyncio.new_event_loop()
    stack = AsyncExitStack()

    async def nothing_found(_: str) -> bool:
        return False

    async def services() -> Services:
        inference = await stack.enter_async_context(open_inference(connections))
        codes = await stack.enter_async_context(open_codes(connections))
        return Services(inference, codes, CodesQueryGate(PhiMode.DEID, remote=False, scan=nothing_found))

    ready = loop.run_until_complete(services())

    def run(
        documents: dict[str, str], *, now: datetime = datetime(2026, 1, 1, tzinfo=UTC), **changes: object
    ) -> WorkflowResult:
        sources = tuple(source_from_bytes(name, text.encode()) for name, text in documents.items())
        return loop.run_until_complete(
            run_workflow(
                workflow,
                sources,
                replace(ready, **changes),  # type: ignore[arg-type]
                inputs={"note_path": tuple(documents)},
                phi_mode="deid",
                now=now,
                valid_hours=24,
            )
        )

    yield run
    loop.run_until_complete(stack.aclose())
    loop.close()
