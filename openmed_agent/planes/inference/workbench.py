"""Where a service's work that needs the processor runs: a few threads, and a bounded queue before them."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, TypeVar

from openmed_agent.planes.serving import busy

_STREAMS_PER_WORKER: Final = 4

Result = TypeVar("Result")


class Workbench:
    """Worker threads; a full queue turns work away. A stream waits its turn instead, with one piece at a time."""

    def __init__(self, *, workers: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="inference")
        self._capacity = workers + waiting
        self._taken = 0
        self._most_streams = _STREAMS_PER_WORKER * workers
        self._streams = 0

    async def run(self, work: Callable[[], Result]) -> Result:
        """Return what ``work`` returns in a thread.

        Raises:
            ServiceError: 503 ``backpressure``, when too much is waiting already.

        """
        if self._taken >= self._capacity:
            raise busy()
        self._taken += 1
        try:
            return await self.run_of_stream(work)
        finally:
            self._taken -= 1

    async def run_of_stream(self, work: Callable[[], Result]) -> Result:
        """Return what ``work`` returns in a thread, however long it waits; for who holds a ``stream`` only."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    @contextmanager
    def stream(self) -> Iterator[None]:
        """Hold one of the few streams for the length of the block.

        Raises:
            ServiceError: 503 ``backpressure``, when all are taken.

        """
        if self._streams >= self._most_streams:
            raise busy()
        self._streams += 1
        try:
            yield
        finally:
            self._streams -= 1
