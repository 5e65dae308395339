"""Spaces the requests to one public service, across all processes of this user.

A small file beside the cache holds the time of the next free slot. Whoever wants to send takes that slot, moves it on
by the service's interval and waits for its own.
"""

import asyncio
import time
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from openmed_agent.errors import LimitReachedError, UnavailableError
from openmed_agent.planes.transport import Deadline

# A slot further ahead than this was written under another clock, or by a service that asks for the absurd.
LONGEST_HOLD_SECONDS: Final = 3600.0
_LOCK_SECONDS: Final = 5.0


class Pace:
    """Slots of one service, kept in ``folder``."""

    def __init__(self, folder: Path, name: str, *, interval_seconds: float) -> None:
        self._file = folder / f"{name}.next"
        self._name = name
        self._interval = interval_seconds

    async def turn(self, deadline: Deadline) -> None:
        """Wait until a request may be sent.

        Raises:
            LimitReachedError: the service's limit leaves no slot before ``deadline``.
            UnavailableError: the slots cannot be kept, so no limit could be either.

        """
        wait = await asyncio.to_thread(self._take, deadline.remaining)
        await asyncio.sleep(wait)

    async def hold(self, seconds: float) -> None:
        """Let no request start for ``seconds``, because the service asked for it."""
        await asyncio.to_thread(self._postpone, min(seconds, LONGEST_HOLD_SECONDS))

    def _take(self, longest: float) -> float:
        with self._locked():
            now = time.time()
            slot = max(now, self._next(now))
            if slot - now > longest:
                raise LimitReachedError(
                    f"{self._name} takes no further request for {slot - now:.0f} seconds.", remedy="Try again then."
                )
            self._keep(slot + self._interval)
        return slot - now

    def _postpone(self, seconds: float) -> None:
        with self._locked():
            now = time.time()
            self._keep(max(self._next(now), now + seconds))

    def _locked(self) -> FileLock:
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(self._file.with_suffix(".lock"), timeout=_LOCK_SECONDS, mode=0o600, thread_local=False)
            lock.acquire()
        except (OSError, Timeout):
            raise self._unkept() from None
        return lock

    def _next(self, now: float) -> float:
        try:
            moment = float(self._file.read_text(encoding="ascii"))
        except FileNotFoundError:
            return now
        except ValueError:  # a write that was cut off
            return now
        except OSError:
            raise self._unkept() from None
        return moment if moment - now <= LONGEST_HOLD_SECONDS else now

    def _keep(self, moment: float) -> None:
        try:
            self._file.write_text(repr(moment), encoding="ascii")
        except OSError:
            raise self._unkept() from None

    def _unkept(self) -> UnavailableError:
        return UnavailableError(
            f"{self._file.parent} cannot be written, so the limits of {self._name} cannot be kept.",
            remedy="Check its permissions and the space on the disk.",
        )
