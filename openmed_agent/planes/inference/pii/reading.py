"""The text as detectors read it: invisible characters gone, look-alike punctuation folded.

A zero-width space inside a telephone number must not hide it, so detectors run over a reading of the text and
their spans are mapped back to code points of the original.
"""

import re
from array import array
from dataclasses import dataclass
from typing import Final

_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]"
)
_MAYBE_SPACED: Final = re.compile(r" \S {1,2}\S {1,2}\S ")
_SPACED: Final = re.compile(r"(?<!\S)(?:\S {1,2}){4,400}\S(?!\S)")
_FEWEST_LETTERS: Final = 5
_FEWEST_DIGITS: Final = 6
_FOLDED: Final = {
    chr(code): folded
    for codes, folded in (
        ((0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " "),
        ((*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63), "-"),
        ((0x2018, 0x2019, 0x02BC, 0x02B9, 0x2032), "'"),
        ((0x2028, 0x2029, 0x85), "\n"),
        *(((code,), chr(code - 0xFEE0)) for code in range(0xFF01, 0xFF5F)),
    )
    for code in codes
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A text to search, and the way back to the original's offsets."""

    text: str
    _origins: "array[int] | None"

    @property
    def is_original(self) -> bool:
        """Whether offsets in the reading are those of the original."""
        return self._origins is None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where a half-open, non-empty span of the reading lies in the original text."""
        if self._origins is None:
            return start, end
        return self._origins[start], self._origins[end - 1] + 1


def read(text: str) -> Reading:
    """Return the text without invisible characters and with plain spaces, hyphens, quotes and full-width forms.

    Letters and digits that a scanner tore apart ("J o h n  S m i t h") are put together again.
    """
    folded = text
    for character in () if text.isascii() else _FOLDED.keys() & set(text):
        folded = folded.replace(character, _FOLDED[character])
    dropped = [match.start() for match in _INVISIBLE.finditer(folded)]
    for match in _SPACED.finditer(folded) if _MAYBE_SPACED.search(folded) else ():
        if _spelled_out(match.group()):
            dropped += [place for place in range(*match.span()) if folded[place] == " " and folded[place - 1] != " "]
    if not dropped:
        return Reading(folded, None)
    kept = array("I")
    parts: list[str] = []
    position = 0
    for place in sorted(set(dropped)):
        parts.append(folded[position:place])
        kept.extend(range(position, place))
        position = place + 1
    parts.append(folded[position:])
    kept.extend(range(position, len(folded)))
    return Reading("".join(parts), kept)


def _spelled_out(run: str) -> bool:
    """Say whether single characters between spaces are words or a number that a scanner tore apart."""
    digits = sum(character.isdigit() for character in run)
    letters = sum(character.isalpha() for character in run)
    return (letters >= _FEWEST_LETTERS and letters > digits) or (
        digits >= _FEWEST_DIGITS and ("-" in run or "/" in run)
    )
