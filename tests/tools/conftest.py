"""Both embedded planes, started once, and for each test a store and a granted folder of its own."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from tool_bench import Bench, Planes, make_bench

from openmed_agent.planes.connection import PlaneConnections, open_codes, open_inference
from openmed_agent.planes.supervisor import silent_watcher
from openmed_agent.settings.configuration import Configuration
from openmed_agent.settings.paths import Paths
from openmed_agent.store.opening import open_store


@pytest.fixture(scope="session")
def planes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planes]:
    folder = tmp_path_factory.getbasetemp().parent / "codes-index"  # one index for all workers
    paths = Paths(root=Path("/nonexistent"), configuration=Path("/nonexistent"), cache=folder)
    connections = PlaneConnections(Configuration(), paths, silent_watcher())
    loop = asyncio.new_event_loop()
    stack = AsyncExitStack()

    async def ready() -> Planes:
        inference = await stack.enter_async_context(open_inference(connections))
        codes = await stack.enter_async_context(open_codes(connections))
        return Planes(loop, inference, codes)

    yield loop.run_until_complete(ready())
    loop.run_until_complete(stack.aclose())
    loop.close()


@pytest.fixture
def bench(planes: Planes, tmp_path: Path) -> Iterator[Bench]:
    folder = tmp_path / "charts"
    folder.mkdir()
    home = tmp_path / "home"
    with open_store(home, custody="file") as store:
        yield make_bench(planes, store, home, folder)
