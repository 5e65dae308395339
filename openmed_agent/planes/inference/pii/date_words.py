"""Months and weekdays as the languages that are served write them, with their usual short forms."""

from functools import cache
from typing import Final

from openmed_agent.planes.inference.pii.wordfile import section

_FILE: Final = "date_words.txt"
_MONTHS: Final = 12
_DAYS: Final = 7
Forms = tuple[tuple[str, ...], ...]


def months(language: str) -> tuple[Forms, ...]:
    """Return the sets of month names of a language; a set has twelve months, each with its forms, longest first."""
    names = _forms(language, "months")
    return tuple(names[start : start + _MONTHS] for start in range(0, len(names), _MONTHS))


def weekdays(language: str) -> Forms:
    """Return seven weekdays from Monday on, each with its forms, longest first."""
    return _forms(language, "weekdays")[:_DAYS]


@cache
def _forms(language: str, kind: str) -> Forms:
    try:
        entries = section(_FILE, f"{language}_{kind}")
    except KeyError:
        return ()
    return tuple(tuple(entry.split("/")) for entry in entries)
