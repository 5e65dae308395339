"""What a person may do while a turn runs: steer it, queue what comes next, end it."""

import asyncio
from collections import deque


class TurnControl:
    """The intents of the person at the keyboard; a face calls it, the turn reads it. One event loop owns it."""

    def __init__(self) -> None:
        self._steering: deque[str] = deque()
        self._queued: deque[str] = deque()
        self._interrupted = asyncio.Event()

    def steer(self, text: str) -> None:
        """Let the model read ``text`` before its next answer of the running turn."""
        self._steering.append(text)

    def queue(self, text: str) -> None:
        """Make ``text`` a turn of its own, after this one."""
        self._queued.append(text)

    def interrupt(self) -> None:
        """End the running turn now."""
        self._interrupted.set()

    def take_steering(self) -> tuple[str, ...]:
        """Return and forget what was said since the last time."""
        texts = tuple(self._steering)
        self._steering.clear()
        return texts

    def take_queued(self) -> str | None:
        """Return and forget the next text that waits for a turn, or None."""
        return self._queued.popleft() if self._queued else None

    def begin(self) -> None:
        """Start a turn: an interrupt that came too late for the last one does not end this one."""
        self._interrupted.clear()

    async def interrupted(self) -> None:
        """Return when the person ends the turn."""
        await self._interrupted.wait()
