"""One process of the screen for each browser window, and the packets that it speaks.

A packet is ``D`` (what a terminal would carry) or ``M`` (a JSON object), its length in four bytes, and its content.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Final

from openmed_agent.tui.paste_guard import PasteGuard

_READY: Final = b"__GANGLION__\n"
_LARGEST_PACKET: Final = 64 << 20
_STOP_SECONDS: Final = 6.0
_WITHHELD: Final = ("NO_COLOR",)
"""Is about the terminal that the server was started in, not about a browser."""


class Viewer:
    """The screen of one browser window."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._pastes = PasteGuard()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def output(self) -> AsyncIterator[bytes]:
        """Yield what goes to the terminal in the browser, until the screen ends."""
        stream = self._process.stdout
        if stream is None:
            return
        with suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionResetError):
            await stream.readuntil(_READY)
            while True:
                kind, length = await stream.readexactly(1), int.from_bytes(await stream.readexactly(4), "big")
                if length > _LARGEST_PACKET:
                    return
                content = await stream.readexactly(length)
                if kind == b"D":
                    yield content
                elif kind == b"M" and json.loads(content).get("type") == "exit":
                    return

    async def type(self, text: str) -> None:
        """Hand on what was typed."""
        if safe := self._pastes.feed(text):
            await self._send(b"D", safe.encode(errors="replace"))

    async def tell(self, kind: str, **facts: int) -> None:
        """Tell of a change: ``resize`` with ``width`` and ``height``, ``focus`` or ``blur``."""
        await self._send(b"M", json.dumps({"type": kind, **facts}).encode())

    async def stop(self) -> None:
        """Ask the screen to end, end it by force where it does not, and wait for it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                await self.tell("quit")
                if self._process.stdin is not None:
                    self._process.stdin.close()
                await self._drained()
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def _drained(self) -> None:
        """Wait for the end, reading on, so that a full pipe does not hold it up."""
        if self._process.stdout is not None:
            while await self._process.stdout.read(1 << 16):
                pass
        await self._process.wait()

    async def _send(self, kind: bytes, content: bytes) -> None:
        stdin = self._process.stdin
        if stdin is None or stdin.is_closing():
            return
        with suppress(BrokenPipeError, ConnectionResetError):
            stdin.write(kind + len(content).to_bytes(4, "big") + content)
            await stdin.drain()


async def open_viewer(command: Sequence[str], *, width: int, height: int) -> Viewer:
    """Start a screen of a size in cells by its command.

    Raises:
        OSError: the system does not let it start.

    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=1 << 20,
        start_new_session=True,  # Ctrl+C is the server's, which ends the screens in order
        env=_variables(width, height),
    )
    return Viewer(process)


def _variables(width: int, height: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _WITHHELD}
    return {
        **kept,
        "TEXTUAL_DRIVER": "openmed_agent.tui.web.driver:ViewerDriver",
        "TEXTUAL_COLOR_SYSTEM": "truecolor",
        "TERM": "xterm-256color",
        "TERM_PROGRAM": "textual",
        "COLUMNS": str(width),
        "ROWS": str(height),
    }
