"""Lists what the chart says of problems: present, past, denied, in the family, or only considered."""

from dataclasses import replace
from typing import Final

from openmed_agent.clinical.allergies import find_allergies
from openmed_agent.clinical.assertion import Assertion, only_conditions
from openmed_agent.clinical.medication_lists import read_medications
from openmed_agent.clinical.sections import SectionKind, section_at
from openmed_agent.planes.inference.client import Entity
from openmed_agent.text.spans import Span
from openmed_agent.workflows.draft import ItemKind, Support
from openmed_agent.workflows.steps.fhir_findings import condition_findings
from openmed_agent.workflows.work import (
    Finding,
    ReadNote,
    Services,
    Work,
    evidence_of,
    is_vocabulary,
    plain,
    subject_of,
)

LOW_CONFIDENCE: Final = 0.6
"""Below this the mention is shown as uncertain; dictionaries answer well above it, models may not."""

_NO_STATEMENTS: Final = frozenset({SectionKind.SIGNATURE, SectionKind.INSTRUCTIONS})


async def list_problems(work: Work, services: Services) -> Work:
    """Return ``work`` with a finding for every mention of a disease or symptom."""
    services.progress("Listing problems")
    found = [finding for note in work.notes for finding in _of_note(note)]
    found += [finding for read in work.charts for finding in condition_findings(read)]
    return replace(work, findings=(*work.findings, *found))


def _of_note(note: ReadNote) -> list[Finding]:
    allergies = find_allergies(note.source.text, note.sections, substances=_spans(note.drugs))
    taken = [allergy.span for allergy in allergies if allergy.kind != "environment"]
    taken += _reasons_when_needed(note)
    conditions = only_conditions(note.source.text, _spans(note.diseases), sections=note.sections)
    return [
        _finding(note, entity, condition=condition)
        for entity, condition in zip(note.diseases, conditions, strict=True)
        if section_at(note.sections, entity.span.start).kind not in _NO_STATEMENTS
        and not any(span.overlaps(entity.span) for span in taken)
        and not _is_precaution(note, entity)
    ]


def _reasons_when_needed(note: ReadNote) -> list[Span]:
    """Return what medicines are taken for only when needed: "as needed for pain" says nothing of pain now."""
    drugs = sorted(_spans(note.drugs))
    statements = read_medications(note.source.text, drugs, sentences=note.sentences)
    return [one.reason.span for one in statements if one.as_needed is not None and one.reason is not None]


def _is_precaution(note: ReadNote, entity: Entity) -> bool:
    """Return whether the mention only says what to come back for: "call if the swelling gets worse"."""
    return entity.assertion.hypothetical and any(
        follow_up.kind == "return_precaution" and follow_up.span.overlaps(entity.span) for follow_up in note.follow_ups
    )


def _spans(entities: tuple[Entity, ...]) -> tuple[Span, ...]:
    return tuple(entity.span for entity in entities)


def _finding(note: ReadNote, entity: Entity, *, condition: bool) -> Finding:
    claim = plain(entity.text)
    kind, support = classified(entity.assertion, confidence=entity.confidence)
    return Finding(
        kind=kind,
        claim=worded(kind, claim, entity.assertion, condition=condition),
        subject=subject_of(claim),
        support=support,
        evidence=(evidence_of(note.source, entity.span),),
        assertion=entity.assertion,
        notes=() if entity.confidence >= LOW_CONFIDENCE else (f"confidence {entity.confidence:.2f}",),
        queryable=is_vocabulary(entity),
    )


def classified(assertion: Assertion, *, confidence: float = 1.0) -> tuple[ItemKind, Support]:
    """Return what kind of item a mention makes: a current problem only where it is affirmed."""
    if assertion.experiencer != "patient":
        return "family_history", "supported"
    if assertion.negated:
        return "absent_finding", "supported"
    if assertion.hypothetical or confidence < LOW_CONFIDENCE:
        return "uncertain_finding", "uncertain"
    if assertion.historical:
        return "past_problem", "supported"
    return "problem", "supported"


def worded(kind: ItemKind, claim: str, assertion: Assertion, *, condition: bool = False) -> str:
    """Return the claim so that it cannot be read as a current problem where it is not one."""
    match kind:
        case "absent_finding":
            return f"No {claim}"
        case "past_problem":
            return f"History of {claim}"
        case "uncertain_finding" if condition:
            return f"{claim}, named only as a condition"
        case "uncertain_finding":
            return f"Possible {claim}" if assertion.hypothetical else f"{claim}, read with low confidence"
        case "family_history" if assertion.negated:
            return f"No family history of {claim}"
        case "family_history":
            whose = "Family history" if assertion.experiencer == "family" else "Another person"
            return f"{whose}: {claim}"
        case _:
            return claim
