"""Telephone numbers: after a word for telephones, with a country's code, or in a national form."""

import re
from typing import Final

from openmed_agent.planes.inference.pii.patterns import Pattern, digits_of

SOURCE: Final = "phone"

_NUMBER: Final = r"((?:\+|\()?\d[\d ()./–-]{4,22}\d)(?![A-Za-z0-9])"
_GLUE: Final = (
    r"(?:[.:]|\s?\([^()\n]{1,20}\))?\s{0,2}(?:n[°ºo]\.?|nr\.?|num\.?|número|numéro|numero|numarası|nummer|no\.?|"
    r"رقم|नंबर|संख्या|番号|号码|號碼)?\s{0,2}[:=–|-]?\s{0,4}\|?\s?"
)
_DATE_LIKE: Final = re.compile(r"\d{1,2}[-. /]\d{1,2}[-. /]\d{2,4}|\d{4}[-. /]\d{1,2}[-. /]\d{1,2}")
_FEWEST: Final = 6
_MOST: Final = 16


def _plausible(value: str) -> bool:
    return _FEWEST <= len(digits_of(value)) <= _MOST and not _DATE_LIKE.fullmatch(value.strip())


INTERNATIONAL: Final = Pattern(
    "phone",
    re.compile(r"[+0](?<![A-Za-z0-9+][+0])(?:(?<=\+)|(?<=0)0)[1-9]\d{0,2}[ ().-]?[\d ().-]{5,18}\d(?!\d)"),
    0.8,
    SOURCE,
    check=_plausible,
)


def cued(words: str, *, fax: str = "fax", bounded: bool = True) -> tuple[Pattern, ...]:
    """Return the patterns of a number after a word (an expression) for telephones or for fax."""
    start = r"(?<![^\W\d_])" if bounded else ""
    return tuple(
        Pattern(
            label,
            re.compile(rf"{start}(?:{cues}){_GLUE}{_NUMBER}", re.IGNORECASE),
            0.9,
            SOURCE,
            group=1,
            check=_plausible,
        )
        for label, cues in (("phone", words), ("fax", fax))
    )


def national(*forms: str, confidence: float = 0.7) -> tuple[Pattern, ...]:
    """Return the patterns of national forms (expressions) that need no word beside them."""
    return tuple(
        Pattern(
            "phone",
            re.compile(rf"(?<![A-Za-z0-9+])(?<!\d[.,/-])(?:{form})(?![A-Za-z0-9%]|[.,/-]\d)"),
            confidence,
            SOURCE,
            check=_plausible,
        )
        for form in forms
    )
