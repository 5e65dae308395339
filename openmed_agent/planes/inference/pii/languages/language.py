"""What a language is to the detector: its patterns, its ways of finding names and towns, and its word for birth."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.patterns import Pattern, before

_BIRTH_DISTANCE = 30


@dataclass(frozen=True, slots=True)
class Language:
    """One language: `finders` take a text and yield names and towns; `birth` announces a date of birth."""

    code: str
    patterns: tuple[Pattern, ...]
    finders: tuple[Callable[[str], Iterator[PiiFinding]], ...]
    birth: re.Pattern[str]

    def find(self, text: str, lowered: str) -> Iterator[PiiFinding]:
        """Yield what the language's own patterns and lists find in the text."""
        for pattern in self.patterns:
            for finding in pattern.find(text, lowered):
                yield self._named(text, finding)
        for finder in self.finders:
            yield from finder(text)

    def _named(self, text: str, finding: PiiFinding) -> PiiFinding:
        if finding.label == "date" and self.birth.search(before(text, finding.start, _BIRTH_DISTANCE)):
            return finding.labelled("date_of_birth")
        return finding
