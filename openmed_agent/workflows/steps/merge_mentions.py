"""Merges mentions of the same thing into one finding that carries all of its evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from openmed_agent.clinical.medications import same_dose
from openmed_agent.workflows.draft import EvidenceSpan
from openmed_agent.workflows.work import Finding, Services, Work, medicine_name


async def merge_mentions(work: Work, services: Services) -> Work:
    """Return ``work`` with one finding for each thing that the chart says."""
    services.progress("Putting mentions together")
    groups: dict[tuple[str, str], list[Finding]] = {}
    fuller = _fuller_names(work.findings)
    for finding in work.findings:
        subject = fuller.get(finding.subject, finding.subject) if finding.statement else finding.subject
        groups.setdefault((finding.kind, subject), []).append(replace(finding, subject=subject))
    merged = [each for group in groups.values() for each in _merged(group)]
    return replace(work, findings=tuple(_without_bare_mentions(merged)))


def _fuller_names(findings: Sequence[Finding]) -> dict[str, str]:
    """Return for short names of medicines the one longer name they stand for.

    It begins with them (metoprolol, metoprolol succinate), or puts insulin before them (glargine, insulin glargine).
    """
    names = {finding.subject for finding in findings if finding.statement is not None}
    longer = {
        name: [other for other in names if other.startswith(f"{name} ") or other == f"insulin {name}"] for name in names
    }
    return {name: others[0] for name, others in longer.items() if len(others) == 1}


def _merged(group: Sequence[Finding]) -> list[Finding]:
    if group[0].statement is None:
        return [_joined(group)]
    bare = [finding for finding in group if not _has_sig(finding)]
    doses: list[list[Finding]] = []
    for finding in sorted(filter(_has_sig, group), key=lambda finding: not _is_change(finding)):
        same = next((dose for dose in doses if any(_same_statement(one, finding) for one in dose)), None)
        if same is None:
            doses.append([finding])
        else:
            same.append(finding)
    if not doses:
        return [_joined(bare)]
    doses[0].extend(bare)
    return [_joined(same) for same in doses]


def _is_change(finding: Finding) -> bool:
    """Return whether the mention changes the dose and says to what; "was increased" alone does not."""
    statement = finding.statement
    return statement is not None and statement.status == "changed" and statement.dose is not None


def _has_sig(finding: Finding) -> bool:
    """Return whether the mention says how much or how often; a route alone does not."""
    statement = finding.statement
    if statement is None:
        return False
    return any((statement.dose, statement.strength, statement.frequency, statement.as_needed))


def _same_statement(one: Finding, other: Finding) -> bool:
    """Return whether two sigs agree, or ``one`` changes the dose that ``other`` states before it."""
    if one.statement is None or other.statement is None:
        return False
    if same_dose(one.statement, other.statement):
        return True
    if _stands_behind(other, one):
        return False  # "amlodipine 5 -> 10 mg", then "back to amlodipine 5 mg": no longer the dose of before
    before, stated = one.statement.previous_dose, other.statement.dose
    if before is None and one.statement.dose and _is_change(one) and not _is_change(other):
        return True  # "increase lisinopril to 40 mg" replaces whatever dose the list still gives
    return before is not None and stated is not None and before.text == stated.text


def _stands_behind(one: Finding, other: Finding) -> bool:
    """Return whether ``one`` is written after ``other`` in the same source; across sources no order is known."""
    return any(
        span.source == before.source and span.start > before.start
        for span in one.evidence[:1]
        for before in other.evidence[:1]
    )


def _joined(findings: Sequence[Finding]) -> Finding:
    """Return the fullest of ``findings`` (a change of dose before the dose it changes) with all evidence."""
    fullest = max(findings, key=lambda finding: (_is_change(finding), _has_sig(finding), len(finding.claim)))
    return replace(
        fullest,
        claim=f"{fullest.claim}{_change(fullest, findings)}",
        evidence=ordered_evidence(span for finding in findings for span in finding.evidence),
        notes=tuple(dict.fromkeys(note for finding in findings for note in finding.notes)),
        codes=next((finding.codes for finding in findings if finding.codes), ()),
    )


def _change(fullest: Finding, findings: Sequence[Finding]) -> str:
    """Return the words that say from which dose a medicine was changed, so that the claim itself shows it."""
    if fullest.statement is None or not _is_change(fullest):
        return ""
    if fullest.statement.previous_dose is not None:
        return f" (changed from {fullest.statement.previous_dose.text})"
    others = _other_doses(fullest, findings)
    return f" (changed; elsewhere {', '.join(others)})" if others else " (changed)"


def _other_doses(changed: Finding, findings: Sequence[Finding]) -> list[str]:
    doses = [finding.statement.dose.text for finding in findings if finding.statement and finding.statement.dose]
    now = changed.statement.dose.text if changed.statement and changed.statement.dose else ""
    return [dose for dose in dict.fromkeys(doses) if dose != now]


def name_of(finding: Finding) -> str:
    """Return the name of a finding's medicine as its claim writes it, without strength, form and sig."""
    sig = finding.statement.normalised_sig if finding.statement else ""
    name, found, _ = finding.claim.partition(f" {sig}") if sig else (finding.claim, "", "")
    return medicine_name(name if found else finding.claim)


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
