"""Tells the text of a chart from that of a paper, where the same words are counted otherwise."""

from typing import Final

from openmed_agent.planes.inference.entities.lexicon import word_set
from openmed_agent.planes.inference.entities.matching import Mention
from openmed_agent.planes.inference.entities.normal import Tokens

_PERSON: Final = word_set("he she his her him hers i my you your pt patient mr mrs ms gentleman lady")
_NEAR: Final = 15
_SHORT_TEXT: Final = 9
_LINES_OF_CHART: Final = 3
_LOOKED_AT: Final = 4000


def in_chart(tokens: Tokens, mention: Mention) -> bool:
    """Return whether the words around speak of one person or stand in lines, as in a chart and not in a paper.

    The models learned from papers, where "acute" before a disease is no part of its name; in a chart it is.
    """
    if len(tokens) < _SHORT_TEXT or tokens.text.count("\n", 0, _LOOKED_AT) >= _LINES_OF_CHART:
        return True
    near = range(max(0, mention.first - _NEAR), min(len(tokens), mention.last + 1 + _NEAR))
    return any(tokens.raw(index).lower() in _PERSON for index in near)
