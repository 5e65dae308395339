"""Towns in scripts without capitals: known ones, where a preposition or a comma shows that a place is meant."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.languages.lists import names_of, words_of

SOURCE: Final = "place"

_LONGEST_TOWN: Final = 4
_SHORTEST: Final = 3
_LEAD: Final = 24


@dataclass(frozen=True)
class ScriptTowns:
    """The towns of one language, callable on a text.

    `prefixes` are letters that may be glued before a town; after one of the `cues` (an expression) or a comma any
    town of the list counts; `after` is an expression that may follow one instead (a postposition).
    """

    code: str
    letters: str
    prefixes: str = ""
    cues: str = ""
    after: str = ""

    def __call__(self, text: str) -> Iterator[PiiFinding]:
        """Yield the towns in the text."""
        spans = [match.span() for match in self._word.finditer(text)]
        index = 0
        while index < len(spans):
            end = self._town_end(text, spans, index)
            if end > index and self._shown(text, spans[index][0], spans[end - 1][1]):
                yield PiiFinding(self._start(text, spans[index]), spans[end - 1][1], "city", 0.65, (SOURCE,))
                index = end
            else:
                index += 1

    def _start(self, text: str, span: tuple[int, int]) -> int:
        """Return where the town itself begins: a glued preposition stays."""
        glued = text[span[0]] in self.prefixes and text[span[0] : span[1]] not in self._beginnings
        return span[0] + glued

    def _town_end(self, text: str, spans: list[tuple[int, int]], index: int) -> int:
        start = self._start(text, spans[index])
        best = index
        for end in range(index + 1, min(index + _LONGEST_TOWN, len(spans)) + 1):
            phrase = text[start : spans[end - 1][1]]
            if phrase not in self._beginnings:
                break
            if phrase in self._towns:
                best = end
        return best

    def _shown(self, text: str, start: int, end: int) -> bool:
        if self._lead.search(text[max(0, start - _LEAD) : start]):
            return True
        if self.after and self._follow.match(text, end):
            return True
        return self._start(text, (start, end)) > start

    @cached_property
    def _word(self) -> re.Pattern[str]:
        return re.compile(f"[{self.letters}]{{1,60}}")

    @cached_property
    def _lead(self) -> re.Pattern[str]:
        return re.compile(rf"(?:(?<![{self.letters}])(?:{self.cues})\s|[،,/–-]\s?|:\s?)$")

    @cached_property
    def _follow(self) -> re.Pattern[str]:
        return re.compile(rf"\s?(?:{self.after})(?![{self.letters}])|[،,]?\s?-\s?\d{{6}}")

    @cached_property
    def _towns(self) -> frozenset[str]:
        names = names_of(self.code)
        never = words_of(self.code, "never") | words_of(self.code, "ambiguous") | words_of(self.code, "doubtful_towns")
        return frozenset(
            town for town in names.cities if len(town) >= _SHORTEST and town not in never and town not in names.given
        )

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        return frozenset(
            " ".join(town.split(" ")[:length]) for town in self._towns for length in range(1, town.count(" ") + 2)
        )
