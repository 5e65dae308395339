"""A name that was read with certainty counts wherever a paper repeats it, also where its sentence says little."""

from collections.abc import Iterator, Sequence
from typing import Final

from openmed_agent.planes.inference.entities.chart_text import in_chart
from openmed_agent.planes.inference.entities.matching import Mention
from openmed_agent.planes.inference.entities.normal import Tokens
from openmed_agent.planes.inference.entities.sequence import Reading

_CERTAIN: Final = 0.6
_LEAST: Final = 0.02
"""A word that the model is sure to be nothing is left: "lead" the metal and "lead" the verb."""
_CONFIDENCE: Final = 0.6


def repeated_mentions(
    tokens: Tokens, mentions: Sequence[Mention], reading: Reading, *, refused: frozenset[int]
) -> Iterator[Mention]:
    """Yield the words outside ``mentions`` that are written like one of a single word that the model is sure of."""
    certain = {tokens.raw(one.first) for one in mentions if one.length == 1 and reading.inside[one.first] >= _CERTAIN}
    if not certain:
        return
    taken = {place for one in mentions for place in range(one.first, one.last + 1)}
    for index, inside in enumerate(reading.inside):
        if inside < _LEAST or index in taken or index in refused or tokens.raw(index) not in certain:
            continue
        mention = Mention(index, index, _CONFIDENCE, ("repeated",))
        if not in_chart(tokens, mention):
            yield mention
