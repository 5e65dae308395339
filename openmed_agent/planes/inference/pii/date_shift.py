"""Moving dates by days, in the form, language and digits they are written in."""

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from openmed_agent.planes.inference.pii.date_words import Forms, months, weekdays
from openmed_agent.planes.inference.pii.reading import read

_DAYS_EACH_WAY: Final = 365
_NAME: Final = r"[^\W\d_][^\s\d,/]{1,14}?"
_NUMERIC: Final = re.compile(r"(\d{1,2})( ?[/.-] ?)(\d{1,2})\2(\d{4}|\d{2})")
_YEAR_FIRST: Final = re.compile(r"(\d{4})( ?[-/.] ?)(\d{1,2})\2(\d{1,2})")
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_CHARACTERS: Final = re.compile(r"(\d{4})( ?年 ?)(\d{1,2})( ?月 ?)(\d{1,2})( ?[日号號])")
_WEEKDAY: Final = rf"(?:(?P<weekday>{_NAME})(?P<after>\.?,? +))?"
_ORDINAL: Final = r"(?P<ordinal> ?(?:st|nd|rd|th)|er|º|°)?"
_MONTH_FIRST: Final = re.compile(
    rf"{_WEEKDAY}(?P<month>{_NAME})(?P<dot>\.?[ -]*)(?P<day>\d{{1,2}}){_ORDINAL}(?P<gap>,? +|-|/"
    rf"|, ?')(?P<year>\d{{4}}|\d{{2}})",
    re.IGNORECASE,
)
_DAY_FIRST: Final = re.compile(
    rf"{_WEEKDAY}(?P<day>\d{{1,2}}){_ORDINAL}(?P<dot>(?: of| de|\.)?[ /-]?)(?P<month>{_NAME})(?P<gap>\.?"
    rf"(?:,? +(?:del? )?|-|/|'| ')?)(?P<year>\d{{4}}|\d{{2}})",
    re.IGNORECASE,
)
_TIME: Final = re.compile(r"[T ]\d{2}:?\d{2}(?::?\d{2}(?:[.,]\d{1,9})?)?(?:Z| ?[+-]\d{2}:?\d{2})?")
_FULL_YEAR: Final = 4
_PIVOT: Final = 50  # two-digit years below it are of this century
_MONTHS_IN_YEAR: Final = 12
_LEAP_DAY: Final = (2, 29)
_TEENS: Final = range(11, 14)
_ZERO: Final = ord("0")
_OLDEST_SHOWN: Final = 89
# A text is taken to be from this year at least, so that no clock decides what is masked.
_TEXTS_ARE_FROM: Final = 2026
_YEARS: Final = re.compile(r"(?<![\d.,/-])(?:19|20)\d{2}(?![\d])")


def shift_days_of_scope(key: bytes, scope: str | None) -> int:
    """Return the scope's number of days: 1 to 365 either way, a function of the secret key."""
    digest = hmac.new(key, f"shift\x1f{scope or ''}".encode(), hashlib.sha256).digest()
    drawn = int.from_bytes(digest[:8]) % (2 * _DAYS_EACH_WAY)
    return drawn - _DAYS_EACH_WAY if drawn < _DAYS_EACH_WAY else drawn - _DAYS_EACH_WAY + 1


@dataclass(frozen=True, slots=True)
class DateShift:
    """One shift for all dates of a text, read in one order of day and month."""

    days: int
    keep_year: bool
    language: str
    day_first: bool
    latest_year: int

    def moved(self, written: str, *, born: bool = False) -> str | None:
        """Return a date moved, or None for one that is partial, cannot be read, or shows an age over 89."""
        new = shifted(written, self.days, keep_year=self.keep_year, language=self.language, day_first=self.day_first)
        if new is None or (born and self.reveals_age(written)):
            return None
        return new

    def reveals_age(self, written: str) -> bool:
        """Say whether a date of birth can be that of someone over 89 at the time of the text's latest year."""
        year = year_of(written)
        return year is None or self.latest_year - year > _OLDEST_SHOWN


