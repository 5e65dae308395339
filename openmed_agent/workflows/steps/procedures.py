"""Lists procedures that were done, and those that are planned."""

from dataclasses import replace

from openmed_agent.clinical.assertion import Reading, assess
from openmed_agent.clinical.procedures import find_procedures
from openmed_agent.workflows.draft import ItemKind, Support
from openmed_agent.workflows.steps.fhir_findings import procedure_findings
from openmed_agent.workflows.work import Finding, ReadNote, Services, Work, evidence_of, plain, subject_of


async def list_procedures(work: Work, services: Services) -> Work:
    """Return ``work`` with a finding for every procedure."""
    services.progress("Listing procedures")
    found = [finding for note in work.notes for finding in _of_note(note)]
    found += [finding for read in work.charts for finding in procedure_findings(read)]
    return replace(work, findings=(*work.findings, *found))


def _of_note(note: ReadNote) -> list[Finding]:
    text = note.source.text
    procedures = find_procedures(text, sections=note.sections)
    spans = [procedure.span for procedure in procedures]
    assertions = assess(text, spans, sections=note.sections, reading=Reading.SUMMARY)
    findings: list[Finding] = []
    for procedure, assertion in zip(procedures, assertions, strict=True):
        name = plain(procedure.name)
        date = f", {plain(procedure.date.of(text))}" if procedure.date else ""
        kind: ItemKind = "procedure"
        support: Support = "supported"
        claim = f"{name}{date}"
        if assertion.experiencer != "patient":
            kind, claim = "family_history", f"Another person: {name}{date}"
        elif assertion.negated:
            kind, claim = "absent_finding", f"No {name}"
        elif procedure.timing == "planned" and (procedure.cue or not assertion.hypothetical):
            kind, claim = "follow_up", f"Planned: {name}{date}"
        elif assertion.hypothetical:
            kind, support, claim = "uncertain_finding", "uncertain", f"Considered: {name}"
        findings.append(
            Finding(
                kind=kind,
                claim=claim,
                subject=f"{subject_of(name)}{date}",
                support=support,
                evidence=(evidence_of(note.source, procedure.span),),
                assertion=assertion,
            )
        )
    return findings
