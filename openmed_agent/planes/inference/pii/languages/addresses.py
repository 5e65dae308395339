"""What the addresses of all languages share: a town after its postal code, and towns of the lists."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.languages.lists import names_of, words_of
from openmed_agent.planes.inference.pii.languages.tokens import Word, begins_sentence, joined, words_in
from openmed_agent.planes.inference.pii.patterns import Pattern

SOURCE: Final = "place"
CAPITAL: Final = r"[A-ZÀ-ÖØ-ÞĀ-Ž][\w'’-]{0,40}"
_LONGEST_TOWN: Final = 5
_LONGEST_STREET: Final = 200
_SHORTEST_TOWN: Final = 4


def street(
    expression: str, *, flags: re.RegexFlag = re.NOFLAG, confidence: float = 0.85, ends: str | None = None
) -> Pattern:
    """Return the pattern of a street with its number; `ends` is the expression of what every such street ends with."""
    return Pattern(
        "street_address",
        re.compile(expression, flags),
        confidence,
        SOURCE,
        ends=None if ends is None else re.compile(ends),
        longest=_LONGEST_STREET,
    )


def postal(code: str, town: str, *, confidence: float = 0.85) -> tuple[Pattern, Pattern]:
    """Return the patterns of a postal code and of the town after it, both expressions."""
    expression = re.compile(rf"(?<![A-Za-z0-9])(?<!\d[.,/-])({code})[ ,]{{1,2}}({town})")
    return (
        Pattern("zipcode", expression, confidence, SOURCE, group=1),
        Pattern("city", expression, confidence, SOURCE, group=2),
    )


def place(label: str, expression: str, *, confidence: float = 0.7) -> Pattern:
    """Return the pattern of a place in group 1, after words that announce one."""
    return Pattern(label, re.compile(expression), confidence, SOURCE, group=1)


def dateline(town: str) -> Pattern:
    """Return the pattern of the town at the beginning of a line before the date of a letter."""
    date = r"(?:\d{1,2}[./-]|\d{4}-|\d{1,2}(?:\.|er|º|°)? (?:de |di )?[^\W\d_]{3,10}\.? (?:de |del )?(?:19|20)\d\d)"
    words = r"(?:,|,? (?:den|am|le|li|lì|il|a|op|em|el|,))"
    return Pattern("city", re.compile(rf"(?<![^\n])({town}){words} (?={date})"), 0.75, SOURCE, group=1)


@dataclass(frozen=True)
class Towns:
    """Finds the towns of a Latin-script language's list; one that is also a word needs a preposition before it."""

    code: str
    prepositions: str

    def __call__(self, text: str) -> Iterator[PiiFinding]:
        """Yield the towns in the text."""
        words = words_in(text)
        index = 0
        while index < len(words):
            length = self._longest_at(text, words, index) if words[index].capital else 0
            if not length:
                index += 1
                continue
            first, last = words[index], words[index + length - 1]
            announced = self._announced.search(text[max(0, first.start - 24) : first.start]) is not None
            doubtful = length == 1 and first.key in self._doubtful
            if announced or (not doubtful and not begins_sentence(text, first) and not first.upper):
                yield PiiFinding(first.start, last.end, "city", 0.7 if announced else 0.6, (SOURCE,))
            index += length

    def _longest_at(self, text: str, words: list[Word], index: int) -> int:
        """Return how many words from here are a town, 0 for none."""
        best, parts = 0, ""
        for length in range(1, min(_LONGEST_TOWN, len(words) - index) + 1):
            word = words[index + length - 1]
            if length > 1 and not joined(text, words[index + length - 2], word):
                break
            parts = f"{parts} {word.key}" if parts else word.key
            if parts not in self._beginnings:
                break
            if parts in self._towns:
                best = length
        return best

    @cached_property
    def _towns(self) -> frozenset[str]:
        return frozenset(re.sub(r"[-'. ]+", " ", town) if " " in town else town for town in names_of(self.code).cities)

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        return frozenset(
            " ".join(town.split()[:length]) for town in self._towns for length in range(1, len(town.split()) + 1)
        )

    @cached_property
    def _doubtful(self) -> frozenset[str]:
        names = names_of(self.code)
        return names.given | names.surnames | words_of(self.code, "never") | words_of(self.code, "doubtful_towns")

    @cached_property
    def _announced(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![^\W_])(?:{self.prepositions})\s$", re.IGNORECASE)
