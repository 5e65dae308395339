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
from operator import mul
from typing import Final

from openmed_agent.planes.inference.pii.sequence_features import Sentence, Word, context, word

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
        known = [self.weights[feature] for feature in features if feature in self.weights]
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


@lru_cache(maxsize=1 << 15)
def _word_scores(text: str, key: str) -> tuple[Word, Scores, Scores, Scores, Scores, Scores]:
    """Return a word and what it says of itself and of the words after, before, two after and two before it."""
    own = word(text, key)
    score = model().score
    return own, score(own.own), score(own.before), score(own.after), score(own.two_before), score(own.two_after)


@lru_cache(maxsize=1 << 14)
def _context_scores(features: tuple[str, ...]) -> Scores:
    return model().score(features)


def likelihoods(sentence: Sentence, first: int, last: int) -> list[Scores]:
    """Return the probabilities of the labels of the words from `first` to `last`, the words beside them being outside.

    Forward-backward over the run; its length times the square of the number of labels.
    """
    nodes = [_node(sentence, index) for index in range(first, last)]
    rows, columns, free = model().transitions, _columns(), (1.0,) * len(model().labels)
    enters = rows[_OUTSIDE] if first > 0 else free
    leaves = columns[_OUTSIDE] if last < len(sentence.keys) - 4 else free
    forward = [_normal(map(mul, enters, nodes[0]))]
    for node in nodes[1:]:
        forward.append(
            _normal([weight * _dot(forward[-1], column) for weight, column in zip(node, columns, strict=True)])
        )
    backward = [leaves]
    for node in reversed(nodes[1:]):
        weighed = tuple(map(mul, node, backward[-1]))
        backward.append(_normal([_dot(row, weighed) for row in rows]))
    backward.reverse()
    return [_normal(map(mul, f, b)) for f, b in zip(forward, backward, strict=True)]


@cache
def _columns() -> tuple[Scores, ...]:
    return tuple(zip(*model().transitions, strict=True))


def _dot(left: Scores, right: Scores) -> float:
    a, b, c, d, e = left  # five labels: written out, this is three times as fast
    v, w, x, y, z = right
    return a * v + b * w + c * x + d * y + e * z


def _node(sentence: Sentence, index: int) -> Scores:
    two_before, before, own, after, two_after = sentence.keys[index : index + 5]
    own_word, own_scores, *_ = _word_scores(*own)
    before_word, _, before_scores, *_ = _word_scores(*before)
    after_scored = _word_scores(*after)
    place = _context_scores(context(own_word, before_word, after_scored[0], sentence.around(index)))
    further = _word_scores(*two_before)[4], _word_scores(*two_after)[5]
    sums = list(map(sum, zip(own_scores, before_scores, after_scored[3], *further, place, strict=True)))
    highest = max(sums)
    return tuple([exp(value - highest) for value in sums])


def _normal(values: Iterable[float]) -> Scores:
    kept = tuple(values)
    total = sum(kept)
    return tuple([value / total for value in kept])
