"""Dates of birth as they are written in headers, read to ISO form only where the text leaves no doubt."""

import re
from datetime import date
from typing import Final

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), start=1)
    for name in names.split()
}  # fmt: skip
_MONTH: Final = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + ")"
DATE: Final = (
    r"(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}"
    r"|[0-9]{1,2}\s?[-/.]\s?[0-9]{1,2}\s?[-/.]\s?(?:[0-9]{4}|[0-9]{2})"
    rf"|[0-9]{{1,2}}(?:st|nd|rd|th)?[\s-]{{1,2}}{_MONTH}\.?,?[\s-]{{1,2}}[0-9]{{4}}"
    rf"|{_MONTH}\.?\s{{1,2}}[0-9]{{1,2}}(?:st|nd|rd|th)?,?\s{{1,2}}[0-9]{{4}}"
    r"|(?:19|20)[0-9]{6})(?![0-9])"
)
_NUMBERS: Final = re.compile(r"[0-9]+", re.ASCII)
_WORD: Final = re.compile(r"[a-z]{3,}", re.ASCII)
_CENTURY_DIGITS: Final = 4
_COMPACT: Final = 8


def iso_date(written: str) -> str | None:
    """Return a written date in ISO form, None when it is impossible or lacks the century.

    Numbers with slashes are read month first, as in the United States, unless the first number cannot be a
    month.
    """
    numbers = [int(number) for number in _NUMBERS.findall(written)]
    digits = _NUMBERS.findall(written)
    word = next((_MONTHS[found] for found in _WORD.findall(written.lower()) if found in _MONTHS), None)
    match numbers:
        case [compact] if len(digits[0]) == _COMPACT:
            year, month, day = compact // 10_000, compact // 100 % 100, compact % 100
        case [day, year] if word is not None:
            month = word
        case [year, month, day] if len(digits[0]) == _CENTURY_DIGITS:
            pass
        case [first, second, year] if len(digits[2]) == _CENTURY_DIGITS:
            day_first = first > 12 or "." in written  # noqa: PLR2004 - twelve months
            day, month = (first, second) if day_first else (second, first)
        case _:
            return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
