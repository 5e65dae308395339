"""Ranks names by what a person typed of them: the beginning first, then beginnings of words, then letters in order."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from heapq import nsmallest
from typing import TypeVar

Named = TypeVar("Named")


class Fit(IntEnum):
    """How a query is in a name, the best first."""

    WHOLE = 0
    BEGINNING = 1
    WORD_STARTS = 2
    INSIDE = 3
    LETTERS = 4


@dataclass(frozen=True, slots=True, order=True)
class Match:
    """How well a query fits, smaller is better; ``at`` are the places of its letters in the name."""

    fit: Fit
    outside: int
    """0 where the letters are in the last part of a path, 1 where they are in a folder's name."""
    spread: int
    """Letters between the first and the last of them that are not in the query."""
    length: int
    at: tuple[int, ...] = ()


def match(query: str, name: str) -> Match | None:
    """Return how a query fits a name, letter case aside, or None where its letters are not in it in this order."""
    wanted, letters = _lower(query), _lower(name)
    last = letters.rfind("/") + 1
    if not wanted:
        return Match(Fit.LETTERS, 0, 0, 0)
    for outside, start in ((0, last), (1, 0)):
        if outside and not last:
            break
        fit = _fit(wanted, letters, start)
        if fit is not None:
            kind, at = fit
            return Match(kind, outside, at[-1] - at[0] + 1 - len(at), len(name), at)
    return None


def ranked(query: str, items: Iterable[Named], name: Callable[[Named], str], *, limit: int) -> list[Named]:
    """Return the items whose names fit, the best first, equal ones in the order they came, at most ``limit``."""
    found = (
        (fit.fit, fit.outside, fit.spread, fit.length, place, item)
        for place, item in enumerate(items)
        if (fit := match(query, name(item))) is not None
    )
    return [item for *_, item in nsmallest(limit, found, key=lambda one: one[:5])]


def _fit(wanted: str, letters: str, start: int) -> tuple[Fit, tuple[int, ...]] | None:
    if letters.startswith(wanted, start):
        fit = Fit.WHOLE if len(letters) - start == len(wanted) else Fit.BEGINNING
        return fit, tuple(range(start, start + len(wanted)))
    if (at := _in_order(wanted, letters, start)) is None:
        return None
    if (starts := _word_starts(wanted, letters, start)) is not None:
        return Fit.WORD_STARTS, starts
    if (inside := letters.find(wanted, start)) >= 0:
        return Fit.INSIDE, tuple(range(inside, inside + len(wanted)))
    return Fit.LETTERS, at


def _in_order(wanted: str, letters: str, start: int) -> tuple[int, ...] | None:
    at: list[int] = []
    for letter in wanted:
        start = letters.find(letter, start) + 1
        if not start:
            return None
        at.append(start - 1)
    return tuple(at)


def _word_starts(wanted: str, letters: str, start: int) -> tuple[int, ...] | None:
    """Return where the query is, made of beginnings of words: ``dsn`` and ``disno`` in ``discharge-summary-note``.

    Each word takes as many letters as it can, which finds nearly every such reading in one pass.
    """
    at: list[int] = []
    taking = False
    for place in range(start, len(letters)):
        if len(at) == len(wanted):
            break
        begins = place == start or not letters[place - 1].isalnum()
        taking = (begins or taking) and letters[place] == wanted[len(at)]
        if taking:
            at.append(place)
    return tuple(at) if len(at) == len(wanted) else None


def _lower(text: str) -> str:
    """Return the text in lower case, letter for letter: a letter whose lower case is two stays as it is."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(one if len(one.lower()) != 1 else one.lower() for one in text)
