"""Whether a passphrase is good enough to stand for a reviewer's signature.

The estimate is deliberately rough: characters that repeat or count on add nothing, and the rest add what
their alphabet gives. It refuses the careless, it does not measure the careful. The key behind the passphrase
costs 128 MiB and a few tenths of a second for each guess, so 40 bits take centuries of one machine's time.
"""

import math
import unicodedata
from itertools import pairwise
from typing import Final

from openmed_agent.errors import InputError
from openmed_agent.secrets.passphrase import SHORTEST_PASSPHRASE

_LONGEST: Final = 1024
_LEAST_BITS: Final = 40.0
_LEAST_DIFFERENT: Final = 6
_SHORTEST_NAME: Final = 3
# Fragments of the passwords that lead every published list of leaked ones.
_WORST: Final = (
    "password",
    "passphrase",
    "passwort",
    "letmein",
    "welcome",
    "qwerty",
    "qwertz",
    "azerty",
    "asdfgh",
    "zxcvbn",
    "iloveyou",
    "admin",
    "changeme",
    "secret",
    "monkey",
    "dragon",
    "football",
    "baseball",
    "sunshine",
    "princess",
    "abc123",
    "123456",
    "openmed",
)
_ALPHABETS: Final = ((str.islower, 26), (str.isupper, 26), (str.isdigit, 10))
_OTHER_CHARACTERS: Final = 20


def check_passphrase(passphrase: str, *, reviewer: str) -> None:
    """Refuse a passphrase that is short, built on the reviewer's name, repetitive, or commonly used.

    Raises:
        InputError: it is refused; the sentence says why and never holds the passphrase.

    """
    remedy = "Use five or more words that do not belong together, or 16 random characters."
    text = unicodedata.normalize("NFC", passphrase)
    if len(text) < SHORTEST_PASSPHRASE:
        raise InputError(f"The passphrase is shorter than {SHORTEST_PASSPHRASE} characters.", remedy=remedy)
    if len(text) > _LONGEST:
        raise InputError(f"The passphrase is longer than {_LONGEST} characters.", remedy="Shorten it.")
    if not text.isprintable():
        raise InputError("The passphrase holds control characters.", remedy="Type it again.")
    folded = text.casefold()
    rest = _without(folded, _name_parts(reviewer))
    if rest != folded and not _is_strong(rest):
        raise InputError("The passphrase is little more than the reviewer's name.", remedy=remedy)
    if len(set(folded)) < _LEAST_DIFFERENT:
        raise InputError("The passphrase repeats a few characters.", remedy=remedy)
    rest = _without(folded, _WORST)
    if rest != folded and not _is_strong(rest):
        raise InputError("The passphrase is little more than a commonly used password.", remedy=remedy)
    if not _is_strong(text):
        raise InputError("The passphrase is easy to guess: it repeats or counts on.", remedy=remedy)


def _is_strong(text: str) -> bool:
    """Return whether the characters that are neither repeated nor next in a row give enough bits."""
    alphabet = sum(size for test, size in _ALPHABETS if any(test(character) for character in text))
    if any(not character.isalnum() for character in text):
        alphabet += _OTHER_CHARACTERS
    if any(character.isalpha() and not character.isascii() for character in text):
        alphabet += _OTHER_CHARACTERS
    surprising = sum(1 for before, after in pairwise(text) if abs(ord(after) - ord(before)) > 1)
    # A block that returns again and again counts once: "tulip9tulip9tulip9".
    period = _period(text.casefold())
    return min(surprising, period) * math.log2(max(alphabet, 2)) >= _LEAST_BITS


def _period(text: str) -> int:
    """Return the length of the shortest block whose repetition gives the text (the text's own at most)."""
    borders = [0] * len(text)
    for place in range(1, len(text)):
        length = borders[place - 1]
        while length and text[place] != text[length]:
            length = borders[length - 1]
        borders[place] = length + (text[place] == text[length])
    return len(text) - (borders[-1] if borders else 0)


def _without(text: str, parts: tuple[str, ...]) -> str:
    for part in parts:
        text = text.replace(part, "")
    return text


def _name_parts(reviewer: str) -> tuple[str, ...]:
    folded = unicodedata.normalize("NFC", reviewer).casefold()
    words = [word for word in folded.replace(".", " ").split() if len(word) >= _SHORTEST_NAME]
    return (folded, folded.replace(" ", ""), *words)
