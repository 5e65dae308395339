"""The code of an adult's body mass index, whose titles are ranges: a query has the number."""

import re
from typing import Final

_NUMBER: Final = re.compile(r"(?:bmi|body mass index)(?: of| is)? (\d{2,3}(?:\.\d{1,2})?)", re.ASCII)
_LEAST, _SINGLE, _MOST = 10, 20, 150
_RANGES: Final = ((70, "Z68.45"), (60, "Z68.44"), (50, "Z68.43"), (45, "Z68.42"), (40, "Z68.41"))


def body_mass_code(query: str) -> str | None:
    """Return the code for ``BMI 42.3``, or None for any other query or a number that no person has.

    Z68.1 is an index below 20, Z68.20 to Z68.39 have one whole number each, Z68.41 to Z68.45 a range.
    """
    found = _NUMBER.fullmatch(" ".join(query.lower().split()))
    number = float(found.group(1)) if found else 0.0
    if not _LEAST <= number <= _MOST:
        return None
    if number < _SINGLE:
        return "Z68.1"
    return next((code for least, code in _RANGES if number >= least), f"Z68.{int(number)}")
