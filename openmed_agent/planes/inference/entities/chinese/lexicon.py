"""The words that Chinese clinical text is cut into: terms, cues, and ordinary words that compete with both.

Terms and ordinary words were extracted by ``scripts/build_chinese_terms.py``; ``chinese_own.txt`` is the project's own.
"""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from openmed_agent.planes.inference.entities.chinese.cues import CUES

_DATA: Final = files("openmed_agent.planes.inference.entities") / "data"


class WordKind(StrEnum):
    """What a word is; a cue is looked up in ``cues`` by its form."""

    DISEASE = "disease"
    SYMPTOM = "symptom"
    DRUG = "drug"
    COURSE = "course"
    SITE = "site"
    WORD = "word"
    CUE = "cue"


TERMS: Final = frozenset({WordKind.DISEASE, WordKind.SYMPTOM, WordKind.DRUG})


@dataclass(frozen=True, slots=True)
class ChineseLexicon:
    """``kinds`` by form in half width and lower case; ``lengths`` of the forms that begin with two characters."""

    kinds: dict[str, WordKind]
    own: frozenset[str]
    lengths: dict[str, tuple[int, ...]]


@cache
def chinese_lexicon() -> ChineseLexicon:
    """Return the lexicon, read once; what comes later wins: lists, the project's own terms, cues."""
    kinds = dict(_entries(gzip.decompress((_DATA / "chinese.txt.gz").read_bytes()).decode()))
    own = dict(_entries((_DATA / "chinese_own.txt").read_text(encoding="utf-8")))
    kinds |= own
    kinds |= dict.fromkeys(CUES, WordKind.CUE)
    lengths: dict[str, set[int]] = {}
    for form in kinds:
        lengths.setdefault(form[:2], set()).add(len(form))
    return ChineseLexicon(kinds, frozenset(own), {head: tuple(sorted(found)) for head, found in lengths.items()})


def _entries(text: str) -> Iterator[tuple[str, WordKind]]:
    kind = WordKind.WORD
    for line in text.splitlines():
        if line.startswith("["):
            kind = WordKind(line.strip("[]"))
        elif line and not line.startswith("#"):
            for form in line.split():
                yield folded(form), kind


_FOLDED: Final = {
    **{code: code + 32 for code in range(ord("A"), ord("Z") + 1)},
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **{code: code - 0xFEE0 + 32 for code in range(0xFF21, 0xFF3B)},
    0x3000: 0x20,
}


def folded(text: str) -> str:
    """Return ``text`` in half width and with small ASCII letters; every character stays one."""
    return text.translate(_FOLDED)
