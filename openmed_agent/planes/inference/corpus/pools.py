"""Where records are treated: in this process, or in several; always in order, with a bounded number under way."""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import connection, get_context, parent_process
from signal import SIG_IGN, SIGINT, signal
from typing import Final, Protocol

from openmed_agent.errors import UnavailableError
from openmed_agent.planes.inference.corpus.records import Outcome, Record
from openmed_agent.planes.inference.corpus.treat import Treatment, treat_all

Chunk = tuple[Record, ...]
_MOST_RECORDS: Final = 64
_MOST_CHARACTERS: Final = 200_000
_CHUNKS_A_WORKER: Final = 3
_RESTARTS: Final = 3


class Pending(Protocol):
    """Work that has been handed over."""

    def result(self) -> tuple[Outcome, ...]:
        """Wait for what comes of it."""


class Pool(Protocol):
    """Something that treats chunks of records."""

    def treated(self, chunks: Iterator[Chunk], treatment: Treatment) -> Iterator[tuple[Outcome, ...]]:
        """Yield what comes of each chunk, in order.

        Raises:
            UnavailableError: the workers are lost and do not come back.

        """


def chunks_of(records: Iterator[Record]) -> Iterator[Chunk]:
    """Yield the records in chunks of a bounded number and length."""
    chunk: list[Record] = []
    length = 0
    for record in records:
        chunk.append(record)
        length += len(record.text or "")
        if len(chunk) >= _MOST_RECORDS or length >= _MOST_CHARACTERS:
            yield tuple(chunk)
            chunk, length = [], 0
    if chunk:
        yield tuple(chunk)


class ThisProcess:
    """Treats chunks where it is called."""

    def treated(self, chunks: Iterator[Chunk], treatment: Treatment) -> Iterator[tuple[Outcome, ...]]:
        """Yield what comes of each chunk, in order."""
        for chunk in chunks:
            yield treat_all(chunk, treatment)


class Processes:
    """Treats chunks in ``count`` processes, which end with this one however it dies."""

    def __init__(self, count: int) -> None:
        self._count = count

    def treated(self, chunks: Iterator[Chunk], treatment: Treatment) -> Iterator[tuple[Outcome, ...]]:
        """Yield what comes of each chunk, in order; after a worker's death what it had is treated again."""
        under_way: deque[Chunk] = deque()
        for restart in range(_RESTARTS + 1):
            with ProcessPoolExecutor(self._count, mp_context=get_context("spawn"), initializer=_follow_parent) as pool:
                try:
                    yield from in_order(
                        chunks,
                        lambda chunk: pool.submit(treat_all, chunk, treatment),
                        most=_CHUNKS_A_WORKER * self._count,
                        under_way=under_way,
                    )
                except BrokenProcessPool:
                    if restart == _RESTARTS:
                        break
                else:
                    return
        raise UnavailableError(
            "The worker processes died several times.",
            remedy="Check the memory of this machine; the same command goes on where it stopped.",
        )


def in_order(
    chunks: Iterator[Chunk],
    submit: Callable[[Chunk], Pending],
    *,
    most: int,
    under_way: deque[Chunk],
) -> Iterator[tuple[Outcome, ...]]:
    """Yield what comes of each chunk, with at most ``most`` submitted.

    ``under_way`` holds the chunks whose outcome has not been yielded; those in it are submitted first, so that a second
    call goes on where a first one failed.
    """
    futures: deque[Pending] = deque(submit(chunk) for chunk in under_way)
    while True:
        for chunk in islice(chunks, most - len(futures)):
            under_way.append(chunk)
            futures.append(submit(chunk))
        if not futures:
            return
        outcomes = futures.popleft().result()
        under_way.popleft()
        yield outcomes


def _follow_parent() -> None:
    """Leave Ctrl+C to the parent, and end when it does: a killed parent closes no queue."""
    signal(SIGINT, SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(0)
