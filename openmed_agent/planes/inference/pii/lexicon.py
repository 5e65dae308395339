"""The word lists, loaded once: names of persons, words of English and of medicine, places.

Built by scripts/build_name_lists.py; the sources and licences are in NOTICE.
"""

import gzip
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from openmed_agent.planes.inference.pii.wordfile import section

_SHORTEST_TERM: Final = 3
_UNDECOMPOSED: Final = str.maketrans({"ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Sets of plain words (lower case, no accents).

    A name is ambiguous when it is also a common word of text: May, Rose, Foley.
    """

    given: frozenset[str]
    given_ambiguous: frozenset[str]
    surnames: frozenset[str]
    surnames_ambiguous: frozenset[str]
    words: frozenset[str]
    common: frozenset[str]
    function: frozenset[str]
    medical: frozenset[str]
    drugs: frozenset[str]
    cities: frozenset[str]
    regions: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """Return the lists, reading them on the first call."""
    never = frozenset(section("vocabulary.txt", "never_names"))
    return Lexicon(
        given=_load("given_names") - never,
        given_ambiguous=_load("given_names_ambiguous") - never,
        surnames=_load("surnames") - never,
        surnames_ambiguous=_load("surnames_ambiguous") - never,
        words=_load("words") | never,
        common=_load("common_words"),
        function=_load("function_words") | never,
        medical=_load("medical_words") | _clinical("problems.txt"),
        drugs=_load("drugs") | _clinical("medications.txt"),
        cities=_load("cities"),
        regions=_load("regions"),
    )


def _load(name: str) -> frozenset[str]:
    data = resources.files(__package__).joinpath("data", f"{name}.txt.gz").read_bytes()
    return frozenset(gzip.decompress(data).decode().split("\n"))


def _clinical(file: str) -> frozenset[str]:
    """Return the words of a hand-kept list of the entity models; what it writes with a capital may be a name."""
    text = resources.files("openmed_agent.planes.inference.entities").joinpath("data", file).read_text("utf-8")
    return frozenset(word for word in re.findall(r"[\w-]+", text) if len(word) > _SHORTEST_TERM and word.islower())


def plain(word: str) -> str:
    """Return a word as the lists spell it: lower case, without accents."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word.translate(_UNDECOMPOSED))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).lower()
