"""What the sequence model adds to the rules of English, and what it takes back.

The model (`sequence_model`) was trained by scripts/train_pii_model.py on generated notes; docs/models/pii-english.md
is its card. It weighs the rules' opinions in their place: it finds names, towns, streets and organisations that no
rule found, and takes back weak findings that it is sure are none.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple
from unicodedata import name

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.lexicon import lexicon, plain
from openmed_agent.planes.inference.pii.name_parts import part_label
from openmed_agent.planes.inference.pii.sequence_features import Sentence
from openmed_agent.planes.inference.pii.sequence_model import likelihoods, model
from openmed_agent.planes.inference.pii.tokens import (
    ANY_NAME,
    COMMON,
    FUNCTION,
    GIVEN,
    GIVEN_AMBIGUOUS,
    MEDICAL,
    WORD,
    Token,
)
from openmed_agent.planes.inference.pii.vocabulary import FIELDS, RELATIVES, STAFF, STRONG_CUES, TITLES

SOURCE: Final = "sequence"

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
_INNER: Final = frozenset({"of", "and", "for", "the", "at", "de", "la", "del", "y"})


class _Verdict(NamedTuple):
    kind: str
    """NAME, PLACE, ORG, STREET, or empty for none."""
    likely: float
    """How likely the word is part of any identifier."""


_NONE: Final = _Verdict("", 0.0)


def weigh(text: str, tokens: Sequence[Token], findings: Sequence[PiiFinding]) -> Iterator[PiiFinding]:
    """Yield the rules' findings that the model leaves, and its own; a word found by both is yielded twice.

    RuntimeError when the model file is not the one that was shipped.
    """
    verdicts = _verdicts(text, tokens, findings)
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
        if last == index or max(verdict.likely for verdict in verdicts[index:last]) >= _SURE_OF_NONE:
            yield finding
    yield from _found(text, tokens, verdicts)


def _verdicts(text: str, tokens: Sequence[Token], findings: Sequence[PiiFinding]) -> list[_Verdict]:
    """Return a verdict for each word; runs between words that cannot be identifiers are weighed apart."""
    sentence = Sentence(text, tokens, findings)
    open_to = [_open(text, tokens, index, sentence.opinions[index + 1]) for index in range(len(tokens))]
    verdicts = [_NONE] * len(tokens)
    index = 0
    while index < len(tokens):
        if not open_to[index]:
            index += 1
            continue
        last = index + 1
        while last < len(tokens) and open_to[last] and last - index < _LONGEST_RUN:
            last += 1
        for at, scores in enumerate(likelihoods(sentence, index, last), index):
            verdicts[at] = _verdict(tokens[at], scores)
        index = last
    return verdicts


def _open(text: str, tokens: Sequence[Token], index: int, opinion: str) -> bool:
    """Say whether a word may be part of an identifier; too ordinary a one is none, whatever the model says."""
    token = tokens[index]
    flags = token.flags
    if opinion != "no":
        return True
    if not _is_latin(token.text):  # the model has read English only, and guesses at other scripts
        return False
    beside = (*tokens[max(0, index - 1) : index], *tokens[index + 1 : index + 2])
    if token.key in _INNER and len(beside) > 1:
        return beside[0].capital and beside[1].capital
    if token.initial:  # neither the letter of a code nor that of "hepatitis B carrier"
        return not text[token.end : token.end + 1].isdigit() and any(o.capital and not o.initial for o in beside)
    if flags & MEDICAL and flags & COMMON:  # Lower, Left, Head
        return _announced(tokens, index)
    if flags & FUNCTION:
        return bool(flags & ANY_NAME) and not token.text.islower()
    if token.text.islower():
        plainly = flags & ANY_NAME and not flags & (WORD | MEDICAL)
        return bool(plainly) or (not flags & MEDICAL and _announced(tokens, index))
    if token.upper and len(token.key) <= _LONGEST_ACRONYM and not flags & (ANY_NAME & ~GIVEN_AMBIGUOUS):
        return _announced(tokens, index)
    return True


def _announced(tokens: Sequence[Token], index: int) -> bool:
    """Say whether an acronym or a word in small letters, perhaps a misspelt drug, stands where names do."""
    before, after = tokens[max(0, index - 1) : index], tokens[index + 1 : index + 2]
    beside = any(token.flags & GIVEN and not token.flags & MEDICAL for token in (*before, *after))
    return beside or any(token.key in _ANNOUNCING for token in before)


def _is_latin(text: str) -> bool:
    return text.isascii() or all("LATIN" in name(character, "") for character in text if character.isalpha())


def _verdict(token: Token, scores: Sequence[float]) -> _Verdict:
    likely = 1 - scores[0]
    flags = token.flags
    doubtful = token.text.islower() or token.text in {"A", "I"}
    if likely <= (_ALTHOUGH_A_WORD if doubtful and token.key not in _INNER else _ENOUGH):
        return _Verdict("", likely)
    labels = model().labels
    kind = labels[max(range(1, len(labels)), key=scores.__getitem__)]
    if kind in _NEVER_MEDICAL and flags & MEDICAL and not flags & ANY_NAME:
        return _Verdict("", likely)
    return _Verdict(kind, likely)


def _found(text: str, tokens: Sequence[Token], verdicts: Sequence[_Verdict]) -> Iterator[PiiFinding]:
    index = 0
    while index < len(tokens):
        kind = verdicts[index].kind
        if not kind:
            index += 1
            continue
        last = index + 1
        while (
            last < len(tokens)
            and verdicts[last].kind == kind
            and text[tokens[last - 1].end : tokens[last].start] in _JOINTS
        ):
            last += 1
        start, end = tokens[index].start, tokens[last - 1].end
        if kind == "NAME":
            yield from _name(tokens, index, last, verdicts)
        elif not (kind == "PLACE" and plain(text[start:end]) in lexicon().regions):  # a state or country alone
            likely = sum(verdict.likely for verdict in verdicts[index:last]) / (last - index)
            yield PiiFinding(start, end, _LABELS[kind], _confidence(likely), (SOURCE,))
        index = last


def _name(tokens: Sequence[Token], first: int, last: int, verdicts: Sequence[_Verdict]) -> Iterator[PiiFinding]:
    for index in range(first, last):
        place = index - first
        label = part_label(place, place, last - first, comma=False, lone=tokens[first].flags, titled=False)
        yield PiiFinding(tokens[index].start, tokens[index].end, label, _confidence(verdicts[index].likely), (SOURCE,))


def _confidence(likely: float) -> float:
    return round(_LOWEST + max(0.0, likely - _ENOUGH) / (1 - _ENOUGH) * _RANGE, 4)
