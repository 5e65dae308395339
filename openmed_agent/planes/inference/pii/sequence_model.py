"""A linear-chain conditional random field, read from a table of weights and decoded without a library.

The weights come from CRFsuite (scripts/train_pii_model.py). The table is text: a line of labels, a line of
transitions a label, then a feature and its weights a line.
"""

import gzip
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from math import exp
from typing import Final

from openmed_agent.planes.inference.pii.sequence_features import Sentence, Word, context, word

_FILE: Final = "english_model.txt.gz"
_DIGEST: Final = "6573164f1b739786603d44c706c33ccd61ecbcadb9a07a6ff6c8085b159b024e"

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
    transitions = model().transitions
    outside = 0
    size = range(len(transitions))
    enters = transitions[outside] if first > 0 else (1.0,) * len(transitions)
    leaves = tuple(row[outside] for row in transitions) if last < len(sentence.keys) - 4 else (1.0,) * len(transitions)
    forward = [_normal([enters[j] * nodes[0][j] for j in size])]
    for node in nodes[1:]:
        before = forward[-1]
        forward.append(_normal([node[j] * sum(before[i] * transitions[i][j] for i in size) for j in size]))
    backward: list[Scores] = [leaves]
    for node in reversed(nodes[1:]):
        behind = backward[-1]
        weighed = [node[j] * behind[j] for j in size]
        backward.append(_normal([sum(transitions[i][j] * weighed[j] for j in size) for i in size]))
    return [_normal([f[j] * b[j] for j in size]) for f, b in zip(forward, reversed(backward), strict=True)]


def _node(sentence: Sentence, index: int) -> Sequence[float]:
    two_before, before, own, after, two_after = (_word_scores(*key) for key in sentence.keys[index : index + 5])
    place = _context_scores(context(own[0], before[0], after[0], sentence.around(index)))
    columns = zip(own[1], before[2], after[3], two_before[4], two_after[5], place, strict=True)
    sums = [sum(column) for column in columns]
    highest = max(sums)
    return [exp(value - highest) for value in sums]


def _normal(values: Sequence[float]) -> Scores:
    total = sum(values)
    return tuple(value / total for value in values)
