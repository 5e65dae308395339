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

from openmed_agent.planes.inference.pii.lexicon import plain
from openmed_agent.planes.inference.pii.sequence_features import Sentence, Surroundings, context, word
from openmed_agent.planes.inference.pii.tokens import LONGEST_WORD

_FILE: Final = "english_model.txt.gz"
_DIGEST: Final = "9b77855f571124cf5b9fb121bf5c002fd2dfb74df85c11d841ca03ac96a6bf8c"

_OUTSIDE: Final = 0  # the index of the label of words outside identifiers

Scores = tuple[float, ...]
"""One number a label."""


@dataclass(frozen=True, slots=True)
class Model:
    """Labels, the first of which is "outside"; exponentials of the transition weights; weights of the features."""

    labels: tuple[str, ...]
    transitions: tuple[Scores, ...]
    weights: dict[str, Scores]

    def score(self, features: Iterable[str]) -> Scores:
        """Return the sums of the weights of the features."""
        known = [weights for weights in map(self.weights.get, features) if weights is not None]
        return tuple(map(sum, zip(*known, strict=True))) if known else (0.0,) * len(self.labels)


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
    transitions = tuple(tuple(exp(float(w)) for w in line.split("\t")) for line in lines[1 : len(labels) + 1])
    rows = (line.split("\t") for line in lines[len(labels) + 1 :])
    return Model(labels, transitions, {name: tuple(map(float, weights)) for name, *weights in rows})


class _Scored(NamedTuple):
    """What a word says of itself and of its neighbours, as factors: exponentials of sums of weights."""

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
    own = word(text, plain(text))
    return _Scored(
        own.shape,
        own.flags,
        own.brief,
        _factors(own.own),
        _kept_factors(own.before),  # of words that are not English these tell the shape only: few are new
        _kept_factors(own.after),
        _kept_factors(own.two_before),
        _kept_factors(own.two_after),
    )


@lru_cache(maxsize=1 << 15)
def _place_factors(
    shape: str, flags: int, brief_before: str, brief_after: str, *around: *tuple[str, str, str, str, str, str]
) -> Scores:
    return _factors(context(shape, flags, brief_before, brief_after, Surroundings(*around)))


def _factors(features: Iterable[str]) -> Scores:
    return tuple(map(exp, model().score(features)))


@lru_cache(maxsize=1 << 14)
def _kept_factors(features: tuple[str, ...]) -> Scores:
    return _factors(features)


def _scored(text: str) -> _Scored:
    return _kept_scored(text) if len(text) <= LONGEST_WORD else _kept_scored.__wrapped__(text)


def likelihoods(sentence: Sentence, first: int, last: int) -> list[Scores]:
    """Return the probabilities of the labels of the words from `first` to `last`, the words beside them being outside.

    Forward-backward over the run; its length times the square of the number of labels. The model has five labels, and
    sums over them are written out, which is three times as fast as loops.
    """
    nodes = _nodes(sentence, first, last)
    rows, columns = model().transitions, _columns()
    backward = columns[_OUTSIDE] if last < sentence.length else _FREE
    forward = _times(nodes[0], rows[_OUTSIDE]) if first > 0 else nodes[0]
    if len(nodes) == 1:
        return [_shares(forward, backward)]
    forwards = [forward]
    for node in nodes[1:]:
        forward = _times(node, _through(forward, columns))
        forwards.append(forward)
    found = [_shares(forward, backward)]
    for index in range(len(nodes) - 2, -1, -1):
        backward = _through(_times(nodes[index + 1], backward), rows)
        found.append(_shares(forwards[index], backward))
    found.reverse()
    return found


@cache
def _columns() -> tuple[Scores, ...]:
    return tuple(zip(*model().transitions, strict=True))


_FREE: Final = (1.0,) * 5


def _times(left: Scores, right: Scores) -> Scores:
    a, b, c, d, e = left
    v, w, x, y, z = right
    return a * v, b * w, c * x, d * y, e * z


def _through(scores: Scores, table: tuple[Scores, ...]) -> Scores:
    """Return the products of a vector, scaled against overflow, and each row of a table."""
    a, b, c, d, e = _shares(scores, _FREE)
    (av, aw, ax, ay, az), (bv, bw, bx, by, bz), (cv, cw, cx, cy, cz), (dv, dw, dx, dy, dz), (ev, ew, ex, ey, ez) = table
    return (
        a * av + b * aw + c * ax + d * ay + e * az,
        a * bv + b * bw + c * bx + d * by + e * bz,
        a * cv + b * cw + c * cx + d * cy + e * cz,
        a * dv + b * dw + c * dx + d * dy + e * dz,
        a * ev + b * ew + c * ex + d * ey + e * ez,
    )


def _shares(left: Scores, right: Scores) -> Scores:
    """Return the products of two vectors, which add up to one."""
    a, b, c, d, e = left
    v, w, x, y, z = right
    a, b, c, d, e = a * v, b * w, c * x, d * y, e * z
    scale = 1 / (a + b + c + d + e)
    return a * scale, b * scale, c * scale, d * scale, e * scale


def _nodes(sentence: Sentence, first: int, last: int) -> list[Scores]:
    """Return the products of all factors of each word from `first` to `last`."""
    words = [_scored(text) for text in sentence.texts[first : last + 4]]
    nodes = []
    left = sentence.marks_before(first)
    for index, (two_before, before, own, after, two_after) in enumerate(
        zip(words, words[1:], words[2:], words[3:], words[4:], strict=False), first
    ):
        right = sentence.marks_before(index + 1)
        rule_before, rule, rule_after = sentence.opinions[index : index + 3]
        a, b, c, d, e = own.own
        f, g, h, i, j = before.as_before
        k, m, n, o, p = after.as_after
        q, r, s, t, u = two_before.as_two_before
        v, w, x, y, z = two_after.as_two_after
        placed = _place_factors(
            own.shape, own.flags, before.brief, after.brief, left, right, rule_before, rule, rule_after, sentence.style
        )
        node = a * f * k * q * v, b * g * m * r * w, c * h * n * s * x, d * i * o * t * y, e * j * p * u * z
        nodes.append(_times(node, placed))
        left = right
    return nodes
