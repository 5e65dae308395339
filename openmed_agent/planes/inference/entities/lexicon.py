"""Term lists in normal form, loaded once and only when a model needs them.

``*.txt.gz`` are extracted by ``scripts/build_terms.py``; ``*.txt`` are the project's own.
"""

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from openmed_agent.planes.inference.entities.normal import normal_phrase, normal_word

_DATA: Final = files("openmed_agent.planes.inference.entities") / "data"


class Kind(StrEnum):
    """What a term list names."""

    DISEASE = "disease"
    ONCOLOGY = "oncology"
    DRUG = "drug"
    CHEMICAL = "chemical"
    GENE = "gene"
    ANATOMY = "anatomy"


class Writing(StrEnum):
    """How an abbreviation must be written to count."""

    ANY = "any"
    EXACT = "exact"
    GUARDED = "guarded"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Normal phrases to the list they came from, and for each first word the length of its longest phrase."""

    phrases: Mapping[str, str]
    longest: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A short form, what it names and how it must be written."""

    form: str
    kind: Kind
    writing: Writing


_LISTS: Final[Mapping[Kind, tuple[tuple[str, str], ...]]] = {
    Kind.DISEASE: (("diseases.txt.gz", "mesh"), ("oncology.txt.gz", "mesh"), ("problems.txt", "clinical")),
    Kind.ONCOLOGY: (("oncology.txt.gz", "mesh"),),
    Kind.DRUG: (
        ("drugs.txt.gz", "drug_names"),
        ("drug_classes.txt", "clinical"),
        ("medications.txt", "clinical"),
    ),
    Kind.CHEMICAL: (
        ("chemicals.txt.gz", "mesh"),
        ("drugs.txt.gz", "drug_names"),
        ("medications.txt", "clinical"),
        ("chemicals.txt", "clinical"),
    ),
    Kind.GENE: (("genes.txt.gz", "mesh"),),
    Kind.ANATOMY: (("anatomy.txt", "clinical"),),
}


def word_set(words: str) -> frozenset[str]:
    """Return the words of a text that lists them with blanks between."""
    return frozenset(words.split())


@cache
def lexicon(kind: Kind) -> Lexicon:
    """Return the phrases of one kind; a later list of a kind wins over an earlier one."""
    phrases: dict[str, str] = {}
    for name, source in _LISTS[kind]:
        phrases.update(dict.fromkeys(_terms(name), source))
    if kind is Kind.CHEMICAL:  # a class of drugs is no substance
        for phrase in set(_terms("drug_classes.txt")) - set(_terms("chemicals.txt")):
            phrases.pop(phrase, None)
    longest: dict[str, int] = {}
    for phrase in phrases:
        first, words = phrase.split(" ", 1)[0], phrase.count(" ") + 1
        if words > longest.get(first, 0):
            longest[first] = words
    return Lexicon(phrases, longest)


@cache
def abbreviations() -> Mapping[str, tuple[Abbreviation, ...]]:
    """Return the abbreviations under their normal phrase."""
    table: dict[str, tuple[Abbreviation, ...]] = {}
    for line in _lines("abbreviations.txt"):
        form, kind, writing = line.split("\t")
        phrase = normal_phrase(form)
        table[phrase] = (*table.get(phrase, ()), Abbreviation(form, Kind(kind), Writing(writing)))
    return table


@cache
def symbols() -> frozenset[str]:
    """Return the symbols of genes and proteins as they are written."""
    return frozenset(term.strip() for line in _lines("gene_symbols.txt") for term in line.split(","))


@cache
def formation_words(group: str) -> frozenset[str]:
    """Return the normal words of one group of ``formation.txt``.

    Raises:
        KeyError: there is no such group.

    """
    return _formation()[group]


@cache
def _formation() -> Mapping[str, frozenset[str]]:
    groups: dict[str, frozenset[str]] = {}
    for line in _lines("formation.txt"):
        group, _, words = line.partition(": ")
        groups[group] = frozenset(normal_word(word) for word in words.split())
    return groups


def _terms(name: str) -> Iterator[str]:
    if name.endswith(".gz"):
        yield from gzip.decompress((_DATA / name).read_bytes()).decode().split("\n")
        return
    for line in _lines(name):
        for term in line.split(","):
            if phrase := normal_phrase(term.strip()):
                yield phrase


def _lines(name: str) -> Iterator[str]:
    for line in (_DATA / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line
