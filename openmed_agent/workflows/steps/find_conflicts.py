"""Finds what contradicts itself in the chart and makes each contradiction an item of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from openmed_agent.workflows.steps.merge_mentions import name_of, ordered_evidence
from openmed_agent.workflows.work import Finding, Services, Work


async def find_conflicts(work: Work, services: Services) -> Work:
    """Return ``work`` with a conflict for every contradiction, and its parties marked as contradicted."""
    services.progress("Looking for contradictions")
    conflicts = tuple(_conflicts(work.findings))
    parties = {id(party) for _, parties in conflicts for party in parties}
    marked = tuple(
        replace(finding, support="contradicted") if id(finding) in parties else finding for finding in work.findings
    )
    return replace(work, findings=(*marked, *(conflict for conflict, _ in conflicts)))


def _conflicts(findings: Sequence[Finding]) -> Iterator[tuple[Finding, tuple[Finding, ...]]]:
    subjects = dict.fromkeys(finding.subject for finding in findings)
    by_subject: dict[str, list[Finding]] = {subject: [] for subject in subjects}
    for finding in findings:
        by_subject[finding.subject].append(finding)
    for mentions in by_subject.values():
        yield from _of_subject(mentions)
    yield from _allergies_taken(findings)


def _of_subject(mentions: Sequence[Finding]) -> Iterator[tuple[Finding, tuple[Finding, ...]]]:
    present = [finding for finding in mentions if finding.kind == "problem"]
    absent = [finding for finding in mentions if finding.kind == "absent_finding"]
    if present and absent:
        yield _conflict(f"{present[0].claim}: stated as present and as absent", (present[0], absent[0]))
    taken = [finding for finding in mentions if finding.kind == "medication"]
    stopped = [finding for finding in mentions if finding.kind == "stopped_medication" and not _is_given(finding)]
    if taken and stopped:
        claim = f"{name_of(taken[0])}: stated as taken and as stopped or not taken"
        yield _conflict(claim, (*taken, stopped[0]))
    if len(taken) > 1:
        yield _conflict(f"{name_of(taken[0])}: stated with different doses or schedules", tuple(taken))
    allergic = [finding for finding in mentions if finding.kind == "allergy" and not finding.assertion.negated]
    not_allergic = [finding for finding in absent if finding.claim.startswith("No allergy")]
    if allergic and not_allergic:
        yield _conflict(f"{allergic[0].claim}: stated as an allergy and as none", (allergic[0], not_allergic[0]))


def _allergies_taken(findings: Sequence[Finding]) -> Iterator[tuple[Finding, tuple[Finding, ...]]]:
    allergies = [finding for finding in findings if finding.kind == "allergy"]
    stated = [allergy for allergy in allergies if not allergy.assertion.negated]
    none_known = [allergy for allergy in allergies if allergy.assertion.negated]
    if stated and none_known:
        yield _conflict(f"{stated[0].claim}, yet no known allergies is stated too", (stated[0], none_known[0]))
    for medicine in findings:
        if medicine.kind != "medication":
            continue
        for allergy in stated:
            if allergy.subject in _names(medicine):
                yield _conflict(f"{name_of(medicine)} is taken and an allergy to it is stated", (medicine, allergy))


def _is_given(finding: Finding) -> bool:
    """Return whether a dose was only given in care, which contradicts no home medicine."""
    return finding.statement is not None and finding.statement.status == "given"


def _names(medicine: Finding) -> set[str]:
    return {name_of(medicine).casefold(), *(code.display.casefold() for code in medicine.codes)}


def _conflict(claim: str, parties: tuple[Finding, ...]) -> tuple[Finding, tuple[Finding, ...]]:
    evidence = ordered_evidence(span for party in parties for span in party.evidence)
    finding = Finding(
        kind="conflict",
        claim=claim,
        subject=f"conflict:{claim.casefold()}",
        support="contradicted",
        evidence=evidence,
    )
    return finding, parties
