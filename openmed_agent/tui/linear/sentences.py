"""Cuts streamed text into pieces that can be read aloud: lines, and sentences of long lines."""

import re
from typing import Final

_SHORTEST: Final = 60
"""A piece has at least this many characters, so that ``Dr.`` and ``p.o.`` end none."""
_LONGEST: Final = 400
_END: Final = re.compile(r"[.!?…][\"')\]]?\s")


class SentenceFlow:
    """Collects pieces of text and gives back what is complete."""

    def __init__(self) -> None:
        self._open = ""

    def feed(self, text: str) -> list[str]:
        """Return the lines and sentences that ``text`` completes, without the blanks around them."""
        *lines, self._open = (self._open + text).split("\n")
        complete = [piece for line in lines for piece in _sentences(line)]
        while (place := _cut(self._open)) is not None:
            complete.append(self._open[:place].strip())
            self._open = self._open[place:].lstrip()
        return [piece for piece in complete if piece]

    def rest(self) -> list[str]:
        """Return what is left, and forget it."""
        left, self._open = self._open, ""
        return [piece for piece in _sentences(left) if piece]


def _sentences(line: str) -> list[str]:
    pieces = []
    while (place := _cut(line)) is not None:
        pieces.append(line[:place].strip())
        line = line[place:].lstrip()
    return [*pieces, line.strip()]


def _cut(line: str) -> int | None:
    """Return where the first sentence of a line ends, None while nothing says so."""
    if len(line) < _SHORTEST:
        return None
    if (end := _END.search(line, _SHORTEST - 2, _LONGEST)) is not None:
        return end.end()
    if len(line) < _LONGEST:
        return None
    blank = line.rfind(" ", 0, _LONGEST)
    return blank + 1 if blank > 0 else _LONGEST
