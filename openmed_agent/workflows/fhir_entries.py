"""What a FHIR chart says: patients and entries, each bound to the places of the source that say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from openmed_agent.clinical.identity import PatientIdentity, Stated
from openmed_agent.text.json_spans import JsonObject
from openmed_agent.text.spans import Span
from openmed_agent.workflows.draft import Code
from openmed_agent.workflows.fhir_elements import Phrase, UnreadableError, objects_of, text_of
from openmed_agent.workflows.fhir_standing import CURRENT, Standing

EntryKind = Literal[
    "condition",
    "medication",
    "allergy",
    "observation",
    "procedure",
    "family_history",
    "immunization",
    "plan",
]


@dataclass(frozen=True, slots=True)
class MedicationDetail:
    """How a drug is to be taken, as stated or put together from its structured dosage; may be empty."""

    sig: str


@dataclass(frozen=True, slots=True)
class MeasurementDetail:
    """A result, digits as written.

    ``category`` is the source's (``laboratory``, ``vital-signs``, ...) or empty; ``newest`` says that no
    measurement of the same code and patient has a later date.
    """

    value: str
    unit: str = ""
    interpretation: str = ""
    reference_range: str = ""
    category: str = ""
    newest: bool = False


@dataclass(frozen=True, slots=True)
class AllergyDetail:
    """Reactions and criticality as stated."""

    reactions: tuple[str, ...]
    criticality: str


@dataclass(frozen=True, slots=True)
class RelativeDetail:
    """Whose illness it is, as stated (``mother``)."""

    relationship: str


Detail = MedicationDetail | MeasurementDetail | AllergyDetail | RelativeDetail


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirEntry:
    """One statement of a resource.

    ``index`` is the resource's position in the bundle. ``display`` is verbatim. ``status`` is as stated and
    empty where nothing is. ``patient`` is an index into the chart's patients, or nothing where the reference,
    kept in ``patient_reference``, leads to none of them. ``evidence`` starts with the display's span.
    """

    kind: EntryKind
    resource_type: str
    index: int
    display: str
    codes: tuple[Code, ...]
    status: str
    standing: Standing
    date: str
    patient_reference: str
    patient: int | None
    evidence: tuple[Span, ...]
    detail: Detail | None = None


@dataclass(frozen=True, slots=True)
class FhirPatient:
    """A Patient: what identifies it (for ``compare_identities``), and every name and record number it has."""

    index: int
    reference: str
    identity: PatientIdentity
    names: tuple[Stated, ...]
    record_numbers: tuple[Stated, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A resource of a type that is read, but whose shape does not let it be."""

    index: int
    resource_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a reader of one resource type found, before it is known where and whose it is."""

    kind: EntryKind
    display: Phrase
    codes: tuple[Code, ...] = ()
    status: Phrase | None = None
    standing: Standing = CURRENT
    date: Phrase | None = None
    supporting: tuple[Phrase | None, ...] = ()
    detail: Detail | None = None

    def evidence(self) -> tuple[Span, ...]:
        """Return every place that the statement rests on, the display first, none twice."""
        phrases = (self.display, *self.supporting, self.status, self.date)
        spans = (span for phrase in phrases if phrase for span in phrase.spans)
        return tuple(dict.fromkeys(spans))


class SkippedError(Exception):
    """A resource holds nothing that a chart would state; ``reason`` is what it is counted under."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class References:
    """Finds resources of a bundle by any of their addresses."""

    by_address: Mapping[str, JsonObject]

    def find(self, holder: JsonObject, address: str) -> JsonObject:
        """Return the resource that ``address`` in ``holder`` names: contained (``#id``) or of the bundle.

        Raises:
            UnreadableError: there is no such resource.

        """
        found = self._contained(holder, address) if address.startswith("#") else self.by_address.get(address)
        if found is None:
            raise UnreadableError("a reference leads nowhere")
        return found

    def _contained(self, holder: JsonObject, address: str) -> JsonObject | None:
        for resource in objects_of(holder, "contained"):
            name = text_of(resource, "id")
            if name and f"#{name.text}" == address:
                return resource
        return None