def date_shift(text: str, dates: Iterable[str], *, days: int, keep_year: bool, language: str) -> DateShift:
    """Return how to move the dates of a text.

    English is read month first, as in the United States, and other languages day first. A text in English whose
    dates can only be read day first, and none only month first, is read so throughout: its intervals stay right.
    """
    day_first = language != "en"
    if not day_first:
        pairs = [(int(match[1]), int(match[3])) for date in dates if (match := _NUMERIC.fullmatch(read(date).text))]
        only_day_first = any(first > _MONTHS_IN_YEAR >= second for first, second in pairs)
        only_month_first = any(second > _MONTHS_IN_YEAR >= first for first, second in pairs)
        day_first = only_day_first and not only_month_first
    return DateShift(days, keep_year, language, day_first, latest_year(text))


def latest_year(text: str) -> int:
    """Return the latest year that a text names, and at least the one that texts are taken to be from."""
    return max(_TEXTS_ARE_FROM, *map(int, _YEARS.findall(text)), 0)


def year_of(written: str) -> int | None:
    """Return the year that a date states, or None where it states none in four digits or at its end in two."""
    text = read(written).text
    if found := re.search(r"(?<!\d)(?:1[89]|20)\d{2}", text):
        return int(found.group())
    short = _NUMERIC.fullmatch(text)
    return _full_year(short[4]) if short else None


def shifted(
    text: str, days: int, *, keep_year: bool, language: str = "en", day_first: bool | None = None
) -> str | None:
    """Return a full date moved by days in the same form, or None for one that is partial or cannot be read.

    Numbers are read month first in English and day first elsewhere, unless `day_first` says otherwise or the
    first cannot be a month.
    """
    western, time = _without_time(_western(read(text).text))
    order = language != "en" if day_first is None else day_first
    reading = _Reading(days, keep_year, language, order)
    for expression, rewrite in _FORMS:
        match = expression.fullmatch(western)
        if match and (moved := rewrite(match, reading)) is not None:
            return _in_digits_of(text, moved + time)
    return None


def _without_time(written: str) -> tuple[str, str]:
    """Return the date of a time stamp that begins with a year (ISO 8601), and its time of day, which stays."""
    found = _YEAR_FIRST.match(written) or _COMPACT.match(written)
    time = _TIME.fullmatch(written, found.end()) if found else None
    return (written[: time.start()], time.group()) if time else (written, "")


@dataclass(frozen=True, slots=True)
class _Reading:
    days: int
    keep_year: bool
    language: str
    day_first: bool

    def move(self, year: int, month: int, day: int) -> dt.date | None:
        """Return the moved date, or None where that is none."""
        try:
            moved = dt.date(year, month, day) + dt.timedelta(days=self.days)
            if not self.keep_year:
                return moved
            leap_day = (moved.month, moved.day) == _LEAP_DAY
            return moved.replace(year=year, day=28) if leap_day else moved.replace(year=year)
        except (ValueError, OverflowError):
            return None


class _Rewrite(Protocol):
    """Gives the matched date moved in the same form, or None when it is no date."""

    def __call__(self, match: re.Match[str], reading: _Reading) -> str | None:
        """Return the moved date."""
        ...


def _numeric(match: re.Match[str], reading: _Reading) -> str | None:
    first, separator, second, year = match.groups()
    # A number over 12 is a day, whatever the order of the text.
    month_first = int(second) > _MONTHS_IN_YEAR if reading.day_first else int(first) <= _MONTHS_IN_YEAR
    month, day = (first, second) if month_first else (second, first)
    moved = reading.move(_full_year(year), int(month), int(day))
    if moved is None:
        return None
    one, two = (moved.month, moved.day) if month_first else (moved.day, moved.month)
    return f"{_padded(one, first)}{separator}{_padded(two, second)}{separator}{_year_like(moved, year)}"


def _year_first(match: re.Match[str], reading: _Reading) -> str | None:
    year, separator, month, day = match.groups()
    moved = reading.move(int(year), int(month), int(day))
    if moved is None:
        return None
    return f"{moved.year:04}{separator}{_padded(moved.month, month)}{separator}{_padded(moved.day, day)}"


def _compact(match: re.Match[str], reading: _Reading) -> str | None:
    moved = reading.move(int(match[1]), int(match[2]), int(match[3]))
    return None if moved is None else f"{moved.year:04}{moved.month:02}{moved.day:02}"


