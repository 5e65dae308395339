"""Takes what happens in a turn, keeps what is to be kept, and hands it on in order."""

import asyncio
from typing import Final, TypeVar, cast

from openmed_agent.runtime.events import (
    Answered,
    BaseEvent,
    Compacted,
    Event,
    HandleGiven,
    ModeChanged,
    Notice,
    PermissionSettled,
    PlanChanged,
    RolledBack,
    Steered,
    ToolEnded,
    TurnEnded,
    TurnStarted,
)
from openmed_agent.runtime.session_log import EventLog

KEPT: Final = (
    TurnStarted,
    Steered,
    Answered,
    PermissionSettled,
    ToolEnded,
    PlanChanged,
    Compacted,
    RolledBack,
    ModeChanged,
    HandleGiven,
    Notice,
    TurnEnded,
)
"""The events that a log keeps; the others only pass by."""

Yielded = TypeVar("Yielded", bound=BaseEvent)


class EventStream:
    """Takes what happens, keeps what is to be kept, and hands it on in order."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()

    def emit(self, event: Yielded) -> Yielded:
        """Keep ``event`` where it is one to keep, then hand it on; returns it with its place."""
        kept = self._log.append(event) if isinstance(event, KEPT) else event
        self._queue.put_nowait(cast("Event", kept))
        return kept

    def discard(self) -> None:
        """Forget what nobody waits for any more: what happened between two turns."""
        while not self._queue.empty():
            self._queue.get_nowait()

    def close(self) -> None:
        """Say that nothing follows."""
        self._queue.put_nowait(None)

    def pass_on(self, event: Event) -> None:
        """Hand ``event`` on without keeping it."""
        self._queue.put_nowait(event)

    async def next(self) -> Event | None:
        """Return what happened next, or None where nothing follows."""
        return await self._queue.get()
