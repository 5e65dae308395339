"""The small grammar every pattern family is written in."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from openmed_agent.planes.inference.pii.finding import PiiFinding


@dataclass(frozen=True, slots=True)
class Pattern:
    """One regular expression and what a match of its group means.

    `check` sees the matched characters and turns a look-alike down.
    """

    label: str
    expression: re.Pattern[str]
    confidence: float
    source: str
    group: int = 0
    check: Callable[[str], bool] | None = None

    def find(self, text: str) -> Iterator[PiiFinding]:
        """Yield the findings in the text."""
        for match in self.expression.finditer(text):
            value = match.group(self.group)
            if value and (self.check is None or self.check(value)):
                start, end = match.span(self.group)
                yield PiiFinding(start, end, self.label, self.confidence, (self.source,))


def before(text: str, position: int, width: int) -> str:
    """Return up to `width` characters before a position, on the same line, in lower case."""
    start = max(text.rfind("\n", max(0, position - width), position) + 1, position - width, 0)
    return text[start:position].lower()


def after(text: str, position: int, width: int) -> str:
    """Return up to `width` characters after a position, on the same line, in lower case."""
    end = text.find("\n", position, position + width)
    return text[position : end if end >= 0 else position + width].lower()


def digits_of(text: str) -> str:
    """Return the ASCII digits of the text."""
    return "".join(character for character in text if character in "0123456789")
