"""What callers of the inference plane get, and how it is made of the replies.

All spans are code points of the caller's whole text, whatever pieces travelled.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from openmed_agent.clinical.assertion import Assertion, Reading
from openmed_agent.clinical.medication_direction import Direction
from openmed_agent.planes.inference.chunking import Window
from openmed_agent.planes.inference.context import context_of
from openmed_agent.planes.inference.contract import AnalyzeReply, DeidentifyReply, EntityReply, Method
from openmed_agent.planes.inference.entities.stated import Stated
from openmed_agent.planes.inference.pii.block_out import blocks
from openmed_agent.planes.inference.pii.labels import CANONICAL_LABELS, SafeHarborCategory, safe_harbor_category
from openmed_agent.planes.inference.pii.policy import SAFE_HARBOR, Policy
from openmed_agent.planes.inference.recheck import Redaction, recheck, repaired
from openmed_agent.text.spans import Span

if TYPE_CHECKING:  # the methods load word lists, which a client seldom needs
    from openmed_agent.planes.inference.pii.deidentify import Deidentified


@dataclass(frozen=True, slots=True)
class Entity:
    """One clinical mention; ``confidence`` is the service's own score in [0, 1]."""

    span: Span
    text: str
    label: str
    confidence: float
    assertion: Assertion
    section: str
    sources: tuple[str, ...] = ()
    severity: str | None = None
    stated: Stated | None = None
    direction: Direction | None = None


@dataclass(frozen=True, slots=True)
class PiiEntity:
    """One identifier: raw label of the service, its canonical name and its Safe Harbor category."""

    span: Span
    text: str
    label: str
    canonical_label: str
    category: SafeHarborCategory
    confidence: float
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeidentifiedDocument:
    """A document without its identifiers.

    ``redactions`` are spans of the ORIGINAL with what replaced them; ``repaired`` counts those that this
    machine added because the service had left them.
    """

    text: str
    method: Method
    redactions: tuple[Redaction, ...]
    repaired: int = 0


def located_once(parts: Sequence[Window], replies: Sequence[AnalyzeReply]) -> tuple[tuple[Span, EntityReply], ...]:
    """Return the entities of all windows with their spans in the whole text, each once, in order."""
    found: list[tuple[Span, EntityReply]] = []
    border = 0  # where the last entity of the windows before ends
    for window, reply in zip(parts, replies, strict=True):
        own: list[tuple[Span, EntityReply]] = []
        for entity in reply.entities:
            span = Span(entity.start, entity.end).shifted(window.span.start)
            if window.owns(span.start) and span.start >= border:
                own.append((span, entity))
        found.extend(sorted(own, key=lambda item: item[0]))
        border = max((span.end for span, _ in own), default=border)
    return tuple(found)


def entity_of(reply: EntityReply, span: Span) -> Entity:
    """Return the mention that a reply names, at ``span`` of the whole text."""
    metadata = reply.metadata
    return Entity(
        span=span,
        text=reply.text,
        label=reply.label,
        confidence=reply.confidence,
        assertion=(metadata.assertion if metadata else None) or Assertion(),
        section=(metadata.section if metadata else None) or "other",
        sources=(metadata.detector_sources if metadata else None) or (),
        severity=metadata.severity if metadata else None,
        stated=metadata.stated if metadata else None,
        direction=metadata.direction if metadata else None,
    )


def all_asserted(located: Iterable[tuple[Span, EntityReply]]) -> bool:
    """Return whether the service gave every entity an assertion and a section."""
    return all(
        reply.metadata is not None and reply.metadata.assertion is not None and reply.metadata.section is not None
        for _, reply in located
    )


def asserted_here(text: str, entities: Sequence[Entity], *, reading: Reading = Reading.MENTION) -> tuple[Entity, ...]:
    """Return the entities with assertions and sections of this machine, made over the whole document."""
    context = context_of(text, [entity.span for entity in entities], reading=reading)
    return tuple(
        replace(entity, assertion=said.assertion, section=said.section)
        for entity, said in zip(entities, context, strict=True)
    )


def pii_entity_of(reply: EntityReply, span: Span) -> PiiEntity:
    """Return the identifier that a reply names, at ``span`` of the whole text."""
    return PiiEntity(
        span=span,
        text=reply.text,
        label=reply.label,
        canonical_label=reply.canonical_label or CANONICAL_LABELS.get(reply.label.lower(), "ID_NUM"),
        category=safe_harbor_category(reply.label),
        confidence=reply.confidence,
        sources=(reply.metadata.detector_sources if reply.metadata else None) or (),
    )


def joined(
    text: str, method: Method, parts: Sequence[Span], replies: Sequence[DeidentifyReply]
) -> DeidentifiedDocument:
    """Return the document put together from its parts, the blanks between them unchanged."""
    written: list[str] = []
    redactions: list[Redaction] = []
    at = 0
    for part, reply in zip(parts, replies, strict=True):
        written += (text[at : part.start], reply.deidentified_text)
        at = part.end
        redactions += (
            Redaction(
                span=Span(entity.start, entity.end).shifted(part.start),
                label=entity.label,
                replacement=entity.redacted_text,
            )
            for entity in sorted(reply.pii_entities, key=lambda entity: (entity.start, entity.end))
        )
    return DeidentifiedDocument("".join((*written, text[at:])), method, tuple(redactions))


def checked(
    text: str, document: DeidentifiedDocument, language: str, *, repair: bool, policy: Policy = SAFE_HARBOR
) -> DeidentifiedDocument:
    """Return ``document`` if no identifier that ``policy`` acts on is left in it, or its repaired form."""
    left = recheck(text, document.redactions, language=language, policy=policy)
    if left.nothing:
        return document
    if not repair:
        raise left.refusal()
    redactions, added = repaired(document.redactions, left)
    fixed = "".join(_applied(text, redactions))
    again = recheck(text, redactions, language=language, policy=policy)
    if not again.nothing:
        raise again.refusal()
    return DeidentifiedDocument(fixed, document.method, redactions, added)


def made_here(method: Method, done: "Deidentified") -> DeidentifiedDocument:
    """Return what the methods of this machine made of a document."""
    redactions = (Redaction(Span(r.start, r.end), r.label, r.new_text) for r in done.replacements)
    return DeidentifiedDocument(done.text, method, tuple(redactions))


def blocked_out(text: str, document: DeidentifiedDocument) -> DeidentifiedDocument:
    """Return ``document`` with a block for each character cell in the place of whatever replaced it."""
    redactions = tuple(replace(r, replacement=blocks(r.span.of(text))) for r in document.redactions)
    return replace(document, text="".join(_applied(text, redactions)), redactions=redactions)


def _applied(text: str, redactions: Iterable[Redaction]) -> Iterable[str]:
    at = 0
    for redaction in redactions:
        yield text[at : redaction.span.start]
        yield redaction.replacement
        at = redaction.span.end
    yield text[at:]
