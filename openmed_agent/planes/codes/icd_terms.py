"""Abbreviations and everyday terms that clinicians write and the classification does not.

Our own table, ``data/icd10cm_terms.csv``: a ``phrase`` is put in place of the term inside a query, a ``code`` is
what the whole term means by the classification's own alphabetic default. An ambiguous term stands for its
commonest meaning, and only where it is the whole query.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

from openmed_agent.planes.codes.icd_build import read_terms
from openmed_agent.planes.codes.icd_words import query_words

_LONGEST_TERM: Final = 5
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """What a term stands for: words or a code."""

    value: str
    words: Key
    ambiguous: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A query with its terms put into the words of the classification."""

    words: Key
    expanded: bool
    ambiguous: bool


@cache
def _phrases() -> dict[Key, Term]:
    return _table("phrase")


@cache
def _codes() -> dict[Key, Term]:
    return _table("code")


def _table(kind: str) -> dict[Key, Term]:
    return {
        query_words(term): Term(value, query_words(value) if kind == "phrase" else (), ambiguous)
        for term, row_kind, value, ambiguous in read_terms()
        if row_kind == kind
    }


def term_vocabulary() -> frozenset[str]:
    """Return every word of the terms, so that a slip in one of them is found too."""
    return frozenset(word for key in (*_phrases(), *_codes()) for word in key)


def meant_code(words: Key) -> Term | None:
    """Return the code that the whole of a query stands for."""
    return _codes().get(words)


def readings(words: Key) -> tuple[Reading, ...]:
    """Return the query as it is and, where it holds known terms, with these expanded, the likelier first.

    What a term stands for may hold a term itself: "w exac" is put into words in two steps.
    """
    plain = Reading(words, expanded=False, ambiguous=False)
    reading = _replaced(plain, lambda key: _phrase(key, is_whole=key == words))
    reading = _replaced(reading, lambda key: _phrase(key, is_whole=False))
    return (plain,) if reading.words == words else (reading, plain)


def freer_readings(words: Key, title: Callable[[str], Key]) -> tuple[Reading, ...]:
    """Return the query with terms expanded that else count as a whole query only.

    A term that means a code is put into the words of its ``title``: "hfpef chronic". An ambiguous one has its
    commonest meaning: "colon ca".
    """

    def meant(key: Key) -> Term | None:
        phrase = _phrases().get(key)
        code = _codes().get(key)
        if phrase is not None or code is None or code.ambiguous or key == words:
            return phrase
        return Term(code.value, title(code.value), ambiguous=False)

    known = readings(words)[0]
    reading = _replaced(_replaced(Reading(words, expanded=False, ambiguous=False), meant), _phrases().get)
    return () if reading.words in {words, known.words} else (reading,)


def _phrase(key: Key, *, is_whole: bool) -> Term | None:
    term = _phrases().get(key)
    return term if term is not None and (is_whole or not term.ambiguous) else None


def _replaced(reading: Reading, meaning: Callable[[Key], Term | None]) -> Reading:
    """Return the reading with the longest terms that have a meaning in the place of their words."""
    words, said, position = reading.words, list[str](), 0
    ambiguous = reading.ambiguous
    while position < len(words):
        for length in range(min(_LONGEST_TERM, len(words) - position), 0, -1):
            term = meaning(words[position : position + length])
            if term is not None and term.words:
                said.extend(term.words)
                ambiguous = ambiguous or term.ambiguous
                position += length
                break
        else:
            said.append(words[position])
            position += 1
    other = tuple(dict.fromkeys(said))
    return reading if other == words else Reading(other, expanded=True, ambiguous=ambiguous)
