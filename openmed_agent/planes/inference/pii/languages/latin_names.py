"""Names of persons in the Latin-script languages: titles, fields, cues, lists and capital letters.

The steps: find where a name begins and by what evidence, read on to where it ends, then look for the same words
elsewhere in the document.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.languages.lists import Names, names_of, phrases_of, words_of
from openmed_agent.planes.inference.pii.languages.tokens import Word, begins_sentence, joined, words_in
from openmed_agent.planes.inference.pii.vocabulary import EPONYMS

SOURCE: Final = "name"

_LONGEST: Final = 6
_MOST_TITLES: Final = 6
_SHORTEST_FORMED: Final = 7
_MOST_PARTICLES: Final = 3
_SHORTEST_LONE: Final = 3
_SHORTEST_AGAIN: Final = 3
_CERTAIN: Final = 0.75
_VALUE_WIDTH: Final = 40
_BORN: Final = re.compile(
    r"[\s,(|]{1,10}(?:\*|geb\b|geb\.|geboren|geburt|née?\b|né\(e\)|ddn|date de naiss|nacid[oa]|f\. ?nac|"
    r"fecha (?:de )?nac|nat[oa] (?:il|a)"
    r"|data (?:di|de) nasc|nascid[oa]|nasc\.|geboorte|doğum|d\. ?tarihi|\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d)",
    re.IGNORECASE,
)
"""What follows a name in a heading: the date of birth."""
_NOTHING_MORE: Final = re.compile(r"\s*(?:[,;()<|\r\n*]|\.(?!\w)|\Z)|\s{2}")


@dataclass(frozen=True)
class LatinNames:
    """The words of one language that its names are found with; callable on a text.

    `capital_nouns` says that every noun has a capital (German), so that a capital alone shows nothing.
    """

    code: str
    capital_nouns: bool = False

    def __call__(self, text: str) -> Iterator[PiiFinding]:
        """Yield first and last names."""
        return _Reader(text, self).find()

    @cached_property
    def own(self) -> Names:
        """The lists of this language."""
        return names_of(self.code)

    @cached_property
    def shared(self) -> Names:
        """The lists of all Latin scripts."""
        return names_of("latin")

    @cached_property
    def titles(self) -> frozenset[str]:
        """Words before a name that are no part of it."""
        return words_of(self.code, "titles")

    @cached_property
    def titles_after(self) -> frozenset[str]:
        """Forms of address that follow a name."""
        return words_of(self.code, "titles_after")

    @cached_property
    def particles(self) -> frozenset[str]:
        """Small words inside a surname."""
        return words_of(self.code, "particles")

    @cached_property
    def never(self) -> frozenset[str]:
        """Words that no name holds: headings, clinical nouns, months, countries."""
        return words_of("latin", "never") | words_of(self.code, "never")

    @cached_property
    def ambiguous(self) -> frozenset[str]:
        """Names that are words of the language too."""
        return words_of(self.code, "ambiguous")

    @cached_property
    def endings(self) -> tuple[str, ...]:
        """Endings of words that are no names."""
        return tuple(sorted(words_of(self.code, "endings")))

    @cached_property
    def fields(self) -> re.Pattern[str]:
        """A label of a form whose value is a name."""
        return re.compile(
            rf"(?<![^\W_])(?:{'|'.join(phrases_of(self.code, 'fields'))})(?:\s?\([^()\n]{{1,30}}\))?"
            r"(?:\s?[:=|]\s{0,3}|\t\s{0,3}|\s{3,8})(?=[^\W\d_])"
            rf"|(?<![^\W_])(?:{'|'.join(phrases_of(self.code, 'signoffs'))})"
            rf"[,.!]?\s?[\r\n]{{1,4}}\s{{0,4}}(?=[^\W\d_])",
            re.IGNORECASE,
        )

    @cached_property
    def cues(self) -> re.Pattern[str]:
        """A word after which a capitalised word is a name."""
        return re.compile(rf"(?<![^\W_])(?:{'|'.join(phrases_of(self.code, 'cues'))}),?\s(?=[^\W\d_])", re.IGNORECASE)

    @cached_property
    def medical_before(self) -> re.Pattern[str]:
        """What stands before a person's name that has become a medical term."""
        return re.compile(
            rf"(?<![^\W_])(?:{'|'.join(phrases_of(self.code, 'medical_before'))})\W{{1,2}}$", re.IGNORECASE
        )

    @cached_property
    def medical_after(self) -> frozenset[str]:
        """What stands after such a name, as a word or as the end of a compound."""
        return words_of(self.code, "medical_after")


