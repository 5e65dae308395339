"""Generates synthetic documents that are no clinical notes, with marked identifiers, from layouts in this folder.

Passports, forms, letters, invoices, logs, records in JSON and the like. Nothing here belongs to a person: names come
from where those of `pii_notes` come from. Two halves, which share no layout and no name: one to tune on, one held out.
"""

import random
import re
import zlib
from pathlib import Path

from pii_documents.values import Values
from pii_notes.generator import Note

_FOLDER = Path(__file__).parent
_SLOT = re.compile(r"\{([a-z]+\d?)\}")
_SHARES = {"held_out": 0, "tuning": 1}
"""Half -> the checksum modulo 5 of the names that it draws; `pii_notes` trains on 1 to 4 and reports on 0."""


def documents(half: str, seed: int, count: int) -> list[Note]:
    """Return `count` documents of each layout of a half; the same seed gives the same ones."""
    source = random.Random(seed)  # noqa: S311 - reproducible, not secret
    values = Values(source, lambda name: zlib.crc32(name.lower().encode()) % 5 == _SHARES[half])
    return [_filled(values, title, body) for title, body in _layouts(half) for _ in range(count)]


def _layouts(half: str) -> list[tuple[str, str]]:
    """Return (kind and title, body) of each layout of a half."""
    parts = re.split(r"(?m)^=== (.*)\n", (_FOLDER / f"{half}_layouts.txt").read_text("utf-8"))[1:]
    return [(title, body.rstrip("\n")) for title, body in zip(parts[::2], parts[1::2], strict=True)]


def _filled(values: Values, title: str, body: str) -> Note:
    values.forget()
    text, spans, position = "", [], 0
    for match in _SLOT.finditer(body):
        text += body[position : match.start()]
        position = match.end()
        for value, kind in values.pieces(match[1]):
            if kind is not None:
                spans.append((len(text), len(text) + len(value), kind))
            text += value
    return Note(text + body[position:], tuple(spans), title)
