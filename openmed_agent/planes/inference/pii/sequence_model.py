"""A linear-chain conditional random field, read from a table of weights and decoded without a library.

The weights come from CRFsuite (scripts/train_pii_model.py). The table is text: a line of labels, a line of
transitions a label, then a feature and its weights a line.
"""

import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from math import exp
from typing import Final, NamedTuple

from openmed_agent.planes.inference.pii.sequence_features import (
    Sentence,
    Traits,
    beside,
    between,
    itself,
    left_side,
    opinion,
    right_side,
    traits,
)
from openmed_agent.planes.inference.pii.tokens import LONGEST_WORD

_FILE: Final = "english_model.txt.gz"
_DIGEST: Final = "9b77855f571124cf5b9fb121bf5c002fd2dfb74df85c11d841ca03ac96a6bf8c"

_UNKNOWN: Final = "?"  # an English word that has no feature
_OUTSIDE: Final = 0  # the index of the label of words outside identifiers

Scores = tuple[float, ...]
"""One number a label."""


@dataclass(frozen=True, slots=True)
class Model:
    """Labels, the first of which is "outside"; exponentials of the weights of transitions and of features."""

    labels: tuple[str, ...]
    transitions: tuple[Scores, ...]
    features: dict[str, Scores]
    names: frozenset[str]
    """The words and shapes that have features of their own."""
    endings: frozenset[str]

    def product(self, features: Iterable[str]) -> Scores:
        """Return the products of the factors of the features."""
        a = b = c = d = e = 1.0
        for factors in map(self.features.get, features):
            if factors is not None:
                v, w, x, y, z = factors
                a, b, c, d, e = a * v, b * w, c * x, d * y, e * z
        return a, b, c, d, e


@cache
def model() -> Model:
    """Return the shipped model. RuntimeError when the file is not the one this version was measured with."""
    data = resources.files(__package__).joinpath("data", _FILE).read_bytes()
    if hashlib.sha256(data).hexdigest() != _DIGEST:
        raise RuntimeError("The PII model differs from the one this version was measured with; install it again.")
    return parsed(gzip.decompress(data).decode())


def parsed(table: str) -> Model:
    """Return the model that a table of weights holds."""
    lines = table.splitlines()
    labels = tuple(lines[0].split("\t"))
    transitions = tuple(_factors(line.split("\t")) for line in lines[1 : len(labels) + 1])
    rows = (line.split("\t") for line in lines[len(labels) + 1 :])
    features = {name: _factors(weights) for name, *weights in rows}
    names = frozenset(name.lstrip("+-")[len("w=") :] for name in features if name.lstrip("+-").startswith("w="))
    endings = frozenset(name[len("e=") :] for name in features if name.startswith("e="))
    return Model(labels, transitions, features, names, endings)


def _factors(weights: Iterable[str]) -> Scores:
    return tuple(exp(float(weight)) for weight in weights)


class _Scored(NamedTuple):
    """What a word says of itself and of its neighbours, as factors."""

    shape: str
    flags: int
    brief: str
    own: Scores
    as_before: Scores
    as_after: Scores
    as_two_before: Scores
    as_two_after: Scores


@lru_cache(maxsize=1 << 15)
def _kept_scored(text: str) -> _Scored:
    """Return the factors of a word as it is written; of no word, those of the edge of a text."""
    own, known = traits(text), model()
    # Words that the model does not know by themselves are alike when the rest is: few of them are new.
    english = own.english if own.english in known.names else _UNKNOWN[: len(own.english)]
    return _scored_alike(own._replace(english=english, ending=own.ending if own.ending in known.endings else ""))


@lru_cache(maxsize=1 << 14)
def _scored_alike(own: Traits) -> _Scored:
    shape, flags, brief = own.shape, own.flags, own.brief
    return _Scored(shape, flags, brief, model().product(itself(own)), *_beside_factors(own.name, shape, flags, brief))


@lru_cache(maxsize=1 << 13)
def _beside_factors(name: str, shape: str, flags: int, brief: str) -> tuple[Scores, ...]:
    return tuple(map(model().product, beside(name, shape, flags, brief)))


@lru_cache(maxsize=1 << 15)
def _place_factors(
    shape: str, flags: int, before: str, after: str, *around: *tuple[str, str, str, str, str, str]
) -> Scores:
    """Return the factors of a word in its place, beyond those of the words themselves."""
    left, right, rule_before, rule, rule_after, style = around
    to_left, to_right = _left_factors(left, before, rule_before, rule), _right_factors(right, after, rule_after)
    together = model().product(between(shape, flags, before, left, right, after))
    return _times(_times(to_left, to_right), _times(_opinion_factors(shape, flags, rule, style), together))


