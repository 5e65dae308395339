"""Several processes that serve one plane on one socket, for ``openmed serve --workers``.

Each is the child process of an embedded plane, given the socket that listens already. They take key and token through
a pipe and end when it closes, so however this process dies, none stays behind.
"""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

from openmed_agent.errors import UnavailableError
from openmed_agent.planes.messages import ChildOrder
from openmed_agent.planes.server import GRACE_SECONDS

_RESTARTS_A_WORKER: Final = 3
_LOOK_SECONDS: Final = 0.2
_MARGIN_SECONDS: Final = 3.0


class _Stopping(Protocol):
    def wait(self, timeout: float) -> bool: ...


class Workers:
    """``count`` processes; one that dies is started again, a few times."""

    def __init__(self, plane: str, order: ChildOrder, listener: socket.socket, *, count: int) -> None:
        self._plane = plane
        self._listener = listener
        self._order = order.model_copy(update={"listener": listener.fileno()})
        self._count = count
        self._running: list[subprocess.Popen[bytes]] = []

    def run(self, stopping: _Stopping, notice: Callable[[str], None]) -> None:
        """Serve until ``stopping`` is set, then let every process finish its requests.

        Raises:
            UnavailableError: the processes die again and again.

        """
        restarts = 0
        try:
            self._running = [self._start() for _ in range(self._count)]
            while not stopping.wait(_LOOK_SECONDS):
                for place, process in enumerate(self._running):
                    if process.poll() is None:
                        continue
                    restarts += 1
                    if restarts > _RESTARTS_A_WORKER * self._count:
                        raise UnavailableError(
                            f"The processes that serve {self._plane} stopped {restarts} times.",
                            remedy="Run 'openmed doctor', and report this if it persists.",
                        )
                    notice(f"A process that serves {self._plane} stopped and was started again.")
                    self._running[place] = self._start()
        finally:
            self._stop()

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603 - this interpreter, our own module
            [sys.executable, "-P", "-m", "openmed_agent.planes.child", self._plane],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # a crash would print text of the chart it was reading
            pass_fds=(self._listener.fileno(),),
            start_new_session=os.name == "posix",  # Ctrl+C is for this process; the pipe tells the others
        )
        assert process.stdin is not None  # noqa: S101 - asked for as a pipe
        with suppress(BrokenPipeError):  # it died at once; the next look sees that
            process.stdin.write(self._order.model_dump_json().encode() + b"\n")
            process.stdin.flush()
        return process

    def _stop(self) -> None:
        """Close every pipe, wait for the processes within the grace, and kill the rest."""
        for process in self._running:
            assert process.stdin is not None  # noqa: S101 - asked for as a pipe
            with suppress(BrokenPipeError):
                process.stdin.close()
        deadline = threading.Timer(GRACE_SECONDS + _MARGIN_SECONDS, self._kill)
        deadline.daemon = True
        deadline.start()
        for process in self._running:
            process.wait()
        deadline.cancel()

    def _kill(self) -> None:
        for process in self._running:
            process.kill()
