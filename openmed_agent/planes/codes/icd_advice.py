"""Advice on a code that can be reported: that it leaves the side, or more, unspecified, and what would say it.

The classification's own titles are compared: a code beside it that has the same words but "right" or "left" in the
place of "unspecified" says the side. Advice is never a reason against a code: a chart may say no more.
"""

import re
from typing import Final

from openmed_agent.planes.codes.contract import Concept
from openmed_agent.planes.codes.icd_concepts import IcdConcepts, IcdRow

_WORD: Final = re.compile(r"[a-z0-9]+")
_SIDES: Final = frozenset({"right", "left", "bilateral", "both"})
_SAYS_NOTHING: Final = frozenset({"unspecified", "nos", "side", "sides"})
_NO_SIDE: Final = "It leaves the side unspecified; codes beside it say right or left."
_UNSPECIFIED: Final = "It is an unspecified code; use it where the record says no more than that."


def advise(concepts: IcdConcepts, row: IcdRow) -> tuple[tuple[str, ...], tuple[Concept, ...]]:
    """Return advice and the more specific codes beside ``row``; nothing where its title leaves nothing open."""
    if "unspecified" not in row.display.lower():
        return (), ()
    base = concepts.by_identifier(row.parent) if row.kind == "extension" else row
    if base is None:
        return (), ()
    words = _words(base.display)
    beside = [other for other in concepts.children(base.parent) if other.identifier != base.identifier]
    if not words & _SIDES:
        sided = [other for other in beside if _says_only_the_side(words, _words(other.display))]
        if sided:
            return (_NO_SIDE,), _with_seventh(concepts, sided, row)
    specific = [other for other in beside if not _words(other.display) & (_SAYS_NOTHING | {"other"})]
    if "unspecified" in words and specific:
        return (_UNSPECIFIED,), _with_seventh(concepts, specific, row)
    return (), ()


def _words(title: str) -> frozenset[str]:
    return frozenset(_WORD.findall(title.lower()))


def _says_only_the_side(words: frozenset[str], other: frozenset[str]) -> bool:
    return bool(other & _SIDES) and words - _SAYS_NOTHING == other - _SAYS_NOTHING - _SIDES


def _with_seventh(concepts: IcdConcepts, found: list[IcdRow], row: IcdRow) -> tuple[Concept, ...]:
    """Return codes with the 7th character of ``row``, where it has one and they take it."""
    if row.kind != "extension":
        return tuple(other.titled() for other in found)
    placed = (concepts.row(other.plain.ljust(6, "X") + row.plain[-1]) for other in found)
    return tuple(other.titled() for other in placed if other is not None)
