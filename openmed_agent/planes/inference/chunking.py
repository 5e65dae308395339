"""Cuts a long text into pieces that a service can take, and keeps every offset exact.

Analysis uses windows that overlap, each owning a stretch of its own: an entity belongs to the window that owns its
first character, and is seen whole there as long as it is no longer than the overlap. De-identification uses pieces
that do not overlap and never cut through a given span. Offsets are code points of the whole text.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from openmed_agent.text.spans import Span, trimmed

CHUNK_SIZE: Final = 8_000
OVERLAP: Final = 400

_SEARCHED: Final = 1_500
_PARAGRAPH = re.compile(r"\n[ \t\r]*\n\s*")
_LINE = re.compile(r"\n")
_SENTENCE = re.compile(r"[.!?。！？]['\")\]]{0,2}\s+")
_BLANK = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Window:
    """What is sent (``span``, without blanks at its ends) and which first characters of entities it owns."""

    span: Span
    owns_from: int
    owns_until: int

    def owns(self, start: int) -> bool:
        """Return whether an entity that starts at ``start`` in the whole text belongs to this window."""
        return self.owns_from <= start < self.owns_until


def windows(text: str, *, size: int = CHUNK_SIZE, overlap: int = OVERLAP) -> tuple[Window, ...]:
    """Return windows of at most ``size`` code points that cover all of ``text`` but its blanks.

    Raises:
        ValueError: the overlap leaves no room to advance.

    """
    if size <= 3 * overlap:
        raise ValueError("a window must be more than three overlaps long")
    if len(text) <= size:
        span = trimmed(text, 0, len(text))
        return (Window(span, 0, len(text)),) if span else ()
    borders = [0, *_cuts(text, size - 2 * overlap, ()), len(text)]
    made: list[Window] = []
    for start, end in pairwise(borders):
        span = trimmed(text, _back(text, start, overlap), _forward(text, end, overlap))
        if span and text[start:end].strip():
            made.append(Window(span, start, end))
    return tuple(made)


def pieces(text: str, *, size: int = CHUNK_SIZE, uncut: Iterable[Span] = ()) -> tuple[Span, ...]:
    """Return spans that partition ``text``, each at most ``size`` long unless one of ``uncut`` is longer."""
    if not text:
        return ()
    borders = [0, *_cuts(text, size, _merged(uncut)), len(text)]
    return tuple(Span(start, end) for start, end in pairwise(borders))


def _cuts(text: str, size: int, uncut: Sequence[Span]) -> list[int]:
    cuts: list[int] = []
    start = 0
    while len(text) - start > size:
        start = _cut(text, start, start + size, uncut)
        if start >= len(text):
            break
        cuts.append(start)
    return cuts


def _cut(text: str, start: int, limit: int, uncut: Sequence[Span]) -> int:
    """Return the best place to cut in ``(start, limit]``: after a paragraph, a line, a sentence, a word."""
    low = max(start + 1, limit - _SEARCHED)
    for boundary in (_PARAGRAPH, _LINE, _SENTENCE, _BLANK):
        ends = [match.end() for match in boundary.finditer(text, low, limit)]
        for end in reversed(ends):
            if _crossed(end, uncut) is None:
                return end
    crossed = _crossed(limit, uncut)
    if crossed is None:
        return limit
    return crossed.start if crossed.start > start else crossed.end


def _crossed(cut: int, uncut: Sequence[Span]) -> Span | None:
    """Return the span that ``cut`` would cut in two; ``uncut`` is sorted and without overlap."""
    index = bisect_right(uncut, cut - 1, key=lambda span: span.start) - 1
    if index >= 0 and uncut[index].start < cut < uncut[index].end:
        return uncut[index]
    return None


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def _back(text: str, start: int, overlap: int) -> int:
    """Return where a window starts whose own stretch starts at ``start``: after a blank, if there is one."""
    if start == 0:
        return 0
    low = max(0, start - overlap)
    blank = _BLANK.search(text, low, start)
    return blank.end() if blank else low


def _forward(text: str, end: int, overlap: int) -> int:
    """Return where a window ends whose own stretch ends at ``end``: before a blank, if there is one."""
    high = min(len(text), end + overlap)
    if high == len(text):
        return high
    for index in range(high, end, -1):
        if text[index].isspace():
            return index
    return high
