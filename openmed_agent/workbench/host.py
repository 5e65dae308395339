"""The working side: reads orders, does each in a task of its own, and writes what comes of it.

No fault of one order ends another; a fault is told by its kind and place, never by its text. When the input closes,
whatever still runs is cancelled, so a turn ends as interrupted and the planes end too.
"""

import asyncio
import sys
import traceback
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel, ValidationError

from openmed_agent.errors import OpenMedError
from openmed_agent.workbench.areas import handlers_of
from openmed_agent.workbench.bench import Bench
from openmed_agent.workbench.handling import Handler
from openmed_agent.workbench.wire import LONGEST_LINE, Answer, Order, Refusal, refusal_of


class Host:
    """Answers the orders of one screen."""

    def __init__(self, bench: Bench, output: BinaryIO) -> None:
        self._bench = bench
        self._output = output
        self._running: dict[int, asyncio.Task[None]] = {}

    async def serve(self, orders: asyncio.StreamReader) -> None:
        """Answer orders until the input ends."""
        try:
            while line := await orders.readline():
                self._take(Order.model_validate_json(line))
        finally:
            tasks = tuple(self._running.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _take(self, order: Order) -> None:
        if order.cancel:
            if (running := self._running.get(order.number)) is not None:
                running.cancel()
            return
        task = asyncio.create_task(self._do(order))
        self._running[order.number] = task
        task.add_done_callback(lambda _: self._running.pop(order.number, None))

    async def _do(self, order: Order) -> None:
        try:
            await self._answer(order)
        except OpenMedError as error:
            self._write(Answer(number=order.number, refusal=refusal_of(error)))
        except Exception as error:  # noqa: BLE001 - the screen must hear of it, and other orders go on
            self._write(Answer(number=order.number, refusal=_fault(error)))

    async def _answer(self, order: Order) -> None:
        handler = _handler(order.kind)
        request = handler.request.model_validate(order.body)
        if handler.streams is not None:
            async with aclosing(handler.streams(self._bench, request)) as parts:
                async for part in parts:
                    self._write(Answer(number=order.number, part=_body(part)))
            self._write(Answer(number=order.number, ended=True))
        elif handler.answers is not None:
            reply = await handler.answers(self._bench, request)
            self._write(Answer(number=order.number, reply=_body(reply)))

    def _write(self, answer: Answer) -> None:
        self._output.write(answer.model_dump_json(exclude_defaults=True).encode() + b"\n")
        self._output.flush()


def run_host(make_bench: Callable[[], Bench], output: BinaryIO) -> None:
    """Serve the orders that arrive on standard input, and answer them on ``output``, until the input ends."""
    asyncio.run(_serve(make_bench, output))


async def _serve(make_bench: Callable[[], Bench], output: BinaryIO) -> None:
    orders = asyncio.StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    async with make_bench() as bench:
        await Host(bench, output).serve(orders)


def _body(model: BaseModel) -> dict[str, object]:
    return model.model_dump(mode="json")


def _handler(kind: str) -> Handler:
    return next(one for one in handlers_of(kind.partition(".")[0]) if one.request.kind == kind)


def _fault(error: Exception) -> Refusal:
    """Return a sentence that names the kind and place of a fault in this program, and no value."""
    if isinstance(error, ValidationError):
        return Refusal(message="The request was not understood. Please report this.")
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"
    return Refusal(
        message=f"OpenMed met a fault of its own ({type(error).__name__} at {place}).",
        remedy="Your session is kept. Please report this line.",
    )
