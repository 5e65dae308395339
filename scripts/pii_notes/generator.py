"""Generates synthetic clinical notes with marked identifiers, from the templates in this folder.

Nothing here belongs to a person: names are drawn from lists of the Census Bureau (package `names`) and of Faker, or
are made of syllables. One name, city or organisation in five, by a checksum of its letters, is held out: training
never sees it, reports see nothing else.
"""

import random
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pii_notes.people import People, Places
from pii_notes.values import Values

FOLDER = Path(__file__).parent
_SLOT = re.compile(r"\{(\*?[A-Za-z0-9]+)\}")
_DEEPEST = 3
_HANDS = {"as it is": 77, "capitals": 10, "small letters": 10, "torn": 3}


@dataclass(frozen=True, slots=True)
class Note:
    """A text, and its identifiers as (start, end, type) in code points."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    layout: str


def lines(name: str) -> list[str]:
    """Return the lines of a template file without comments."""
    return [line for line in (FOLDER / name).read_text("utf-8").splitlines() if line and not line.startswith("#")]


def blocks(name: str) -> list[tuple[str, str]]:
    """Return (title, body) of each layout in a template file."""
    text = "\n".join(lines_with_blanks(name))
    parts = re.split(r"(?m)^=== (.*)\n", text)[1:]
    return [(title, body.rstrip("\n")) for title, body in zip(parts[::2], parts[1::2], strict=True)]


def lines_with_blanks(name: str) -> list[str]:
    """Return the lines of a template file without comments, blank ones kept."""
    return [line for line in (FOLDER / name).read_text("utf-8").splitlines() if not line.startswith("#")]


class Generator:
    """Fills templates; the same seed gives the same notes."""

    def __init__(self, seed: int, *, held_out: bool) -> None:
        self._random = random.Random(seed)  # noqa: S311 - reproducible, not secret

        def chosen(value: str) -> bool:
            return (zlib.crc32(value.lower().encode()) % 5 == 0) == held_out

        people = People(self._random, chosen)
        places = Places(self._random, chosen, people)
        self._values = Values(self._random, people, places)
        self._prose, self._clean = lines("sentences.txt"), lines("clean.txt")

    def training(self, count: int) -> list[Note]:
        """Return notes of the training layouts: sentences, queries and whole documents."""
        queries, layouts = lines("queries.txt"), blocks("layouts.txt")
        makers: Sequence[tuple[Callable[[], Note], int]] = (
            (lambda: self._note("query", self._random.choice(queries)), 5),
            (lambda: self._note("sentence", self._random.choice(self._prose)), 4),
            (lambda: self._note("clean", self._random.choice(self._clean)), 3),
            (lambda: self._layout(layouts), 8),
        )
        chosen = self._random.choices([m for m, _ in makers], weights=[w for _, w in makers], k=count)
        return [self._varied(make()) for make in chosen]

    def held_out_queries(self, count: int, *, clean: bool) -> list[Note]:
        """Return queries of the held-out styles, all with identifiers or all without."""
        every = lines("held_out_queries.txt")
        border = every.index("%clean")
        templates = every[border + 1 :] if clean else every[:border]
        return [self._note("held-out query", self._random.choice(templates)) for _ in range(count)]

    def held_out_notes(self, count: int) -> list[Note]:
        """Return documents of the held-out layouts, each layout equally often."""
        layouts = blocks("held_out_layouts.txt")
        return [self._note(*layouts[index % len(layouts)]) for index in range(count)]

    def _layout(self, layouts: list[tuple[str, str]]) -> Note:
        return self._note(*self._random.choice(layouts))

    def _note(self, title: str, template: str) -> Note:
        text, spans = "", []
        for number, line in enumerate(template.split("\n")):
            shouted = line.startswith("^")
            piece, found = self._fill(line.removeprefix("^"), 0)
            if shouted:
                piece = piece.upper() if len(piece.upper()) == len(piece) else piece
            offset = len(text) + (number > 0)
            spans += [(start + offset, end + offset, kind) for start, end, kind in found]
            text += ("\n" if number else "") + piece
        return Note(text, tuple(spans), title)

    def _fill(self, template: str, depth: int) -> tuple[str, list[tuple[int, int, str]]]:
        text, spans = "", []
        position = 0
        for match in _SLOT.finditer(template):
            text += template[position : match.start()]
            position = match.end()
            slot = match[1]
            if slot.startswith("*") and depth < _DEEPEST:
                piece, found = self._fill(self._sentence(slot), depth + 1)
                if slot == "*low":
                    piece = piece.lower() if len(piece.lower()) == len(piece) else piece
                spans += [(start + len(text), end + len(text), kind) for start, end, kind in found]
                text += piece
                continue
            for value, kind in self._values.pieces(slot):
                if kind is not None:
                    spans.append((len(text), len(text) + len(value), kind))
                text += value
        return text + template[position:], spans

    def _sentence(self, slot: str) -> str:
        pools = self._prose, self._clean
        pool = self._clean if slot == "*clean" else self._random.choices(pools, (2, 1))[0]
        return self._random.choice(pool)

    def _varied(self, note: Note) -> Note:
        """Return the note as written by another hand: all capitals, no capitals, or torn apart by a scanner."""
        match self._random.choices(list(_HANDS), list(_HANDS.values()))[0]:
            case "capitals":
                text = note.text.upper()
            case "small letters":
                text = note.text.lower()
            case "torn":
                return self._torn(note)
            case _:
                return note
        return Note(text, note.spans, note.layout) if len(text) == len(note.text) else note

    def _torn(self, note: Note) -> Note:
        """Return the note with spaces put in before marks and doubled between words."""
        text, origins = "", []
        for character in note.text:
            origins.append(len(text))
            text += (
                " " if character in ":,.;" or (character == " " and not self._random.randrange(3)) else ""
            ) + character
        starts = [o + (len(note.text) > i and note.text[i] in ":,.;") for i, o in enumerate(origins)]
        spans = tuple((starts[start], starts[end - 1] + 1, kind) for start, end, kind in note.spans)
        return Note(text, spans, note.layout)
