"""Starts an embedded plane on demand, restarts it after a crash, and ends it.

A plane's language code never shares a process with the screen. The child is told its token through a pipe,
binds a port of its own on 127.0.0.1, and ends with this process because the pipe then closes.
"""

import asyncio
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import ValidationError

from openmed_agent.net.clients import DestinationKind
from openmed_agent.planes.messages import ChildOrder, ChildReport
from openmed_agent.planes.transport import Endpoint, PlaneError
from openmed_agent.text.terminal import terminal_safe

_RESTARTS: Final = 3
_SILENCE_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 4.0
_WITHHELD_VARIABLES: Final = ("OPENMED_INFERENCE_API_KEY", "OPENMED_MED_CODES_API_KEY", "OPENAI_API_KEY")


@dataclass(frozen=True, slots=True)
class Preparation:
    """How far a plane is with work it does once, such as building an index; ``total`` 0 means unknown."""

    plane: DestinationKind
    what: str
    done: int
    total: int


PlaneState = Literal["not started", "running", "failed", "ended"]


def _watch_nothing(_: "EmbeddedPlane") -> None:
    """Let a plane go unwatched."""


@dataclass(frozen=True, slots=True)
class PlaneWatcher:
    """Who is told while planes start: of preparations, and of notices such as a restart.

    ``opened`` is given each plane before it starts, to look at its ``state`` later.
    """

    prepared: Callable[[Preparation], None]
    notice: Callable[[str], None]
    opened: "Callable[[EmbeddedPlane], None]" = _watch_nothing


def silent_watcher() -> PlaneWatcher:
    """Return a watcher that tells nobody."""
    return PlaneWatcher(prepared=lambda _: None, notice=lambda _: None)


class EmbeddedPlane:
    """One plane in a child process; nothing runs until ``endpoint`` is first awaited."""

    def __init__(
        self,
        kind: DestinationKind,
        *,
        watcher: PlaneWatcher,
        index_folder: Path | None = None,
        surrogate_key: bytes | None = None,
    ) -> None:
        self.kind = kind
        self._watcher = watcher
        self._index_folder = index_folder
        self._surrogate_key = surrogate_key
        self._process: asyncio.subprocess.Process | None = None
        self._endpoint: Endpoint | None = None
        self._starts = 0
        self._closed = False
        self._lock = asyncio.Lock()
        watcher.opened(self)

    @property
    def state(self) -> PlaneState:
        """How the child is: not started yet, running, failed (it died, or did not start), or ended for good."""
        if self._closed:
            return "ended"
        if self._process is not None and self._process.returncode is None:
            return "running"
        return "failed" if self._starts else "not started"

    async def endpoint(self) -> Endpoint:
        """Return where the child answers, starting it, or starting it again when it has died.

        Raises:
            PlaneError: it does not start, has died too often, or was closed.

        """
        async with self._lock:
            if self._closed:
                raise PlaneError(
                    f"The embedded {self.kind} service was ended.", code="unreachable", remedy="Try again."
                )
            if self._process is not None and self._process.returncode is None and self._endpoint:
                return self._endpoint
            if self._starts > _RESTARTS:
                raise PlaneError(
                    f"The embedded {self.kind} service stopped {self._starts} times and stays down.",
                    code="unreachable",
                    remedy="Run 'openmed doctor', and report this if it persists.",
                )
            if self._starts:
                self._watcher.notice(f"The embedded {self.kind} service stopped and was started again.")
            self._starts += 1
            self._endpoint = await self._start()
            return self._endpoint

    async def close(self) -> None:
        """End the child for good: a call that still runs after another one failed starts it no more."""
        self._closed = True
        await self.stop()

    async def stop(self) -> None:
        """End the child and wait for it."""
        process, self._process, self._endpoint = self._process, None, None
        if process is None or process.returncode is not None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _start(self) -> Endpoint:
        token = secrets.token_urlsafe(32)
        folder = str(self._index_folder) if self._index_folder else None
        try:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "openmed_agent.planes.child", str(self.kind)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # a crash would print text of the chart it was reading
                env=_child_environment(os.environ),
                start_new_session=os.name == "posix",  # Ctrl+C is for the parent; the pipe tells the child
            )
            assert self._process.stdin is not None  # noqa: S101 - both were asked for as pipes
            surrogate_key = self._surrogate_key.hex() if self._surrogate_key else None
            order = ChildOrder(token=token, index_folder=folder, surrogate_key=surrogate_key)
            self._process.stdin.write(order.model_dump_json().encode() + b"\n")
            await self._process.stdin.drain()
        except OSError:
            raise self._failed("") from None
        try:
            port = await self._wait_until_ready(self._process)
        except BaseException:
            await self.stop()
            raise
        return Endpoint(origin=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}, embedded=True)

    async def _wait_until_ready(self, process: asyncio.subprocess.Process) -> int:
        assert process.stdout is not None  # noqa: S101 - it was asked for as a pipe
        while True:
            try:
                async with asyncio.timeout(_SILENCE_SECONDS):
                    line = await process.stdout.readline()
                report = ChildReport.model_validate_json(line)
            except (TimeoutError, ValidationError, ValueError):
                raise self._failed("") from None
            match report.state:
                case "ready":
                    return report.port
                case "failed":
                    raise self._failed(terminal_safe(report.what, single_line=True))
                case "preparing":
                    self._watcher.prepared(
                        Preparation(self.kind, what=report.what, done=report.done, total=report.total)
                    )

    def _failed(self, reason: str) -> PlaneError:
        return PlaneError(
            f"The embedded {self.kind} service does not start.{' ' + reason if reason else ''}",
            code="unreachable",
            remedy="Run 'openmed doctor'.",
        )


def _child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for a child: without credentials that it has no use for."""
    return {name: value for name, value in environment.items() if name not in _WITHHELD_VARIABLES}
