"""The screen's side: starts the working process when it is first needed, asks it, and starts it again after a fault.

Nothing heavy runs in the screen's own process, so a key is always answered at once, however long a gate, a store or an
engine takes. The process ends with this one, because its input closes.
"""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from typing import Any, Final, Self, TypeVar

from pydantic import BaseModel, ValidationError

from openmed_agent.errors import InputError, OpenMedError, UnavailableError
from openmed_agent.workbench.wire import LONGEST_LINE, TOO_LONG, Answer, Order, Request, error_of

Reply = TypeVar("Reply", bound=BaseModel)

_STOP_SECONDS: Final = 5.0
PROGRAM: Final = (sys.executable, "-m", "openmed_agent.workbench")
"""The command of the working process; what follows are its arguments."""

_Lines = asyncio.Queue["Answer | None"]


class Workbench:
    """The process that works for a screen, started by ``command``. One event loop owns it."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)
        self._link: _Link | None = None
        self._starting = asyncio.Lock()
        self._number = 0
        self._runs = 0

    @property
    def runs(self) -> int:
        """How often the process was started: with each start it has forgotten what was open."""
        return self._runs

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._link is not None and self._link.running

    async def ask(self, request: Request, reply: type[Reply]) -> Reply:
        """Return the answer to a request.

        Raises:
            OpenMedError: it was refused; the kind of error is the one that was raised there.
            InputError: it is too large to be sent.
            UnavailableError: the working process ended, or answered with what is no such reply.

        """
        async with await self._waiting_for(request) as answers:
            return _read(reply, (await answers.take()).reply)

    async def follow(self, request: Request, part: type[Reply]) -> AsyncGenerator[Reply, None]:
        """Yield the parts of a stream; closing the generator ends the work on the other side.

        Raises:
            OpenMedError, InputError, UnavailableError: as for ``ask``.

        """
        async with await self._waiting_for(request) as answers:
            while not (answer := await answers.take()).ended:
                yield _read(part, answer.part)

    async def start(self) -> None:
        """Start the process before it is needed.

        Raises:
            UnavailableError: the system does not let it start.

        """
        await self._linked()

    async def close(self) -> None:
        """End the process and wait for it; a turn that runs in it ends as interrupted."""
        async with self._starting:
            link, self._link = self._link, None
        if link is not None:
            await link.close()

    async def _waiting_for(self, request: Request) -> "_Waiting":
        link = await self._linked()
        self._number += 1
        return _Waiting(link, self._number, request)

    async def _linked(self) -> "_Link":
        async with self._starting:
            if self._link is None or not self._link.running:
                self._link = _Link(await _start(self._command))
                self._runs += 1
            return self._link


class _Link:
    """One run of the working process, and who waits for its answers. A new run has a new one, so none gets mixed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._waiting: dict[int, _Lines] = {}
        self._reader = asyncio.create_task(self._read_answers())

    @property
    def running(self) -> bool:
        """Whether it still reads and answers."""
        return self._process.returncode is None and not self._reader.done()

    def expect(self, number: int) -> _Lines:
        """Return where the answers with a number will arrive; None there says that the process has ended."""
        lines = self._waiting[number] = _Lines()
        return lines

    async def send(self, order: Order) -> None:
        """Send an order.

        Raises:
            InputError: it is too large.
            UnavailableError: the process has ended.

        """
        line = order.model_dump_json().encode() + b"\n"
        if len(line) > LONGEST_LINE:
            raise InputError(TOO_LONG, remedy="Use a smaller one.")
        stdin = self._process.stdin
        if stdin is None or self._reader.done():
            raise _ended()
        try:
            stdin.write(line)
            await stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise _ended() from None

    async def forget(self, number: int) -> None:
        """Wait for a number no more; what is still done for it is ended."""
        if self._waiting.pop(number, None) is not None and self.running:
            with suppress(UnavailableError):
                await self.send(Order(number=number, cancel=True))

    async def close(self) -> None:
        """End the process by closing its input, by force where it does not end, and wait for it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
        except TimeoutError:
            self._kill()
        await self._reader

    async def _read_answers(self) -> None:
        stream = self._process.stdout
        try:
            while stream is not None and (line := await stream.readline()):
                self._hand_on(Answer.model_validate_json(line))
        except ValueError:  # no answer, or one longer than any is: what comes after cannot be trusted either
            self._kill()
        finally:
            await self._process.wait()
            waiting, self._waiting = self._waiting, {}
            for lines in waiting.values():
                lines.put_nowait(None)

    def _hand_on(self, answer: Answer) -> None:
        lines = self._waiting.get(answer.number)
        if lines is None:
            return
        if answer.part is None:
            del self._waiting[answer.number]
        lines.put_nowait(answer)

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()


class _Waiting:
    """The answers to one request, which is sent on entering and ended, if it still runs, on leaving."""

    def __init__(self, link: _Link, number: int, request: Request) -> None:
        self._link = link
        self._number = number
        self._request = request
        self._lines = link.expect(number)

    async def __aenter__(self) -> Self:
        body = self._request.model_dump(mode="json")
        try:
            await self._link.send(Order(number=self._number, kind=self._request.kind, body=body))
        except BaseException:
            await self._link.forget(self._number)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._link.forget(self._number)

    async def take(self) -> Answer:
        """Return the next answer.

        Raises:
            OpenMedError: it is a refusal.
            UnavailableError: the process has ended.

        """
        answer = await self._lines.get()
        if answer is None:
            raise _ended()
        if answer.refusal is not None:
            raise error_of(answer.refusal)
        return answer


async def _start(command: tuple[str, ...]) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            *command,
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


def _read(model: type[Reply], body: dict[str, Any] | None) -> Reply:
    try:
        return model.model_validate(body)
    except ValidationError:
        raise UnavailableError("The working process answered something else than was asked for.") from None


def _ended() -> OpenMedError:
    return UnavailableError(
        "The working process ended unexpectedly. What was acknowledged is kept.", remedy="Try again: it starts anew."
    )
