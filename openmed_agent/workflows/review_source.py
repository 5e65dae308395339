"""What a chart says around a piece of evidence: a few whole lines, numbered, with the evidence marked."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from openmed_agent.text.sources import SourceDocument
from openmed_agent.text.spans import Span
from openmed_agent.text.terminal import terminal_safe
from openmed_agent.workflows.draft import EvidenceSpan

OPENING: Final = "⟦"
CLOSING: Final = "⟧"
_LONGEST_CONTEXT: Final = 160  # code points beside a mark, or of a line without one
_LONGEST_MARK: Final = 2000
_MOST_LINES: Final = 60
_TAB: Final = "    "


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a line, safe for a terminal; ``marked`` where it is evidence."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line by its number from 1; number 0 stands for lines that were left out."""

    number: int
    pieces: tuple[Piece, ...]

    @property
    def marked(self) -> bool:
        """Whether evidence stands in the line."""
        return any(piece.marked for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of one document that follow each other."""

    name: str
    lines: tuple[SourceLine, ...]
    last_line: int

    @property
    def first_mark(self) -> int:
        """The number of the first line with evidence."""
        return next((line.number for line in self.lines if line.marked), self.lines[0].number)


class SourceLines:
    """The lines of one document. Only a newline ends one, so numbers agree with those of an editor."""

    def __init__(self, source: SourceDocument) -> None:
        self.name = source.name
        self._text = source.text
        self._starts = [0, *accumulate(len(line) + 1 for line in source.text.split("\n"))][:-1]

    def __len__(self) -> int:
        """Return how many lines there are; a newline at the very end does not begin another one."""
        return len(self._starts) - (self._text.endswith("\n") and len(self._starts) > 1)

    def number(self, offset: int) -> int:
        """Return the number of the line that holds the code point ``offset``."""
        return bisect_right(self._starts, offset)

    def excerpts(self, spans: Iterable[Span], *, context: int) -> tuple[Excerpt, ...]:
        """Return the lines around the spans in the order of the text; those that touch are one excerpt."""
        marks = _joined(spans)
        ranges: list[list[int]] = []
        for mark in marks:
            first = max(1, self.number(mark.start) - context)
            last = min(len(self), self.number(mark.end - 1) + context)
            if ranges and first <= ranges[-1][1] + 1:
                ranges[-1][1] = max(ranges[-1][1], last)
            else:
                ranges.append([first, last])
        return tuple(self._excerpt(first, max(first, last), marks) for first, last in ranges)

    def _excerpt(self, first: int, last: int, marks: Sequence[Span]) -> Excerpt:
        numbers = list(range(first, last + 1))
        if len(numbers) > _MOST_LINES:
            half = _MOST_LINES // 2
            numbers = [*numbers[:half], 0, *numbers[-half:]]
        return Excerpt(self.name, tuple(self._line(number, marks) for number in numbers), len(self))

    def _line(self, number: int, marks: Sequence[Span]) -> SourceLine:
        if number == 0:
            return SourceLine(0, (Piece("…", marked=False),))
        start = self._starts[number - 1]
        end = self._starts[number] - 1 if number < len(self._starts) else len(self._text)
        if self._text.endswith("\r", start, end):
            end -= 1
        pieces: list[Piece] = []
        position = start
        for mark in marks:
            if mark.end <= start or mark.start >= end:
                continue
            opening, closing = max(mark.start, start), min(mark.end, end)
            if position < opening:
                pieces.append(_context(self._text[position:opening], left=bool(pieces), right=True))
            pieces.append(_mark(self._text[opening:closing]))
            position = closing
        if position < end:
            pieces.append(_context(self._text[position:end], left=bool(pieces), right=False))
        return SourceLine(number, tuple(pieces))


def lines_of(sources: Iterable[SourceDocument]) -> Mapping[str, SourceLines]:
    """Return the lines of each document by its digest."""
    return {source.digest: SourceLines(source) for source in sources}


def evidence_excerpts(
    evidence: Iterable[EvidenceSpan], sources: Mapping[str, SourceLines], *, context: int
) -> tuple[Excerpt, ...]:
    """Return what stands around pieces of evidence, document by document in the order of the evidence."""
    spans: dict[str, list[Span]] = {}
    for one in evidence:
        spans.setdefault(one.source, []).append(Span(one.start, one.end))
    return tuple(
        excerpt for digest, found in spans.items() for excerpt in sources[digest].excerpts(found, context=context)
    )


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the spans in order, those that overlap or touch as one."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)


def _mark(text: str) -> Piece:
    if len(text) <= _LONGEST_MARK:
        return Piece(_safe(text), marked=True)
    half = _LONGEST_MARK // 2
    left_out = len(text) - 2 * half
    return Piece(f"{_safe(text[:half])} … {left_out} more characters … {_safe(text[-half:])}", marked=True)


def _context(text: str, *, left: bool, right: bool) -> Piece:
    """Return text beside marks; ``left`` and ``right`` say on which of its sides a mark stands."""
    if len(text) <= 2 * _LONGEST_CONTEXT:
        return Piece(_safe(text), marked=False)
    head = f"{_safe(text[:_LONGEST_CONTEXT])} …" if left or not right else "…"
    tail = f" {_safe(text[-_LONGEST_CONTEXT:])}" if right else ""
    return Piece(f"{head}{tail}", marked=False)


def _safe(text: str) -> str:
    """Return text of a chart for one line; brackets like ours in it cannot pass for marks."""
    plain = terminal_safe(text.replace("\t", _TAB), single_line=True)
    return plain.replace(OPENING, "‹U+27E6›").replace(CLOSING, "‹U+27E7›")
