"""Abbreviations and everyday terms that clinicians write and the classification does not.

Our own table, ``data/icd10cm_terms.csv``: a ``phrase`` is put in place of the term inside a query, a ``code`` is
what the whole term means by the classification's own alphabetic default. An ambiguous term stands for its
commonest meaning, and only where it is the whole query.
"""

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
    """Return the query as it is and, where it holds known terms, with these expanded, the likelier first."""
    plain = Reading(words, expanded=False, ambiguous=False)
    expanded: list[str] = []
    ambiguous, position = False, 0
    while position < len(words):
        for length in range(min(_LONGEST_TERM, len(words) - position), 0, -1):
            key = words[position : position + length]
            term = _phrases().get(key)
            if term is not None and (not term.ambiguous or key == words):
                expanded.extend(term.words)
                ambiguous = ambiguous or term.ambiguous
                position += length
                break
        else:
            expanded.append(words[position])
            position += 1
    other = tuple(dict.fromkeys(expanded))
    return (plain,) if other == words else (Reading(other, expanded=True, ambiguous=ambiguous), plain)
