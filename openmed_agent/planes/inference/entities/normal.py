"""Tokens of a text and their normal forms, under which spelling variants of a term meet.

The term lists are stored in normal form, so the same function must make both sides. Normal forms never leave
this room: offsets always count code points of the text as it was given.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Characters without width that copying from PDFs and chat leaves inside words.
_INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_TOKEN = re.compile(rf"[^\W_]+(?:[{_INVISIBLE}]+[^\W_]+)*(?:['’][sS](?![^\W_]))?")
_STRIP_INVISIBLE = re.compile(f"[{_INVISIBLE}]")
# A hyphen with a blank before it ends what stands before: "Osteoporosis - DEXA", "cough -fever".
_JOINTS = frozenset(["", " ", "  ", "-", "‐", "‑", "–", "/", "'", "’", "\n", "\r\n", "- ", " / ", "-\n", "\t"])
_GREEK = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ω": "omega",
    "µ": "mu",
    "μ": "mu",
    "κ": "kappa",
}
_UNCOUNTED = frozenset(
    ["aids", "as", "has", "his", "is", "its", "mers", "ms", "pos", "ras", "sars", "this", "us", "was"]
)
_LONGEST_WORD = 60
_SHORTEST_PLURAL = 4


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of one text: parallel tuples of offsets, normal forms and whether a word joins its predecessor."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    words: tuple[str, ...]
    joined: tuple[bool, ...]

    def __len__(self) -> int:
        """Return how many words the text has."""
        return len(self.words)

    def raw(self, index: int) -> str:
        """Return the word as it stands in the text."""
        return self.text[self.starts[index] : self.ends[index]]

    def gap(self, index: int) -> str:
        """Return what stands between word ``index - 1`` and word ``index``."""
        return self.text[self.ends[index - 1] if index else 0 : self.starts[index]]


def tokenize(text: str) -> Tokens:
    """Return the tokens of ``text``; a word is joined when only a space, a hyphen or the like precedes it."""
    starts: list[int] = []
    ends: list[int] = []
    words: list[str] = []
    joined: list[bool] = []
    previous = 0
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        gap = text[previous:start]
        starts.append(start)
        ends.append(end)
        words.append(normal_word(match.group()) if end - start <= _LONGEST_WORD else "")
        joined.append(previous > 0 and (gap in _JOINTS or _inside_name(gap, text, start)))
        previous = end
    return Tokens(text, tuple(starts), tuple(ends), tuple(words), tuple(joined))


def normal_phrase(term: str) -> str:
    """Return the normal form of a term: normal words, single spaces."""
    return " ".join(word for word in tokenize(term).words if word)


@lru_cache(maxsize=1 << 16)
def normal_word(word: str) -> str:
    """Return one word folded: case, accents, British digraphs, possessive and plural are gone."""
    folded = word.lower()
    if not folded.isascii():
        folded = _fold(folded)
    if folded.endswith(("'s", "’s")):
        folded = folded[:-2]
    return _singular(folded.replace("ae", "e").replace("oe", "e").replace("tumour", "tumor"))


def _inside_name(gap: str, text: str, start: int) -> bool:
    """Return whether a bare comma or dot stands inside a chemical name or number, as in ``2,3-`` or ``1.5``."""
    return gap in {",", ",'", "',"} and text[start].isdigit()


def _fold(word: str) -> str:
    visible = _STRIP_INVISIBLE.sub("", word)
    spelled = "".join(_GREEK.get(character, character) for character in visible).replace("’", "'")
    return "".join(c for c in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(c))


def _singular(word: str) -> str:
    if (
        len(word) < _SHORTEST_PLURAL
        or not word.endswith("s")
        or word.endswith(("ss", "us", "is"))
        or word in _UNCOUNTED
    ):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("stases", "noses", "choses", "roses", "physes", "heses")):
        return word[:-2] + "is"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1]
