"""The working side: reads orders, does each in a task of its own, and writes what comes of it.

No fault of one order ends another; a fault is told by its kind and place, never by its text. When the input closes,
whatever still runs is cancelled, so a turn ends as interrupted and the planes end too.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import BinaryIO

from pydantic import BaseModel, ValidationError

from openmed_agent.errors import InputError, OpenMedError, UnavailableError, fault_words
from openmed_agent.workbench.areas import handlers_of
from openmed_agent.workbench.bench import Bench
from openmed_agent.workbench.handling import Handler
from openmed_agent.workbench.wire import LONGEST_LINE, TOO_LONG, Answer, Order, Refusal, Request, refusal_of

HandlersOf = Callable[[str], tuple[Handler, ...]]
"""Returns the handlers of an area; LookupError where there is no such area."""


class Host:
    """Answers the orders of one screen."""

    def __init__(self, bench: Bench, output: BinaryIO, find: HandlersOf = handlers_of) -> None:
        self._bench = bench
        self._output = output
        self._find = find
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
        except asyncio.CancelledError as error:
            if _was_cancelled():
                raise
            # something that the work waited for was cancelled elsewhere: the screen would wait for ever
            self._write(Answer(number=order.number, refusal=_fault(error)))

    async def _answer(self, order: Order) -> None:
        handler, request = self._understood(order)
        if handler.streams is not None:
            async with aclosing(handler.streams(self._bench, request)) as parts:
                async for part in parts:
                    self._write(Answer(number=order.number, part=_body(part)))
            self._write(Answer(number=order.number, ended=True))
        elif handler.answers is not None:
            reply = await handler.answers(self._bench, request)
            self._write(Answer(number=order.number, reply=_body(reply)))

    def _understood(self, order: Order) -> tuple[Handler, Request]:
        """Return the handler of an order and the request in it.

        Raises:
            UnavailableError: nobody answers it, or it is no such request.

        """
        try:
            handler = next((one for one in self._find(_area(order)) if one.request.kind == order.kind), None)
            if handler is not None:
                return handler, handler.request.model_validate(order.body)
        except (LookupError, ValidationError):
            pass
        raise UnavailableError("The request was not understood.", remedy="Please report this.")

    def _write(self, answer: Answer) -> None:
        line = answer.model_dump_json(exclude_defaults=True).encode() + b"\n"
        if len(line) > LONGEST_LINE:
            raise InputError(TOO_LONG, remedy="Open a smaller one.")
        self._output.write(line)
        self._output.flush()


def run_host(
    make_bench: Callable[[], Bench], orders: BinaryIO, answers: BinaryIO, find: HandlersOf = handlers_of
) -> None:
    """Serve the orders that arrive on one pipe, and answer them on the other, until the first one ends."""
    asyncio.run(_serve(make_bench, orders, answers, find))


async def _serve(make_bench: Callable[[], Bench], orders: BinaryIO, answers: BinaryIO, find: HandlersOf) -> None:
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), orders)
    async with make_bench() as bench:
        await Host(bench, answers, find).serve(reader)


def _area(order: Order) -> str:
    return order.kind.partition(".")[0]


def _body(model: BaseModel) -> dict[str, object]:
    return model.model_dump(mode="json")


def _was_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _fault(error: BaseException) -> Refusal:
    """Return a sentence that names the kind and place of a fault in this program, and no value."""
    return Refusal(
        message=f"OpenMed met a fault of its own ({fault_words(error)}).",
        remedy="Your session is kept. Please report this line.",
    )
