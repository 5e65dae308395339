"""What the sequence model adds to the rules of English, and what it takes back.

The model (`sequence_model`) was trained by scripts/train_pii_model.py on generated notes; docs/models/pii-english.md
is its card. It weighs the rules' opinions in their place: it finds names, towns, streets and organisations that no
rule found, and takes back weak findings that it is sure are none.
"""

from collections.abc import Iterator, Sequence
from enum import Enum, auto
from functools import lru_cache
from typing import Final
from unicodedata import name

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.lexicon import lexicon, plain
from openmed_agent.planes.inference.pii.name_parts import part_label
from openmed_agent.planes.inference.pii.sequence_features import Sentence
from openmed_agent.planes.inference.pii.sequence_model import Odds, likelihoods, model
from openmed_agent.planes.inference.pii.tokens import (
    ANY_NAME,
    COMMON,
    FUNCTION,
    GIVEN,
    GIVEN_AMBIGUOUS,
    LONGEST_WORD,
    MEDICAL,
    WORD,
    Token,
    kinds,
)
from openmed_agent.planes.inference.pii.vocabulary import FIELDS, RELATIVES, STAFF, STRONG_CUES, TITLES

SOURCE: Final = "sequence"
_SOURCES: Final = (SOURCE,)

_LONGEST_RUN: Final = 200  # words weighed together
_ENOUGH: Final = 0.15  # how likely a word must be part of an identifier: recall comes first
_ALTHOUGH_A_WORD: Final = 0.8  # the same for a word in small letters
_SURE_OF_NONE: Final = 0.02  # a weak finding all of whose words are less likely than this is taken back
_WEAK: Final = 0.8  # the rules' confidence below which a finding may be taken back
_LOWEST: Final = 0.5
_LONGEST_ACRONYM: Final = 5
_RANGE: Final = 0.45  # probabilities from _ENOUGH to 1 become confidences of 0.5 to 0.95
_WEIGHED: Final = frozenset({"first_name", "middle_name", "last_name", "city", "county", "organization"})
_LABELS: Final = {"NAME": "last_name", "PLACE": "city", "ORG": "organization", "STREET": "street_address"}
_NEVER_MEDICAL: Final = frozenset({"NAME", "PLACE"})
_JOINTS: Final = frozenset({" ", ". ", ".", " & ", "-", "'", "  "})
_ANNOUNCING: Final = TITLES | RELATIVES | STAFF | FIELDS | STRONG_CUES | {"is", "name", "from", "near", "by", "me"}
_GIVEN_OR_MEDICAL: Final = GIVEN | MEDICAL
_NAME_OR_MEDICAL: Final = ANY_NAME | MEDICAL
_INNER: Final = frozenset({"of", "and", "for", "the", "at", "de", "la", "del", "y"})


class _Role(Enum):
    """What must stand around a word for it to be part of an identifier."""

    CLOSED = auto()
    OPEN = auto()
    ANNOUNCED = auto()
    INITIAL = auto()
    INNER = auto()


def weigh(text: str, tokens: Sequence[Token], findings: Sequence[PiiFinding]) -> list[PiiFinding]:
    """Return the rules' findings that the model leaves, and its own; a word found by both is there twice.

    RuntimeError when the model file is not the one that was shipped.
    """
    sentence = Sentence(text, tokens, findings)
    kinds_found, likely = _verdicts(text, tokens, sentence)
    left = [
        finding
        for finding, (first, last) in zip(sentence.findings, sentence.touched, strict=True)
        if finding.confidence >= _WEAK
        or finding.label not in _WEIGHED
        or first == last
        or max(likely[first:last]) >= _SURE_OF_NONE
    ]
    return left + _found(text, tokens, kinds_found, likely)


def _verdicts(text: str, tokens: Sequence[Token], sentence: Sentence) -> tuple[dict[int, str], list[float]]:
    """Return what the words are that are something, and for each word how likely it is part of any identifier.

    A word is a NAME, PLACE, ORG or STREET. Runs between words that cannot be identifiers are weighed apart.
    """
    kinds_found, likely = {}, [0.0] * len(tokens)
    for first, last in _runs(_open_words(text, tokens, sentence.opinions)):
        for index, odds in enumerate(likelihoods(sentence, first, last), first):
            a, b, c, d = odds
            likely[index] = share = a + b + c + d
            if share > _ENOUGH and (kind := _kind(tokens[index], odds, share)):
                kinds_found[index] = kind
    return kinds_found, likely


