"""Names with the surname first: `LAST, FIRST M`."""

from typing import Final

from openmed_agent.planes.inference.pii.name_context import Context
from openmed_agent.planes.inference.pii.tokens import (
    ANY_GIVEN,
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
from openmed_agent.planes.inference.pii.vocabulary import CREDENTIALS, HEADERS

_TWO: Final = 2
_COMMAS: Final = frozenset({",", ", ", " , ", "^"})  # the caret is that of HL7


def inverted_end(context: Context, index: int, last: int, cue: int) -> int | None:
    """Return the end of `LAST, FIRST M` that begins here, or None."""
    if _COMMAS.isdisjoint(context.gaps[index + 1 : index + 3]):
        return None
    end = index + 1
    announced = cue == _TWO and not context.tokens[index].flags & (FUNCTION | MEDICAL)
    if context.tokens[index].initial or not (announced or _surname_like(context, index)):
        return None
    if end < last and context.joined(index, end) and _surname_like(context, end) and end + 1 < len(context.tokens):
        end += 1
    if (
        end >= len(context.tokens)
        or context.gaps[end] not in _COMMAS
        or not context.tokens[end].capital
        or context.state(end)
    ):
        return None
    flags, token = context.tokens[end].flags, context.tokens[end]
    shouted_form = token.upper and context.tokens[index].upper and context.tokens[index].flags & SURNAME
    given = flags & ANY_GIVEN and (shouted_form or (not flags & FUNCTION and token.key not in CREDENTIALS))
    unsure = flags & COMMON or context.tokens[index].flags & (COMMON | PLACE)
    if not given or (unsure and not (flags & GIVEN and not context.tokens[index].flags & PLACE) and not token.upper):
        return None
    if (
        flags & GIVEN_AMBIGUOUS
        and not token.upper
        and not context.tokens[index].flags & SURNAME
        and not context.line_start(index)
    ):
        return None
    end += 1
    while (
        end < len(context.tokens)
        and context.joined(end - 1, end)
        and (context.tokens[end].initial or (context.tokens[end].flags & GIVEN and context.tokens[end].capital))
    ):
        end += 1
    return end


def _surname_like(context: Context, index: int) -> bool:
    flags = context.tokens[index].flags
    if flags & (FUNCTION | MEDICAL) or len(context.tokens[index].key) < _TWO or context.tokens[index].key in HEADERS:
        return False
    return bool(flags & ANY_SURNAME) or not flags & WORD
