"""The words of a text in a Latin script."""

import re
from dataclasses import dataclass
from typing import Final

from openmed_agent.planes.inference.pii.languages.spelling import folded

_WORD: Final = re.compile(r"[^\W\d_][\u0300-\u036f]?(?:-?[^\W\d_][\u0300-\u036f]?){0,60}")
_LINE: Final = re.compile(r"[\r\n]")
_LEAD: Final = 6
_BEGINNING: Final = re.compile(r"(?:(?<![^\r\n])|[.!?:;])[\s\"'(\[«„*•-]{0,5}\Z")
_JOINTS: Final = frozenset({" ", "  ", "\t", ". ", ".", "-", "'", "’", " '", " ’"})


@dataclass(frozen=True, slots=True)
class Word:
    """One word: half-open span, as written, and folded."""

    start: int
    end: int
    text: str
    key: str

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.text[0].isupper()

    @property
    def upper(self) -> bool:
        """Whether it is all capitals and longer than an initial."""
        return len(self.text) > 1 and self.text.isupper()

    @property
    def initial(self) -> bool:
        """Whether it is one capital letter."""
        return len(self.text) == 1 and self.text.isupper()


def words_in(text: str) -> list[Word]:
    """Return the words of the text in order."""
    return [Word(m.start(), m.end(), m.group(), folded(m.group())) for m in _WORD.finditer(text)]


def joined(text: str, left: Word, right: Word) -> bool:
    """Say whether two neighbouring words can be parts of one name: a space between them, or an initial's full stop."""
    gap = text[left.end : right.start]
    if gap in {". ", "."}:
        return left.initial or len(left.text) <= len("Jr") or (left.upper is False and len(left.text) <= len("med"))
    return gap in _JOINTS and not _LINE.search(gap)


def begins_sentence(text: str, word: Word) -> bool:
    """Say whether the word begins the text, a line, a list item or a sentence."""
    return _BEGINNING.search(text, max(0, word.start - _LEAD), word.start) is not None
