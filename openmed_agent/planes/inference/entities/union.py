"""Unites what lists and rules found with what a sequence model read.

The model wins where both disagree about a border, but for names that a list holds whole and for what a chart needs
in a name (side, place, stage). What only lists found stays unless the model is sure that it is something else.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from openmed_agent.planes.inference.entities.chart_text import in_chart
from openmed_agent.planes.inference.entities.matching import Mention
from openmed_agent.planes.inference.entities.normal import Tokens
from openmed_agent.planes.inference.entities.sequence import SOURCE, Reading

_LEAST_SUPPORT: Final = 0.1
_LEAST_ALONE: Final = 0.55
_LEAST_MORE: Final = 0.2
"""The words that a rule joins to a name in a paper are in one with this probability at least."""
_TRUST_ALONE: Final = 0.9
"""What only the model read is right about a tenth less often than the model thinks (development files)."""
_HYPHENS: Final = frozenset(["-", "–", "—", "−"])
_CAUSED: Final = "induced"
_OPEN, _CLOSE = "([{", ")]}"


def united(
    tokens: Tokens, known: Sequence[Mention], reading: Reading, *, refused: frozenset[int]
) -> tuple[Mention, ...]:
    """Return the mentions of both, in order and without overlap; none touches a word that a guard refused."""
    holders = {place: one for one in known for place in range(one.first, one.last + 1)}
    read = [
        mention
        for mention in (_between_hyphens(tokens, mention, holders) for mention in reading.mentions)
        if refused.isdisjoint(range(mention.first, mention.last + 1)) and _is_whole(tokens, mention)
    ]
    kept: list[Mention] = []
    settled: set[Mention] = set()
    for mention in read:
        places = range(mention.first, mention.last + 1)
        others = list(dict.fromkeys(holders[place] for place in places if place in holders))
        if settled.isdisjoint(others):
            kept.extend(_settled(tokens, mention, others, reading))
        settled.update(others)
    kept.extend(mention for mention in known if mention not in settled and _stands_alone(tokens, mention, reading))
    return tuple(sorted(kept, key=lambda mention: mention.first))


def _between_hyphens(tokens: Tokens, mention: Mention, known: Container[int]) -> Mention:
    """Return the part of what a model read that lists know, or the first.

    A hyphen with a blank before it ends a name: "Osteoporosis - DEXA", "Right knee - swelling".
    """
    cuts = [at for at in range(mention.first + 1, mention.last + 1) if _is_cut(tokens.gap(at))]
    bounds = [mention.first, *cuts, mention.last + 1]
    parts = [replace(mention, first=first, last=end - 1) for first, end in pairwise(bounds)]
    return next((part for part in parts if any(at in known for at in range(part.first, part.last + 1))), parts[0])


def _is_cut(gap: str) -> bool:
    return gap[:1].isspace() and gap.strip() in _HYPHENS


def _stands_alone(tokens: Tokens, mention: Mention, reading: Reading) -> bool:
    """Return whether a mention stays that the model did not read."""
    support = reading.support(mention)
    match mention.sources[0]:
        case "defined":
            return True
        case "clinical" | "abbreviation" | "formation" if in_chart(tokens, mention):
            return True
        case _:
            return support >= _LEAST_SUPPORT


def _settled(tokens: Tokens, read: Mention, others: Sequence[Mention], reading: Reading) -> Iterator[Mention]:
    """Yield what stands of a mention that was read and of those found otherwise that share words with it.

    The sources name the model where its border stands, and only there.
    """
    match others:
        case [] if read.confidence >= _LEAST_ALONE and not _is_title(tokens, read):
            yield replace(read, confidence=round(read.confidence * _TRUST_ALONE, 3))
        case []:
            return
        case [one] if _names_more(tokens, one, read, reading):
            yield replace(one, confidence=max(one.confidence, read.confidence))
        case _ if any("," in tokens.gap(one.first) for one in others[1:]):
            yield from others
        case _:
            sources = tuple(dict.fromkeys(source for one in others for source in one.sources))
            best = max(read.confidence, *(one.confidence for one in others))
            yield replace(read, confidence=best, sources=(*sources, SOURCE))


def _names_more(tokens: Tokens, one: Mention, read: Mention, reading: Reading) -> bool:
    """Return whether a listed or formed name holds what the model read and more that belongs to the name."""
    if not (one.first <= read.first and read.last <= one.last):
        return False
    more = (*range(one.first, read.first), *range(read.last + 1, one.last + 1))
    if not more or in_chart(tokens, one):
        return True
    # A cause is no part of the name that follows: "heparin-induced thrombocytopenia".
    is_listed = {"modifier", "formation"}.isdisjoint(one.sources) and all(tokens.words[at] != _CAUSED for at in more)
    return is_listed or sum(reading.inside[at] for at in more) / len(more) >= _LEAST_MORE


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
