"""How a term of any terminology, or a query for one, becomes words that can be compared."""

import re
import unicodedata
from typing import Final

from openmed_agent.planes.codes.icd_words import fold

_TOKEN: Final = re.compile(r"[a-z0-9]+")
_STOP_TEXT: Final = "a an and as at by for from in is of on or per the to with by"
_STOP: Final = frozenset(_STOP_TEXT.split())
_MOST_WORDS: Final = 60


def term_words(text: str) -> tuple[str, ...]:
    """Return the comparable words of ``text``, in order, each once, without those that say nothing.

    Accents and case do not count, nor do plural and British spelling.
    """
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(character for character in decomposed if unicodedata.category(character) != "Mn")
    words = [fold(token) for token in _TOKEN.findall(text.lower().replace("'s", ""))]
    telling = [word for word in words if word not in _STOP]
    return tuple(dict.fromkeys(telling or words))[:_MOST_WORDS]
