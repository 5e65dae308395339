"""Turns the entries of a FHIR chart into findings, by what their status says and never beyond it."""

from collections.abc import Iterable
from dataclasses import replace

from openmed_agent.clinical.assertion import Assertion
from openmed_agent.clinical.medications import read_medication
from openmed_agent.text.spans import Span
from openmed_agent.workflows.draft import ItemKind, Support
from openmed_agent.workflows.fhir_entries import (
    AllergyDetail,
    EntryKind,
    FhirEntry,
    MeasurementDetail,
    MedicationDetail,
    RelativeDetail,
)
from openmed_agent.workflows.work import Finding, ReadChart, evidence_of, medicine_subject, plain, subject_of


def condition_findings(read: ReadChart) -> list[Finding]:
    """Return the findings of conditions and of the family history."""
    findings: list[Finding] = []
    for entry in _usable(read, "condition", "family_history"):
        kind, support = _standing(entry, affirmed="problem", past="past_problem")
        claim = plain(entry.display)
        match kind:
            case "absent_finding":
                claim = f"No {claim}"
            case "past_problem":
                claim = f"History of {claim}"
            case "uncertain_finding":
                claim = f"Possible {claim}"
            case "family_history":
                relative = entry.detail.relationship if isinstance(entry.detail, RelativeDetail) else ""
                claim = f"Family history: {claim}{f' ({plain(relative)})' if relative else ''}"
            case _:
                pass
        findings.append(_finding(read, entry, kind, support, f"{claim}{_since(entry)}"))
    return findings


def medication_findings(read: ReadChart) -> list[Finding]:
    """Return the findings of medication requests and statements."""
    findings: list[Finding] = []
    for entry in _usable(read, "medication"):
        sig = plain(entry.detail.sig) if isinstance(entry.detail, MedicationDetail) else ""
        name = plain(entry.display)
        kind, support = _standing(entry, affirmed="medication", past="stopped_medication")
        claim = f"{name} {sig}".strip()
        match kind:
            case "absent_finding":
                kind, claim = "stopped_medication", f"{claim}, not taken"
            case "stopped_medication":
                claim = f"{claim}, {plain(entry.status) or 'stopped'}"
            case "uncertain_finding" if entry.standing.assertion.hypothetical:
                kind, support, claim = "follow_up", "supported", f"Planned: {claim}"
            case "uncertain_finding":
                claim = f"{claim}: whether it is taken now is not stated"
            case _:
                pass
        subject = medicine_subject(name)
        finding = _finding(read, entry, kind, support, claim, subject=subject)
        words = f"{name} {sig}"
        at = max(0, name.casefold().find(subject))
        statement = read_medication(words, Span(at, at + len(subject)), limit=len(words))
        findings.append(replace(finding, statement=statement))
    return findings


def allergy_findings(read: ReadChart) -> list[Finding]:
    """Return the findings of allergies and intolerances."""
    findings: list[Finding] = []
    for entry in _usable(read, "allergy"):
        detail = entry.detail if isinstance(entry.detail, AllergyDetail) else None
        reactions = ", ".join(plain(reaction) for reaction in detail.reactions) if detail else ""
        name = plain(entry.display)
        kind, support = _standing(entry, affirmed="allergy", past="past_problem")
        claim = f"Allergy: {name}{f' ({reactions})' if reactions else ''}"
        match kind:
            case "absent_finding":
                claim = f"No allergy to {name}"
                if name.casefold().startswith("no "):
                    kind, claim = "allergy", name
            case "past_problem":
                claim = f"Past allergy: {name}"
            case "uncertain_finding":
                claim = f"Possible allergy: {name}"
            case _:
                pass
        findings.append(_finding(read, entry, kind, support, claim))
    return findings


def observation_findings(read: ReadChart) -> list[Finding]:
    """Return the findings of laboratory results and vital signs; the newest of each code only."""
    findings: list[Finding] = []
    for entry in _usable(read, "observation"):
        detail = entry.detail
        if not isinstance(detail, MeasurementDetail) or not detail.newest:
            continue
        unit = f" {plain(detail.unit)}" if detail.unit else ""
        flag = f" ({plain(detail.interpretation)})" if detail.interpretation else ""
        date = f", {plain(entry.date)[:10]}" if entry.date else ""
        kind: ItemKind = "vital" if detail.category == "vital-signs" else "lab"
        _, support = _standing(entry, affirmed=kind, past=kind)
        claim = f"{plain(entry.display)} {plain(detail.value)}{unit}{flag}{date}"
        findings.append(_finding(read, entry, kind, support, claim, subject=claim.casefold()))
    return findings


def procedure_findings(read: ReadChart) -> list[Finding]:
    """Return the findings of procedures and immunizations."""
    findings: list[Finding] = []
    for entry in _usable(read, "procedure", "immunization"):
        kind, support = _standing(entry, affirmed="procedure", past="procedure")
        date = f", {plain(entry.date)[:10]}" if entry.date else ""
        claim = f"{plain(entry.display)}{date}"
        match kind:
            case "absent_finding":
                claim = f"Not done: {claim}"
            case "uncertain_finding" if entry.standing.assertion.hypothetical:
                kind, support, claim = "follow_up", "supported", f"Planned: {claim}"
            case "uncertain_finding":
                claim = f"Not known whether done: {claim}"
            case _:
                pass
        subject = f"{subject_of(entry.display)}{date}"
        findings.append(_finding(read, entry, kind, support, claim, subject=subject))
    return findings


def planned_findings(read: ReadChart) -> list[Finding]:
    """Return the findings of appointments, requests and plans that are still ahead."""
    findings: list[Finding] = []
    for entry in _usable(read, "plan"):
        if entry.standing.assertion.historical or entry.standing.assertion.negated:
            continue
        date = f", {plain(entry.date)[:10]}" if entry.date else ""
        claim = f"Planned: {plain(entry.display)}{date}"
        findings.append(_finding(read, entry, "follow_up", "supported", claim))
    return findings


def _usable(read: ReadChart, *kinds: EntryKind) -> Iterable[FhirEntry]:
    """Return the entries of ``kinds`` that their own source does not call an error."""
    return (entry for entry in read.chart.entries if entry.kind in kinds and not entry.standing.withdrawn)


def _standing(entry: FhirEntry, *, affirmed: ItemKind, past: ItemKind) -> tuple[ItemKind, Support]:
    assertion = entry.standing.assertion
    if assertion.experiencer != "patient":
        return "family_history", "supported"
    if assertion.negated:
        return "absent_finding", "supported"
    if assertion.historical:
        return past, "supported"
    if assertion.hypothetical or entry.standing.uncertain:
        return "uncertain_finding", "uncertain"
    return affirmed, "supported"


def _since(entry: FhirEntry) -> str:
    return f", {plain(entry.date)[:10]}" if entry.date and entry.standing.assertion.historical else ""


def _finding(
    read: ReadChart,
    entry: FhirEntry,
    kind: ItemKind,
    support: Support,
    claim: str,
    *,
    subject: str | None = None,
) -> Finding:
    return Finding(
        kind=kind,
        claim=claim,
        subject=subject or subject_of(entry.display),
        support=support,
        evidence=tuple(evidence_of(read.source, span) for span in entry.evidence),
        assertion=_assertion(kind, entry.standing.assertion),
        codes=entry.codes,
        queryable=False,
    )


def _assertion(kind: ItemKind, assertion: Assertion) -> Assertion:
    if kind == "follow_up":
        return assertion.model_copy(update={"hypothetical": True})
    return assertion
