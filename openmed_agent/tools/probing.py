"""No guessing of identifiers piece by piece.

A tool that says whether words stand in a record answers questions. Asked for ``MRN: 4``, ``MRN: 44`` and so on, it
would spell an identifier out that the gate keeps back. So where identifiers are kept back, words are found only if they
hold every identifier that they touch whole, and a pattern sees none at all.
"""

import re
from collections.abc import Sequence
from itertools import islice
from typing import Final

from openmed_agent.privacy.modes import PhiMode
from openmed_agent.text.spans import Span
from openmed_agent.tools.context import ToolContext
from openmed_agent.tools.mentions import inference_of

MOST_PLACES: Final = 1_000
_NEAR: Final = 1_000
_FILLER: Final = "\ufffc"
_THRESHOLD: Final = 0.5


async def identifier_spans(context: ToolContext, text: str) -> tuple[Span, ...]:
    """Return where identifiers stand that a model may not see; none in full mode.

    Raises:
        UnavailableError: that cannot be told, so nothing may be answered.

    """
    if context.phi_mode is PhiMode.FULL:
        return ()
    if context.identifiers is not None:
        return await context.identifiers(text)
    found = await inference_of(context).united_pii(text, confidence_threshold=_THRESHOLD)
    return tuple(Span(one.start, one.end) for one in found)


def whole_matches(text: str, words: str, identifiers: Sequence[Span]) -> list[Span]:
    """Return where ``words`` stand, in order, without the places that hold only a part of an identifier.

    At most as many as anyone would look at: what stands more often is no quote.
    """
    places = (Span(*match.span()) for match in re.finditer(re.escape(words), text))
    return [span for span in islice(places, MOST_PLACES) if not cuts(span, identifiers)]


async def whole_part(context: ToolContext, text: str, start: int, end: int) -> tuple[int, int]:
    """Return ``start`` and ``end`` of a part of ``text``, widened until no identifier is cut in two.

    Half of a name is a text that the gate does not know.

    Raises:
        UnavailableError: where identifiers stand cannot be told.

    """
    if context.phi_mode is PhiMode.FULL:
        return start, end
    near: list[Span] = []
    for border in {start, end} - {0, len(text)}:
        first = max(0, border - _NEAR)
        found = await identifier_spans(context, text[first : border + _NEAR])
        near += (one.shifted(first) for one in found)
    return widened(start, end, near)


def widened(start: int, end: int, identifiers: Sequence[Span]) -> tuple[int, int]:
    """Return the smallest part around ``start`` to ``end`` that cuts none of ``identifiers`` in two."""
    while True:
        first = min((one.start for one in identifiers if one.start < start < one.end), default=start)
        last = max((one.end for one in identifiers if one.start < end < one.end), default=end)
        if (first, last) == (start, end):
            return start, end
        start, end = first, last


def cuts(span: Span, identifiers: Sequence[Span]) -> bool:
    """Return whether ``span`` holds a part of an identifier and not the whole of it."""
    return any(span.overlaps(one) and not span.contains(one) for one in identifiers)


def hidden(text: str, identifiers: Sequence[Span]) -> str:
    """Return ``text`` with a filler for each character of an identifier; offsets and lines stay."""
    parts: list[str] = []
    at = 0
    for one in sorted(identifiers):
        start = max(at, one.start)
        parts += (text[at:start], "".join("\n" if c == "\n" else _FILLER for c in text[start : one.end]))
        at = max(at, one.end)
    return "".join((*parts, text[at:]))
