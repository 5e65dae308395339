"""Cuts Chinese text into words: of all ways, the one whose words are longest (the greatest sum of squared lengths).

A term is so never read across the border of a longer word. Letters and digits in a row are cut only where a word of the
lexicon is exactly there. Time is linear in the length of the text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from openmed_agent.planes.inference.entities.chinese.lexicon import (
    TERMS,
    ChineseLexicon,
    WordKind,
    chinese_lexicon,
    folded,
)

_PREFERENCE: Final = 0.5  # of a term or a cue over an ordinary word of the same length
_LONGEST_RUN: Final = 2_000
_MARKS: Final = "\n。，;,"


@dataclass(frozen=True, slots=True)
class Word:
    """A word where it stands, its form in half width and lower case, and its kind; none where no list holds it."""

    start: int
    end: int
    form: str
    kind: WordKind | None


def words_of(text: str) -> tuple[Word, ...]:
    """Return the words of ``text`` in order; blanks are left out, punctuation is a word."""
    plain = folded(text)
    return tuple(word for start, end in _runs(plain) for word in _run(plain, start, end))


def _runs(plain: str) -> Iterator[tuple[int, int]]:
    """Yield stretches that end where no word goes on: behind a mark, or in want of one, somewhere."""
    start = 0
    while start < len(plain):
        end = min(len(plain), start + _LONGEST_RUN)
        if end < len(plain):
            end = max((plain.rfind(mark, start, end) + 1 for mark in _MARKS), default=0) or end
        yield start, end
        start = end


def _run(plain: str, start: int, end: int) -> Iterator[Word]:
    lexicon = chinese_lexicon()
    size = end - start
    best = [0.0] * (size + 1)
    step = [1] * (size + 1)
    for at in range(size - 1, -1, -1):
        best[at] = 1.0 + best[at + 1]
        for length, worth in _words_from(plain, start + at, end, lexicon):
            if worth + best[at + length] > best[at]:
                best[at], step[at] = worth + best[at + length], length
    at = 0
    while at < size:
        form = plain[start + at : start + at + step[at]]
        if not form.isspace():
            yield Word(start + at, start + at + len(form), form, lexicon.kinds.get(form))
        at += step[at]


def _words_from(plain: str, place: int, end: int, lexicon: ChineseLexicon) -> Iterator[tuple[int, float]]:
    """Yield the lengths of the words that begin at ``place``, and what each is worth."""
    lengths = lexicon.lengths.get(plain[place : place + 2])
    if lengths is None or not _is_border(plain, place):
        return
    for length in lengths:
        kind = lexicon.kinds.get(plain[place : place + length]) if place + length <= end else None
        if kind is not None and _is_border(plain, place + length):
            yield length, length * length + (0.0 if kind is WordKind.WORD else _PREFERENCE)


def _is_border(plain: str, place: int) -> bool:
    """Return whether a word may begin or end here: not inside letters, nor inside digits."""
    if not 0 < place < len(plain):
        return True
    before, after = plain[place - 1], plain[place]
    return not (before.isascii() and after.isascii() and before.isalnum() and after.isalnum())


def is_term(word: Word) -> bool:
    """Return whether the word is a disease, a symptom or a drug."""
    return word.kind in TERMS