@lru_cache(maxsize=1 << 13)
def _left_factors(left: str, before: str, rule_before: str, rule: str) -> Scores:
    return model().product(left_side(left, before, rule_before, rule))


@lru_cache(maxsize=1 << 13)
def _right_factors(right: str, after: str, rule_after: str) -> Scores:
    return model().product(right_side(right, after, rule_after))


@lru_cache(maxsize=1 << 13)
def _opinion_factors(shape: str, flags: int, rule: str, style: str) -> Scores:
    return model().product(opinion(shape, flags, rule, style))


def _scored(text: str) -> _Scored:
    return _kept_scored(text) if len(text) <= LONGEST_WORD else _kept_scored.__wrapped__(text)


def likelihoods(sentence: Sentence, first: int, last: int) -> list[Scores]:
    """Return the probabilities of the labels of the words from `first` to `last`, the words beside them being outside.

    Forward-backward over the run; its length times the square of the number of labels. The model has five labels, and
    sums over them are written out, which is three times as fast as loops.
    """
    nodes = _nodes(sentence, first, last)
    rows, columns = model().transitions, _columns()
    message = rows[_OUTSIDE] if first > 0 else _FREE
    forward = [message]
    for node in nodes[:-1]:
        message = _passed(message, node, columns)
        forward.append(message)
    message = columns[_OUTSIDE] if last < sentence.length else _FREE
    found = [_shares(_times(forward.pop(), nodes[-1]), message)]
    while forward:
        message = _passed(message, nodes[len(forward)], rows)
        found.append(_shares(_times(forward.pop(), nodes[len(forward)]), message))
    found.reverse()
    return found


@cache
def _columns() -> tuple[Scores, ...]:
    return tuple(zip(*model().transitions, strict=True))


_FREE: Final = (1.0,) * 5


def _passed(message: Scores, node: Scores, table: tuple[Scores, ...]) -> Scores:
    """Return what a word passes on of a message: their shares, through each row of a table."""
    a, b, c, d, e = _shares(message, node)
    (av, aw, ax, ay, az), (bv, bw, bx, by, bz), (cv, cw, cx, cy, cz), (dv, dw, dx, dy, dz), (ev, ew, ex, ey, ez) = table
    return (
        a * av + b * aw + c * ax + d * ay + e * az,
        a * bv + b * bw + c * bx + d * by + e * bz,
        a * cv + b * cw + c * cx + d * cy + e * cz,
        a * dv + b * dw + c * dx + d * dy + e * dz,
        a * ev + b * ew + c * ex + d * ey + e * ez,
    )


def _shares(message: Scores, node: Scores) -> Scores:
    """Return the products of two vectors, scaled to add up to one."""
    a, b, c, d, e = _times(message, node)
    scale = 1 / (a + b + c + d + e)
    return a * scale, b * scale, c * scale, d * scale, e * scale


def _nodes(sentence: Sentence, first: int, last: int) -> list[Scores]:
    """Return the products of all factors of each word from `first` to `last`."""
    words = [_scored(text) for text in sentence.texts[first : last + 4]]
    marks, opinions, style = sentence.marks(first, last), sentence.opinions, sentence.style
    nodes: list[Scores] = []
    left, rule_before, rule = marks[0], opinions[first], opinions[first + 1]
    for two_before, before, own, after, two_after, right, rule_after in zip(
        words, words[1:], words[2:], words[3:], words[4:], marks[1:], opinions[first + 2 : last + 2], strict=False
    ):
        a, b, c, d, e = own.own
        f, g, h, i, j = before.as_before
        k, m, n, o, p = after.as_after
        q, r, s, t, u = two_before.as_two_before
        v, w, x, y, z = two_after.as_two_after
        placed = _place_factors(
            own.shape, own.flags, before.brief, after.brief, left, right, rule_before, rule, rule_after, style
        )
        node = a * f * k * q * v, b * g * m * r * w, c * h * n * s * x, d * i * o * t * y, e * j * p * u * z
        nodes.append(_times(node, placed))
        left, rule_before, rule = right, rule, rule_after
    return nodes


def _times(left: Scores, right: Scores) -> Scores:
    a, b, c, d, e = left
    v, w, x, y, z = right
    return a * v, b * w, c * x, d * y, e * z