def _characters(match: re.Match[str], reading: _Reading) -> str | None:
    year, after_year, month, after_month, day, after_day = match.groups()
    moved = reading.move(int(year), int(month), int(day))
    if moved is None:
        return None
    new_month, new_day = _spelt(moved.month, month), _spelt(moved.day, day)
    return f"{moved.year:04}{after_year}{new_month}{after_month}{new_day}{after_day}"


def _worded(match: re.Match[str], reading: _Reading) -> str | None:
    language = reading.language
    found = next(
        ((names, place) for names in months(language) if (place := _place(names, match["month"])) is not None), None
    )
    if found is None and language != "en":
        language = "en"
        found = next(((names, place) for names in months("en") if (place := _place(names, match["month"]))), None)
    if found is None:
        return None
    names, (number, form) = found
    moved = reading.move(_full_year(match["year"]), number + 1, int(match["day"]))
    if moved is None:
        return None
    weekday = ""
    if match["weekday"]:
        named = _place(weekdays(language), match["weekday"])
        if named is None:
            return None
        weekday = _like(weekdays(language)[moved.weekday()], named[1], match["weekday"]) + match["after"]
    month = _like(names[moved.month - 1], form, match["month"])
    day = _spelt(moved.day, match["day"]) + _ordinal(moved.day, match["ordinal"] or "")
    year = _year_like(moved, match["year"])
    if match.start("month") < match.start("day"):
        return f"{weekday}{month}{match['dot']}{day}{match['gap']}{year}"
    return f"{weekday}{day}{match['dot']}{month}{match['gap']}{year}"


_FORMS: Final[tuple[tuple[re.Pattern[str], _Rewrite], ...]] = (
    (_NUMERIC, _numeric),
    (_YEAR_FIRST, _year_first),
    (_COMPACT, _compact),
    (_CHARACTERS, _characters),
    (_MONTH_FIRST, _worded),
    (_DAY_FIRST, _worded),
)


def _place(names: Forms, name: str) -> tuple[int, int] | None:
    """Return which month or weekday a name is, and which of its forms; a dot at its end does not count."""
    key = name.rstrip(".").replace("İ", "i").lower()
    for number, forms in enumerate(names):
        if key in forms:
            return number, forms.index(key)
    return None


def _like(forms: tuple[str, ...], form: int, written: str) -> str:
    """Return the form of the same kind, in the case and with the dot of what was written."""
    name = forms[min(form, len(forms) - 1)]
    bare = written.rstrip(".")
    if len(bare) > 1 and bare.isupper():
        name = name.upper()
    elif bare[:1].isupper():
        name = name.capitalize()
    return name + written[len(bare) :]


def _full_year(year: str) -> int:
    if len(year) == _FULL_YEAR:
        return int(year)
    return int(year) + (2000 if int(year) < _PIVOT else 1900)


def _year_like(date: dt.date, written: str) -> str:
    return f"{date.year:04}" if len(written) == _FULL_YEAR else f"{date.year % 100:02}"


def _padded(number: int, written: str) -> str:
    """Return the number with a leading zero where the original number has two digits."""
    return f"{number:0{len(written)}}"


def _spelt(number: int, written: str) -> str:
    """Return the number beside a word, where a leading zero is written only by who writes it always."""
    return f"{number:02}" if written.startswith("0") else str(number)


def _ordinal(day: int, written: str) -> str:
    """Return the ending of an ordinal: English ones change, and others are for the first of a month only."""
    bare = written.strip()
    if bare.lower() not in {"st", "nd", "rd", "th"}:
        return written if day == 1 else ""
    new = "th" if day in _TEENS else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return written[: len(written) - len(bare)] + (new.upper() if bare.isupper() else new)


def _western(text: str) -> str:
    if text.isascii():
        return text
    return "".join(str(int(character)) if character.isdecimal() else character for character in text)


def _in_digits_of(original: str, text: str) -> str:
    """Return the text with the digits of the script in which the original writes its own."""
    digit = next((character for character in original if character.isdecimal()), "0")
    zero = ord(digit) - int(digit)
    if zero == _ZERO:
        return text
    return "".join(chr(zero + int(character)) if character.isdecimal() else character for character in text)
