"""Tables in text: cells that only the heading of their column tells for an identifier (CSV, pipes, tabs)."""

import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.identifiers import heading_label, is_listed

SOURCE: Final = "column"

_MARKS: Final = "|;\t,"
_FEWEST_CELLS: Final = 3
_FEWEST_MARKS: Final = _FEWEST_CELLS - 1
_LONGEST_HEADING: Final = 32
_LONGEST_CELL: Final = 48
_OTHER_HEADINGS: Final = {
    "username": "username", "user name": "username", "login": "username", "user": "username", "password": "password",
    "zip": "zipcode", "zip code": "zipcode", "zipcode": "zipcode", "postcode": "zipcode", "post code": "zipcode",
    "postal code": "zipcode",
}  # fmt: skip
_VALUE: Final = re.compile(r"\d\W?\d|^[\s\"']*\d")
_WORDS: Final = re.compile(r"[_\s]+|(?<=[a-z])(?=[A-Z])")


def find(text: str, lowered: str) -> Iterator[PiiFinding]:  # noqa: ARG001 - every family is called alike
    """Yield the cells under headings that name identifiers, down to the first line with another number of cells."""
    labels: list[str | None] = []
    mark, position = "", 0
    for line in text.split("\n") if "\n" in text and _may_hold_table(text) else ():
        if labels and line.count(mark) + 1 == len(labels):
            yield from _cells(line, position, mark, labels)
        else:
            mark = next((m for m in _MARKS if line.count(m) + 1 >= _FEWEST_CELLS and _separates(m, line)), "")
            labels = _labels(line.split(mark)) if mark else []
        position += len(line) + 1


def _may_hold_table(text: str) -> bool:
    """Say whether a mark stands as often as in a line of headings, unlike in sentences, and a line of cells."""
    for mark in _MARKS:
        count = text.count(mark)
        if count >= _FEWEST_MARKS * 2 and (mark in "|\t" or count - text.count(mark + " ") >= _FEWEST_MARKS):
            return True
    return False


def _separates(mark: str, line: str) -> bool:
    """Say whether a mark stands between cells and not between the words of a sentence."""
    return mark in "|\t" or mark + " " not in line


def _labels(headings: list[str]) -> list[str | None]:
    """Return the label of each column, nothing at all where the line is no line of headings."""
    if any(len(heading) > _LONGEST_HEADING or _VALUE.search(heading) for heading in headings):
        return []
    labels = [_label(" ".join(_WORDS.split(heading.strip(" \"'*\r"))).lower()) for heading in headings]
    return labels if any(labels) else []


def _label(heading: str) -> str | None:
    return _OTHER_HEADINGS.get(heading) or heading_label(heading)


def _cells(line: str, position: int, mark: str, labels: list[str | None]) -> Iterator[PiiFinding]:
    for label, cell in zip(labels, line.split(mark), strict=True):
        value = cell.strip(" \"'*\r")
        if label is not None and len(value) <= _LONGEST_CELL and is_listed(label, value):
            start = position + cell.index(value)
            yield PiiFinding(start, start + len(value), label, 0.9, (SOURCE,))
        position += len(cell) + 1
