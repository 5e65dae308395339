"""Names in small letters, as in messages."""

from typing import Final

from openmed_agent.planes.inference.pii.name_context import Context
from openmed_agent.planes.inference.pii.tokens import (
    ANY_GIVEN,
    ANY_SURNAME,
    COMMON,
    FUNCTION,
    GIVEN,
    MEDICAL,
    SURNAME,
)
from openmed_agent.planes.inference.pii.vocabulary import RELATIVES, TITLES

_INTRODUCING: Final = TITLES | RELATIVES | {"is", "name", "i'm", "am", "dear", "hi", "hello", "thanks", "signed", "by"}
_TWO: Final = 2
_TITLED: Final = 3
_SHORTEST_ACRONYM_APART: Final = 4


def lower_case_name(context: Context, index: int) -> tuple[int, int, float] | None:
    """Return a name typed in lower case, as in messages: after a title or introduction, or a sure given name.

    The word is one that the lists know as a name or do not know at all.
    """
    token = context.tokens[index]
    flags = token.flags
    if index and context.keys[index - 1] in _INTRODUCING:
        cue = context.cue_before(index)
        if cue == _TITLED and len(token.key) > 1 and not flags & (FUNCTION | MEDICAL):
            return index, _lower_end(context, index), 0.8
        if cue >= _TWO and flags & ANY_GIVEN and not flags & (COMMON | MEDICAL):
            return index, _lower_end(context, index), 0.7
    if (
        flags & GIVEN
        and len(token.key) >= _SHORTEST_ACRONYM_APART
        and not flags & (COMMON | MEDICAL)
        and not context.eponym(index)
    ):
        return index, _lower_end(context, index), 0.55
    return None


def _lower_end(context: Context, index: int) -> int:
    end = index + 1
    if end < len(context.tokens) and context.text[context.tokens[index].end : context.tokens[end].start] == " ":
        flags, token = context.tokens[end].flags, context.tokens[end]
        alone = len(token.text) == 1 and token.text not in {"a", "i"}
        unknown = not flags and len(token.key) >= _SHORTEST_ACRONYM_APART
        if (
            alone
            or unknown
            or (flags & SURNAME and not flags & MEDICAL)
            or (flags & ANY_SURNAME and not flags & (COMMON | MEDICAL))
        ):
            return end + 1
    return end
