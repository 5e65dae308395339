"""The embedded detector of identifiers: the detectors of a language over one text, united."""

from collections.abc import Iterable
from typing import Final

from openmed_agent.planes.inference.pii import english
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.languages import registry
from openmed_agent.planes.inference.pii.merge import unite
from openmed_agent.planes.inference.pii.reading import read

LANGUAGES: Final = ("en", *registry.MODULES)
"""The languages the detector is measured on."""


def detect(text: str, *, language: str = "en", threshold: float = 0.5) -> tuple[PiiFinding, ...]:
    """Return the identifiers in the text, in order and without overlaps.

    Offsets are code points of `text` as given. What counts is the default of the service contract: names of
    persons and organisations, geography below state, dates finer than a year, ages over 89, and all contact,
    identifier, device, vehicle, account and network types. `threshold` (0 to 1) drops less certain findings.
    Raises ValueError for a language that is not served.
    """
    if language not in LANGUAGES:
        raise ValueError(f"The PII detector does not serve the language {language!r}.")
    reading = read(text)
    candidates = [found for found in _candidates(reading.text, language) if found.confidence >= threshold]
    united = unite(candidates, reading.text)
    if reading.is_original:
        return tuple(united)
    return tuple(finding.moved(*reading.span(finding.start, finding.end)) for finding in united)


def _candidates(text: str, language: str) -> Iterable[PiiFinding]:
    return english.candidates(text) if language == "en" else registry.candidates(text, language)
