"""Linear-chain conditional random fields that read mentions of diseases and chemicals.

Lafferty, McCallum and Pereira, ICML 2001; trained by ``scripts/train_entity_models.py``, read here without a library.
What the weights were made of and how good they are: ``docs/models/entities.md``.
"""

import gzip
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain
from math import exp
from operator import add
from typing import Final

from openmed_agent.planes.inference.entities.features import (
    UNLISTED,
    Item,
    Seen,
    list_features,
    padded,
    seen_in,
    sequences,
)
from openmed_agent.planes.inference.entities.lexicon import Kind
from openmed_agent.planes.inference.entities.matching import Mention
from openmed_agent.planes.inference.entities.neighbours import NeighbourTables, Pair
from openmed_agent.planes.inference.entities.normal import Tokens

SOURCE: Final = "model"
HEREDITY_WEIGHTS: Final = "disease_heredity_model.txt.gz"
"""What the corpus about heredity adds to the weights of diseases."""
WEIGHTS: Final = {Kind.DISEASE: "disease_model.txt.gz", Kind.CHEMICAL: "chemical_model.txt.gz"}

_FOLDER: Final = files("openmed_agent.planes.inference.entities") / "data"
_INSIDE: Final = 0.42
"""A word is in a mention from this probability on."""
_MOST: Final = 50.0
"""Scores above this are as good as certain; more would overflow."""
_SCALE: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model makes of a text: its mentions, and for every word the probability that it is in one."""

    mentions: tuple[Mention, ...]
    inside: tuple[float, ...]

    def support(self, mention: Mention) -> float:
        """Return the mean probability that the words of a mention found otherwise are in one."""
        return sum(self.inside[mention.first : mention.last + 1]) / mention.length


_NO_PAIR: Final[Pair] = (0.0, 0.0)
_Scores = tuple[float, float, float, float, float, float]
"""The pair of a word for itself, for the word after it and for the word before it."""
_NO_SCORES: Final[_Scores] = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


class SequenceModel:
    """The weights of one kind: a pair for each feature, and how well each label follows another.

    ``further`` lines hold pairs alone, which are added to those of ``lines``.
    """

    def __init__(self, lines: Iterable[str], further: Iterable[str] = ()) -> None:
        rows = iter(lines)
        self._follows = [exp(float(value) / _SCALE) for value in next(rows).split("\t")]
        self._weights: dict[str, Pair] = {}
        for line in chain(rows, further):
            feature, begins, goes_on = line.rsplit("\t", 2)
            held = self._weights.get(feature, _NO_PAIR)
            self._weights[feature] = (held[0] + int(begins) / _SCALE, held[1] + int(goes_on) / _SCALE)
        self._neighbours = NeighbourTables(self._weights)
        self._word = lru_cache(maxsize=1 << 15)(self._of_word)
        self._names = lru_cache(maxsize=1 << 12)(self._of_seen)

    def read(self, tokens: Tokens) -> Reading:
        """Return what the model makes of a text."""
        listed = list_features(tokens)
        inside = [0.0] * len(tokens)
        mentions: list[Mention] = []
        for items in sequences(tokens):
            chances = self._chances(self._potentials(items, listed))
            for item, (begins, goes_on) in zip(items, chances, strict=True):
                if item.place >= 0:
                    inside[item.place] = begins + goes_on
            mentions.extend(_mentions(items, chances))
        return Reading(tuple(mentions), tuple(inside))

    def _of_word(self, raw: str, word: str) -> _Scores:
        return self._of_seen(seen_in(raw, word))

    def _of_seen(self, seen: Seen) -> _Scores:
        return (*self._sum(seen.own), *self._sum(seen.before), *self._sum(seen.after))

    def _sum(self, features: Iterable[str]) -> Pair:
        pairs = [self._weights[feature] for feature in features if feature in self._weights]
        return sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)

    def _potentials(self, items: Sequence[Item], listed: Sequence[Seen]) -> list[Pair]:
        """Return the score of each item by all of its features."""
        scores = [self._word(item.raw, item.word) for item in items]
        for at, item in enumerate(items):
            if item.place >= 0 and (seen := listed[item.place]) is not UNLISTED:
                one, names = scores[at], self._names(seen)
                scores[at] = tuple(map(add, one, names))
        return [
            (one[0] + before[2] + after[4] + begins, one[1] + before[3] + after[5] + goes_on)
            for one, before, after, (begins, goes_on) in zip(
                scores,
                (_NO_SCORES, *scores),
                (*scores[1:], _NO_SCORES),
                self._neighbours.scores(padded(items)),
                strict=False,
            )
        ]

    def _chances(self, potentials: Sequence[Pair]) -> list[Pair]:
        """Return the probabilities that each item begins a mention and goes on with one: forward, then backward."""
        oo, ob, oi, bo, bb, bi, io, ib, ii = self._follows
        factors = [(exp(min(begins, _MOST)), exp(min(goes_on, _MOST))) for begins, goes_on in potentials]
        forward: list[tuple[float, float, float]] = []
        for at, (begin, go_on) in enumerate(factors):
            if at:
                o, b, i = forward[-1]
                from_o = o * oo + b * bo + i * io
                from_b = (o * ob + b * bb + i * ib) * begin
                from_i = (o * oi + b * bi + i * ii) * go_on
            else:
                from_o, from_b, from_i = 1.0, begin, go_on
            total = from_o + from_b + from_i
            forward.append((from_o / total, from_b / total, from_i / total))
        found: list[Pair] = []
        after_o = after_b = after_i = 1.0
        for (begin, go_on), (o, b, i) in zip(reversed(factors), reversed(forward), strict=True):
            total = o * after_o + b * after_b + i * after_i
            found.append((b * after_b / total, i * after_i / total))
            to_b, to_i = begin * after_b, go_on * after_i
            to_o = after_o
            after_o = oo * to_o + ob * to_b + oi * to_i
            after_b = bo * to_o + bb * to_b + bi * to_i
            after_i = io * to_o + ib * to_b + ii * to_i
            total = after_o + after_b + after_i
            after_o, after_b, after_i = after_o / total, after_b / total, after_i / total
        return found[::-1]


def _mentions(items: Sequence[Item], chances: Sequence[Pair]) -> Iterator[Mention]:
    places: list[int] = []
    least = 1.0
    for item, (begins, goes_on) in zip(items, chances, strict=True):
        inside = begins + goes_on
        if places and (inside < _INSIDE or begins > goes_on):
            yield Mention(places[0], places[-1], round(least, 3), (SOURCE,))
            places = []
        if inside >= _INSIDE and item.place >= 0:
            least = min(least, inside) if places else inside
            places.append(item.place)
    if places:
        yield Mention(places[0], places[-1], round(least, 3), (SOURCE,))


@cache
def sequence_model(kind: Kind) -> SequenceModel | None:
    """Return the model of a kind, loaded once; None for a kind that has none."""
    name = WEIGHTS.get(kind)
    if name is None:
        return None
    return SequenceModel(weights_in((_FOLDER / name).read_bytes()))


@cache
def heredity_model() -> SequenceModel:
    """Return the model of diseases for texts about heredity, loaded once, when the first such text comes."""
    common, further = ((_FOLDER / name).read_bytes() for name in (WEIGHTS[Kind.DISEASE], HEREDITY_WEIGHTS))
    return SequenceModel(weights_in(common), weights_in(further))


def weights_in(packed: bytes) -> list[str]:
    """Return the lines of a file of weights, which `SequenceModel` reads."""
    return gzip.decompress(packed).decode().splitlines()
