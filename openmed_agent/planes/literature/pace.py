"""Spaces the requests to one public service, across all processes of this user.

One request is under way at a time, and the next starts no sooner than the service's interval after the end of the last:
so the service never sees two of them closer together than that, however long each travels. A lock says whose turn it
is; a small file beside it holds the time of the next one.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from openmed_agent.errors import LimitReachedError, UnavailableError
from openmed_agent.planes.transport import Deadline

# A turn further ahead than this was written under another clock, or for a service that asks for the absurd.
LONGEST_HOLD_SECONDS: Final = 3600.0
_POLL_SECONDS: Final = 0.02


class Pace:
    """The turns of one service, kept in ``folder``."""

    def __init__(self, folder: Path, name: str, *, interval_seconds: float) -> None:
        self._folder = folder
        self._file = folder / f"{name}.next"
        self._name = name
        self._interval = interval_seconds

    @asynccontextmanager
    async def turn(self, deadline: Deadline) -> AsyncIterator[None]:
        """Wait until a request may be sent, and keep every other from starting until it has ended.

        Raises:
            LimitReachedError: the service's limit leaves no turn before ``deadline``.
            UnavailableError: the turns cannot be kept, so no limit could be either.

        """
        lock = self._lock()
        while not self._is_ours(lock):
            if deadline.remaining <= 0:
                raise LimitReachedError(f"Other requests to {self._name} are still under way.", remedy="Try again.")
            await asyncio.sleep(_POLL_SECONDS)
        try:
            wait = self._next() - time.time()
            if wait > deadline.remaining:
                raise LimitReachedError(
                    f"{self._name} takes no further request for {wait:.0f} seconds.", remedy="Try again then."
                )
            await asyncio.sleep(wait)
            self._keep(time.time() + self._interval)  # in case this process does not see the end
            try:
                yield
            finally:
                self._keep(max(self._next(), time.time() + self._interval))
        finally:
            lock.release()

    def hold(self, seconds: float) -> None:
        """Let no request start for ``seconds``, because the service asked for it during a turn."""
        self._keep(max(self._next(), time.time() + min(seconds, LONGEST_HOLD_SECONDS - 1)))

    def _lock(self) -> FileLock:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            raise self._unkept() from None
        return FileLock(self._file.with_suffix(".lock"), mode=0o600, thread_local=False)

    def _is_ours(self, lock: FileLock) -> bool:
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return False
        except OSError:
            raise self._unkept() from None
        return True

    def _next(self) -> float:
        now = time.time()
        try:
            moment = float(self._file.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):  # the first turn, or a write that was cut off
            return now
        except OSError:
            raise self._unkept() from None
        return moment if now < moment <= now + LONGEST_HOLD_SECONDS else now

    def _keep(self, moment: float) -> None:
        try:
            self._file.write_text(repr(moment), encoding="ascii")
        except OSError:
            raise self._unkept() from None

    def _unkept(self) -> UnavailableError:
        return UnavailableError(
            f"{self._folder} cannot be written, so the limits of {self._name} cannot be kept.",
            remedy="Check its permissions and the space on the disk.",
        )
