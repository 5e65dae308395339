"""Lists what is to happen next: appointments, tests, referrals, pending results, return precautions."""

from dataclasses import replace

from openmed_agent.clinical.follow_ups import find_follow_ups
from openmed_agent.workflows.steps.fhir_findings import planned_findings
from openmed_agent.workflows.work import Finding, ReadNote, Services, Work, evidence_of, plain, subject_of


async def list_follow_ups(work: Work, services: Services) -> Work:
    """Return ``work`` with a finding for every planned act."""
    services.progress("Listing follow-ups")
    found = [finding for note in work.notes for finding in _of_note(note)]
    found += [finding for read in work.charts for finding in planned_findings(read)]
    return replace(work, findings=(*work.findings, *found))


def _of_note(note: ReadNote) -> list[Finding]:
    findings: list[Finding] = []
    for follow_up in find_follow_ups(note.source.text, note.sections):
        claim = plain(follow_up.span.of(note.source.text)).strip(" -*•;")
        if claim:
            findings.append(
                Finding(
                    kind="follow_up",
                    claim=claim,
                    subject=subject_of(claim),
                    support="supported",
                    evidence=(evidence_of(note.source, follow_up.span),),
                )
            )
    return findings
