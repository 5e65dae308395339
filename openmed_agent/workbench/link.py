"""One run of the working process: its pipes, and who waits for its answers."""

import asyncio
import os
from contextlib import suppress
from typing import Any, Final, Self, TypeVar

from pydantic import BaseModel, ValidationError

from openmed_agent.errors import InputError, OpenMedError, UnavailableError
from openmed_agent.workbench.wire import LONGEST_LINE, TOO_LONG, Answer, Order, Request, error_of

Reply = TypeVar("Reply", bound=BaseModel)

_STOP_SECONDS: Final = 5.0

_Lines = asyncio.Queue["Answer | None"]


class Link:
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


class Waiting:
    """The answers to one request, which is sent on entering and ended, if it still runs, on leaving."""

    def __init__(self, link: Link, number: int, request: Request) -> None:
        self._link = link
        self._number = number
        self._request = request
        self._lines = link.expect(number)

    async def __aenter__(self) -> Self:
        """Send the request."""
        body = self._request.model_dump(mode="json")
        try:
            await self._link.send(Order(number=self._number, kind=self._request.kind, body=body))
        except BaseException:
            await self._link.forget(self._number)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """End what still runs for it."""
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


async def start_link(command: tuple[str, ...]) -> Link:
    """Start the process.

    Raises:
        UnavailableError: the system does not let it start.

    """
    try:
        process = await asyncio.create_subprocess_exec(
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
    return Link(process)


def read_reply(model: type[Reply], body: dict[str, Any] | None) -> Reply:
    """Return what was answered as the model that was asked for.

    Raises:
        UnavailableError: it is none.

    """
    try:
        return model.model_validate(body)
    except ValidationError:
        raise UnavailableError("The working process answered something else than was asked for.") from None


def _ended() -> OpenMedError:
    return UnavailableError(
        "The working process ended unexpectedly. What was acknowledged is kept.", remedy="Try again: it starts anew."
    )
