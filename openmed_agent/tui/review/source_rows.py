"""A source document in rows of a terminal: wrapped once for a width, with places of the text marked when drawn.

A row is a range of code points of the source, so marking a place never changes how the text is wrapped: room for the
brackets around it is kept free in every row.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import accumulate
from typing import Final

from rich.cells import cell_len

from openmed_agent.text.terminal import terminal_safe
from openmed_agent.workbench.requests.reviews import EvidencePlace, SourceLine, SourceView

OPENING: Final = "⟦"
CLOSING: Final = "⟧"
_BRACKETS: Final = 2  # cells that both take in a row
_NARROWEST: Final = 12
_TAB: Final = "    "


class Look(Enum):
    """How a piece of a row is drawn."""

    TEXT = auto()
    EVIDENCE = auto()
    OTHER = auto()
    """Evidence of the same item that is not the piece being looked at."""
    BRACKET = auto()


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a row, safe for a terminal."""

    text: str
    look: Look


@dataclass(frozen=True, slots=True)
class Row:
    """Code points ``[start, end)`` of the source in line ``line`` (from 0); ``first`` where the line begins."""

    line: int
    start: int
    end: int
    indent: int
    first: bool


class SourceRows:
    """The rows of one source for a width in cells, line numbers not counted."""

    def __init__(self, source: SourceView, width: int) -> None:
        self.source = source
        self.number_width = len(str(len(source.lines)))
        self._text = source.text
        room = max(_NARROWEST, width - _BRACKETS)
        self._rows = [
            row for number, line in enumerate(source.lines) for row in _wrapped(self._text, number, line, room)
        ]
        self._starts = [row.start for row in self._rows]

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self._rows)

    def __getitem__(self, number: int) -> Row:
        """Return a row."""
        return self._rows[number]

    def row_of(self, offset: int) -> int:
        """Return the number of the row in which a code point stands, or the one before it between two rows."""
        return max(0, bisect_right(self._starts, offset) - 1)

    def rows_of(self, place: EvidencePlace) -> tuple[int, int]:
        """Return the first and last row that show a place."""
        return self.row_of(place.start), self.row_of(place.end - 1)

    def shows(self, number: int, place: EvidencePlace) -> bool:
        """Return whether a row shows part of a place."""
        row = self._rows[number]
        return place.source == self.source.digest and row.start < place.end and place.start < row.end

    def line_of(self, place: EvidencePlace) -> int:
        """Return the number of the line, from 1, in which a place begins."""
        return self._rows[self.row_of(place.start)].line + 1 if self._rows else 0

    def pieces(self, number: int, current: EvidencePlace | None, others: Sequence[EvidencePlace]) -> Iterator[Piece]:
        """Yield the row's pieces: ``current`` between brackets, ``others`` marked in a quieter way."""
        row = self._rows[number]
        first, last = self.rows_of(current) if current is not None else (-1, -1)
        position = row.start
        for start, end, look in _cut(row, current, others):
            if position < start:
                yield Piece(shown_piece(self._text[position:start]), Look.TEXT)
            if look is Look.EVIDENCE and number == first:
                yield Piece(OPENING, Look.BRACKET)
            yield Piece(shown_piece(self._text[start:end]), look)
            if look is Look.EVIDENCE and number == last:
                yield Piece(CLOSING, Look.BRACKET)
            position = end
        if position < row.end:
            yield Piece(shown_piece(self._text[position : row.end]), Look.TEXT)


def shown_piece(text: str) -> str:
    """Return text of a chart for part of one row; brackets like ours in it cannot pass for marks."""
    plain = terminal_safe(text.replace("\t", _TAB), single_line=True)
    return plain.replace(OPENING, "‹U+27E6›").replace(CLOSING, "‹U+27E7›")


def _cut(row: Row, current: EvidencePlace | None, others: Sequence[EvidencePlace]) -> list[tuple[int, int, Look]]:
    """Return the marked ranges of a row in order, none overlapping; the current place goes before others."""
    found: list[tuple[int, int, Look]] = []
    if current is not None and current.start < row.end and row.start < current.end:
        found.append((max(current.start, row.start), min(current.end, row.end), Look.EVIDENCE))
    for other in others:
        start, end = max(other.start, row.start), min(other.end, row.end)
        if start < end and all(end <= taken[0] or taken[1] <= start for taken in found):
            found.append((start, end, Look.OTHER))
    return sorted(found, key=lambda one: one[0])


def _wrapped(text: str, number: int, line: SourceLine, width: int) -> Iterator[Row]:
    """Yield the rows of a line: broken after a blank where there is one, else anywhere."""
    indent = min(line.indent, width // 2)
    room = width - indent
    piece = text[line.start : line.end]
    plain = piece.isascii() and piece.isprintable()  # each code point takes one cell
    if plain and len(piece) <= room:
        yield Row(number, line.start, line.end, indent, first=True)
        return
    # Cells up to and with each code point.
    ends = range(1, len(piece) + 1) if plain else list(accumulate(_cells(character) for character in piece))
    start = used = 0
    while start < len(piece):
        end = bisect_right(ends, used + room, start)
        if end < len(piece):
            blank = piece.rfind(" ", start, end + 1)
            end = blank + 1 if blank > start else max(end, start + 1)
        yield Row(number, line.start + start, line.start + end, indent, first=start == 0)
        start, used = end, ends[end - 1]


def _cells(character: str) -> int:
    if " " <= character <= "~":
        return 1
    return cell_len(shown_piece(character))
