"""Which of some words a text holds, told from its bytes in the time that an expression takes to find two of them.

A text without the words that every match of an expression holds need not be searched for it.
"""

from typing import Final

from openmed_agent.planes.inference.pii.patterns import holds

_BYTES: Final = [chr(code) for code in range(256)]
_AS_WRITTEN: Final = "".join(letter if letter.isalpha() else " " for letter in _BYTES).encode("latin-1")
_SMALL: Final = _AS_WRITTEN.decode("latin-1").lower().encode("latin-1")
_SMALL_ELSEWHERE: Final = "\u017f\u0131\u0130\u212a"
"""Letters outside of Latin-1 that are s, i or k where an expression disregards the size of letters."""


def keys(words: str) -> frozenset[bytes]:
    """Return words of Latin-1 between spaces as the functions below want them."""
    return frozenset(words.encode("latin-1").split())


def words_shown(text: str, words: frozenset[bytes]) -> frozenset[bytes]:
    """Return those of the words, in small letters, that the text holds in letters of any size, no letter beside them.

    All of them for a text with a letter that only an expression takes for one of theirs: "ſtreet".
    """
    if not text.isascii() and holds(text, _SMALL_ELSEWHERE):
        return words
    return words.intersection(text.encode("latin-1", "replace").translate(_SMALL).split())


def words_as_written(text: str, words: frozenset[bytes]) -> frozenset[bytes]:
    """Return those of the words that the text holds in letters of the same size, no letter beside them."""
    return words.intersection(text.encode("latin-1", "replace").translate(_AS_WRITTEN).split())
