"""The words of a text in a Latin script."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from openmed_agent.planes.inference.pii.languages.spelling import folded

_WORD: Final = re.compile(r"([^\W\d_][\u0300-\u036f]?(?:-?[^\W\d_][\u0300-\u036f]?){0,60})")
_LINE: Final = re.compile(r"[\r\n]")
_LEAD: Final = 6
_BEGINNING: Final = re.compile(r"(?:(?<![^\r\n])|[.!?:;])[\s\"'(\[«„*•-]{0,5}\Z")
_JOINTS: Final = frozenset({" ", "  ", "\t", ". ", ".", "-", "'", "’", " '", " ’"})


class Form(NamedTuple):
    """What is true of a word wherever it stands."""

    text: str
    key: str
    capital: bool
    upper: bool
    initial: bool


class Word(NamedTuple):
    """One word: half-open span, as written, and folded."""

    start: int
    end: int
    text: str
    key: str
    capital: bool
    """Whether it begins with a capital letter."""
    upper: bool
    """Whether it is all capitals and longer than an initial."""
    initial: bool
    """Whether it is one capital letter."""


def words_in(text: str) -> list[Word]:
    """Return the words of the text in order."""
    pieces = _WORD.split(text)
    words = []
    end = 0
    for gap, word in zip(pieces[::2], pieces[1::2], strict=False):  # a gap, a word, and so on, and the last gap
        start = end + len(gap)
        end = start + len(word)
        words.append(Word(start, end, *_form(word)))
    return words


@lru_cache(maxsize=1 << 15)
def _form(word: str) -> Form:
    upper = word.isupper()
    return Form(word, folded(word), word[0].isupper(), upper and len(word) > 1, upper and len(word) == 1)


def joined(text: str, left: Word, right: Word) -> bool:
    """Say whether two neighbouring words can be parts of one name: a space between them, or an initial's full stop."""
    gap = text[left.end : right.start]
    if gap in {". ", "."}:
        return left.initial or len(left.text) <= len("Jr") or (left.upper is False and len(left.text) <= len("med"))
    return gap in _JOINTS and not _LINE.search(gap)


def begins_sentence(text: str, word: Word) -> bool:
    """Say whether the word begins the text, a line, a list item or a sentence."""
    return _BEGINNING.search(text, max(0, word.start - _LEAD), word.start) is not None
