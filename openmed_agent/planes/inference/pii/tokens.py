"""The words of a text, and what the lists know about each."""

import re
from functools import cache, lru_cache, partial
from itertools import accumulate
from typing import Final, NamedTuple

from openmed_agent.planes.inference.pii.lexicon import lexicon, plain
from openmed_agent.planes.inference.pii.vocabulary import ABBREVIATIONS, BRANDS

_WORD: Final = re.compile(r"([^\W\d_]++(?:[\u0300-\u036f]?['-]?[^\W\d_]++)*+[\u0300-\u036f]?)")
_PLAIN_WORD: Final = re.compile(r"([A-Za-z][A-Za-z]*+(?:['-][A-Za-z]++)*+)")
_POSSESSIVES: Final = ("'s", "'S")
_SHORTEST_UNKNOWN: Final = 3
LONGEST_WORD: Final = 40  # longer ones are no names, and are not kept in mind

GIVEN: Final = 1
GIVEN_AMBIGUOUS: Final = 2
SURNAME: Final = 4
SURNAME_AMBIGUOUS: Final = 8
WORD: Final = 16
COMMON: Final = 32
FUNCTION: Final = 64
MEDICAL: Final = 128
PLACE: Final = 256
ANY_GIVEN: Final = GIVEN | GIVEN_AMBIGUOUS
ANY_SURNAME: Final = SURNAME | SURNAME_AMBIGUOUS
ANY_NAME: Final = ANY_GIVEN | ANY_SURNAME
_MEDICAL_ENDINGS: Final = (
    "itis", "osis", "emia", "aemia", "ectomy", "otomy", "ostomy", "opathy", "plasty", "oscopy", "ography",
    "uria", "algia", "megaly", "penia",
    "cyte", "cytes", "plegia", "paresis", "trophy", "trophic",
    "pril", "olol", "sartan", "statin", "mab", "tinib", "cillin", "mycin", "azole", "oxacin",
    "cycline", "parin", "dipine", "zepam", "zolam", "setron",
    "gliptin", "gliflozin", "tidine", "thiazide",
    "tion", "tions", "ment", "ments", "ology", "ologist", "iatric",
)  # fmt: skip
_SHORTEST_INFLECTED: Final = 7


class Token(NamedTuple):
    """One word: a half-open span, and what is true of the word wherever it stands."""

    start: int
    end: int
    gap: str
    """What stands between the word before, or the beginning of the text, and this word."""
    text: str
    """As written, without a possessive s."""
    key: str
    """As the lists spell it."""
    flags: int
    """What the lists know of it."""
    capital: bool
    """Whether it begins with a capital letter."""
    upper: bool
    """Whether it is all capitals and longer than an initial."""
    initial: bool
    """Whether it is one capital letter."""


class Form(NamedTuple):
    """What is true of a word wherever it stands; the fields of a token without its place."""

    text: str
    key: str
    flags: int
    capital: bool
    upper: bool
    initial: bool


_token: Final = partial(tuple.__new__, Token)  # half the time of Token(...)


def tokenize(text: str) -> list[Token]:
    """Return the words of the text; a possessive s is cut off."""
    pieces = (_PLAIN_WORD if text.isascii() else _WORD).split(text)
    gaps, words = pieces[::2], pieces[1::2]  # a gap, a word, and so on, and the last gap
    if not words:
        return []
    if max(map(len, words)) <= LONGEST_WORD:
        forms = list(map(_form, words))
    else:  # a cache of short words only
        forms = [_form(word) if len(word) <= LONGEST_WORD else _form.__wrapped__(word) for word in words]
    places = list(accumulate(map(len, pieces)))
    starts, ends = places[::2], places[1::2]
    if "'s" in text or "'S" in text:
        for index, (word, form) in enumerate(zip(words, forms, strict=True)):
            if len(form.text) < len(word):
                ends[index] = starts[index] + len(form.text)
                gaps[index + 1] = word[len(form.text) :] + gaps[index + 1]
    return list(map(_token, zip(starts, ends, gaps, *zip(*forms, strict=True), strict=False)))


@lru_cache(maxsize=1 << 16)
def _form(word: str) -> Form:
    if word.endswith(_POSSESSIVES) and len(word) > len("x's"):
        word = word[:-2]
    key = plain(word)
    upper = word.isupper()
    single = len(word) == 1
    return Form(word, key, kinds(key), word[0].isupper(), upper and not single, upper and single)


def kinds(key: str) -> int:
    """Return the flags of what the lists know of a plain word; a hyphenated name is known by its parts."""
    return _kinds(key) if len(key) <= LONGEST_WORD else MEDICAL


@lru_cache(maxsize=1 << 16)
def _kinds(key: str) -> int:
    flags = _listed(key)
    if flags or len(key) < _SHORTEST_UNKNOWN:
        return flags
    if "-" in key:
        parts = [_kinds(part) for part in key.split("-") if part]
        if any((part & WORD and not part & ANY_NAME) or part & MEDICAL for part in parts):
            return WORD
        return (
            GIVEN
            if all(part & ANY_GIVEN for part in parts)
            else SURNAME
            if any(part & ANY_NAME for part in parts)
            else 0
        )
    return MEDICAL if len(key) >= _SHORTEST_INFLECTED and key.endswith(_MEDICAL_ENDINGS) else 0


@cache
def _flagged_lists() -> tuple[tuple[int, frozenset[str]], ...]:
    words = lexicon()
    return (
        (GIVEN, words.given),
        (GIVEN_AMBIGUOUS, words.given_ambiguous),
        (SURNAME, words.surnames),
        (SURNAME_AMBIGUOUS, words.surnames_ambiguous),
        (WORD, words.words),
        (COMMON, words.common),
        (FUNCTION, words.function),
        (MEDICAL, words.medical),
        (MEDICAL, words.drugs),
        (PLACE, words.regions),
    )


def _listed(key: str) -> int:
    flags = 0
    for flag, members in _flagged_lists():
        if key in members:
            flags |= flag
    if flags & MEDICAL and flags & (GIVEN | SURNAME):
        flags &= ~(GIVEN | SURNAME)
        flags |= SURNAME_AMBIGUOUS | WORD
    if key in ABBREVIATIONS or key in BRANDS:
        flags = MEDICAL | WORD | (GIVEN_AMBIGUOUS if flags & ANY_GIVEN else 0)
    return flags
