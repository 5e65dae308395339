"""The embedded detector of identifiers: the detectors of a language over one text, united."""

from typing import Final

from openmed_agent.planes.inference.pii import english
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.merge import unite
from openmed_agent.planes.inference.pii.reading import read

LANGUAGES: Final = ("en",)
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
    candidates = (finding for finding in english.candidates(reading.text) if finding.confidence >= threshold)
    return tuple(
        finding.moved(*reading.span(finding.start, finding.end)) for finding in unite(candidates, reading.text)
    )
