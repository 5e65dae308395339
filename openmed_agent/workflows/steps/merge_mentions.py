"""Merges mentions of the same thing into one finding that carries all of its evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from openmed_agent.clinical.medications import same_dose
from openmed_agent.workflows.draft import EvidenceSpan
from openmed_agent.workflows.work import Finding, Services, Work


async def merge_mentions(work: Work, services: Services) -> Work:
    """Return ``work`` with one finding for each thing that the chart says."""
    services.progress("Putting mentions together")
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in work.findings:
        groups.setdefault((finding.kind, finding.subject), []).append(finding)
    merged = [each for group in groups.values() for each in _merged(group)]
    return replace(work, findings=tuple(_without_bare_mentions(merged)))


def _merged(group: Sequence[Finding]) -> list[Finding]:
    if group[0].statement is None:
        return [_joined(group)]
    doses: list[list[Finding]] = []
    bare = [finding for finding in group if not _has_sig(finding)]
    for finding in group:
        if not _has_sig(finding):
            continue
        for same in doses:
            if _same_statement(same[0], finding):
                same.append(finding)
                break
        else:
            doses.append([finding])
    if not doses:
        return [_joined(bare)]
    doses[0].extend(bare)
    return [_joined(same) for same in doses]


def _has_sig(finding: Finding) -> bool:
    return finding.statement is not None and bool(finding.statement.normalised_sig)


def _same_statement(one: Finding, other: Finding) -> bool:
    if one.statement is None or other.statement is None:
        return False
    return same_dose(one.statement, other.statement)


def _joined(findings: Sequence[Finding]) -> Finding:
    """Return the fullest of ``findings`` with the evidence and notes of all."""
    fullest = max(findings, key=lambda finding: (_has_sig(finding), len(finding.claim)))
    return replace(
        fullest,
        evidence=ordered_evidence(span for finding in findings for span in finding.evidence),
        notes=tuple(dict.fromkeys(note for finding in findings for note in finding.notes)),
        codes=next((finding.codes for finding in findings if finding.codes), ()),
    )


def ordered_evidence(spans: Iterable[EvidenceSpan]) -> tuple[EvidenceSpan, ...]:
    """Return ``spans`` once each, in the order of first appearance."""
    return tuple(dict.fromkeys(spans))


def _without_bare_mentions(findings: Sequence[Finding]) -> list[Finding]:
    """Leave out 'mentioned, not known whether taken' for a medicine that is stated as taken or stopped."""
    stated = {finding.subject for finding in findings if finding.kind in {"medication", "stopped_medication"}}
    return [
        finding
        for finding in findings
        if not (
            finding.kind == "uncertain_finding"
            and finding.statement is not None
            and not finding.assertion.hypothetical
            and finding.subject in stated
        )
    ]
