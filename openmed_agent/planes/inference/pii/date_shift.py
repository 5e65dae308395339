"""Moving dates by days, in the form they are written in."""

import datetime as dt
import hashlib
import hmac
import re
from typing import Final, Protocol

from openmed_agent.planes.inference.pii.dates import MONTHS

_DAYS_EACH_WAY: Final = 365
_NUMERIC: Final = re.compile(r"(\d{1,2})( ?[/.-] ?)(\d{1,2})\2(\d{4}|\d{2})")
_ISO: Final = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_WEEKDAY: Final = r"(?:(?P<weekday>(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?)(?P<after>\.?,? +))?"
_ORDINAL: Final = r"(?P<ordinal> ?(?:st|nd|rd|th))?"
_MONTH_FIRST: Final = re.compile(
    rf"{_WEEKDAY}(?P<month>[a-z]{{3,9}})(?P<dot>\.?[ -]*)(?P<day>\d{{1,2}}){_ORDINAL}(?P<gap>,? +|-|/"
    rf"|, ?')(?P<year>\d{{4}}|\d{{2}})",
    re.IGNORECASE,
)
_DAY_FIRST: Final = re.compile(
    rf"{_WEEKDAY}(?P<day>\d{{1,2}}){_ORDINAL}(?P<dot>(?: of|\.)?[ -]?)(?P<month>[a-z]{{3,9}})(?P<gap>\.?"
    rf"(?:,? +|-|/|'| ')?)(?P<year>\d{{4}}|\d{{2}})",
    re.IGNORECASE,
)
_SHORT_MONTH: Final = 3
_FULL_YEAR: Final = 4
_PIVOT: Final = 50  # two-digit years below it are of this century
_MONTHS_IN_YEAR: Final = 12
_LEAP_DAY: Final = (2, 29)
_TEENS: Final = range(11, 14)


class Rewrite(Protocol):
    """Gives the matched date moved by days in the same form, or None when it is no date."""

    def __call__(self, match: re.Match[str], days: int, *, keep_year: bool) -> str | None:
        """Return the moved date."""
        ...


def shift_days_of_scope(key: bytes, scope: str | None) -> int:
    """Return the scope's number of days: 1 to 365 either way, a function of the secret key."""
    digest = hmac.new(key, f"shift\x1f{scope or ''}".encode(), hashlib.sha256).digest()
    drawn = int.from_bytes(digest[:8]) % (2 * _DAYS_EACH_WAY)
    return drawn - _DAYS_EACH_WAY if drawn < _DAYS_EACH_WAY else drawn - _DAYS_EACH_WAY + 1


def shifted(text: str, days: int, *, keep_year: bool) -> str | None:
    """Return a full date moved by days in the same form, or None for one that is partial or cannot be read.

    Numbers are read month first, as in the United States, unless the first cannot be a month.
    """
    for expression, rewrite in _FORMS:
        if match := expression.fullmatch(text):
            return rewrite(match, days, keep_year=keep_year)
    return None


def _move(year: int, month: int, day: int, days: int, *, keep_year: bool) -> dt.date | None:
    try:
        moved = dt.date(year, month, day) + dt.timedelta(days=days)
        if not keep_year:
            return moved
        leap_day = (moved.month, moved.day) == _LEAP_DAY
        kept = moved.replace(year=year, day=28) if leap_day else moved.replace(year=year)
    except (ValueError, OverflowError):
        return None
    return kept


def _numeric(match: re.Match[str], days: int, *, keep_year: bool) -> str | None:
    first, separator, second, year = match.groups()
    month_first = int(first) <= _MONTHS_IN_YEAR
    month, day = (first, second) if month_first else (second, first)
    moved = _move(_full_year(year), int(month), int(day), days, keep_year=keep_year)
    if moved is None:
        return None
    one, two = (moved.month, moved.day) if month_first else (moved.day, moved.month)
    return f"{_padded(one, first)}{separator}{_padded(two, second)}{separator}{_year_like(moved, year)}"


def _iso(match: re.Match[str], days: int, *, keep_year: bool) -> str | None:
    year, separator, month, day = match.groups()
    moved = _move(int(year), int(month), int(day), days, keep_year=keep_year)
    if moved is None:
        return None
    return f"{moved.year:04}{separator}{_padded(moved.month, month)}{separator}{_padded(moved.day, day)}"


def _compact(match: re.Match[str], days: int, *, keep_year: bool) -> str | None:
    moved = _move(int(match[1]), int(match[2]), int(match[3]), days, keep_year=keep_year)
    return None if moved is None else f"{moved.year:04}{moved.month:02}{moved.day:02}"


def _worded(match: re.Match[str], days: int, *, keep_year: bool) -> str | None:
    number = _month_number(match["month"])
    if number is None:
        return None
    moved = _move(_full_year(match["year"]), number, int(match["day"]), days, keep_year=keep_year)
    if moved is None:
        return None
    name = MONTHS[moved.month - 1]
    month = _cased(
        name
        if len(match["month"]) > _SHORT_MONTH + 1 or match["month"].lower() in {"may", "june", "july"}
        else name[:3],
        match["month"],
    )
    day = _padded(moved.day, match["day"])
    if match["ordinal"]:
        day += match["ordinal"][:-2] + _cased(_suffix(moved.day), match["ordinal"].strip())
    weekday = ""
    if match["weekday"]:
        full = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")[moved.weekday()]
        long = match["weekday"].lower().endswith("day")
        weekday = _cased(full if long else full[:3], match["weekday"]) + match["after"]
    year = _year_like(moved, match["year"])
    if match.start("month") < match.start("day"):
        return f"{weekday}{month}{match['dot']}{day}{match['gap']}{year}"
    return f"{weekday}{day}{match['dot']}{month}{match['gap']}{year}"


_FORMS: Final[tuple[tuple[re.Pattern[str], Rewrite], ...]] = (
    (_NUMERIC, _numeric),
    (_ISO, _iso),
    (_COMPACT, _compact),
    (_MONTH_FIRST, _worded),
    (_DAY_FIRST, _worded),
)


def _month_number(name: str) -> int | None:
    key = name.lower()
    for number, month in enumerate(MONTHS, start=1):
        if key == month or key == month[:3] or (key == ("sept") and month == "september"):
            return number
    return None


def _full_year(year: str) -> int:
    if len(year) == _FULL_YEAR:
        return int(year)
    return int(year) + (2000 if int(year) < _PIVOT else 1900)


def _year_like(date: dt.date, written: str) -> str:
    return f"{date.year:04}" if len(written) == _FULL_YEAR else f"{date.year % 100:02}"


def _padded(number: int, written: str) -> str:
    """Return the number with a leading zero where the original number has two digits."""
    return f"{number:0{len(written)}}"


def _suffix(day: int) -> str:
    if day in _TEENS:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _cased(word: str, like: str) -> str:
    if like.isupper():
        return word.upper()
    return word.capitalize() if like[:1].isupper() else word
