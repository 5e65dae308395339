"""The detectors of identifiers in English text, every family over one reading."""

import re
from typing import Final

from openmed_agent.planes.inference.pii import (
    addresses,
    ages,
    columns,
    contact,
    credentials,
    dates,
    firms,
    identifiers,
    names,
    numbers,
    organizations,
    phones,
    places,
    sequence,
    spoken,
)
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.tokens import Token, tokenize

_FAMILIES: Final = (contact, dates, ages, places, organizations, firms, identifiers, credentials, columns, spoken)
_FAMILIES_OF_DIGITS: Final = (numbers, phones, addresses)
_DIGIT: Final = re.compile(r"\d")


def candidates(text: str) -> list[PiiFinding]:
    """Return what every family finds in a reading of a text (see `reading`), overlapping and in no order."""
    tokens = tokenize(text)
    return sequence.weigh(text, tokens, rules(text, tokens))


def rules(text: str, tokens: list[Token]) -> list[PiiFinding]:
    """Return what the rules find, without the sequence model."""
    lowered = text.lower()
    found: list[PiiFinding] = []
    for family in _FAMILIES:
        found += family.find(text, lowered)
    if _DIGIT.search(text):
        for family in _FAMILIES_OF_DIGITS:
            found += family.find(text, lowered)
    found += names.find(text, tokens)
    return found
