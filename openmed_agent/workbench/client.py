"""The screen's side: starts the working process when it is first needed, asks it, and starts it again after a fault.

Nothing heavy runs in the screen's own process, so a key is always answered at once, however long a gate, a store or an
engine takes. The process ends with this one, because its input closes.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:  # loaded with the first request, so that the first prompt waits for none of it
    from pydantic import BaseModel

    from openmed_agent.workbench.link import Link, Waiting
    from openmed_agent.workbench.wire import Request

Reply = TypeVar("Reply", bound="BaseModel")

PROGRAM: Final = (sys.executable, "-m", "openmed_agent.workbench")
"""The command of the working process; what follows are its arguments."""


class Workbench:
    """The process that works for a screen, started by ``command``. One event loop owns it."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)
        self._link: Link | None = None
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

    async def ask(self, request: "Request", reply: type[Reply]) -> Reply:
        """Return the answer to a request.

        Raises:
            OpenMedError: it was refused; the kind of error is the one that was raised there.
            InputError: it is too large to be sent.
            UnavailableError: the working process ended, or answered with what is no such reply.

        """
        from openmed_agent.workbench.link import read_reply

        async with await self._waiting_for(request) as answers:
            return read_reply(reply, (await answers.take()).reply)

    async def follow(self, request: "Request", part: type[Reply]) -> AsyncGenerator[Reply, None]:
        """Yield the parts of a stream; closing the generator ends the work on the other side.

        Raises:
            OpenMedError, InputError, UnavailableError: as for ``ask``.

        """
        from openmed_agent.workbench.link import read_reply

        async with await self._waiting_for(request) as answers:
            while not (answer := await answers.take()).ended:
                yield read_reply(part, answer.part)

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

    async def _waiting_for(self, request: "Request") -> "Waiting":
        from openmed_agent.workbench.link import Waiting

        link = await self._linked()
        self._number += 1
        return Waiting(link, self._number, request)

    async def _linked(self) -> "Link":
        from openmed_agent.workbench.link import start_link

        async with self._starting:
            if self._link is None or not self._link.running:
                self._link = await start_link(self._command)
                self._runs += 1
            return self._link
