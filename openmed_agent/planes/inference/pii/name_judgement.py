"""Whether capitalised words are a name, and how sure that is: full names, lone words, by lists and cues."""

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
    Token,
)
from openmed_agent.planes.inference.pii.vocabulary import HEADERS, PARTICLES

_SHORTEST_LONE: Final = 3
_TWO: Final = 2
_TITLED: Final = 3
_SHORTEST_ACRONYM_APART: Final = 4


def can_be_name(token: Token, flags: int, *, first: bool, cue: int) -> bool:
    """Say whether a word can be part of a name after a cue (3 title, 2 field or relative, 1 weak word, 0 none)."""
    if flags & PLACE and not flags & ANY_NAME:
        return False
    if flags & MEDICAL and not (flags & ANY_NAME and cue):
        return False
    if flags & FUNCTION:
        if not first or token.upper or token.key in HEADERS:
            return False
        return cue == _TITLED or (cue == _TWO and bool(flags & ANY_NAME))
    if flags & ANY_NAME:
        return not (token.key in HEADERS and not first)
    if flags & WORD:
        return cue == _TITLED and first and token.key not in HEADERS
    return len(token.key) > 1 and not (token.upper and len(token.key) < _SHORTEST_ACRONYM_APART and cue < _TWO)


def pair(context: Context, index: int, end: int, cue: int) -> float:
    """Return how sure two or more words are one person's name, 0 for not."""
    tokens = context.tokens[index:end]
    flags = [token.flags for token in tokens]
    if context.eponym(end - 1) and not flags[0] & GIVEN:
        return 0.0
    if cue:
        return 0.9
    first, rest = flags[0], flags[1:]
    shouted = all(token.upper or token.initial for token in tokens)
    if first & FUNCTION:
        return 0.0
    if first & GIVEN and not first & COMMON:
        return 0.85 if any(flag & ANY_NAME for flag in rest) or not shouted else 0.6
    if tokens[0].initial:
        last = flags[-1]
        if tokens[-1].initial:
            return 0.0
        return (
            0.75
            if last & SURNAME or (not last & WORD and not shouted) or (last & ANY_SURNAME and not last & COMMON)
            else 0.0
        )
    unknown = sum(
        1 for token, flag in zip(tokens, flags, strict=True) if not flag & (WORD | MEDICAL) and not token.initial
    )
    if first & GIVEN_AMBIGUOUS and unknown and not shouted:
        return 0.6 if first & COMMON else 0.8
    if first & GIVEN_AMBIGUOUS and any(flag & ANY_SURNAME for flag in rest):
        strong = any(flag & SURNAME for flag in rest) or not first & COMMON
        return 0.75 if strong else 0.5 if not shouted and not context.starts_sentence(index) else 0.0
    if any(flag & (GIVEN | SURNAME) for flag in flags) and not shouted:
        return 0.7
    return 0.6 if unknown >= _TWO and not shouted else 0.0


def single(context: Context, index: int, end: int, cue: int) -> tuple[int, float]:
    """Decide on one word standing alone."""
    token, flags = context.tokens[index], context.tokens[index].flags
    if token.initial or token.key in PARTICLES or (len(token.key) < _SHORTEST_LONE and not (cue and flags & ANY_NAME)):
        return index, 0.0
    if context.eponym(index) and not cue >= _TWO:
        return index, 0.0
    if flags & PLACE and cue < _TWO and not context.acts(index):
        return index, 0.0
    confidence = _announced(token, flags, cue) if cue else _unannounced(context, index)
    return (end, confidence) if confidence else (index, 0.0)


def _announced(token: Token, flags: int, cue: int) -> float:
    """Return how sure a lone word after a cue is a name."""
    if flags & ANY_NAME and not (flags & FUNCTION and cue < _TWO) and token.key not in HEADERS:
        return 0.8 if not flags & COMMON or cue >= _TWO else 0.55
    return 0.0 if flags & (WORD | MEDICAL) else 0.75


def _unannounced(context: Context, index: int) -> float:
    """Return how sure a lone word without a cue is a name, by the lists and its capital letter."""
    token, flags = context.tokens[index], context.tokens[index].flags
    short = len(token.key) < _SHORTEST_ACRONYM_APART
    if token.upper and (short or context.shouting(index)):
        return 0.55 if flags & GIVEN and not short else 0.0
    if flags & (GIVEN | SURNAME):
        return 0.65 if flags & GIVEN else 0.6
    if flags & WORD and context.starts_sentence(index):
        acts = flags & ANY_GIVEN and not flags & (FUNCTION | MEDICAL) and context.acts(index)
        return 0.55 if acts and not token.upper else 0.0
    if flags & ANY_NAME:
        return 0.0 if flags & (COMMON | MEDICAL) or (token.upper and flags & WORD) else 0.5
    written_as_name = token.text[1:].islower() or "-" in token.text or "'" in token.text
    return 0.0 if flags & (WORD | MEDICAL | PLACE) or short or not written_as_name else 0.5
