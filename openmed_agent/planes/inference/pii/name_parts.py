"""Which word of a name is the given name and which the surname."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.name_context import Context
from openmed_agent.planes.inference.pii.tokens import ANY_GIVEN, SURNAME
from openmed_agent.planes.inference.pii.vocabulary import PARTICLES, TITLES

_finding: Final = partial(tuple.__new__, PiiFinding)  # half the time of PiiFinding(...)


def part_label(begin: int, place: int, count: int, *, comma: bool, lone: int, titled: bool) -> str:
    """Return the label of the word at `place` of `count`, whose particles start at `begin`.

    `comma` says that the surname comes first, `lone` are the flags of the first word, `titled` that a title
    stands before the name: "Dr. Young" is a surname.
    """
    if count == 1:
        return "first_name" if lone & ANY_GIVEN and not titled and not lone & SURNAME else "last_name"
    if comma:
        return ("last_name", "first_name", "middle_name")[min(place, 2)]
    if place == count - 1:
        return "last_name"
    return "first_name" if begin == 0 else "middle_name"


def parts(
    context: Context, first: int, last: int, confidence: float, source: tuple[str, ...]
) -> Iterator[tuple[PiiFinding, int]]:
    """Yield the words of a name with their labels; a particle belongs to the surname after it."""
    count = last - first
    titled = first > 0 and context.keys[first - 1] in TITLES
    if count == 1:
        token = context.tokens[first]
        label = part_label(0, 0, 1, comma=False, lone=token.flags, titled=titled)
        yield _finding((token.start, token.end, label, confidence, source)), first
        return
    comma = any("," in token.gap for token in context.tokens[first + 1 : last])
    lone = context.flags[first]
    index = first
    while index < last:
        start, begin = context.tokens[index].start, index
        while index < last - 1 and context.keys[index] in PARTICLES and not context.capitals[index]:
            index += 1
        label = part_label(begin - first, index - first, count, comma=comma, lone=lone, titled=titled)
        end = context.tokens[index].end
        if context.initials[index] and context.text[end : end + 1] == "." and index < last - 1:
            end += 1
        yield _finding((start, end, label, confidence, source)), index
        index += 1