def _runs(indices: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield where runs of neighbouring indices begin and end, none longer than the longest that is weighed."""
    at = 0
    while at < len(indices):
        first = last = indices[at]
        while at < len(indices) and indices[at] == last and last - first < _LONGEST_RUN:
            last += 1
            at += 1
        yield first, last


def _open_words(text: str, tokens: Sequence[Token], opinions: Sequence[str]) -> list[int]:
    """Return the words that may be part of an identifier; too ordinary a one is none, whatever the model says."""
    found = []
    opened, closed, announced = _Role.OPEN, _Role.CLOSED, _Role.ANNOUNCED
    for index, opinion in enumerate(opinions[1:-1]):
        if opinion != "no":
            found.append(index)
            continue
        written = tokens[index].text
        role = _role(written) if len(written) <= LONGEST_WORD else _role.__wrapped__(written)
        if role is closed:
            continue
        if role is opened or (
            _announced(tokens, index) if role is announced else _open_here(text, tokens, index, role)
        ):
            found.append(index)
    return found


def _open_here(text: str, tokens: Sequence[Token], index: int, role: _Role) -> bool:
    """Say whether the words beside let a word be part of an identifier that is not always or never one."""
    if role is _Role.ANNOUNCED:
        return _announced(tokens, index)
    token = tokens[index]
    beside = (*tokens[max(0, index - 1) : index], *tokens[index + 1 : index + 2])
    if role is _Role.INITIAL:  # neither the letter of a code nor that of "hepatitis B carrier"
        return not text[token.end : token.end + 1].isdigit() and any(o.capital and not o.initial for o in beside)
    if len(beside) > 1:  # a small word inside a name
        return beside[0].capital and beside[1].capital
    role = _role_alone(token.text, token.key, token.flags)
    return role is _Role.OPEN or (role is not _Role.CLOSED and _open_here(text, tokens, index, role))


def _announced(tokens: Sequence[Token], index: int) -> bool:
    """Say whether an acronym or a word in small letters, perhaps a misspelt drug, stands where names do."""
    if index > 0:
        before = tokens[index - 1]
        if before.key in _ANNOUNCING or before.flags & _GIVEN_OR_MEDICAL == GIVEN:
            return True
    return index + 1 < len(tokens) and tokens[index + 1].flags & _GIVEN_OR_MEDICAL == GIVEN


@lru_cache(maxsize=1 << 15)
def _role(text: str) -> _Role:
    key = plain(text)
    if not _is_latin(text):  # the model has read English only, and guesses at other scripts
        return _Role.CLOSED
    return _Role.INNER if key in _INNER else _role_alone(text, key, kinds(key))


def _role_alone(text: str, key: str, flags: int) -> _Role:
    """Return the role of a word that is not between two words of a name."""
    if len(text) == 1 and text.isupper():
        return _Role.INITIAL
    if flags & MEDICAL and flags & COMMON:  # Lower, Left, Head
        return _Role.ANNOUNCED
    if flags & FUNCTION:
        return _Role.OPEN if flags & ANY_NAME and not text.islower() else _Role.CLOSED
    if text.islower():
        if flags & ANY_NAME and not flags & (WORD | MEDICAL):
            return _Role.OPEN
        return _Role.CLOSED if flags & MEDICAL else _Role.ANNOUNCED
    if text.isupper() and len(key) <= _LONGEST_ACRONYM and not flags & (ANY_NAME & ~GIVEN_AMBIGUOUS):
        return _Role.ANNOUNCED
    return _Role.OPEN


def _is_latin(text: str) -> bool:
    return text.isascii() or all("LATIN" in name(character, "") for character in text if character.isalpha())


def _kind(token: Token, likely: Odds, share: float) -> str:
    """Return what a word is that is likely enough something, or empty for a word that must be likelier."""
    if share <= _ALTHOUGH_A_WORD and token.key not in _INNER and (token.text.islower() or token.text in {"A", "I"}):
        return ""
    kind = model().labels[likely.index(max(likely)) + 1]
    return "" if kind in _NEVER_MEDICAL and token.flags & _NAME_OR_MEDICAL == MEDICAL else kind


def _found(
    text: str, tokens: Sequence[Token], kinds_found: dict[int, str], likely: Sequence[float]
) -> list[PiiFinding]:
    """Return the identifiers that neighbouring words of one kind make."""
    found: list[PiiFinding] = []
    done = 0
    for index, kind in kinds_found.items():
        if index < done:
            continue
        done = index + 1
        while kinds_found.get(done) == kind and tokens[done].gap in _JOINTS:
            done += 1
        if kind == "NAME":
            found += _name(tokens, index, done, likely)
            continue
        start, end = tokens[index].start, tokens[done - 1].end
        if kind == "PLACE" and plain(text[start:end]) in lexicon().regions:  # a state or country alone
            continue
        mean = sum(likely[index:done]) / (done - index)
        found.append(PiiFinding(start, end, _LABELS[kind], _confidence(mean), _SOURCES))
    return found


def _name(tokens: Sequence[Token], first: int, last: int, likely: Sequence[float]) -> Iterator[PiiFinding]:
    count, lone = last - first, tokens[first].flags
    for place, token in enumerate(tokens[first:last]):
        label = part_label(place, place, count, comma=False, lone=lone, titled=False)
        yield PiiFinding(token.start, token.end, label, _confidence(likely[first + place]), _SOURCES)


def _confidence(likely: float) -> float:
    """Return the confidence of a share that is enough."""
    return round(_LOWEST + (likely - _ENOUGH) / (1 - _ENOUGH) * _RANGE, 4)
