"""Tables in plain text: rows of cells between pipes, tabs or wide blanks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from openmed_agent.text.spans import Span, trimmed

MOST_CELLS: Final = 40
_RULE: Final = re.compile(r"[\s|:+=-]+")
_WIDE: Final = re.compile(r" {2,}")


@dataclass(frozen=True, slots=True)
class Table:
    """Consecutive rows that are divided alike; a cell is None where it is empty."""

    rows: tuple[tuple[Span | None, ...], ...]
    span: Span


def find_tables(text: str) -> Iterator[Table]:
    """Yield the tables of a text that have at least two rows of at least two cells, in order."""
    rows: list[tuple[Span | None, ...]] = []
    start, mark, first = 0, "", 0
    for line in text.splitlines(keepends=True):
        written = line.rstrip()
        found = _divider(written)
        if not written or found != mark:
            yield from _table(rows, first, start)
            rows, mark, first = [], found, start
        if found and not _RULE.fullmatch(written):
            rows.append(_cells(text, written, start, found))
        start += len(line)
    yield from _table(rows, first, start)


def _table(rows: list[tuple[Span | None, ...]], first: int, end: int) -> Iterator[Table]:
    if len(rows) > 1:
        yield Table(tuple(rows), Span(first, end))


def _divider(line: str) -> str:
    inner = line.strip()
    for mark in ("|", "\t"):
        if mark in inner:
            return mark
    return " " if _WIDE.search(inner) else ""


def _cells(text: str, line: str, start: int, mark: str) -> tuple[Span | None, ...]:
    lead = len(line) - len(line.lstrip())
    low = lead
    if mark == "|" and line[low : low + 1] == "|":
        low += 1
    cuts = _WIDE.finditer(line, low) if mark == " " else re.finditer(re.escape(mark), line[:])
    cells: list[Span | None] = []
    for cut in cuts:
        if cut.start() < low:
            continue
        cells.append(trimmed(text, start + low, start + cut.start()) if cut.start() > low else None)
        low = cut.end()
        if len(cells) > MOST_CELLS:
            return tuple(cells)
    if low < len(line):
        cells.append(trimmed(text, start + low, start + len(line)))
    return tuple(cells)
