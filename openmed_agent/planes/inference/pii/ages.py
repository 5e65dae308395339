"""Ages over 89, which Safe Harbor counts as dates."""

import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding

SOURCE: Final = "age"

_AGE: Final = r"(9\d|1[01]\d|12[0-5])"
_TENS: Final = (
    r"(ninety(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|(?:one|a) hundred(?: and)?(?: "
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten))?)"
)
_EXPRESSIONS: Final = (
    re.compile(rf"(?<![\w./-]){_AGE}[ -]{{0,2}}(?:years?|yrs?\.?|y)[ /-]{{0,2}}(?:old|o\b|of age)", re.IGNORECASE),
    re.compile(rf"(?<![\w./-]){_AGE} ?(?:yo|y\.o\.?|y/o|yof|yom|yrs?)\b", re.IGNORECASE),
    re.compile(rf"(?<![\w./-]){_AGE} ?(?:[MF]\b(?![./])|(?:year|yr)s?\b(?! (?:ago|later|of|prior|history)))"),
    re.compile(
        rf"\b(?:age|aged|age is|turn(?:ed|s|ing)?|age[d]? at|at the age of"
        rf"|years of age)\s{{0,2}}[:=]?\s{{0,2}}{_AGE}(?![\w%/]|\.\d)",
        re.IGNORECASE,
    ),
    re.compile(rf"\b{_TENS}[ -](?:years?|yrs?)[ -]old\b", re.IGNORECASE),
    re.compile(r"\b(?:in|into) (?:his|her|their|the) ((?:mid|late|early)?[ -]?(?:90'?s|nineties))\b", re.IGNORECASE),
)
_OLD: Final = re.compile(r"9\d|1[012]\d|[Nn]inet|NINET|[Hh]undred|HUNDRED|90'?s")


def find(text: str) -> Iterator[PiiFinding]:
    """Yield the number of an age of 90 or more, without the words around it."""
    if not _OLD.search(text):
        return
    for expression in _EXPRESSIONS:
        for match in expression.finditer(text):
            yield PiiFinding(match.start(1), match.end(1), "age", 0.85, (SOURCE,))
