"""Unites what lists and rules found with what a sequence model read.

The model wins where both disagree about a border, but for names that a list holds whole and for what a chart needs
in a name (side, place, stage). What only lists found stays unless the model is sure that it is something else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from openmed_agent.planes.inference.entities.lexicon import formation_words, word_set
from openmed_agent.planes.inference.entities.matching import Mention
from openmed_agent.planes.inference.entities.normal import Tokens
from openmed_agent.planes.inference.entities.sequence import SOURCE, Reading

_LEAST_SUPPORT: Final = 0.1
_LEAST_ALONE: Final = 0.55
_TRUST_ALONE: Final = 0.9
"""What only the model read is right about a tenth less often than the model thinks (development files)."""
_PERSON: Final = word_set("he she his her him hers i my you your pt patient mr mrs ms gentleman lady")
_NEAR: Final = 15
_SHORT_TEXT: Final = 9
_LINES_OF_CHART: Final = 3
_LOOKED_AT: Final = 4000
_OPEN, _CLOSE = "([{", ")]}"


def united(
    tokens: Tokens, known: Sequence[Mention], reading: Reading, *, refused: frozenset[int]
) -> tuple[Mention, ...]:
    """Return the mentions of both, in order and without overlap; none touches a word that a guard refused."""
    read = [
        mention
        for mention in reading.mentions
        if refused.isdisjoint(range(mention.first, mention.last + 1)) and _is_whole(tokens, mention)
    ]
    holders = {place: one for one in known for place in range(one.first, one.last + 1)}
    kept: list[Mention] = []
    settled: set[Mention] = set()
    for mention in read:
        places = range(mention.first, mention.last + 1)
        others = list(dict.fromkeys(holders[place] for place in places if place in holders))
        if settled.isdisjoint(others):
            kept.extend(_settled(tokens, mention, others))
        settled.update(others)
    kept.extend(mention for mention in known if mention not in settled and _stands_alone(tokens, mention, reading))
    return tuple(sorted(kept, key=lambda mention: mention.first))


def _stands_alone(tokens: Tokens, mention: Mention, reading: Reading) -> bool:
    """Return whether a mention stays that the model did not read."""
    support = reading.support(mention)
    match mention.sources[0]:
        case "defined":
            return True
        case "clinical" | "abbreviation" | "formation" if _in_chart(tokens, mention):
            return True
        case _:
            return support >= _LEAST_SUPPORT


def _settled(tokens: Tokens, read: Mention, others: Sequence[Mention]) -> Iterator[Mention]:
    """Yield what stands of a mention that was read and of those found otherwise that share words with it.

    The sources name the model where its border stands, and only there.
    """
    match others:
        case [] if read.confidence >= _LEAST_ALONE and not _is_title(tokens, read):
            yield replace(read, confidence=round(read.confidence * _TRUST_ALONE, 3))
        case []:
            return
        case [one] if _names_more(tokens, one, read):
            yield replace(one, confidence=max(one.confidence, read.confidence))
        case _ if any("," in tokens.gap(one.first) for one in others[1:]):
            yield from others
        case _:
            sources = tuple(dict.fromkeys(source for one in others for source in one.sources))
            best = max(read.confidence, *(one.confidence for one in others))
            yield replace(read, confidence=best, sources=(*sources, SOURCE))


def _names_more(tokens: Tokens, one: Mention, read: Mention) -> bool:
    """Return whether a listed or formed name holds what the model read and more that belongs to the name."""
    if not (one.first <= read.first and read.last <= one.last):
        return False
    more = {*tokens.words[one.first : read.first], *tokens.words[read.last + 1 : one.last + 1]}
    if not more or {"modifier", "formation"}.isdisjoint(one.sources) or _in_chart(tokens, one):
        return True
    return not more <= formation_words("course")


def _in_chart(tokens: Tokens, mention: Mention) -> bool:
    """Return whether the words around speak of one person or stand in lines, as in a chart and not in a paper.

    The models learned from papers, where "acute" before a disease is no part of its name; in a chart it is.
    """
    if len(tokens) < _SHORT_TEXT or tokens.text.count("\n", 0, _LOOKED_AT) >= _LINES_OF_CHART:
        return True
    near = range(max(0, mention.first - _NEAR), min(len(tokens), mention.last + 1 + _NEAR))
    return any(tokens.raw(index).lower() in _PERSON for index in near)


def _is_title(tokens: Tokens, mention: Mention) -> bool:
    """Return whether the words are the label of a line: "Psychiatric: calm"."""
    opens = mention.first == 0 or "\n" in tokens.gap(mention.first)
    return opens and tokens.text.startswith(":", tokens.ends[mention.last])


def _is_whole(tokens: Tokens, mention: Mention) -> bool:
    """Return whether a mention closes every bracket that it opens, and no other."""
    depth = 0
    for character in tokens.text[tokens.starts[mention.first] : tokens.ends[mention.last]]:
        depth += (character in _OPEN) - (character in _CLOSE)
        if depth < 0:
            return False
    return depth == 0
