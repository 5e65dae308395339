"""Breaks pieces of a text into rows of a width, each row in pieces that keep their marks.

Pure and made for a thread: a note of a megabyte takes a moment, and the screen must not wait for it. Everything here
is linear in the text.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from openmed_agent.text.terminal import cell_width, terminal_safe
from openmed_agent.workbench.requests.privacy import Piece

Mark = Literal["", "found", "label"]
_WORDS: Final = re.compile(r"\n|[^\s]+|[^\S\n]+")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one row; ``mark`` says whether it is an identifier, or the word for its kind."""

    text: str
    mark: Mark = ""


TextRow = tuple[Run, ...]


def text_rows(pieces: Iterable[Piece], width: int, *, labelled: bool) -> tuple[TextRow, ...]:
    """Return the rows; with ``labelled`` the word for its kind stands behind each identifier."""
    rows: list[TextRow] = []
    row: list[Run] = []
    left = width
    for word, mark in _words(pieces, labelled=labelled):
        if word == "\n":
            rows.append(tuple(row))
            row, left = [], width
            continue
        for part in _broken(word, left, width):
            size = _width(part)
            if size > left:
                rows.append(tuple(row))
                row, left = [], width
                if part.isspace():
                    continue  # blanks at which a line is broken are not seen
            if row and row[-1].mark == mark:
                row[-1] = Run(row[-1].text + part, mark)
            else:
                row.append(Run(part, mark))
            left -= size
    rows.append(tuple(row))
    return tuple(rows)


def label_words(label: str) -> str:
    """Return a label in words: ``first name``."""
    return label.replace("_", " ").lower()


def _words(pieces: Iterable[Piece], *, labelled: bool) -> Iterator[tuple[str, Mark]]:
    for piece in pieces:
        mark: Mark = "found" if piece.label else ""
        safe = terminal_safe(piece.text).replace("\t", "    ")
        for match in _WORDS.finditer(safe):
            yield match.group(), mark
        if labelled and piece.label:
            yield f"⟨{terminal_safe(label_words(piece.label), single_line=True)}⟩", "label"


def _broken(word: str, left: int, width: int) -> Iterator[str]:
    """Yield a word, or where it is wider than a row its parts, the first of which fills what is ``left``."""
    if len(word) <= width and _width(word) <= width:
        yield word
        return
    part, room = "", left or width
    for character in word:
        size = _width(character)
        if size > room and part:
            yield part
            part, room = "", width
        part += character
        room -= size
    yield part


def _width(text: str) -> int:
    return len(text) if text.isascii() else cell_width(text)
