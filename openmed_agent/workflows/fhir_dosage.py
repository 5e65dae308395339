"""A FHIR Dosage as a plain direction: its text where it has one, otherwise its structured parts in words."""

from collections.abc import Mapping
from typing import Final

from openmed_agent.text.json_spans import JsonObject
from openmed_agent.workflows.fhir_elements import (
    Phrase,
    concept_of,
    concepts_of,
    flag_of,
    joined,
    number_of,
    object_of,
    objects_of,
    quantity_phrase,
    range_phrase,
    text_of,
    texts_of,
)

_UNITS_OF_TIME: Final[Mapping[str, str]] = {
    "s": "second",
    "min": "minute",
    "h": "hour",
    "d": "day",
    "wk": "week",
    "mo": "month",
    "a": "year",
}
# FHIR event timing codes (value set event-timing), the ones that a direction commonly uses.
_WHEN: Final[Mapping[str, str]] = {
    "MORN": "in the morning",
    "NOON": "at noon",
    "AFT": "in the afternoon",
    "EVE": "in the evening",
    "NIGHT": "at night",
    "HS": "at bedtime",
    "WAKE": "on waking",
    "C": "with meals",
    "CM": "with breakfast",
    "CD": "with lunch",
    "CV": "with dinner",
    "AC": "before meals",
    "ACM": "before breakfast",
    "ACD": "before lunch",
    "ACV": "before dinner",
    "PC": "after meals",
    "PCM": "after breakfast",
    "PCD": "after lunch",
    "PCV": "after dinner",
}


def read_directions(resource: JsonObject, name: str) -> Phrase | None:
    """Return the directions in an array of Dosage as one phrase, or nothing where none says anything."""
    directions = [direction for dosage in objects_of(resource, name) if (direction := _direction(dosage))]
    return joined(directions, "; then ") if directions else None


def _direction(dosage: JsonObject) -> Phrase | None:
    if stated := text_of(dosage, "text"):
        return stated
    parts = (
        _dose(dosage),
        _wording(dosage, "route"),
        *_timing(dosage),
        _as_needed(dosage),
    )
    direction = joined(parts)
    return direction if direction.text else text_of(dosage, "patientInstruction")


def _dose(dosage: JsonObject) -> Phrase | None:
    # R4 keeps doses in doseAndRate, STU3 in the dosage itself.
    for holder in (*objects_of(dosage, "doseAndRate"), dosage):
        if dose := quantity_phrase(holder, "doseQuantity") or range_phrase(holder, "doseRange"):
            return dose
    return None


def _wording(parent: JsonObject, name: str) -> Phrase | None:
    concept = concept_of(parent, name)
    return concept.wording if concept else None


def _timing(dosage: JsonObject) -> tuple[Phrase | None, ...]:
    timing = object_of(dosage, "timing")
    if timing is None:
        return ()
    repeat = object_of(timing, "repeat")
    rhythm = _rhythm(repeat) if repeat else None
    whens = () if repeat is None else tuple(_when(code) for code in texts_of(repeat, "when"))
    stated = _wording(timing, "code") or _timing_code(timing)
    return (rhythm or stated, *whens)


def _timing_code(timing: JsonObject) -> Phrase | None:
    concept = object_of(timing, "code")
    codings = () if concept is None else objects_of(concept, "coding")
    return next((code for coding in codings if (code := text_of(coding, "code"))), None)


def _rhythm(repeat: JsonObject) -> Phrase | None:
    period, unit = number_of(repeat, "period"), text_of(repeat, "periodUnit")
    if period is None or unit is None or unit.text not in _UNITS_OF_TIME:
        return None
    frequency, most = number_of(repeat, "frequency"), number_of(repeat, "frequencyMax")
    spans = (*(frequency.spans if frequency else ()), *period.spans, *unit.spans)
    word = _UNITS_OF_TIME[unit.text]
    every = f"a {word}" if period.text == "1" else f"every {_with_most(repeat, period.text)} {word}s"
    if most:
        least = frequency.text if frequency else "1"
        return Phrase(f"{least} to {most.text} times {every}", (*spans, *most.spans))
    if frequency is None or frequency.text == "1":
        return Phrase(f"once {every}" if period.text == "1" else every, spans)
    return Phrase(f"{frequency.text} times {every}", spans)


def _with_most(repeat: JsonObject, period: str) -> str:
    most = number_of(repeat, "periodMax")
    return f"{period} to {most.text}" if most else period


def _when(code: Phrase) -> Phrase:
    return Phrase(_WHEN.get(code.text, code.text), code.spans)


def _as_needed(dosage: JsonObject) -> Phrase | None:
    reasons = [concept_of(dosage, "asNeededCodeableConcept"), *concepts_of(dosage, "asNeededFor")]
    for reason in reasons:
        if reason and reason.wording:
            return Phrase(f"as needed for {reason.wording.text}", reason.wording.spans)
    for name in ("asNeededBoolean", "asNeeded"):
        value = dosage.get(name)
        if value is not None and flag_of(dosage, name):
            return Phrase("as needed", (value.span,))
    return None
