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

Odds = tuple[float, float, float, float]
"""How much likelier than "outside" each of the other labels is."""
Square = tuple[Odds, Odds, Odds, Odds]
_EVEN: Final[Odds] = (1.0, 1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Model:
    """Labels, the first of which is "outside", and the odds of the other four against it.

    What a transition into and out of a label costs between two words outside is told once (`alone`), so that every
    transition from or to "outside" is one.
    """

    labels: tuple[str, ...]
    features: dict[str, Odds]
    alone: Odds
    """What every word adds, as if it stood between two words outside."""
    first: Odds
    """What the first word of a text adds, before which nothing stands."""
    last: Odds
    followed: Square
    """A row a label: what each label after it adds."""
    preceded: Square
    """A row a label: what each label before it adds."""
    names: frozenset[str]
    """The words and shapes that have features of their own."""
    endings: frozenset[str]

    def product(self, features: Iterable[str]) -> Odds:
        """Return the products of the odds of the features."""
        a = b = c = d = 1.0
        known = self.features
        for feature in features:
            if feature in known:
                w, x, y, z = known[feature]
                a *= w
                b *= x
                c *= y
                d *= z
        return a, b, c, d


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
    (none, *into), *rows = ([float(weight) for weight in line.split("\t")] for line in lines[1 : len(labels) + 1])
    out = [row[0] for row in rows]
    steps = [  # over what leaving one label for "outside", and entering the other from there, tells already
        _odds(weight - a - b + none for weight, b in zip(row, into, strict=True))
        for (_, *row), a in zip(rows, out, strict=True)
    ]
    features: dict[str, Odds] = {}
    for line in lines[len(labels) + 1 :]:
        name, *weights = line.split("\t")
        outside, a, b, c, d = map(float, weights)
        features[name] = exp(a - outside), exp(b - outside), exp(c - outside), exp(d - outside)
    words = frozenset(name.lstrip("+-")[len("w=") :] for name in features if name.lstrip("+-").startswith("w="))
    return Model(
        labels,
        features,
        alone=_odds(a + b - 2 * none for a, b in zip(into, out, strict=True)),
        first=_odds(none - weight for weight in into),
        last=_odds(none - weight for weight in out),
        followed=_square(steps),
        preceded=_square(zip(*steps, strict=True)),
        names=words,
        endings=frozenset(name[len("e=") :] for name in features if name.startswith("e=")),
    )


def _odds(weights: Iterable[float]) -> Odds:
    a, b, c, d = map(exp, weights)
    return a, b, c, d


def _square(rows: Iterable[Odds]) -> Square:
    a, b, c, d = rows
    return a, b, c, d


@dataclass(frozen=True, slots=True)
class _Word:
    """What a word says of itself and of its neighbours."""

    shape: str
    flags: int
    brief: str
    own: Odds
    as_before: Odds
    as_after: Odds
    as_two_before: Odds
    as_two_after: Odds


@lru_cache(maxsize=1 << 15)
def _word(text: str) -> _Word:
    """Return what a word as it is written says; of no word, what the edge of a text says."""
    shape, flags, classes, english, ending = traits(text)
    known = model()
    # Words that the model does not know by themselves are alike when the rest is: few of them are new.
    if english not in known.names:
        english = _UNKNOWN[: len(english)]
    return _word_alike(shape, flags, classes, english, ending if ending in known.endings else "")


@lru_cache(maxsize=1 << 14)
def _word_alike(shape: str, flags: int, classes: tuple[str, ...], english: str, ending: str) -> _Word:
    own, product = Traits(shape, flags, classes, english, ending), model().product
    odds = _times(product(itself(own)), model().alone)
    return _Word(shape, flags, own.brief, odds, *_beside(own.name, shape, flags, own.brief))


@lru_cache(maxsize=1 << 13)
def _beside(name: str, shape: str, flags: int, brief: str) -> tuple[Odds, ...]:
    return tuple(map(model().product, beside(name, shape, flags, brief)))


@lru_cache(maxsize=1 << 15)
def _placed(shape: str, flags: int, before: str, after: str, *around: *tuple[str, str, str, str, str, str]) -> Odds:
    """Return the odds of a word in its place, beyond those of the words themselves."""
    left, right, rule_before, rule, rule_after, style = around
    a, b, c, d = _to_left(left, before, rule_before, rule)
    e, f, g, h = _to_right(right, after, rule_after)
    i, j, k, m = _opinion(shape, flags, rule, style)
    odds, known = (a * e * i, b * f * j, c * g * k, d * h * m), model().features
    for feature in between(shape, flags, before, left, right, after):
        if feature in known:  # most are not
            odds = _times(odds, known[feature])
    return odds


@lru_cache(maxsize=1 << 13)
def _to_left(left: str, before: str, rule_before: str, rule: str) -> Odds:
    return model().product(left_side(left, before, rule_before, rule))


@lru_cache(maxsize=1 << 13)
def _to_right(right: str, after: str, rule_after: str) -> Odds:
    return model().product(right_side(right, after, rule_after))


@lru_cache(maxsize=1 << 13)
def _opinion(shape: str, flags: int, rule: str, style: str) -> Odds:
    return model().product(opinion(shape, flags, rule, style))


def likelihoods(sentence: Sentence, first: int, last: int) -> list[Odds]:
    """Return how likely each label but "outside" is for the words from `first` to `last`.

    The words beside them are outside. Forward-backward over the run; its length times the square of the number of
    labels. The model has five labels, and sums over them are written out, which is three times as fast as loops.
    """
    known, nodes = model(), _nodes(sentence, first, last)
    forward = _messages(_EVEN if first > 0 else known.first, nodes[:-1], known.preceded)
    backward = _messages(_EVEN if last < sentence.length else known.last, nodes[:0:-1], known.followed)
    found = []
    for (a, b, c, d), (e, f, g, h), (i, j, k, m) in zip(nodes, forward, reversed(backward), strict=True):
        w, x, y, z = a * e * i, b * f * j, c * g * k, d * h * m
        scale = 1 / (1 + w + x + y + z)
        found.append((w * scale, x * scale, y * scale, z * scale))
    return found


def _messages(message: Odds, nodes: Sequence[Odds], rows: Square) -> list[Odds]:
    """Return a message, and what each word passes on of the one before: its odds times that, through the rows."""
    found = [message]
    if not nodes:
        return found
    a, b, c, d = message
    (aw, ax, ay, az), (bw, bx, by, bz), (cw, cx, cy, cz), (dw, dx, dy, dz) = rows
    for e, f, g, h in nodes:
        w, x, y, z = a * e, b * f, c * g, d * h
        scale = 1 / (1 + w + x + y + z)
        a = (1 + w * aw + x * ax + y * ay + z * az) * scale
        b = (1 + w * bw + x * bx + y * by + z * bz) * scale
        c = (1 + w * cw + x * cx + y * cy + z * cz) * scale
        d = (1 + w * dw + x * dx + y * dy + z * dz) * scale
        found.append((a, b, c, d))
    return found


def _nodes(sentence: Sentence, first: int, last: int) -> list[Odds]:
    """Return the products of all odds of each word from `first` to `last`."""
    texts, marks, opinions, style = sentence.texts, sentence.marks, sentence.opinions, sentence.style
    words = [_word(text) if len(text) <= LONGEST_WORD else _word.__wrapped__(text) for text in texts[first : last + 4]]
    two_before, before, own, after = words[:4]
    left, rule_before, rule = marks[first], opinions[first], opinions[first + 1]
    nodes = []
    for two_after, right, rule_after in zip(
        words[4:], marks[first + 1 : last + 1], opinions[first + 2 : last + 2], strict=True
    ):
        a, b, c, d = own.own
        e, f, g, h = before.as_before
        i, j, k, m = after.as_after
        n, o, p, q = two_before.as_two_before
        r, s, t, u = two_after.as_two_after
        w, x, y, z = _placed(
            own.shape, own.flags, before.brief, after.brief, left, right, rule_before, rule, rule_after, style
        )
        nodes.append((a * e * i * n * r * w, b * f * j * o * s * x, c * g * k * p * t * y, d * h * m * q * u * z))
        two_before, before, own, after = before, own, after, two_after
        left, rule_before, rule = right, rule, rule_after
    return nodes


def _times(left: Odds, right: Odds) -> Odds:
    a, b, c, d = left
    w, x, y, z = right
    return a * w, b * x, c * y, d * z
