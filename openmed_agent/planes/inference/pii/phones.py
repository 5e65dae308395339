"""Telephone, fax and pager numbers."""

import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.patterns import after, before, digits_of, holds, outline, parts_around

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
    r"[EeBbPpXx](?<!\w.)(?i:(?<=e)xt(?:ension)?\.?|(?<=b)eeper|(?<=p)ager|(?<=p)gr|(?<=x))"
    r"\s{0,2}(?i:no\.?|number|is|#|:)?\s{0,2}#?(\d{3,7}(?:-\d{4})?)(?![\w/%]|[.-]\d)"
)
_SHORT_NEEDS: Final = ("ext", "beeper", "pager", "pgr", " x")
_BEGINNING: Final = re.compile(r"[+(\d](?<!\w.)(?=[\d ()./-]{6})")
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
_FAX: Final = re.compile(r"\bfax\b|\bf:\s*$")
_SEPARATORS: Final = frozenset(" -.(")
_COLUMNS: Final = "   "
"""So many blanks part the columns of a table, not the groups of a number."""
_NEAR: Final = 45
_FEWEST: Final = 7
_MOST: Final = 15


def find(text: str, lowered: str) -> Iterator[PiiFinding]:
    """Yield telephone and fax numbers; groups of digits count only beside a word for telephones."""
    outlined = outline(text)
    if outlined.count(b"0") >= _FEWEST:
        for part in parts_around(text, _DIGITS, left=6, right=24):
            if outlined.count(b"0", *part) >= _FEWEST:
                yield from _in_part(text, *part)
    for match in _SHORT.finditer(text) if holds(lowered, _SHORT_NEEDS) else ():
        yield PiiFinding(match.start(1), match.end(1), "phone", 0.7, (SOURCE,))


def _in_part(text: str, start: int, end: int) -> Iterator[PiiFinding]:
    places = [match.start() for match in _BEGINNING.finditer(text, start, end)]
    for match in _matches(text, _AMERICAN, places, end):
        yield _finding(text, match, 0.85)
    for match in _matches(text, _INTERNATIONAL, places, end):
        if _COLUMNS not in match.group() and _FEWEST < len(digits_of(match.group())) <= _MOST + 6:
            yield _finding(text, match, 0.8)
    for match in _matches(text, _LOOSE_AMERICAN, places, end):
        yield _finding(text, match, 0.6)
    for match in _matches(text, _GROUPED, places, end):
        if _plausible(text, match):
            yield _finding(text, match, 0.65)
    for match in _matches(text, _RUN, places, end):
        context = before(text, match.start(), _NEAR)
        if _STRONG_CUE.search(context) and not _ID_CUE.search(context):
            yield _finding(text, match, 0.65)


def _matches(text: str, expression: re.Pattern[str], places: list[int], end: int) -> Iterator[re.Match[str]]:
    """Yield the matches that begin at one of the places and end before the end of the part, without overlaps."""
    done = 0
    for place in places:
        match = expression.match(text, place, end) if place >= done else None
        if match:
            done = match.end()
            yield match


def _plausible(text: str, match: re.Match[str]) -> bool:
    value = match.group()
    count = len(digits_of(value))
    if not _FEWEST <= count <= _MOST or _DATE_LIKE.fullmatch(value) or _SSN_LIKE.fullmatch(value):
        return False
    if _SEPARATORS.isdisjoint(value) or _COLUMNS in value:
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
    label = "fax" if "f" in lead and _FAX.search(lead) else "phone"
    return PiiFinding(match.start(), match.end(), label, confidence, (SOURCE,))
