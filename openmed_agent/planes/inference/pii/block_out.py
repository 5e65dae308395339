"""Block-out redaction: one block for each cell that a character takes on a terminal or a typewriter."""

import unicodedata
from typing import Final

_BLOCK: Final = "█"
_LINE_BREAKS: Final = frozenset("\n\r\v\f\x85\u2028\u2029")
_NO_CELL: Final = frozenset({"Mn", "Me", "Cf", "Cc"})
_CONJOINING_JAMO: Final = range(0x1160, 0x1200)  # vowels and finals that join the consonant before them
_ONE_CELL: Final = frozenset("\t\xad")  # the soft hyphen is a format character that terminals show


def blocks(text: str) -> str:
    """Return a text of blocks as wide as the given one, with its line breaks.

    Wide characters (East Asian Width W or F, UAX #11) take two cells, combining and invisible ones none, and a
    tab one. What takes no cell at all still leaves a block, since something stood there.
    """
    written = "".join(character if character in _LINE_BREAKS else _BLOCK * _cells(character) for character in text)
    return written or _BLOCK


def _cells(character: str) -> int:
    if character in _ONE_CELL:
        return 1
    if unicodedata.category(character) in _NO_CELL or ord(character) in _CONJOINING_JAMO:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
