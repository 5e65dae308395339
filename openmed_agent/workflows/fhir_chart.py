"""Reads a FHIR chart: a Bundle of any type or a single resource, R4 first, tolerant of STU3 and R5 shapes.

Every entry keeps whose it is and where the source says it. What cannot be read is counted with its place, and
what is not read at all is counted by type, so that a draft can say what it left out.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from openmed_agent.clinical.identity import PatientIdentity
from openmed_agent.errors import InputError
from openmed_agent.text.json_spans import JsonArray, JsonObject, parse_json
from openmed_agent.text.sources import SourceDocument
from openmed_agent.text.terminal import terminal_safe
from openmed_agent.workflows.fhir_elements import (
    Phrase,
    UnreadableError,
    object_of,
    objects_of,
    reference_of,
    text_of,
)
from openmed_agent.workflows.fhir_entries import (
    EntryKind,
    FhirEntry,
    FhirPatient,
    MeasurementDetail,
    References,
    SkippedError,
    Statement,
    Unreadable,
)
from openmed_agent.workflows.fhir_observation import read_observation
from openmed_agent.workflows.fhir_patient import read_patient
from openmed_agent.workflows.fhir_plans import read_appointment, read_care_plan, read_service_request
from openmed_agent.workflows.fhir_resources import (
    read_allergy,
    read_condition,
    read_family_history,
    read_immunization,
    read_medication,
    read_procedure,
)

_READERS: Final[Mapping[str, Callable[[JsonObject, References], tuple[Statement, ...]]]] = {
    "Condition": read_condition,
    "MedicationRequest": read_medication,
    "MedicationStatement": read_medication,
    "MedicationUsage": read_medication,  # an R5 draft's name for MedicationStatement
    "AllergyIntolerance": read_allergy,
    "Observation": read_observation,
    "Procedure": read_procedure,
    "Immunization": read_immunization,
    "FamilyMemberHistory": read_family_history,
    "ServiceRequest": read_service_request,
    "Appointment": read_appointment,
    "CarePlan": read_care_plan,
}
_TYPE_NAME: Final = re.compile(r"[A-Z][A-Za-z]{1,60}")
_SUBJECTS: Final = ("subject", "patient")


@dataclass(frozen=True, slots=True)
class FhirChart:
    """What one FHIR file says.

    ``patients``: more than one means that the file mixes charts. ``skipped``: (type, count) of resources
    that are not read, sorted. ``unreadable``: resources that should have been.
    """

    bundle_type: str
    patients: tuple[FhirPatient, ...]
    entries: tuple[FhirEntry, ...]
    skipped: tuple[tuple[str, int], ...]
    unreadable: tuple[Unreadable, ...]

    @property
    def identities(self) -> tuple[PatientIdentity, ...]:
        """Who the patients are, in the form that notes are compared with."""
        return tuple(patient.identity for patient in self.patients)

    @property
    def unresolved_references(self) -> tuple[str, ...]:
        """Addresses of patients that entries belong to and that the file does not hold, each once."""
        return tuple(
            dict.fromkeys(
                entry.patient_reference for entry in self.entries if entry.patient is None and entry.patient_reference
            )
        )

    def of_kind(self, kind: EntryKind) -> tuple[FhirEntry, ...]:
        """Return the entries of one kind, in the order of the file."""
        return tuple(entry for entry in self.entries if entry.kind == kind)


@dataclass(frozen=True, slots=True)
class _Resource:
    index: int
    type: str
    addresses: tuple[str, ...]
    content: JsonObject


def read_fhir(source: SourceDocument) -> FhirChart:
    """Return what the FHIR file says.

    Raises:
        InputError: it is not JSON, not FHIR, or an empty bundle.

    """
    shown = terminal_safe(source.name, single_line=True)
    try:
        bundle = parse_json(source.text)
    except InputError as error:
        raise InputError(f"{shown}: {error.message}", remedy=error.remedy) from None
    kind = _resource_type(bundle) if isinstance(bundle, JsonObject) else ""
    if not isinstance(bundle, JsonObject) or not kind:
        raise InputError(
            f"{shown} is JSON but not FHIR: it has no resourceType.",
            remedy="Pass a FHIR bundle or resource, or a note as plain text.",
        )
    if kind != "Bundle":
        return _chart((_resource(0, "", bundle),), (), bundle_type="")
    entries = bundle.get("entry")
    if entries is None or (isinstance(entries, JsonArray) and not entries.items):
        raise InputError(f"{shown} is an empty FHIR bundle.", remedy="Export the chart again.")
    if not isinstance(entries, JsonArray):
        raise InputError(f"{shown} is not a FHIR bundle: its entry is not an array.")
    return _bundle(entries, bundle_type=_word(bundle, "type"))


def _bundle(entries: JsonArray, *, bundle_type: str) -> FhirChart:
    resources: list[_Resource] = []
    unreadable: list[Unreadable] = []
    for index, entry in enumerate(entries):
        resource = entry.get("resource") if isinstance(entry, JsonObject) else None
        if not isinstance(entry, JsonObject) or not isinstance(resource, JsonObject):
            unreadable.append(Unreadable(index, "entry"))
        else:
            resources.append(_resource(index, _word(entry, "fullUrl"), resource))
    return _chart(tuple(resources), tuple(unreadable), bundle_type=bundle_type)


def _resource(index: int, full_url: str, content: JsonObject) -> _Resource:
    kind, name = _resource_type(content), _word(content, "id")
    addresses = (full_url, f"{kind}/{name}" if name else "")
    return _Resource(index, kind, tuple(address for address in addresses if address), content)


def _resource_type(content: JsonObject) -> str:
    return _word(content, "resourceType")


def _word(content: JsonObject, name: str) -> str:
    try:
        word = text_of(content, name)
    except UnreadableError:
        return ""
    return word.text if word else ""


def _chart(resources: tuple[_Resource, ...], unreadable: tuple[Unreadable, ...], *, bundle_type: str) -> FhirChart:
    reading = _Reading(resources)
    for resource in resources:
        reading.read(resource)
    failed = sorted((*unreadable, *reading.unreadable), key=lambda failure: failure.index)
    return FhirChart(
        bundle_type=bundle_type,
        patients=tuple(reading.patients),
        entries=_with_newest(reading.entries),
        skipped=tuple(sorted(reading.skipped.items())),
        unreadable=tuple(failed),
    )


class _Reading:
    """Collects what the resources say; patients first, so that every entry finds its own."""

    def __init__(self, resources: Iterable[_Resource]) -> None:
        self.patients: list[FhirPatient] = []
        self.entries: list[FhirEntry] = []
        self.skipped: Counter[str] = Counter()
        self.unreadable: list[Unreadable] = []
        self._patient_addresses: dict[str, int] = {}
        by_address: dict[str, JsonObject] = {}
        for resource in resources:
            by_address.update(dict.fromkeys(resource.addresses, resource.content))
            if resource.type == "Patient":
                self._add_patient(resource)
        self._references = References(by_address)

    def _add_patient(self, resource: _Resource) -> None:
        reference = next(iter(resource.addresses), "")
        try:
            patient = read_patient(resource.content, index=resource.index, reference=reference)
        except UnreadableError:
            self.unreadable.append(Unreadable(resource.index, resource.type))
            return
        self._patient_addresses.update(dict.fromkeys(resource.addresses, len(self.patients)))
        self.patients.append(patient)

    def read(self, resource: _Resource) -> None:
        """Add the entries of one resource, or count why there are none."""
        if resource.type == "Patient":
            return
        reader = _READERS.get(resource.type)
        if reader is None:
            known = _TYPE_NAME.fullmatch(resource.type)
            self.skipped[resource.type if known else "of no known type"] += 1
            return
        try:
            statements = reader(resource.content, self._references)
            whose = _patient_reference(resource.content)
        except UnreadableError:
            self.unreadable.append(Unreadable(resource.index, resource.type))
        except SkippedError as skipped:
            self.skipped[skipped.reason] += 1
        else:
            self.entries.extend(self._entry(resource, statement, whose) for statement in statements)

    def _entry(self, resource: _Resource, statement: Statement, whose: str) -> FhirEntry:
        return FhirEntry(
            kind=statement.kind,
            resource_type=resource.type,
            index=resource.index,
            display=statement.display.text,
            codes=statement.codes,
            status=_words(statement.status),
            standing=statement.standing,
            date=_words(statement.date),
            patient_reference=whose,
            patient=self._patient(whose),
            evidence=statement.evidence(),
            detail=statement.detail,
        )

    def _patient(self, address: str) -> int | None:
        # A reference may name a version of the resource.
        return self._patient_addresses.get(address.partition("/_history/")[0])


def _words(phrase: Phrase | None) -> str:
    return phrase.text if phrase else ""


def _patient_reference(content: JsonObject) -> str:
    for name in _SUBJECTS:
        if address := reference_of(content, name):
            return address.text
    for participant in objects_of(content, "participant"):
        actor = object_of(participant, "actor")
        address = text_of(actor, "reference") if actor is not None else None
        if address and "Patient" in address.text:
            return address.text
    return ""


def _with_newest(entries: list[FhirEntry]) -> tuple[FhirEntry, ...]:
    newest: dict[tuple[int | None, str, str], tuple[int, ...]] = {}
    for entry in entries:
        if _is_measured(entry):
            key = _measured(entry)
            newest[key] = max(newest.get(key, ()), _instant(entry.date))
    return tuple(
        replace(entry, detail=replace(entry.detail, newest=True))
        if isinstance(entry.detail, MeasurementDetail)
        and _is_measured(entry)
        and _instant(entry.date) == newest[_measured(entry)]
        else entry
        for entry in entries
    )


def _is_measured(entry: FhirEntry) -> bool:
    return isinstance(entry.detail, MeasurementDetail) and not entry.standing.withdrawn


def _measured(entry: FhirEntry) -> tuple[int | None, str, str]:
    code = next(iter(entry.codes), None)
    if code is None:
        return entry.patient, "", entry.display.casefold()
    return entry.patient, code.system, code.code


def _instant(date: str) -> tuple[int, ...]:
    """Return a FHIR date as numbers that sort by time; a date that cannot be read sorts first."""
    try:
        time = datetime.fromisoformat(date)
        return (time.astimezone(UTC) if time.tzinfo else time).timetuple()[:6]
    except (ValueError, OverflowError):
        return tuple(int(part) for part in re.findall(r"[0-9]{1,4}", date)[:3])
