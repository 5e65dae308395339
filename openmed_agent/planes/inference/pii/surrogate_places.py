"""Addresses and organisations that stand in for others: the words for the kind stay, the names change."""

import re
from collections.abc import Callable
from functools import cache
from itertools import groupby
from typing import Final

from openmed_agent.planes.inference.pii.lexicon import plain
from openmed_agent.planes.inference.pii.wordfile import section

Choose = Callable[[str], str]

_KINDS_FILE: Final = "surrogates/kinds.txt"
_RUN: Final = re.compile(r"(?<![^\W_])[^\W\d_][^\s\d,;:()/#]*(?: [^\W\d_][^\s\d,;:()/#]*)*")
_CHARACTERS: Final = re.compile(r"[\u3041-\u30ff\u3400-\u9fff]")
_STATE: Final = re.compile(r"[A-Z]{2}")
_DIGIT: Final = re.compile(r"\d")


def street_like(original: str, choose: Choose) -> str:
    """Return an address with other names; `choose` gives the name for a run of words."""
    if _CHARACTERS.search(original):
        digit = _DIGIT.search(original)
        return choose(original) + (original[digit.start() :] if digit else "")
    return _renamed(original, _plain_words("street_words"), choose)


def organization_like(original: str, choose: Choose) -> str:
    """Return an organisation of the same kind with another name."""
    if _CHARACTERS.search(original):
        kinds = section(_KINDS_FILE, "character_kinds")
        return choose(original) + next((kind for kind in kinds if original.endswith(kind)), "")
    return _renamed(original, _plain_words("organization_kinds"), choose)


@cache
def regions(kind: str) -> tuple[tuple[str, ...], ...]:
    """Return the forms of each of the "states" of the United States (name, letters) or of the "countries" (name)."""
    return tuple(tuple(entry.split(":")) for entry in section(_KINDS_FILE, kind))


@cache
def _plain_words(name: str) -> frozenset[str]:
    return frozenset(map(plain, section(_KINDS_FILE, name)))


def _renamed(original: str, kinds: frozenset[str], choose: Choose) -> str:
    def renamed(run: re.Match[str]) -> str:
        groups = groupby(run.group().split(" "), key=lambda word: plain(word).strip(".'") in kinds)
        return " ".join(
            phrase if is_kind or _STATE.fullmatch(phrase) else _named(phrase, choose)
            for is_kind, words in groups
            for phrase in (" ".join(words),)
        )

    return _RUN.sub(renamed, original)


def _named(phrase: str, choose: Choose) -> str:
    lower = phrase.lower()
    endings = section(_KINDS_FILE, "compound_endings")
    ending = next((ending for ending in endings if lower.endswith(ending) and len(lower) > len(ending)), "")
    name = choose(phrase)
    if len(phrase) > 1 and phrase.isupper():
        return name.upper() + ending.upper()
    return name + ending
