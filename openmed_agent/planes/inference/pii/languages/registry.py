"""The languages beside English, each loaded when it is first asked for."""

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Final

from openmed_agent.planes.inference.pii import contact, numbers
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.languages.identifiers import NUMBERED, UNNAMED
from openmed_agent.planes.inference.pii.languages.language import Language
from openmed_agent.planes.inference.pii.languages.phones import INTERNATIONAL
from openmed_agent.planes.inference.pii.languages.spelling import with_western_digits

MODULES: Final = MappingProxyType(
    {
        "de": "german",
        "fr": "french",
        "es": "spanish",
        "it": "italian",
        "pt": "portuguese",
        "nl": "dutch",
        "tr": "turkish",
        "ar": "arabic",
        "hi": "hindi",
        "ja": "japanese",
        "zh": "chinese",
    }
)
"""ISO 639-1 code -> the module that describes the language in `LANGUAGE`."""

# Of the numbers that prove themselves, those that are the same in every country.
_NUMBERS_OF_ANY_COUNTRY: Final = frozenset({"credit_card", "iban", "vin", "device_identifier"})
_OTHER_SCRIPT: Final = re.compile(r"[^\x00-\x7f]")


def candidates(text: str, code: str) -> Iterator[PiiFinding]:
    """Yield what the language and the detectors that need no language find, with overlaps."""
    western = with_western_digits(text)
    # Letters of other scripts end an address or number as punctuation would.
    plain = western if western.isascii() else _OTHER_SCRIPT.sub("<", western)
    lowered = western.lower()
    yield from contact.find(plain, lowered)
    for finding in numbers.find(plain, lowered):
        if finding.label in _NUMBERS_OF_ANY_COUNTRY:
            yield finding
    for pattern in (INTERNATIONAL, NUMBERED, UNNAMED):
        yield from pattern.find(western, lowered)
    yield from _language(code).find(western, lowered)


@cache
def _language(code: str) -> Language:
    module = import_module(f"{__package__}.{MODULES[code]}")
    language: Language = module.LANGUAGE
    return language
