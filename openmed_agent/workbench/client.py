"""The screen's side: starts the working process when it is first needed, asks it, and starts it again after a fault.

Nothing heavy runs in the screen's own process, so a key is always answered at once, however long a gate, a store or an
engine takes. The process ends with this one, because its input closes.
"""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from openmed_agent.errors import OpenMedError, UnavailableError
from openmed_agent.workbench.wire import LONGEST_LINE, Answer, Order, Request, error_of

Reply = TypeVar("Reply", bound=BaseModel)

_STOP_SECONDS: Final = 5.0
PROGRAM: Final = (sys.executable, "-m", "openmed_agent.workbench")
"""The command of the working process; what follows are its arguments."""

_Lines = asyncio.Queue["Answer | None"]


class Workbench:
    """The process that works for a screen, started by ``command``. One event loop owns it."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)
        self._process: asyncio.subprocess.Process | None = None
        self._starting = asyncio.Lock()
        self._reader: asyncio.Task[None] | None = None
        self._waiting: dict[int, _Lines] = {}
        self._number = 0

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.returncode is None

    async def ask(self, request: Request, reply: type[Reply]) -> Reply:
        """Return the answer to a request.

        Raises:
            OpenMedError: it was refused; the kind of error is the one that was raised there.
            UnavailableError: the working process ended, or answered with what is no such reply.

        """
        number, lines = await self._send(request)
        try:
            answer = await lines.get()
        finally:
            await self._forget(number)
        if answer is None:
            raise _ended()
        if answer.refusal is not None:
            raise error_of(answer.refusal)
        return _read(reply, answer.reply)

    async def follow(self, request: Request, part: type[Reply]) -> AsyncGenerator[Reply, None]:
        """Yield the parts of a stream; closing the generator ends the work on the other side.

        Raises:
            OpenMedError, UnavailableError: as for ``ask``.

        """
        number, lines = await self._send(request)
        try:
            while True:
                answer = await lines.get()
                if answer is None:
                    raise _ended()
                if answer.refusal is not None:
                    raise error_of(answer.refusal)
                if answer.ended:
                    return
                yield _read(part, answer.part)
        finally:
            await self._forget(number)

    async def start(self) -> None:
        """Start the process before it is needed.

        Raises:
            UnavailableError: the system does not let it start.

        """
        async with self._starting:
            if self.running:
                return
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *self._command,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.DEVNULL,
                    limit=LONGEST_LINE,
                    start_new_session=True,  # the terminal's signals are the screen's
                    env=os.environ.copy(),
                )
            except OSError:
                raise UnavailableError(
                    "The working process cannot be started.", remedy="Check the memory and process limits."
                ) from None
            self._reader = asyncio.create_task(self._read_answers(self._process))

    async def close(self) -> None:
        """End the process and wait for it; a turn that runs in it ends as interrupted."""
        process, reader = self._process, self._reader
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if reader is not None:
            await reader
        self._process = None

    async def _send(self, request: Request) -> tuple[int, _Lines]:
        await self.start()
        self._number += 1
        number, lines = self._number, _Lines()
        self._waiting[number] = lines
        await self._write(Order(number=number, kind=request.kind, body=request.model_dump(mode="json")))
        return number, lines

    async def _write(self, order: Order) -> None:
        process = self._process
        if process is None or process.stdin is None:
            raise _ended()
        try:
            process.stdin.write(order.model_dump_json().encode() + b"\n")
            await process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise _ended() from None

    async def _forget(self, number: int) -> None:
        if self._waiting.pop(number, None) is not None and self.running:
            with suppress(UnavailableError):
                await self._write(Order(number=number, cancel=True))

    async def _read_answers(self, process: asyncio.subprocess.Process) -> None:
        stream = process.stdout
        try:
            while stream is not None and (line := await stream.readline()):
                answer = Answer.model_validate_json(line)
                lines = self._waiting.get(answer.number)
                if lines is None:
                    continue
                if answer.part is None:
                    del self._waiting[answer.number]
                lines.put_nowait(answer)
        except (ValidationError, ValueError):
            with suppress(ProcessLookupError):
                process.kill()
        finally:
            await process.wait()
            waiting, self._waiting = self._waiting, {}
            for lines in waiting.values():
                lines.put_nowait(None)


def _read(model: type[Reply], body: dict[str, Any] | None) -> Reply:
    try:
        return model.model_validate(body)
    except ValidationError:
        raise UnavailableError("The working process answered something else than was asked for.") from None


def _ended() -> OpenMedError:
    return UnavailableError(
        "The working process ended unexpectedly. What was acknowledged is kept.", remedy="Try again: it starts anew."
    )
