"""Names of persons in scripts without capitals but with spaces: Arabic and Devanagari.

A name begins after a title, a field or a cue, or where the lists know two words in a row; it ends at punctuation, at a
word that no name holds, or where the lists know no more.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.languages.lists import Names, names_of, phrases_of, words_of

SOURCE: Final = "name"

_LONGEST: Final = 5
_LONGEST_SHORT_FORM: Final = 2
_SHORTEST_AGAIN: Final = 3
_CERTAIN: Final = 0.75


@dataclass(frozen=True)
class ScriptNames:
    """The words of one language that its names are found with; callable on a text.

    `letters` is the class of the script's characters, marks included. `surname_prefix` begins words that are a
    surname after a given name even where no list has them (the Arabic article). `ends` is the expression of what
    may follow an unlisted surname.
    """

    code: str
    letters: str
    surname_prefix: str = ""
    ends: str = "$"

    def __call__(self, text: str) -> Iterator[PiiFinding]:
        """Yield first and last names."""
        return _Reader(text, self).find()

    @cached_property
    def names(self) -> Names:
        """The lists of this language."""
        return names_of(self.code)

    @cached_property
    def word(self) -> re.Pattern[str]:
        """One word of the script."""
        return re.compile(f"[{self.letters}]{{1,60}}")

    @cached_property
    def announced(self) -> re.Pattern[str]:
        """A field of a form, a title or a cue, up to where the name begins; group 1 is a field, group 2 a cue."""
        fields = "|".join(phrases_of(self.code, "fields"))
        titles = "|".join(phrases_of(self.code, "titles"))
        cues = "|".join(phrases_of(self.code, "cues"))
        return re.compile(
            rf"(?<![{self.letters}])(?:((?:{fields})(?:\s?\([^()\n]{{1,30}}\))?(?:\s?[:=|/-]\s{{0,3}}|\t\s{{0,3}}|"
            rf"\s{{3,8}}))"
            rf"|(?:{titles})[.\s:/]{{1,3}}|((?:{cues})[\s:]{{1,3}}))(?=[{self.letters}])"
        )

    @cached_property
    def end(self) -> re.Pattern[str]:
        """What may follow an unlisted surname."""
        return re.compile(self.ends)

    @cached_property
    def titles(self) -> frozenset[str]:
        """Single words that are titles, passed over at a name's beginning."""
        return words_of(self.code, "title_words")

    @cached_property
    def after(self) -> frozenset[str]:
        """Words of respect after a name."""
        return words_of(self.code, "titles_after")

    @cached_property
    def particles(self) -> frozenset[str]:
        """Small words inside a name."""
        return words_of(self.code, "particles")

    @cached_property
    def never(self) -> frozenset[str]:
        """Words that no name holds."""
        return words_of(self.code, "never")

    @cached_property
    def ambiguous(self) -> frozenset[str]:
        """Names that are words of the language too."""
        return words_of(self.code, "ambiguous")


class _Reader:
    """The decisions about one text."""

    def __init__(self, text: str, language: ScriptNames) -> None:
        self._text = text
        self._language = language
        self._spans = [match.span() for match in language.word.finditer(text)]
        self._words = [text[start:end] for start, end in self._spans]

    def find(self) -> Iterator[PiiFinding]:
        found = list(self._language.announced.finditer(self._text))
        announced = {match.end(): match[1] is not None for match in found}
        doubtful = {match.end() for match in found if match[2] is not None}
        known: dict[str, str] = {}
        taken: set[int] = set()
        index = 0
        while index < len(self._words):
            start = self._spans[index][0]
            first = self._after_titles(index) if start in announced else index
            if start in announced and (start not in doubtful or self._listed_here(first)):
                last, confidence = self._end_announced(first, field=announced[start]), 0.9
            else:
                last, confidence = self._end_listed(index), 0.8
            if last <= first:
                index += 1
                continue
            for place in range(first, last):
                label = "first_name" if place == first else "last_name"
                yield PiiFinding(*self._spans[place], label, confidence, (SOURCE,))
                taken.add(place)
                if len(self._words[place]) >= _SHORTEST_AGAIN and self._words[place] not in self._language.particles:
                    known[self._words[place]] = label
            index = last
        yield from self._again(known, taken)

    def _after_titles(self, index: int) -> int:
        while index + 1 < len(self._words) and self._words[index] in self._language.titles and self._near(index):
            index += 1
        return index

    def _near(self, index: int) -> bool:
        """Say whether only a space, or the full stop of a short form, stands between a word and the next."""
        gap = self._text[self._spans[index][1] : self._spans[index + 1][0]]
        return gap in {" ", "  ", ". ", ".", "/", "-"}

    def _end_announced(self, index: int, *, field: bool) -> int:
        """Return the end of a name after a title or field; a field's value runs to the next punctuation."""
        end = index
        while end < len(self._words) and end - index < _LONGEST and self._may_be_name(end):
            if end > index and not self._continues(end - 1):
                break
            if end > index and not field and not self._follows(index, end):
                break
            end += 1
        return end

    def _listed_here(self, index: int) -> bool:
        """Say whether one of the two words from here is a listed name: a cue alone announces anything."""
        return any(place < len(self._words) and self._listed(place) for place in (index, index + 1))

    def _follows(self, first: int, place: int) -> bool:
        """Say whether a word after a title belongs to the name: listed, or an unknown surname after a listed name."""
        if self._listed(place) or self._prefixed(place):
            return True
        ended = self._language.end.match(self._text, self._spans[place][1]) is not None
        return place == first + 1 and (ended or self._listed(first))

    def _end_listed(self, index: int) -> int:
        """Return the end of a name that only the lists show: a given name and then more of a name."""
        word = self._words[index]
        if word not in self._language.names.given or not self._may_be_name(index):
            return index
        following = index + 1 < len(self._words) and self._continues(index)
        if following and self._words[index + 1] in self._language.after:
            return index + 1
        doubtful = word in self._language.ambiguous
        end = index + 1
        while end < len(self._words) and end - index < _LONGEST and self._continues(end - 1) and self._may_be_name(end):
            if not self._listed(end) and not (self._prefixed(end) and not doubtful):
                break
            doubtful = doubtful and self._words[end] in self._language.ambiguous
            end += 1
        return end if end - index > 1 and not doubtful else index

    def _continues(self, index: int) -> bool:
        gap = self._text[self._spans[index][1] : self._spans[index + 1][0]]
        return gap in {" ", "  ", "-"} or (gap == ". " and len(self._words[index]) <= _LONGEST_SHORT_FORM)

    def _may_be_name(self, index: int) -> bool:
        word = self._words[index]
        return (
            word not in self._language.never and word not in self._language.after and word not in self._language.titles
        )

    def _listed(self, index: int) -> bool:
        word = self._words[index]
        lists = self._language.names
        return word in lists.given or word in lists.surnames or word in self._language.particles

    def _prefixed(self, index: int) -> bool:
        prefix = self._language.surname_prefix
        return bool(prefix) and self._words[index].startswith(prefix) and len(self._words[index]) > len(prefix) + 2

    def _again(self, known: dict[str, str], taken: set[int]) -> Iterator[PiiFinding]:
        for index, word in enumerate(self._words):
            if index not in taken and word in known and word not in self._language.ambiguous:
                yield PiiFinding(*self._spans[index], known[word], 0.7, (SOURCE,))
