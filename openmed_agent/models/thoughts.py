"""Tells reasoning from answer where a server leaves ``<think>`` in the text that it streams."""

from collections.abc import Iterator
from typing import Final, Literal

_OPEN: Final = "<think>"
_CLOSE: Final = "</think>"

Part = tuple[Literal["text", "reasoning"], str]


class ThoughtSplitter:
    """Splits the text of one answer; only a ``<think>`` at its very start opens a thought."""

    def __init__(self) -> None:
        self._state: Literal["start", "thought", "text"] = "start"
        self._held = ""

    def feed(self, piece: str) -> Iterator[Part]:
        """Yield what is certain by now."""
        self._held += piece
        if self._state == "start":
            self._decide()
        if self._state == "thought":
            yield from self._thought()
        if self._state == "text" and self._held:
            text, self._held = self._held, ""
            yield "text", text

    def close(self) -> Iterator[Part]:
        """Yield what was held back; nothing more will come."""
        if self._held:
            text, self._held = self._held, ""
            yield ("reasoning" if self._state == "thought" else "text"), text

    def _decide(self) -> None:
        begun = self._held.lstrip()
        if begun.startswith(_OPEN):
            self._state, self._held = "thought", begun.removeprefix(_OPEN)
        elif not _OPEN.startswith(begun):
            self._state = "text"

    def _thought(self) -> Iterator[Part]:
        thought, closed, rest = self._held.partition(_CLOSE)
        if closed:
            self._state, self._held = "text", rest.lstrip("\n")
        else:
            kept = _overlap(thought)
            thought, self._held = thought[: len(thought) - kept], thought[len(thought) - kept :]
        if thought:
            yield "reasoning", thought


def _overlap(text: str) -> int:
    """Return how many of the last characters of ``text`` could begin the closing tag."""
    return next((size for size in range(len(_CLOSE) - 1, 0, -1) if text.endswith(_CLOSE[:size])), 0)
