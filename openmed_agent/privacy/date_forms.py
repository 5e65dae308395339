"""Dates as they are written: every place in a text that can be read as a day of a year."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from openmed_agent.privacy.folding import folded

Day = tuple[int, int, int]
"""Year, month and day; a year below 100 was written with two digits."""

_MONTH_NAMES: Final = (
    "january jan januar janvier enero gennaio janeiro januari ocak ene gen",
    "february feb februar febrero febbraio fevereiro februari fevrier subat fev",
    "march mar marz mars marzo marco maart mart mrz",
    "april apr avril abril aprile nisan abr avr",
    "may mai mayo maggio maio mei mayis mag",
    "june jun juni juin junio giugno junho haziran giu",
    "july jul juli juillet julio luglio julho temmuz lug",
    "august aug aout agosto augustus agustos ago agu",
    "september sep sept septembre septiembre settembre setembro eylul set",
    "october oct oktober octobre octubre ottobre outubro ekim okt ott",
    "november nov novembre noviembre novembro kasim",
    "december dec dezember decembre diciembre dicembre dezembro aralik dez dic",
)
_MONTHS: Final = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}
_LETTERS: Final = r"[^\W\d_]"
_GAP: Final = r"[ \t\r\n.,'’/_-]{0,4}"
_NUMERIC: Final = re.compile(
    r"(?<!\d)(\d{1,4})(?:\s{0,2}[-/.,:_\\‐‑–−]\s{0,2}|\s)(\d{1,2})(?:\s{0,2}[-/.,:_\\‐‑–−]\s{0,2}|\s)(\d{1,4})(?!\d)"
)
_ORDINAL: Final = r"(?:st|nd|rd|th|er|e|º|ª|\.)?"
_DAY_MONTH: Final = re.compile(
    rf"(?<!\d)(\d{{1,2}}){_ORDINAL}{_GAP}(?:day\s{{1,3}})?(?:(?:of|de|di|do)\s{{1,3}})?(?:the\s{{1,3}})?"
    rf"({_LETTERS}{{3,10}}){_GAP}(?:(?:de|del|di|do|of)\s{{1,3}})?((?:\d{{4}}|\d{{2}}))(?!\d)",
    re.IGNORECASE,
)
_MONTH_DAY: Final = re.compile(
    rf"(?<!{_LETTERS})({_LETTERS}{{3,10}}){_GAP}(?:the\s{{1,3}})?(\d{{1,2}})(?!\d){_ORDINAL}{_GAP}((?:\d{{4}}|\d{{2}}))(?!\d)",
    re.IGNORECASE,
)
_YEAR_MONTH: Final = re.compile(
    rf"(?<!\d)(\d{{4}}){_GAP}({_LETTERS}{{3,10}}){_GAP}(\d{{1,2}}){_ORDINAL}(?!\d)", re.IGNORECASE
)
_COMPACT: Final = re.compile(r"(?<!\d)(\d{8})(?:\d{4,6}(?:\.\d{1,6})?)?(?!\d)")
_CENTURY: Final = 100
_FULL_YEAR: Final = 4


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A place in a text and the days it can mean, the American reading first."""

    start: int
    end: int
    days: tuple[Day, ...]


def written_dates(text: str) -> Iterator[WrittenDate]:
    """Yield the dates with day, month and year in ``text``; two of them may overlap."""
    for match in _NUMERIC.finditer(text):
        yield from _written(match, _numeric_days(*match.groups()))
    for match in _DAY_MONTH.finditer(text):
        yield from _written(match, _named_days(match[3], match[2], match[1]))
    for match in _MONTH_DAY.finditer(text):
        yield from _written(match, _named_days(match[3], match[1], match[2]))
    for match in _YEAR_MONTH.finditer(text):
        yield from _written(match, _named_days(match[1], match[2], match[3]))
    for match in _COMPACT.finditer(text):
        digits = match[1]
        days = (
            *_numeric_days(digits[:4], digits[4:6], digits[6:]),
            *_numeric_days(digits[:2], digits[2:4], digits[4:]),
        )
        yield from _written(match, days)


def days_of(text: str) -> tuple[Day, ...]:
    """Return the days that ``text``, as a whole one date, can mean; none for a part of a date."""
    for found in written_dates(text):
        if folded(text[: found.start]) == "" and not any(character.isdigit() for character in text[found.end :][:1]):
            return found.days
    return ()


def digits_of(day: Day) -> tuple[str, ...]:
    """Return a day with a full year in eight digits, as the whole world writes it and in the two orders of old."""
    year, month, number = day
    if year < _CENTURY:
        return ()
    return f"{year:04}{month:02}{number:02}", f"{month:02}{number:02}{year:04}", f"{number:02}{month:02}{year:04}"


def same_day(a: Day, b: Day) -> bool:
    """Return whether two days are the same, comparing two digits of the year where one has only two."""
    if a[1:] != b[1:]:
        return False
    return a[0] == b[0] or (min(a[0], b[0]) < _CENTURY and a[0] % _CENTURY == b[0] % _CENTURY)


def _written(match: re.Match[str], days: tuple[Day, ...]) -> Iterator[WrittenDate]:
    if days:
        yield WrittenDate(match.start(), match.end(), days)


def _numeric_days(first: str, second: str, third: str) -> tuple[Day, ...]:
    a, b, c = int(first), int(second), int(third)
    if len(first) == _FULL_YEAR:
        return _real((a, b, c), (a, c, b))
    if len(third) in {2, _FULL_YEAR}:
        readings: tuple[Day, ...] = ((c, a, b), (c, b, a))
        if len(first) == len(third) == 2:  # noqa: PLR2004 - 58-03-02
            readings += ((a, b, c),)
        return _real(*readings)
    return ()


def _named_days(year: str, month: str, day: str) -> tuple[Day, ...]:
    number = _MONTHS.get(folded(month))
    return _real((int(year), number, int(day))) if number else ()


def _real(*days: Day) -> tuple[Day, ...]:
    return tuple(dict.fromkeys(day for day in days if _exists(day)))


def _exists(day: Day) -> bool:
    year, month, number = day
    try:
        date(year + 2000 if year < _CENTURY else year, month, number)
    except ValueError:
        # A day of a leap year of the other century.
        return (month, number) == (2, 29) and year < _CENTURY
    return True
