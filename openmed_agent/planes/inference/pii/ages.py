"""Ages over 89, which Safe Harbor counts as dates."""

import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.patterns import Part, holds

SOURCE: Final = "age"

_TENS: Final = (
    r"(ninety(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|(?:one|a) hundred(?: and)?(?: "
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten))?)"
)
_COUNTED: Final = re.compile(
    r"([91](?<![\w./-][91])(?:(?<=9)\d|(?<=1)(?:[01]\d|2[0-5])))"
    r"(?:(?i:[ -]{0,2}(?:years?|yrs?\.?|y)[ /-]{0,2}(?:old|o\b|of age)| ?(?:yo|y\.o\.?|y/o|yof|yom|yrs?)\b)"
    r"| ?(?:[MF]\b(?![./])|(?:year|yr)s?\b(?! (?:ago|later|of|prior|history))))"
)
_NUMBER: Final = re.compile(r"[91](?<!\d[91])(?:(?<=9)\d|(?<=1)(?:[01]\d|2[0-5]))")
_MORE: Final = re.compile(r"[\w%/]|\.\d")
_ANNOUNCED: Final = re.compile(
    r"\b(?:age|aged|age is|turn(?:ed|s|ing)?|age[d]? at|at the age of|years of age)\s{0,2}[:=]?\s{0,2}\Z", re.IGNORECASE
)
_LEAD: Final = 24
_IN_WORDS: Final = (
    (re.compile(rf"\b{_TENS}[ -](?:years?|yrs?)[ -]old\b", re.IGNORECASE), ("ninety", "hundred")),
    (
        re.compile(
            r"\b(?:in|into) (?:his|her|their|the) ((?:mid|late|early)?[ -]?(?:90'?s|nineties))\b", re.IGNORECASE
        ),
        ("90s", "90's", "nineties"),
    ),
)


def find(text: str, lowered: str) -> Iterator[PiiFinding]:
    """Yield the number of an age of 90 or more, without the words around it."""
    for match in _NUMBER.finditer(text):
        start, end = match.span()
        if _COUNTED.match(text, start) or (
            not _MORE.match(text, end) and _ANNOUNCED.search(text[max(0, start - _LEAD) : start])
        ):
            yield _finding((start, end))
    for expression, needs in _IN_WORDS:
        for match in expression.finditer(text) if holds(lowered, needs) else ():
            yield _finding(match.span(1))


def _finding(span: Part) -> PiiFinding:
    return PiiFinding(*span, "age", 0.85, (SOURCE,))