class _Reader:
    """The decisions about one text."""

    def __init__(self, text: str, language: LatinNames) -> None:
        self._text = text
        self._language = language
        self._words = words_in(text)

    def find(self) -> Iterator[PiiFinding]:
        values = {match.end() for match in self._language.fields.finditer(self._text)}
        cued = {match.end() for match in self._language.cues.finditer(self._text)}
        known: dict[str, str] = {}
        taken: set[int] = set()
        titles, announced = self._language.titles, values | cued
        done = 0
        for index, begin in enumerate(self._words):
            if index < done or not (begin.capital or begin.key in titles or begin.start in announced):
                continue
            found = self._name_at(index, values, cued)
            if found is None:
                continue
            first, last, confidence = found
            for place in range(first, last):
                word = self._words[place]
                label = self._label(first, place, last)
                yield PiiFinding(word.start, word.end, label, confidence, (SOURCE,))
                taken.add(place)
                if (
                    confidence >= _CERTAIN
                    and len(word.key) >= _SHORTEST_AGAIN
                    and word.key not in self._language.particles
                ):
                    known[word.key] = label
            done = last
        yield from self._again(known, taken)

    # -- where a name begins ---------------------------------------------------------------------------------

    def _name_at(self, index: int, values: set[int], cued: set[int]) -> tuple[int, int, float] | None:
        """Return first word, end and confidence of the name that begins at a word or after its titles."""
        word = self._words[index]
        start = self._after_titles(index)
        if start > index or word.start in values or word.start in cued:
            field = word.start in values
            found = self._announced(start, field=field, titled=start > index)
            if found is not None:
                return start, found, 0.9 if start > index or field else 0.8
            return None
        named = self._unannounced(index) if word.capital and self._allowed(word) else None
        return None if named is not None and self._medical(index) else named

    def _after_titles(self, index: int) -> int:
        """Return the first word that is no title; `index` where a title is not followed by a capital."""
        place = index
        most = min(len(self._words), index + _MOST_TITLES)
        while place < most and self._words[place].key in self._language.titles:
            if place + 1 >= len(self._words) or not self._title_joined(place):
                return index
            place += 1
        return place

    def _title_joined(self, place: int) -> bool:
        gap = self._text[self._words[place].end : self._words[place + 1].start]
        return gap.strip(" .,)/\u00a0-") in {"", "ssa", "ª", "º", "(a"} and "\n" not in gap and len(gap) <= len("(a). ")

    def _announced(self, index: int, *, field: bool, titled: bool) -> int | None:
        """Return the end of the name that a title, field or cue announces, or None."""
        if index >= len(self._words):
            return None
        word = self._words[index]
        particle = word.key in self._language.particles
        if not self._allowed(word) and not particle:
            return None
        if particle and not self._particle_leads(index):
            return None
        listed = self._listed(word)
        if not (word.capital or particle or (listed and (field or titled) and self._small_letters(index))):
            return None
        if not (field or titled) and not self._trusted_after_cue(index):
            return None
        end = self._end(index, lower=not word.capital and not particle, announced=field or titled)
        return self._with_given_after_comma(index, end, field=field)

    def _small_letters(self, index: int) -> bool:
        """Say whether a listed word in small letters is followed by another: a name typed without capitals."""
        following = self._next(index)
        return following is not None and not following.capital and self._listed(following)

    def _trusted_after_cue(self, index: int) -> bool:
        word = self._words[index]
        if self._medical(index):
            return False
        if not self._language.capital_nouns or self._listed(word):
            return not word.upper or self._listed(word)
        following = self._next(index)
        return (following is not None and self._known_surname(following)) or word.initial

    def _unannounced(self, index: int) -> tuple[int, int, float] | None:
        """Return a name that only lists and capitals show."""
        word = self._words[index]
        following = self._next(index)
        given = word.key in self._language.own.given and word.key not in self._language.ambiguous
        if following is not None and following.key in self._language.titles_after:
            return index, index + 1, 0.85
        if following is not None and self._full_name(word, following):
            end = self._end(index)
            confidence = 0.8 if end - index > 1 else 0.0
            return (index, end, confidence) if confidence else None
        if following is not None and following.capital and self._allowed(following):
            end = self._capital_run(index)
            if end - index > 1 and _BORN.match(self._text, self._words[end - 1].end):
                return index, end, 0.8
        comma = self._after_comma(index)
        if comma is not None and comma.capital and self._known_surname(word) and self._known_given(comma):
            return index, self._end(index + 1), 0.8
        if given and following is None and self._stands_alone(index):
            return index, index + 1, 0.55
        return None

    def _full_name(self, word: Word, following: Word) -> bool:
        """Say whether two joined words are a name: given and surname in either order, or an initial and a surname."""
        if not self._allowed(following) and following.key not in self._language.particles:
            return False
        if word.initial:
            return self._text[word.end : word.end + 1] == "." and following.capital and self._known_surname(following)
        own = self._in(word, self._language.own.given)
        if own or self._known_given(word):
            if following.key in self._language.particles:
                return own
            if not following.capital:
                return False
            sure = own and word.key not in self._language.ambiguous and not self._language.capital_nouns
            return sure or following.initial or self._listed(following) or (own and self._unknown_noun(following))
        return self._own_surname(word) and following.capital and self._in(following, self._language.own.given)

    def _unknown_noun(self, word: Word) -> bool:
        """Say whether a capitalised word may be a surname where nouns have capitals too."""
        return word.capital and not self._common_ending(word)

    def _stands_alone(self, index: int) -> bool:
        word = self._words[index]
        return (
            len(word.key) > _SHORTEST_LONE
            and not word.upper
            and not begins_sentence(self._text, word)
            and self._text[word.end : word.end + 1] != "-"
        )

    # -- where a name ends -----------------------------------------------------------------------------------

    def _end(self, index: int, *, lower: bool = False, announced: bool = False) -> int:
        """Return the end of the name that begins at a word.

        `lower` lets listed words in small letters in; after a title or field, `announced`, two unlisted words are a
        name where nouns have capitals too, if nothing more follows them.
        """
        end = index + 1
        first = self._words[index]
        surname = not (self._known_given(first) or first.initial or first.key in self._language.particles)
        while end < len(self._words) and end - index < _LONGEST and self._may_follow(end, lower=lower):
            word = self._words[end]
            particle = word.key in self._language.particles
            if not particle:
                after_particle = self._words[end - 1].key in self._language.particles
                listed = self._listed(word) or word.initial
                if not listed and not after_particle and surname and self._language.capital_nouns:
                    second = announced and end == index + 1 and _NOTHING_MORE.match(self._text, word.end)
                    return end + 1 if second else end
                surname = surname or not listed or (self._own_surname(word) and not self._known_given(word))
            end += 1
        return end

    def _may_follow(self, place: int, *, lower: bool) -> bool:
        """Say whether a word can go on with the name that the word before it is part of."""
        word = self._words[place]
        if not joined(self._text, self._words[place - 1], word):
            return False
        if word.key in self._language.particles and self._particle_leads(place):
            return True
        if not self._allowed(word) or self._medical_head(word):
            return False
        listed = self._listed(word)
        if not (word.capital or (lower and listed)):
            return False
        return listed or word.initial or not self._common_ending(word)

    def _capital_run(self, index: int) -> int:
        """Return the end of the run of capitalised words from here that may be names, listed or not."""
        end = index + 1
        while end < len(self._words) and end - index < _LONGEST and joined(self._text, *self._words[end - 1 : end + 1]):
            word = self._words[end]
            particle = word.key in self._language.particles and self._particle_leads(end)
            if not particle and not (word.capital and self._allowed(word) and not self._common_ending(word)):
                break
            end += 1
        return end

    def _particle_leads(self, place: int) -> bool:
        """Say whether particles at a place lead to a capitalised word that may be a surname."""
        most = min(len(self._words) - 1, place + _MOST_PARTICLES)
        while place < most and self._words[place].key in self._language.particles:
            if not joined(self._text, self._words[place], self._words[place + 1]):
                return False
            place += 1
        word = self._words[place]
        return word.capital and self._allowed(word)

    def _with_given_after_comma(self, index: int, end: int, *, field: bool) -> int:
        """Return the end with the given names of "Surname, Given", else the end as it was."""
        word = self._after_comma(end - 1)
        if word is None or not self._allowed(word) or not word.capital:
            return end
        surname = self._words[index]
        if self._known_given(word) and not word.initial and (field or self._known_surname(surname)):
            return self._end(end)
        if field and not (end - index > 1 and self._known_given(surname)) and (surname.upper or not word.upper):
            ends = _NOTHING_MORE.match(self._text, word.end) and not self._common_ending(word)
            return end + 1 if ends else end
        return end

    def _after_comma(self, index: int) -> Word | None:
        if index + 1 >= len(self._words):
            return None
        gap = self._text[self._words[index].end : self._words[index + 1].start]
        return self._words[index + 1] if gap in {", ", ","} else None

    # -- what a word is --------------------------------------------------------------------------------------

    def _next(self, index: int) -> Word | None:
        if index + 1 < len(self._words) and joined(self._text, self._words[index], self._words[index + 1]):
            return self._words[index + 1]
        return None

    def _allowed(self, word: Word) -> bool:
        if word.key in self._language.never or word.key in self._language.titles:
            return False
        return not any(part in self._language.never for part in word.key.split("-")) if "-" in word.key else True

    def _common_ending(self, word: Word) -> bool:
        return len(word.key) >= _SHORTEST_FORMED and word.key.endswith(self._language.endings)

    def _known_given(self, word: Word) -> bool:
        return self._in(word, self._language.own.given) or self._in(word, self._language.shared.given)

    def _known_surname(self, word: Word) -> bool:
        return self._own_surname(word) or self._in(word, self._language.shared.surnames)

    def _own_surname(self, word: Word) -> bool:
        return self._in(word, self._language.own.surnames)

    def _listed(self, word: Word) -> bool:
        return self._known_given(word) or self._known_surname(word)

    @staticmethod
    def _in(word: Word, names: frozenset[str]) -> bool:
        if word.key in names:
            return True
        return "-" in word.key and any(part in names for part in word.key.split("-"))

    def _medical(self, index: int) -> bool:
        """Say whether the words around make a medical term of the name: Morbus Crohn, Babinski-Zeichen."""
        word = self._words[index]
        lead = self._text[max(0, word.start - _VALUE_WIDTH) : word.start]
        if self._language.medical_before.search(lead):
            return True
        if self._medical_head(word):
            return True
        following = self._next(index)
        return following is not None and following.key in self._language.medical_after

    def _medical_head(self, word: Word) -> bool:
        if "-" not in word.key:
            return False
        last = word.key.rsplit("-", 1)[1]
        if last in self._language.medical_after:
            return True
        return word.key.split("-", 1)[0] in EPONYMS and last not in self._language.shared.surnames

    def _label(self, first: int, place: int, last: int) -> str:
        word = self._words[place]
        if last - first == 1:
            return "first_name" if self._known_given(word) and not self._own_surname(word) else "last_name"
        if "," in self._text[self._words[first].start : word.start]:
            return "first_name"
        return "first_name" if place < last - 1 and (self._known_given(word) or word.initial) else "last_name"

    # -- the same name again ---------------------------------------------------------------------------------

    def _again(self, known: dict[str, str], taken: set[int]) -> Iterator[PiiFinding]:
        for index, word in enumerate(self._words):
            if (
                index in taken
                or not word.capital
                or (word.key not in known and word.key.removesuffix("s") not in known)
            ):
                continue
            if not self._medical(index):
                label = known.get(word.key) or known[word.key.removesuffix("s")]
                yield PiiFinding(word.start, word.end, label, 0.7, (SOURCE,))
