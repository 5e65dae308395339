"""Lists what the chart says of medicines: taken, stopped, planned or merely mentioned, with dose and sig."""

import re
from bisect import bisect_right
from dataclasses import replace
from typing import Final

from openmed_agent.clinical.allergies import find_allergies
from openmed_agent.clinical.assertion import Assertion
from openmed_agent.clinical.medication_lists import read_medications
from openmed_agent.clinical.medication_names import full_name
from openmed_agent.clinical.medications import MedicationStatement
from openmed_agent.clinical.sections import SectionKind, section_at
from openmed_agent.planes.inference.client import Entity
from openmed_agent.text.spans import Span, covering
from openmed_agent.workflows.draft import ItemKind, Support
from openmed_agent.workflows.steps.fhir_findings import medication_findings
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

_RELEASE_FORM: Final = re.compile(r"[ -](ER|XR|XL|SR|CR|LA|DR|EC|IR|CD|ODT|HCT)\b")
_TOLD_TO_STOP: Final = frozenset({"hold", "stop", "discontinue", "d/c"})
_LONGEST_CONDITION: Final = 300  # code points: a longer sentence is none that a person would read as one claim
_IF: Final = re.compile(r"\bif\b", re.IGNORECASE)
_ONCE: Final = re.compile(r"x ?1\b|one[- ]time|single dose|stat\b|once only", re.IGNORECASE)
_PLANS: Final = frozenset(
    {SectionKind.PLAN, SectionKind.ASSESSMENT_AND_PLAN, SectionKind.FOLLOW_UP, SectionKind.INSTRUCTIONS}
)
_NO_MEDICINES: Final = frozenset({"ctab"})  # "lungs CTAB": clear to auscultation bilaterally
_LISTS: Final = frozenset(
    {
        SectionKind.MEDICATIONS,
        SectionKind.HOME_MEDICATIONS,
        SectionKind.DISCHARGE_MEDICATIONS,
        SectionKind.HOSPITAL_MEDICATIONS,
    }
)


async def list_medications(work: Work, services: Services) -> Work:
    """Return ``work`` with a finding for every mention of a medicine."""
    services.progress("Listing medicines")
    found = [finding for note in work.notes for finding in _of_note(note)]
    found += [finding for read in work.charts for finding in medication_findings(read)]
    return replace(work, findings=(*work.findings, *found))


def _of_note(note: ReadNote) -> list[Finding]:
    text = note.source.text
    spans = tuple(entity.span for entity in note.drugs)
    allergies = find_allergies(text, note.sections, substances=spans)
    allergens = [allergy.span for allergy in allergies]
    findings: list[Finding] = []
    statements = read_medications(text, spans, sentences=note.sentences)
    for entity, statement in zip(note.drugs, statements, strict=True):
        kind = section_at(note.sections, entity.span.start).kind
        if plain(entity.text).casefold() in _NO_MEDICINES:
            continue
        if kind is SectionKind.ALLERGIES or any(allergen.overlaps(entity.span) for allergen in allergens):
            continue
        if _is_single_dose(text, statement, kind):
            statement = replace(statement, status="given")  # noqa: PLW2901
        findings.append(_finding(note, entity, statement, kind))
    return findings


def _is_single_dose(text: str, statement: MedicationStatement, section: SectionKind) -> bool:
    """Return whether a dose was given once in care: "ketorolac 30 mg IV x1", not on a list and not in a plan."""
    if statement.status != "unknown" or statement.frequency is None or section in _LISTS | _PLANS:
        return False
    return bool(_ONCE.match(text, statement.frequency.span.start))


