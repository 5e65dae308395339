"""Reader of Patient: the names, birth date, sex and record numbers that tell whose chart it is."""

from typing import Final

from openmed_agent.clinical.identity import PatientIdentity, Stated
from openmed_agent.text.json_spans import JsonObject
from openmed_agent.workflows.fhir_elements import (
    Phrase,
    object_of,
    objects_of,
    read_concept,
    text_of,
    texts_of,
)
from openmed_agent.workflows.fhir_entries import FhirPatient

_DATE_LENGTH: Final = len("2000-01-31")
_USE_ORDER: Final = ("official", "usual", "", "nickname", "temp", "anonymous", "maiden", "old")
_RECORD_NUMBER: Final = "MR"  # HL7 table 0203: medical record number


def read_patient(resource: JsonObject, *, index: int, reference: str) -> FhirPatient:
    """Return what a Patient says about who it is; an SSN or licence is never taken for a record number."""
    names = tuple(name for element in _by_use(resource) if (name := _name(element)))
    numbers = tuple(number for element in objects_of(resource, "identifier") if (number := _record_number(element)))
    identity = PatientIdentity(
        name=next(iter(names), None),
        birth_date=_birth_date(text_of(resource, "birthDate")),
        sex=_sex(text_of(resource, "gender")),
        record_number=next(iter(numbers), None),
    )
    return FhirPatient(index=index, reference=reference, identity=identity, names=names, record_numbers=numbers)


def _by_use(resource: JsonObject) -> list[JsonObject]:
    def rank(element: JsonObject) -> int:
        use = text_of(element, "use")
        word = use.text if use else ""
        return _USE_ORDER.index(word) if word in _USE_ORDER else len(_USE_ORDER)

    return sorted(objects_of(resource, "name"), key=rank)


def _name(element: JsonObject) -> Stated | None:
    if whole := text_of(element, "text"):
        return Stated(whole.spans[0], " ".join(whole.text.split()))
    family, given = text_of(element, "family"), texts_of(element, "given")
    parts = [*given, family] if family else list(given)
    if not parts:
        return None
    # The family name stands for the whole: given names are elsewhere in the JSON.
    main = family or given[0]
    return Stated(main.spans[0], " ".join(part.text.strip() for part in parts))


def _birth_date(stated: Phrase | None) -> Stated | None:
    if stated is None:
        return None
    # A year or month alone cannot be compared with a day.
    return Stated(stated.spans[0], stated.text if len(stated.text) == _DATE_LENGTH else None)


def _sex(stated: Phrase | None) -> Stated | None:
    if stated is None or stated.text not in {"female", "male"}:
        return None
    return Stated(stated.spans[0], stated.text)


def _record_number(identifier: JsonObject) -> Stated | None:
    kind, value = object_of(identifier, "type"), text_of(identifier, "value")
    if kind is None or value is None or not _is_record_number(kind):
        return None
    number = "".join(character for character in value.text if character.isalnum()).upper()
    return Stated(value.spans[0], number or None)


def _is_record_number(kind: JsonObject) -> bool:
    codes = [text_of(coding, "code") for coding in objects_of(kind, "coding")]
    wording = read_concept(kind).wording
    named = wording is not None and wording.text.strip().casefold() in {"mrn", "medical record number"}
    return named or any(code is not None and code.text == _RECORD_NUMBER for code in codes)
