"""What walks through the steps of a workflow: documents first, then findings, then items.

Every step takes a ``Work`` and returns the next one. All of it is immutable and nothing in it depends on the
clock, so that the same input gives the same draft.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from openmed_agent.clinical.assertion import Assertion
from openmed_agent.clinical.identity import PatientIdentity
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


@dataclass(frozen=True, slots=True)
class ReadNote:
    """A note as the inference plane and the clinical grammar read it."""

    source: SourceDocument
    sections: tuple[Section, ...]
    sentences: tuple[Span, ...]
    diseases: tuple[Entity, ...]
    drugs: tuple[Entity, ...]
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
    """What steps may call on: the planes, the gate before the codes plane, who is told of progress."""

    inference: InferenceClient
    codes: CodesClient
    gate: CodesQueryGate
    progress: Callable[[str], None] = field(default=lambda _: None)


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


def is_vocabulary(entity: Entity) -> bool:
    """Return whether a dictionary, not a model or a rule of word formation, knows the mention's words."""
    return bool(entity.sources) and "formation" not in entity.sources
