"""What walks through the steps of a workflow: documents first, then findings, then items.

Every step takes a ``Work`` and returns the next one. All of it is immutable and nothing in it depends on the
clock, so that the same input gives the same draft.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from openmed_agent.clinical.assertion import Assertion
from openmed_agent.clinical.follow_ups import FollowUp
from openmed_agent.clinical.identity import PatientIdentity
from openmed_agent.clinical.measurements import Measurement
from openmed_agent.clinical.medications import MedicationStatement
from openmed_agent.clinical.sections import Section
from openmed_agent.planes.codes.client import CodesClient
from openmed_agent.planes.inference.client import Entity, InferenceClient
from openmed_agent.privacy.gate import CodesQueryGate
from openmed_agent.text.sources import SourceDocument
from openmed_agent.text.spans import Span
from openmed_agent.workflows.draft import Code, EvidenceSpan, ItemKind, ReleaseReference, Support
from openmed_agent.workflows.fhir_chart import FhirChart

STATED: Final = Assertion()
"""The assertion of a plain statement about the patient now."""

_STRENGTH: Final = re.compile(r"\s(?=[\d(])|\s(?:tablets?|capsules?|solution|injection|oral)\b", re.IGNORECASE)
_RELEASE_HOURS: Final = re.compile(r"^\d+ ?(?:hr|hours?)\s", re.IGNORECASE)

_RULES: Final = frozenset({"formation", "ending", "shape", "symbol", "defined", "model"})

PLANNED: Final = Assertion(hypothetical=True)
"""The assertion of what is still to happen."""


@dataclass(frozen=True, slots=True)
class ReadNote:
    """A note as the inference plane and the clinical grammar read it; titles and values are no mentions."""

    source: SourceDocument
    sections: tuple[Section, ...]
    sentences: tuple[Span, ...]
    diseases: tuple[Entity, ...]
    drugs: tuple[Entity, ...]
    measurements: tuple[Measurement, ...]
    follow_ups: tuple[FollowUp, ...]
    identity: PatientIdentity


@dataclass(frozen=True, slots=True)
class ReadChart:
    """A FHIR document and its entries."""

    source: SourceDocument
    chart: FhirChart


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim on its way to become an item.

    ``subject`` is the key by which mentions of the same thing meet; ``statement`` is the sig of a medication.
    ``queryable`` says that the subject's words are vocabulary of the embedded dictionaries.
    """

    kind: ItemKind
    claim: str
    subject: str
    support: Support
    evidence: tuple[EvidenceSpan, ...]
    assertion: Assertion = STATED
    codes: tuple[Code, ...] = ()
    notes: tuple[str, ...] = ()
    statement: MedicationStatement | None = None
    queryable: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """Everything that a step may read and what it adds to."""

    sources: tuple[SourceDocument, ...]
    notes: tuple[ReadNote, ...] = ()
    charts: tuple[ReadChart, ...] = ()
    findings: tuple[Finding, ...] = ()
    releases: tuple[ReleaseReference, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Services:
    """What steps may call on: the planes, the gate before the codes plane, who is told of progress and of each step."""

    inference: InferenceClient
    codes: CodesClient
    gate: CodesQueryGate
    progress: Callable[[str], None] = field(default=lambda _: None)
    step: Callable[[str], None] = field(default=lambda _: None)


Step = Callable[[Work, Services], Awaitable[Work]]


def evidence_of(source: SourceDocument, span: Span) -> EvidenceSpan:
    """Return the evidence that ``span`` of ``source`` is."""
    return EvidenceSpan(source=source.digest, start=span.start, end=span.end, quote=span.of(source.text))


def plain(text: str) -> str:
    """Return ``text`` on one line with single blanks, for a claim."""
    return " ".join(text.split())


def subject_of(text: str) -> str:
    """Return the key of a term: lower case, hyphens and blanks alike, no trailing punctuation."""
    return " ".join(text.casefold().replace("-", " ").replace("\u2019", "'").split()).strip(" .,;:")


def medicine_name(claim: str) -> str:
    """Return the name in a claim about a medicine, without strength, form and sig, as it is written."""
    return _STRENGTH.split(_RELEASE_HOURS.sub("", claim), maxsplit=1)[0].split(",")[0].strip()


def medicine_subject(name: str) -> str:
    """Return the key of a medicine: its name without strength and form (Lisinopril 20 mg tablet: lisinopril)."""
    return subject_of(medicine_name(name)) or subject_of(name)


def is_vocabulary(entity: Entity) -> bool:
    """Return whether a dictionary, not a model or a rule of word formation, knows the mention's words."""
    return bool(entity.sources) and _RULES.isdisjoint(entity.sources)
