"""The words of a text, and what the lists know about each."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from openmed_agent.planes.inference.pii.lexicon import lexicon, plain
from openmed_agent.planes.inference.pii.vocabulary import ABBREVIATIONS, BRANDS

_WORD: Final = re.compile(r"[^\W\d_][\u0300-\u036f]?(?:['-]?[^\W\d_][\u0300-\u036f]?)*")
_PLAIN_WORD: Final = re.compile(r"[A-Za-z]+(?:['-][A-Za-z]+)*")
_SHORTEST_UNKNOWN: Final = 3
_LONGEST_WORD: Final = 40

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
_MEDICAL_ENDING: Final = re.compile(
    r"(?:itis|osis|emia|aemia|ectomy|otomy|ostomy|opathy|plasty|oscopy|ography|uria|algia|megaly|penia"
    r"|cytes?|plegia|paresis|trophy|trophic"
    r"|pril|olol|sartan|statin|mab|tinib|cillin|mycin|azole|oxacin|cycline|parin|dipine|zepam|zolam|setron"
    r"|gliptin|gliflozin|tidine|thiazide"
    r"|tion|tions|ment|ments|ology|ologist|iatric)$"
)
_SHORTEST_INFLECTED: Final = 7


class Token(NamedTuple):
    """One word: a half-open span, and what is true of the word wherever it stands."""

    start: int
    end: int
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


def tokenize(text: str) -> list[Token]:
    """Return the words of the text; a possessive s is cut off."""
    tokens = []
    for match in (_PLAIN_WORD if text.isascii() else _WORD).finditer(text):
        word, start = match.group(), match.start()
        if word.endswith(("'s", "'S")) and len(word) > len("x's"):
            word = word[:-2]
        tokens.append(Token(start, start + len(word), *_form(word)))
    return tokens


@lru_cache(maxsize=1 << 16)
def _form(word: str) -> tuple[str, str, int, bool, bool, bool]:
    key = plain(word)
    upper = word.isupper()
    return word, key, kinds(key), word[0].isupper(), upper and len(word) > 1, upper and len(word) == 1


def kinds(key: str) -> int:
    """Return the flags of what the lists know of a plain word; a hyphenated name is known by its parts."""
    return _kinds(key) if len(key) <= _LONGEST_WORD else MEDICAL


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
    return MEDICAL if _MEDICAL_ENDING.search(key) and len(key) >= _SHORTEST_INFLECTED else 0


def _listed(key: str) -> int:
    words = lexicon()
    flags = 0
    for flag, members in (
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
    ):
        if key in members:
            flags |= flag
    if flags & MEDICAL and flags & (GIVEN | SURNAME):
        flags &= ~(GIVEN | SURNAME)
        flags |= SURNAME_AMBIGUOUS | WORD
    if key in ABBREVIATIONS or key in BRANDS:
        flags = MEDICAL | WORD | (GIVEN_AMBIGUOUS if flags & ANY_GIVEN else 0)
    return flags
