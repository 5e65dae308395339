"""The sequence model: a conditional random field over words that weighs the rules' opinions in their place.

Trained by scripts/train_pii_model.py on generated notes; docs/models/pii-english.md is its card. It finds names,
towns, streets and organisations that no rule found, and takes back weak findings that it is sure are none.
"""

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Final

import pycrfsuite

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.name_parts import part_label
from openmed_agent.planes.inference.pii.sequence_features import features, opinions
from openmed_agent.planes.inference.pii.tokens import ANY_NAME, FUNCTION, MEDICAL, WORD, Token, kinds

SOURCE: Final = "sequence"
_MODEL: Final = "english.crfsuite"
_DIGEST: Final = "b5f62da52ea02062ff6a2cc36ee86f0a8cef55d2e8d883605ba3f2cc628addfb"

_NONE: Final = "O"
_WINDOW: Final = 160  # words read at once
_MARGIN: Final = 8  # words on either side of a window that are read for their context only
_ENOUGH: Final = 0.4  # how likely a word must be part of an identifier: recall comes first
_SURE_OF_NONE: Final = 0.1  # a weak finding all of whose words are less likely than this is taken back
_WEAK: Final = 0.8  # the rules' confidence below which a finding may be taken back
_LIKELY_ALTHOUGH_A_WORD: Final = 0.8  # for a word of English in small letters that is also a name
_LOWEST: Final = 0.5
_RANGE: Final = 0.45  # the model's probabilities from _ENOUGH to 1 become confidences of 0.5 to 0.95
_WEIGHED: Final = frozenset({"first_name", "middle_name", "last_name", "city", "county", "organization"})
_LABELS: Final = {"NAME": "last_name", "PLACE": "city", "ORG": "organization", "STREET": "street_address"}
_JOINTS: Final = frozenset({" ", ". ", ".", " & ", "-", "'", "  "})


@cache
def _tagger() -> "pycrfsuite.Tagger":
    model = pycrfsuite.Tagger()
    model.open_inmemory(_model())
    return model


@cache
def _model() -> bytes:
    """Return the model file, kept for good: the tagger reads these bytes in place."""
    data = resources.files(__package__).joinpath("data", _MODEL).read_bytes()
    if hashlib.sha256(data).hexdigest() != _DIGEST:
        raise RuntimeError("The PII model differs from the one this version was measured with; install it again.")
    return data


def weigh(text: str, tokens: Sequence[Token], findings: Sequence[PiiFinding]) -> Iterator[PiiFinding]:
    """Yield the rules' findings that the model leaves, and its own; a word found by both is yielded twice.

    RuntimeError when the model file is not the one that was shipped.
    """
    judged = _judged(text, tokens, findings)
    likelihood = [likely for _, likely in judged]
    index = 0
    for finding in sorted(findings, key=lambda f: f.start):
        while index < len(tokens) and tokens[index].end <= finding.start:
            index += 1
        if finding.label not in _WEIGHED or finding.confidence >= _WEAK:
            yield finding
            continue
        last = index
        while last < len(tokens) and tokens[last].start < finding.end:
            last += 1
        if last == index or max(likelihood[index:last]) >= _SURE_OF_NONE:
            yield finding
    yield from _found(text, tokens, judged)


def _judged(text: str, tokens: Sequence[Token], findings: Sequence[PiiFinding]) -> list[tuple[str, float]]:
    """Return for each word its likeliest kind of identifier and how likely it is part of any."""
    model = _tagger()
    opinion = opinions(tokens, findings)
    judged: list[tuple[str, float]] = []
    for begin in range(0, len(tokens), _WINDOW):
        first, last = max(0, begin - _MARGIN), min(len(tokens), begin + _WINDOW + _MARGIN)
        model.set(features(text, tokens[first:last], opinion[first:last]))
        for at in range(begin - first, min(begin + _WINDOW, len(tokens)) - first):
            likely = 1 - model.marginal(_NONE, at)
            if _barred(tokens[first + at], likely):
                likely = 0.0
            judged.append((_kind(model, at) if likely > _ENOUGH else _NONE, likely))
    return judged


def _barred(token: Token, likely: float) -> bool:
    """Say whether a word is too ordinary to be taken for an identifier by the model alone."""
    flags = kinds(token.key)
    if flags & FUNCTION and not token.initial:
        return not flags & ANY_NAME or token.text.islower()
    if not token.text.islower():
        return False
    return bool(flags & (WORD | MEDICAL)) and (not flags & ANY_NAME or likely < _LIKELY_ALTHOUGH_A_WORD)


def _kind(model: "pycrfsuite.Tagger", at: int) -> str:
    return max(_LABELS, key=lambda kind: float(model.marginal(kind, at)))


def _found(text: str, tokens: Sequence[Token], judged: Sequence[tuple[str, float]]) -> Iterator[PiiFinding]:
    index = 0
    while index < len(tokens):
        kind = judged[index][0]
        if kind == _NONE:
            index += 1
            continue
        last = index + 1
        while (
            last < len(tokens)
            and judged[last][0] == kind
            and text[tokens[last - 1].end : tokens[last].start] in _JOINTS
        ):
            last += 1
        if kind == "NAME":
            yield from _name(tokens, index, last, judged)
        else:
            likely = sum(likely for _, likely in judged[index:last]) / (last - index)
            yield PiiFinding(tokens[index].start, tokens[last - 1].end, _LABELS[kind], _confidence(likely), (SOURCE,))
        index = last


def _name(tokens: Sequence[Token], first: int, last: int, judged: Sequence[tuple[str, float]]) -> Iterator[PiiFinding]:
    for index in range(first, last):
        place = index - first
        label = part_label(place, place, last - first, comma=False, lone=kinds(tokens[first].key), titled=False)
        yield PiiFinding(tokens[index].start, tokens[index].end, label, _confidence(judged[index][1]), (SOURCE,))


def _confidence(likely: float) -> float:
    return round(_LOWEST + max(0.0, likely - _ENOUGH) / (1 - _ENOUGH) * _RANGE, 4)
