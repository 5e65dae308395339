"""Notices that nobody has been here for a time. Nothing ticks: one timer waits for the moment it could be due."""

import time
from collections.abc import Callable
from typing import Final

from textual.app import App
from textual.timer import Timer

_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def seconds_awake_or_asleep() -> float:
    """Return seconds of a clock that also counts while the machine sleeps, where the system has one."""
    return time.clock_gettime(_CLOCK)


class IdleWatch:
    """Calls ``due`` once after ``limit()`` seconds without input; 0 is never."""

    def __init__(
        self,
        app: App[int],
        *,
        limit: Callable[[], float],
        due: Callable[[], None],
        clock: Callable[[], float] = seconds_awake_or_asleep,
    ) -> None:
        self._app = app
        self._limit = limit
        self._due = due
        self._clock = clock
        self._last = clock()
        self._timer: Timer | None = None

    def begin(self) -> None:
        """Count from now."""
        self._last = self._clock()
        self._arm(self._limit())

    def note(self) -> bool:
        """Note that somebody is here; return False where that comes too late, as after the machine slept."""
        limit = self._limit()
        now = self._clock()
        late = limit > 0 and now - self._last >= limit
        if not late:
            self._last = now
        return not late

    def seconds(self) -> float:
        """Return how long nobody has typed or pointed."""
        return self._clock() - self._last

    def _arm(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if seconds > 0:
            self._timer = self._app.set_timer(seconds, self._look, name="idle")

    def _look(self) -> None:
        left = self._last + self._limit() - self._clock()
        if left > 0:
            self._arm(left)
        else:
            self._due()
