"""A strict reader of what a program writes to a terminal (ECMA-48): every byte belongs to a text or to one sequence."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TEXT = re.compile("[^\x00-\x1f\x7f-\x9f]+")
_CSI = re.compile("\x1b\\[(?P<prefix>[<=>?]?)(?P<values>[0-9:;]*)(?P<middle>[ -/]*)(?P<final>[@-~])")
_STRING = re.compile("\x1b(?P<kind>[]P_^X])(?P<body>[^\x00-\x06\x08-\x1f\x7f-\x9f]*)(?:\x07|\x1b\\\\)")
_ESCAPE = re.compile("\x1b(?P<middle>[ -/]*)(?P<final>[0-OQ-WYZ\\\\`-~])")
_COLOURS = {"2": 4, "5": 2}
"""How many values of 38 and 48 belong together, by the kind of colour."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A text, or one sequence: ``kind`` is what it does, without the values that vary from one to the next."""

    kind: str
    content: str


def read_pieces(written: bytes) -> Iterator[Piece]:
    """Yield what was written, piece by piece; a byte that is part of none is an AssertionError."""
    text = written.decode("utf-8")  # strict: what is no UTF-8 is nothing that we write
    at = 0
    while at < len(text):
        if (found := _TEXT.match(text, at)) is not None:
            yield Piece("text", found[0])
        elif (found := _CSI.match(text, at)) is not None:
            yield from (Piece(kind, found[0]) for kind in _csi_kinds(found))
        elif (found := _STRING.match(text, at)) is not None:
            number = found["body"].partition(";")[0]
            yield Piece(f"string {found['kind']} {number}", found[0])
        elif (found := _ESCAPE.match(text, at)) is not None:
            yield Piece(f"escape {found['middle']}{found['final']}", found[0])
        elif text[at] != "\x1b" and (text[at] < " " or "\x7f" <= text[at] <= "\x9f"):
            yield Piece(f"control {ord(text[at]):02x}", text[at])
            at += 1
            continue
        else:
            raise AssertionError(f"no sequence: {text[at : at + 60]!r} after {text[max(0, at - 60) : at]!r}")
        at = found.end()


def _csi_kinds(found: re.Match[str]) -> Iterator[str]:
    """Yield the kinds of a control sequence: of SGR each attribute, of a mode its number, of others the final byte."""
    prefix, values, middle, final = found.group("prefix", "values", "middle", "final")
    if final == "m" and not prefix and not middle:
        yield from (f"style {code}" for code in _styles(values.replace(":", ";").split(";")))
    elif final in "hlp":
        yield from (f"csi {prefix}{one}{middle}{final}" for one in values.split(";"))
    else:
        yield f"csi {prefix}{middle}{final}"


def _styles(values: list[str]) -> Iterator[str]:
    while values:
        code = values.pop(0) or "0"
        if code in {"38", "48"}:
            del values[: _COLOURS[values[0]]]
        yield code
