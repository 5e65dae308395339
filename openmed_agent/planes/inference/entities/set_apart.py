"""Text whose words and marks a program has set apart with blanks, as corpora hold it: "L - dopa ( 50 mg )".

It is read as it was before, "L-dopa (50 mg)", and what was found is put back to where the given text has it.
"""

import re
from dataclasses import dataclass, replace
from typing import Final, Self

from openmed_agent.planes.inference.entities.finding import EntityFinding

_ATTACHED: Final = re.compile(r"[^\s.,;:][.,;:](?:\s|$)")
"""A mark that stands as in ordinary text: behind a word, before a blank."""
_APART: Final = re.compile(r" [.,)](?:\s|$)")
_BLANK: Final = re.compile(
    r" (?=[.,;:)\]%'/-](?:\s|$))"  # before a mark
    r"|(?:(?<=\s[(\[/-])|(?<=^[(\[/-])) "  # behind an opening mark
    r"|(?<=\s') (?=s(?:\s|$))"  # in "Parkinson ' s"
)


@dataclass(frozen=True, slots=True)
class Closed:
    """A text without the blanks around its marks, and where each of its characters stands in the given text."""

    text: str
    places: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Self:
        """Return ``text`` closed up."""
        dropped = {match.start() for match in _BLANK.finditer(text)}
        places = tuple(place for place in range(len(text)) if place not in dropped)
        return cls("".join(text[place] for place in places), places)

    def restored(self, finding: EntityFinding) -> EntityFinding:
        """Return a finding of the closed text where the given text has it."""
        return replace(finding, start=self.places[finding.start], end=self.places[finding.end - 1] + 1)


def closed(text: str) -> Closed | None:
    """Return ``text`` closed up when all of its marks are set apart; None for ordinary text, which is read as it is."""
    if _APART.search(text) is None or _ATTACHED.search(text) is not None:
        return None
    return Closed.of(text)
