"""Dates: in numbers, which all languages share, and with names of months."""

import re
from collections.abc import Sequence
from typing import Final

from openmed_agent.planes.inference.pii.patterns import Pattern

SOURCE: Final = "date"

# Letters of scripts without spaces may touch a number, so only ASCII counts as touching.
START: Final = r"(?<![A-Za-z0-9_])(?<!\d[.,/:-])"
END: Final = r"(?![A-Za-z0-9_]|[./:-]\d)"
DAY: Final = r"(?:3[01]|[12]\d|0?[1-9])"
MONTH: Final = r"(?:1[0-2]|0?[1-9])"
YEAR: Final = r"(?:18|19|20)\d{2}"
_PARTS: Final = re.compile(r"\d+")
_DAYS: Final = 31
_MONTHS: Final = 12


def _calendar(value: str) -> bool:
    first, second, *_ = (int(part) for part in _PARTS.findall(value))
    return 0 < min(first, second) <= _MONTHS and max(first, second) <= _DAYS


# The same as START after the first digit: an expression that begins with a digit is searched ten times as fast.
_STARTED: Final = r"(?<![A-Za-z0-9_]\d)(?<!\d[.,/:-]\d)"
_CENTURY: Final = rf"[12]{_STARTED}(?:(?<=1)9|(?<=2)0)"
NUMERIC: Final = (
    Pattern(
        "date",
        re.compile(rf"[12]{_STARTED}(?:(?<=1)[89]|(?<=2)0)\d{{2}}(\s?[-/.]\s?){MONTH}\1{DAY}{END}"),
        0.95,
        SOURCE,
    ),
    Pattern("date", re.compile(rf"\d{_STARTED}\d?( ?[./-] ?)\d{{1,2}}\1{YEAR}{END}"), 0.95, SOURCE, check=_calendar),
    Pattern("date", re.compile(rf"\d{_STARTED}\d?/\d{{1,2}}/\d\d{END}"), 0.85, SOURCE, check=_calendar),
    Pattern("date", re.compile(rf"\d{_STARTED}\d([.-])\d\d\1'?\d\d{END}"), 0.8, SOURCE, check=_calendar),
    Pattern("date", re.compile(rf"[01]{_STARTED}(?:(?<=0)[1-9]|(?<=1)[0-2])[/.](?:19|20)\d{{2}}{END}"), 0.65, SOURCE),
    Pattern("date", re.compile(rf"{_CENTURY}\d{{2}}[-/](?:0[1-9]|1[0-2]){END}"), 0.6, SOURCE),
    Pattern("date", re.compile(rf"{_CENTURY}\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]){END}"), 0.6, SOURCE),
)
"""Dates in numbers, day or year first."""


def partial(cues: str, *, separators: str = "/", closing: str = "") -> Pattern:
    """Return the pattern of day and month without a year, which only counts after one of the cues."""
    return Pattern(
        "date",
        re.compile(
            rf"(?<!\w)(?:{cues})\s{{1,2}}({DAY}(?:{closing})?(?:\s?[-–]\s?{DAY})?[{separators}]{MONTH}{closing})"
            rf"(?![\w%]|[./:-]\d|\s?(?:h|hs|horas?|hrs?|ore|Uhr|Std|uur|heures|saat)\b)",
            re.IGNORECASE,
        ),
        0.65,
        SOURCE,
        group=1,
    )


def worded(
    months: Sequence[str], *, ordinal: str = "", link: str = "", year_link: str = "", month_cues: str = ""
) -> tuple[Pattern, ...]:
    """Return the patterns of day, named month and year, in this order.

    `ordinal` may follow the day, `link` stands before the month, `year_link` before the year, all as expressions;
    `month_cues` are the words after which a month alone is a date.
    """
    names = "|".join(sorted(months, key=len, reverse=True))
    full = "|".join(sorted((month for month in months if len(month) > len("sept.")), key=len, reverse=True))
    span = rf"{DAY}(?:{ordinal})?"
    year = rf"(?:{YEAR}|'\d\d)"
    dated = (
        rf"{START}(?:{span}\s?(?:-|–|/|bis|al?|au|e|y|et|und|en|t/m|tot|ve)\s?)?{span}\s{{0,2}}(?:{link})?[ -]?"
        rf"(?:{names})\b\.?(?:(?:,?\s{{1,2}}|-|/)(?:{year_link})?{year}(?!\d))?"
    )
    monthly = rf"(?<!\w)(?:{names})\b\.?(?:,?\s{{1,2}}|-|/)(?:{year_link})?{year}(?!\d)"
    hyphened = rf"{START}{DAY}[-/](?:{names})\.?[-/](?:{YEAR}|\d\d)(?!\d)"
    patterns = [
        Pattern("date", re.compile(dated, re.IGNORECASE), 0.9, SOURCE),
        Pattern("date", re.compile(monthly, re.IGNORECASE), 0.8, SOURCE),
        Pattern("date", re.compile(hyphened, re.IGNORECASE), 0.9, SOURCE),
    ]
    if month_cues:
        alone = rf"(?<!\w)(?:{month_cues})\s(?:{link})?({full})\b"
        patterns.append(Pattern("date", re.compile(alone, re.IGNORECASE), 0.55, SOURCE, group=1))
    return tuple(patterns)
