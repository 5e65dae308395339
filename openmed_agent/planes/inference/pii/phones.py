"""Telephone, fax and pager numbers."""

import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.patterns import after, before, digits_of, holds, parts_around, within

SOURCE: Final = "phone"

_EXTENSION: Final = r"(?:,?\s{0,2}(?:x|ext\.?|extension)\s{0,2}\d{1,6})?"
_AMERICAN: Final = re.compile(
    r"(?<![\w.$/-])(?:\+?1[ .-]?)?(?:\( ?[2-9]\d{2} ?\) ?[-.]? ?|[2-9]\d{2} ?[-./] ?"
    r"|[2-9]\d{2} )[2-9]\d{2} ?[-. ] ?\d{4}(?!\d|[-/]\d)" + _EXTENSION,
    re.IGNORECASE,
)
_LOOSE_AMERICAN: Final = re.compile(
    r"(?<![\w.$/-])(?:\+?\d{1,3}[ .-]?)?\(?\d{3}\)?[-. ]?\d{3}[-. ]\d{4}(?!\d|[-/]\d)" + _EXTENSION,
    re.IGNORECASE,
)
_INTERNATIONAL: Final = re.compile(r"(?<![\w+])(?:\+|00)\d[\d ().-]{6,22}\d(?!\d)" + _EXTENSION, re.IGNORECASE)
_GROUPED: Final = re.compile(
    r"(?<![\w.,$/:-])(?:\(\d{1,4}\)|\d{2,5})[\d ().-]{3,16}\d{2}(?![\w/%]|[.,]\d)" + _EXTENSION, re.IGNORECASE
)
_RUN: Final = re.compile(r"(?<![\w.$/-])\d{7,12}(?![\w/-]|\.\d)" + _EXTENSION, re.IGNORECASE)
_SHORT: Final = re.compile(
    r"\b(?:ext(?:ension)?\.?|beeper|pager|pgr|x)\s{0,2}(?:no\.?|number|is|#|:)?\s{0,2}#?(\d{3,7}"
    r"(?:-\d{4})?)(?![\w/%]|[.-]\d)",
    re.IGNORECASE,
)
_SHORT_NEEDS: Final = ("ext", "beeper", "pager", "pgr", " x")
_DIGITS: Final = re.compile(r"\d[\d ().-]{4,}\d")
_CUE: Final = re.compile(
    r"\b(?:phone|tel|telephone|cell|cellular|mobile|fax|pager|beeper|call|called|calling|calls|contact"
    r"|reach|reached|text|dial"
    r"|callback|call back|answering"
    r"|messages?|sms|number is|numbers?|registered|whatsapp|landline|home|work|hotline|ph|ph#|p|f|c|h"
    r"|o|w|t|office|emergency)\b"
)
_STRONG_CUE: Final = re.compile(
    r"\b(?:phone|tel|telephone|cell|mobile|fax|pager|beeper|call|callback|dial|reach(?:ed)?|contact"
    r"|whatsapp|landline|registered)\b|☎"
)
_DATE_LIKE: Final = re.compile(r"(?:19|20)\d{2}[-. ]\d{1,2}[-. ]\d{1,2}|\d{1,2}[-. ]\d{1,2}[-. ](?:\d{4}|\d{2})")
_SSN_LIKE: Final = re.compile(r"\d{3}[- ]\d{2}[- ]\d{4}")
_ID_CUE: Final = re.compile(r"\b(?:npi|ssn|mrn|acct|account|policy|member|claim|card|lot|id|group|ndc|isbn)\b[^a-z]*$")
_THREES: Final = re.compile(r"\d{3} \d{3} \d{3}")
_CUE_AFTER: Final = re.compile(r"\W{0,3}(?:office|fax|phone|cell|mobile|home|work|tel)\b")
_NEAR: Final = 45
_FEWEST: Final = 7
_MOST: Final = 15


def find(text: str, lowered: str) -> Iterator[PiiFinding]:
    """Yield telephone and fax numbers; groups of digits count only beside a word for telephones."""
    parts = parts_around(text, _DIGITS, left=6, right=24)
    for match in within(text, _AMERICAN, parts):
        yield _finding(text, match, 0.85)
    for match in within(text, _INTERNATIONAL, parts):
        if _FEWEST < len(digits_of(match.group())) <= _MOST + 6:
            yield _finding(text, match, 0.8)
    for match in within(text, _LOOSE_AMERICAN, parts):
        yield _finding(text, match, 0.6)
    for match in within(text, _GROUPED, parts):
        if _plausible(text, match):
            yield _finding(text, match, 0.65)
    for match in within(text, _RUN, parts):
        context = before(text, match.start(), _NEAR)
        if _STRONG_CUE.search(context) and not _ID_CUE.search(context):
            yield _finding(text, match, 0.65)
    for match in _SHORT.finditer(text) if holds(lowered, _SHORT_NEEDS) else ():
        yield PiiFinding(match.start(1), match.end(1), "phone", 0.7, (SOURCE,))


def _plausible(text: str, match: re.Match[str]) -> bool:
    value = match.group()
    count = len(digits_of(value))
    if not _FEWEST <= count <= _MOST or _DATE_LIKE.fullmatch(value) or _SSN_LIKE.fullmatch(value):
        return False
    if not any(separator in value for separator in " -.("):
        return False
    context = before(text, match.start(), _NEAR) or _line_above(text, match.start())
    if _ID_CUE.search(context):
        return False
    formatted = value[0] in "(0" and " " in value and count > _FEWEST + 1
    threes = _THREES.fullmatch(value) is not None
    return formatted or threes or bool(_CUE.search(context)) or bool(_CUE_AFTER.match(after(text, match.end(), 20)))


def _line_above(text: str, position: int) -> str:
    """Return the end of the line above, in lower case, for a number that stands below its heading."""
    above = text[max(0, position - _NEAR) : position].rstrip()
    return above[above.rfind("\n") + 1 :].lower()


def _finding(text: str, match: re.Match[str], confidence: float) -> PiiFinding:
    lead = before(text, match.start(), 18)
    label = "fax" if re.search(r"\bfax\b|\bf:\s*$", lead) else "phone"
    return PiiFinding(match.start(), match.end(), label, confidence, (SOURCE,))
