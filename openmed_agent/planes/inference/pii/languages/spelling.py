"""How the lists spell a word of a Latin script, and how digits of other scripts are read."""

import unicodedata
from functools import lru_cache
from typing import Final

_UNDECOMPOSED: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "ı": "i", "æ": "ae", "œ": "oe", "’": "'"}
)
_ZEROS: Final = (0x0660, 0x06F0, 0x0966)  # Arabic-Indic, Persian, Devanagari
_DIGITS: Final = {zero + value: str(value) for zero in _ZEROS for value in range(10)} | {0x066B: ".", 0x066C: ","}


@lru_cache(maxsize=1 << 14)
def folded(word: str) -> str:
    """Return a word in lower case without accents; Turkish dotless and dotted i are one letter."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word.replace("İ", "i").lower().translate(_UNDECOMPOSED))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def with_western_digits(text: str) -> str:
    """Return the text with Arabic-Indic, Persian and Devanagari digits as 0 to 9, character for character."""
    return text if text.isascii() else text.translate(_DIGITS)
