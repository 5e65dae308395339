"""The national identifiers whose stand-ins keep their check digits, and where some of them hold a birth date."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

Check = Callable[[str], bool]

_NHS_WEIGHTS: Final = range(10, 1, -1)


def nhs(digits: str) -> bool:
    """Say whether ten digits are an NHS number of England and Wales (weighted sum modulo 11)."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, _NHS_WEIGHTS, strict=False))
    return (11 - total % 11) % 11 == int(digits[9])


@dataclass(frozen=True, slots=True)
class NationalForm:
    """Identifiers of one shape, in bare upper-case characters, their check, and where they hold a birth date."""

    shape: re.Pattern[str]
    check: Check
    dated: Callable[[dt.date], dict[int, str]] | None = None


def _form(shape: str, check: Check, dated: Callable[[dt.date], dict[int, str]] | None = None) -> NationalForm:
    return NationalForm(re.compile(shape), check, dated)


NATIONAL_FORMS: Final = (_form(r"\d{10}", nhs),)
