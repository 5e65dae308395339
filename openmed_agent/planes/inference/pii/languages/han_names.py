"""Names of persons in scripts without spaces: Chinese and Japanese.

Surnames are few, so a name is a listed surname and one to three characters more, shown by what stands before it (a
field, 患者), after it (先生, 様), or by both parts being listed. Where it ends is told by the character that follows.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.languages.lists import names_of, phrases_of, words_of

SOURCE: Final = "name"
_SHORTEST_AGAIN: Final = 2
_LONGEST: Final = 16


@dataclass(frozen=True)
class HanNames:
    """The words of one language that its names are found with; callable on a text.

    `given` is the expression of a given name of unknown characters, `free` that of a whole unlisted name in a field,
    `titled` that of an unlisted name before a title.
    """

    code: str
    given: str
    free: str
    titled: str = ""

    def __call__(self, text: str) -> Iterator[PiiFinding]:
        """Yield first and last names, and every repetition of a whole name or of a part that stood apart."""
        known: dict[str, int] = {}
        for start, end, surname, confidence in self._names(text):
            value = text[start:end]
            parts = value.split(" ")
            whole = "".join(parts)
            known.setdefault(whole, len(parts[0]) if len(parts) > 1 else surname)
            if len(parts) > 1:
                known.setdefault(parts[0], len(parts[0]))
                known.setdefault(parts[-1], 0)
            yield from self._parts(start, end, surname, confidence)
        yield from self._again(text, known)

    def _again(self, text: str, known: dict[str, int]) -> Iterator[PiiFinding]:
        """Yield the places where a known name stands, the longest at each."""
        lengths = sorted({len(value) for value in known if _SHORTEST_AGAIN <= len(value) <= _LONGEST}, reverse=True)
        firsts = frozenset(value[0] for value in known if value)
        for start, character in enumerate(text):
            if character in firsts:
                for length in lengths:
                    value = text[start : start + length]
                    if value in known:
                        yield from self._parts(start, start + len(value), known[value], 0.75)
                        break

    def _parts(self, start: int, end: int, surname: int, confidence: float) -> Iterator[PiiFinding]:
        if surname:
            yield PiiFinding(start, start + surname, "last_name", confidence, (SOURCE,))
        if start + surname < end:
            yield PiiFinding(start + surname, end, "first_name", confidence, (SOURCE,))

    def _names(self, text: str) -> Iterator[tuple[int, int, int, float]]:
        """Yield start, end, length of the surname, and confidence."""
        for match in self._announced.finditer(text):
            found = self._at(text, match.end(), field=match[1] is not None)
            if found is not None:
                yield *found, 0.9
        yield from self._titled_names(text)
        for match in self._opening.finditer(text) if self._opening else ():
            if not self._stopped(match.group()):
                yield match.start(), match.end(), len(match[1]), 0.75
        for match in self._alone.finditer(text):
            if not self._stopped(match.group()) and self._given_characters.issuperset(match[2]):
                yield match.start(), match.end(), len(match[1]), 0.6
        for match in self._listed.finditer(text):
            yield match.start(), match.end(), len(match[1]), 0.7

    def _titled_names(self, text: str) -> Iterator[tuple[int, int, int, float]]:
        """Yield the names that a title follows."""
        for match in self._followed.finditer(text):
            if not self._stopped(match[1]):
                yield match.start(1), match.end(1), self._surname_length(match[1]), 0.85
        for match in self._free_titled.finditer(text) if self._free_titled else ():
            if not self._stopped(match.group()):
                yield match.start(), match.end(), match.end() - match.start(), 0.7
        for match in self._kin.finditer(text):
            yield match.start(1), match.end(1), 0, 0.75

    def _at(self, text: str, start: int, *, field: bool) -> tuple[int, int, int] | None:
        match = self._named.match(text, start)
        if match is not None and not self._stopped(match.group()):
            return start, self._shortened(text, start, match.end(), len(match[1])), len(match[1])
        if field:
            free = self._free.match(text, start)
            if free is not None and not self._stopped(free.group()):
                return start, free.end(), self._surname_length(free.group())
        return None

    def _stopped(self, value: str) -> bool:
        return any(word in value for word in self._never)

    def _shortened(self, text: str, start: int, end: int, surname: int) -> int:
        """Return the end without a last character that belongs to the sentence: 张伟因 is 张伟."""
        while end - start > surname + 1 and text[end - 1] in self._sentence:
            end -= 1
        for word in self._following:
            at = text.find(word, start + surname + 1, end + len(word))
            if at >= 0:
                end = min(end, at)
        return end

    def _surname_length(self, value: str) -> int:
        match = self._surname.match(value)
        return len(match.group()) if match else 0

    @cached_property
    def _surname_names(self) -> str:
        return "|".join(sorted(map(re.escape, names_of(self.code).surnames), key=len, reverse=True))

    @cached_property
    def _surname(self) -> re.Pattern[str]:
        return re.compile(self._surname_names)

    @cached_property
    def _named(self) -> re.Pattern[str]:
        return re.compile(rf"({self._surname_names})[ \u3000・]?(?:{self.given})")

    @cached_property
    def _free(self) -> re.Pattern[str]:
        return re.compile(self.free)

    @cached_property
    def _announced(self) -> re.Pattern[str]:
        fields = "|".join(phrases_of(self.code, "fields"))
        cues = "|".join(phrases_of(self.code, "cues"))
        return re.compile(
            rf"((?:{fields})(?:\s?\([^()\n]{{1,12}}\))?(?:\s{{0,3}}[:=|]\s{{0,3}}|\t\s{{0,3}}|\s{{2,8}}))(?:(?:{cues})"
            rf"[:\s]?)?|(?:{cues})[「『《]?[:\s]?"
        )

    @cached_property
    def _followed(self) -> re.Pattern[str]:
        after = "|".join(phrases_of(self.code, "titles_after"))
        role = "(?<![责責主副担當当])"
        return re.compile(rf"{role}((?:{self._surname_names})[ \u3000]?(?:{self.given})??) ?(?:{after})")

    @cached_property
    def _opening(self) -> re.Pattern[str] | None:
        """A name that begins a sentence and is followed by what is said of patients: 李芳于2023年."""
        following = "|".join(phrases_of(self.code, "openings"))
        begins = r"(?<![^\s,，.。;；:：、(])"
        return re.compile(rf"{begins}({self._surname_names})(?:{self.given})(?={following})") if following else None

    @cached_property
    def _free_titled(self) -> re.Pattern[str] | None:
        return re.compile(self.titled) if self.titled else None

    @cached_property
    def _alone(self) -> re.Pattern[str]:
        """A listed surname and two characters that given names are made of, with nothing else around."""
        following = "|".join(phrases_of(self.code, "followers"))
        ends = r"(?![^\s,，.。;；:：、()（）<>|])"
        return re.compile(
            rf"(?<![^\s,，.。;；:：、(>|])({self._surname_names})([\u4e00-\u9fff]{{1,2}})(?:{ends}|(?={following}))"
            if following
            else rf"(?<![^\s,，.。;；:：、(>|])({self._surname_names})([\u4e00-\u9fff]{{2}}){ends}"
        )

    @cached_property
    def _given_characters(self) -> frozenset[str]:
        return frozenset("".join(names_of(self.code).given))

    @cached_property
    def _kin(self) -> re.Pattern[str]:
        """A given name alone, between a cue and a title: 長女の美咲さん."""
        cues, after = ("|".join(phrases_of(self.code, section)) for section in ("cues", "titles_after"))
        return re.compile(rf"(?:{cues})({self.given})(?={after})")

    @cached_property
    def _listed(self) -> re.Pattern[str]:
        given = "|".join(
            sorted((re.escape(name) for name in names_of(self.code).given if len(name) > 1), key=len, reverse=True)
        )
        return re.compile(rf"({self._surname_names})[ \u3000]?(?:{given})(?![\u30a1-\u30fa])")

    @cached_property
    def _never(self) -> frozenset[str]:
        return words_of(self.code, "never")

    @cached_property
    def _sentence(self) -> frozenset[str]:
        return frozenset("".join(words_of(self.code, "sentence")))

    @cached_property
    def _following(self) -> frozenset[str]:
        return words_of(self.code, "following")
