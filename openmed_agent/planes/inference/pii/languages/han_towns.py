"""Towns in scripts without spaces: those of the list, where the characters around show that a place is meant."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.languages.lists import names_of

SOURCE: Final = "place"


@dataclass(frozen=True)
class HanTowns:
    """The towns of one language, callable on a text.

    `suffixes` are the characters that mean a town or district; `before` and `after` are expressions of what stands
    around a place, of which one is enough.
    """

    code: str
    suffixes: str
    before: str
    after: str

    def __call__(self, text: str) -> Iterator[PiiFinding]:
        """Yield the towns in the text."""
        for match in self._towns.finditer(text):
            start, end = match.span("town") if match["town"] else match.span("led")
            yield PiiFinding(start, end, "city", 0.65, (SOURCE,))

    @cached_property
    def _towns(self) -> re.Pattern[str]:
        names = "|".join(sorted(map(re.escape, names_of(self.code).cities), key=len, reverse=True))
        town = f"(?:{names})[{self.suffixes}]?"
        return re.compile(f"(?P<town>{town})(?={self.after})|(?:{self.before})(?P<led>{town})")
