"""Lists what is to happen next: appointments, tests, referrals, pending results, return precautions."""

from collections.abc import Sequence
from dataclasses import replace

from openmed_agent.workflows.draft import EvidenceSpan
from openmed_agent.workflows.steps.fhir_findings import planned_findings
from openmed_agent.workflows.work import PLANNED, Finding, ReadNote, Services, Work, evidence_of, plain, subject_of


async def list_follow_ups(work: Work, services: Services) -> Work:
    """Return ``work`` with a finding for every planned act that is not the sig of a listed medicine."""
    services.progress("Listing follow-ups")
    sigs = [
        span
        for finding in work.findings
        if finding.kind in {"medication", "stopped_medication"}
        for span in finding.evidence
    ]
    found = [finding for note in work.notes for finding in _of_note(note, sigs)]
    found += [finding for read in work.charts for finding in planned_findings(read)]
    return replace(work, findings=(*_without_repeats(work.findings, found), *found))


def _of_note(note: ReadNote, sigs: Sequence[EvidenceSpan]) -> list[Finding]:
    findings: list[Finding] = []
    for follow_up in note.follow_ups:
        evidence = evidence_of(note.source, follow_up.span)
        claim = plain(evidence.quote).strip(" -*•;")
        is_title = any(
            section.title is not None and section.title.contains(follow_up.span) for section in note.sections
        )
        is_sig = follow_up.kind == "instruction" and any(_overlap(evidence, sig) for sig in sigs)
        if claim and not is_title and not is_sig:
            findings.append(
                Finding(
                    kind="follow_up",
                    claim=claim,
                    subject=subject_of(claim),
                    support="supported",
                    evidence=(evidence,),
                    assertion=PLANNED,
                )
            )
    return findings


def _without_repeats(findings: Sequence[Finding], statements: Sequence[Finding]) -> list[Finding]:
    """Leave out a planned medicine or procedure whose whole statement, with its conditions, is listed."""
    whole = [span for statement in statements for span in statement.evidence]
    return [
        finding
        for finding in findings
        if finding.kind != "follow_up"
        or not all(any(_overlap(span, other) for other in whole) for span in finding.evidence)
    ]


def _overlap(one: EvidenceSpan, other: EvidenceSpan) -> bool:
    return one.source == other.source and one.start < other.end and other.start < one.end
