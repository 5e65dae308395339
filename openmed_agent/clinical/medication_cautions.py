"""Ways of writing a prescription that are known to cause errors.

After the Joint Commission's official "Do Not Use" list and the Institute for Safe Medication Practices' list of
error-prone abbreviations; the wording here is our own.
"""

import re
from typing import Final

_CAUTIONS: Final = (
    (
        re.compile(
            r"(?<![0-9.])[0-9]{1,6}\.0{1,4}(?![0-9])(?=\s?(?:mg|mcg|g|ml|units?|meq|u|tab|cap|%)\b)",
            re.IGNORECASE | re.ASCII,
        ),
        "trailing zero: can be read as ten times the dose",
    ),
    (
        re.compile(r"(?<![0-9])\.[0-9]{1,6}(?=\s?(?:mg|mcg|g|ml|units?|meq|u|%)\b)", re.IGNORECASE | re.ASCII),
        "no leading zero: the decimal point can be missed",
    ),
    (
        re.compile(
            (
                r"(?<![A-Za-z.])[0-9]{1,6}\s?U\b(?!\.)|(?<![A-Za-z0-9])U(?:-[0-9]{3})?\b(?=\s(?:SC|SQ|sub|daily|"
                r"BID|at))"
            ),
            re.ASCII,
        ),
        "U for units: can be read as a zero or a four",
    ),
    (
        re.compile(r"\b[0-9,]{1,9}\s?(?:IU\b|I\.U\.)", re.IGNORECASE | re.ASCII),
        ("IU for international units: can be read as IV or ten"),
    ),
    (
        re.compile(r"\bq\.?o\.?d\b", re.IGNORECASE | re.ASCII),
        ("QOD for every other day: can be read as daily or four times daily"),
    ),
    (re.compile(r"\bq\.?d\b", re.IGNORECASE | re.ASCII), "QD for daily: can be read as four times daily"),
    (
        re.compile(r"\bMg?SO4\b|(?<![A-Za-z])MS(?= ?(?:[0-9]|IR\b|drip|IV\b|PO\b))", re.ASCII),
        "MS, MSO4 or MgSO4: morphine and magnesium can be confused",
    ),
    (re.compile(r"[0-9]\s?(?:µg|μg|ug)\b", re.IGNORECASE), "µg for micrograms: can be read as mg"),
    (re.compile(r"[0-9]\s?cc\b", re.IGNORECASE | re.ASCII), "cc for mL: can be read as units"),
    (re.compile(r"\b(?:SC|SQ|sub q)\b", re.ASCII), ("SC or SQ for subcutaneous: can be read as sublingual or every")),
    (
        re.compile(r"(?<![A-Za-z.])(?:q\.?)?h\.?s\b", re.IGNORECASE | re.ASCII),
        ("HS for bedtime: can be read as half strength"),
    ),
    (
        re.compile(r"\b(?:TIW|BIW)\b", re.IGNORECASE | re.ASCII),
        ("TIW or BIW for times a week: can be read as times a day"),
    ),
    (
        re.compile(r"\b(?:O[DSU]|A[DSU])\b", re.ASCII),
        ("OD, OS, OU, AD, AS or AU: eyes, ears and once daily can be confused"),
    ),
    (
        re.compile(r"(?<![0-9,])[0-9]{5,9}(?=\s?units?\b)", re.IGNORECASE | re.ASCII),
        ("large number without commas: zeros can be miscounted"),
    ),
)


def cautions_in(written: str) -> tuple[str, ...]:
    """Return a sentence for each error-prone form found in a direction, in a fixed order, none twice."""
    return tuple(caution for pattern, caution in _CAUTIONS if pattern.search(written))
