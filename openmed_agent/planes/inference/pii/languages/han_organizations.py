"""Organisations in scripts without spaces: what stands before a word for hospital, back to where the name begins."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding

SOURCE: Final = "organization"
_LONGEST: Final = 20
_SHORTEST: Final = 2


@dataclass(frozen=True)
class HanOrganizations:
    """Expressions of one language, callable on a text.

    `kinds` are words for organisations, `stops` what cannot be inside a name before one, `generic` whole names that
    name nobody (a general hospital).
    """

    kinds: str
    stops: str
    generic: str

    def __call__(self, text: str) -> Iterator[PiiFinding]:
        """Yield the organisations in the text."""
        for match in self._kinds.finditer(text):
            start = max(0, match.start() - _LONGEST)
            window = text[start : match.start()]
            for stop in self._stops.finditer(window):
                start = match.start() - len(window) + stop.end()
            name = text[start : match.start()]
            if len(name) >= _SHORTEST and not self._generic.fullmatch(name):
                yield PiiFinding(start, match.end(), "organization", 0.65, (SOURCE,))

    @cached_property
    def _kinds(self) -> re.Pattern[str]:
        return re.compile(f"(?:{self.kinds})")

    @cached_property
    def _stops(self) -> re.Pattern[str]:
        return re.compile(f"(?:{self.stops})")

    @cached_property
    def _generic(self) -> re.Pattern[str]:
        return re.compile(f"(?:{self.generic})")
