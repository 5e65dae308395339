"""Whether capitalised words are a name, and how sure that is: full names, lone words, by lists and cues."""

from operator import or_
from typing import Final

from openmed_agent.planes.inference.pii.name_context import Context
from openmed_agent.planes.inference.pii.tokens import (
    ANY_GIVEN,
    ANY_NAME,
    ANY_SURNAME,
    COMMON,
    FUNCTION,
    GIVEN,
    GIVEN_AMBIGUOUS,
    MEDICAL,
    PLACE,
    SURNAME,
    WORD,
)
from openmed_agent.planes.inference.pii.vocabulary import HEADERS, PARTICLES

_SHORTEST_LONE: Final = 3
_TWO: Final = 2
_TITLED: Final = 3
_SHORTEST_ACRONYM_APART: Final = 4


def can_be_name(key: str, flags: int, *, upper: bool, first: bool, cue: int) -> bool:
    """Say whether a word can be part of a name after a cue (3 title, 2 field or relative, 1 weak word, 0 none)."""
    if flags & PLACE and not flags & ANY_NAME:
        return False
    if flags & MEDICAL and not (flags & ANY_NAME and cue):
        return False
    if flags & FUNCTION:
        if not first or upper or key in HEADERS:
            return False
        return cue == _TITLED or (cue == _TWO and bool(flags & ANY_NAME))
    if flags & ANY_NAME:
        return not (key in HEADERS and not first)
    if flags & WORD:
        return cue == _TITLED and first and key not in HEADERS
    return len(key) > 1 and not (upper and len(key) < _SHORTEST_ACRONYM_APART and cue < _TWO)


def pair(context: Context, index: int, end: int, cue: int) -> float:
    """Return how sure two or more words are one person's name, 0 for not."""
    flags = context.flags[index:end]
    first, last = flags[0], flags[-1]
    if not first & GIVEN and context.eponym(end - 1):
        return 0.0
    if cue:
        return 0.9
    if first & FUNCTION:
        return 0.0
    initials = context.initials[index:end]
    shouted = all(map(or_, context.uppers[index:end], initials))
    if first & GIVEN and not first & COMMON:
        return 0.85 if not shouted or any(flag & ANY_NAME for flag in flags[1:]) else 0.6
    if initials[0]:
        if initials[-1]:
            return 0.0
        return (
            0.75
            if last & SURNAME or (not last & WORD and not shouted) or (last & ANY_SURNAME and not last & COMMON)
            else 0.0
        )
    unknown = sum(
        1 for initial, flag in zip(initials, flags, strict=True) if not flag & (WORD | MEDICAL) and not initial
    )
    if first & GIVEN_AMBIGUOUS and unknown and not shouted:
        return 0.6 if first & COMMON else 0.8
    if first & GIVEN_AMBIGUOUS and any(flag & ANY_SURNAME for flag in flags[1:]):
        strong = any(flag & SURNAME for flag in flags[1:]) or not first & COMMON
        return 0.75 if strong else 0.5 if not shouted and not context.starts_sentence(index) else 0.0
    if any(flag & (GIVEN | SURNAME) for flag in flags) and not shouted:
        return 0.7
    return 0.6 if unknown >= _TWO and not shouted else 0.0


def single(context: Context, index: int, end: int, cue: int) -> tuple[int, float]:
    """Decide on one word standing alone."""
    key, flags = context.keys[index], context.flags[index]
    if context.initials[index] or key in PARTICLES or (len(key) < _SHORTEST_LONE and not (cue and flags & ANY_NAME)):
        return index, 0.0
    confidence = _announced(key, flags, cue) if cue else _unannounced(context, index)
    if not confidence:
        return index, 0.0
    if cue < _TWO and (context.eponym(index) or (flags & PLACE and not context.acts(index))):
        return index, 0.0
    return end, confidence


def _announced(key: str, flags: int, cue: int) -> float:
    """Return how sure a lone word after a cue is a name."""
    if flags & ANY_NAME and not (flags & FUNCTION and cue < _TWO) and key not in HEADERS:
        return 0.8 if not flags & COMMON or cue >= _TWO else 0.55
    return 0.0 if flags & (WORD | MEDICAL) else 0.75


def _unannounced(context: Context, index: int) -> float:
    """Return how sure a lone word without a cue is a name, by the lists and its capital letter."""
    flags, upper = context.flags[index], context.uppers[index]
    short = len(context.keys[index]) < _SHORTEST_ACRONYM_APART
    if upper and (short or context.shouting(index)):
        return 0.55 if flags & GIVEN and not short else 0.0
    if flags & (GIVEN | SURNAME):
        return 0.65 if flags & GIVEN else 0.6
    if flags & WORD and context.starts_sentence(index):
        acts = flags & ANY_GIVEN and not flags & (FUNCTION | MEDICAL) and context.acts(index)
        return 0.55 if acts and not upper else 0.0
    if flags & ANY_NAME:
        return 0.0 if flags & (COMMON | MEDICAL) or (upper and flags & WORD) else 0.5
    if flags & (WORD | MEDICAL | PLACE) or short:
        return 0.0
    text = context.tokens[index].text
    return 0.5 if text[1:].islower() or "-" in text or "'" in text else 0.0