def _finding(note: ReadNote, entity: Entity, statement: MedicationStatement, section: SectionKind) -> Finding:
    if condition := _condition_to_stop(note, statement):
        return _conditional(note, entity, condition)
    name = plain(entity.text)
    release = _RELEASE_FORM.match(note.source.text, entity.span.end)
    form = f" {release.group(1)}" if release else ""
    kind, support = _classified(statement, entity.assertion, section)
    if _is_advice(note, statement):
        kind, support = "follow_up", "supported"
    sig = f" {statement.normalised_sig}" if statement.normalised_sig else ""
    spans = [statement.span] if statement.status_cue is None else [statement.span, statement.status_cue]
    evidence = _evidence_span(note.source.text, spans)
    return Finding(
        kind=kind,
        claim=_worded(kind, f"{name}{form}{sig}", statement, entity.assertion),
        subject=subject_of(full_name(name)),
        support=support,
        evidence=(evidence_of(note.source, evidence),),
        assertion=entity.assertion,
        notes=statement.cautions,
        statement=statement,
        queryable=is_vocabulary(entity),
    )


def _condition_to_stop(note: ReadNote, statement: MedicationStatement) -> Span | None:
    """Return the sentence that would end a medicine only if something happens: "hold apixaban if plt < 50"."""
    cue = statement.status_cue
    if cue is None or cue.of(note.source.text).casefold() not in _TOLD_TO_STOP:
        return None
    at = bisect_right(note.sentences, cue.start, key=lambda sentence: sentence.start) - 1
    sentence = note.sentences[at] if at >= 0 else cue
    if sentence.end - sentence.start > _LONGEST_CONDITION:
        return None
    return sentence if _IF.search(note.source.text, sentence.start, sentence.end) else None


def _conditional(note: ReadNote, entity: Entity, condition: Span) -> Finding:
    evidence = evidence_of(note.source, condition)
    claim = plain(evidence.quote).strip(" -*•;.")
    return Finding(
        kind="follow_up",
        claim=claim,
        subject=subject_of(claim),
        support="supported",
        evidence=(evidence,),
        assertion=entity.assertion,
    )


def _is_advice(note: ReadNote, statement: MedicationStatement) -> bool:
    """Return whether the words only warn of a medicine: "avoid NSAIDs" does not say that one was taken."""
    cue = statement.status_cue
    return cue is not None and cue.of(note.source.text).casefold().startswith("avoid")


def _evidence_span(text: str, spans: list[Span]) -> Span:
    whole = covering(spans)
    return whole if "\n\n" not in whole.of(text) else spans[0]


def _classified(statement: MedicationStatement, assertion: Assertion, section: SectionKind) -> tuple[ItemKind, Support]:
    if assertion.experiencer != "patient":
        return "family_history", "supported"
    if statement.status in {"stopped", "held", "not_taking", "given"} or section is SectionKind.STOPPED_MEDICATIONS:
        return "stopped_medication", "supported"
    if assertion.negated:
        return "absent_finding", "supported"
    if statement.status == "planned":
        return "follow_up", "supported"
    if assertion.hypothetical:
        return "uncertain_finding", "uncertain"
    if statement.status in {"taken", "changed"} or section in _LISTS or statement.normalised_sig:
        return ("stopped_medication" if assertion.historical else "medication"), "supported"
    return "uncertain_finding", "uncertain"


def _worded(kind: ItemKind, claim: str, statement: MedicationStatement, assertion: Assertion) -> str:
    match kind:
        case "stopped_medication" if statement.status == "held":
            return f"{claim}, on hold"
        case "stopped_medication" if statement.status == "not_taking":
            return f"{claim}, not taken"
        case "stopped_medication" if statement.status == "given":
            return f"{claim}, given in care and not stated as taken at home"
        case "stopped_medication":
            return f"{claim}, stopped"
        case "absent_finding":
            return f"No {claim}"
        case "follow_up":
            return f"Planned: {claim}"
        case "uncertain_finding" if assertion.hypothetical:
            return f"Considered: {claim}"
        case "uncertain_finding":
            return f"{claim} is mentioned; whether it is taken now is not stated"
        case "family_history":
            return f"Another person takes {claim}"
        case _:
            return claim
