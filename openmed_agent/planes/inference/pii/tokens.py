"""The words of a text, and what the lists know about each."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from openmed_agent.planes.inference.pii.lexicon import lexicon, plain
from openmed_agent.planes.inference.pii.vocabulary import ABBREVIATIONS, BRANDS

_WORD: Final = re.compile(r"[^\W\d_][\u0300-\u036f]?(?:['-]?[^\W\d_][\u0300-\u036f]?)*")
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


@dataclass(slots=True)
class Token:
    """One word: half-open span, as written, and as the lists spell it (without a possessive s)."""

    start: int
    end: int
    text: str
    key: str

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital letter (or is of a script without case)."""
        return self.text[0].isupper()

    @property
    def upper(self) -> bool:
        """Whether it is all capitals and longer than an initial."""
        return len(self.text) > 1 and self.text.isupper()

    @property
    def initial(self) -> bool:
        """Whether it is one capital letter."""
        return len(self.text) == 1 and self.text.isupper()


def tokenize(text: str) -> list[Token]:
    """Return the words of the text; a possessive s is cut off."""
    tokens = []
    for match in _WORD.finditer(text):
        word, end = match.group(), match.end()
        if word.endswith(("'s", "'S")) and len(word) > len("x's"):
            word, end = word[:-2], end - 2
        tokens.append(Token(match.start(), end, word, plain(word)))
    return tokens


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
