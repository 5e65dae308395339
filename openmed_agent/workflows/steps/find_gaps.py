"""Finds what a reader would look for in the chart and not find; a gap is said, never filled.

That nothing was found is no proof that nothing is there: the claims say "found" where reading could have missed it.
"""

from collections.abc import Iterator
from dataclasses import replace

from openmed_agent.workflows.draft import EvidenceSpan
from openmed_agent.workflows.work import Finding, Services, Work, medicine_name


async def find_gaps(work: Work, services: Services) -> Work:
    """Return ``work`` with an item for everything that is not stated."""
    services.progress("Looking for gaps")
    return replace(work, findings=(*work.findings, *_gaps(work)))


def _gaps(work: Work) -> Iterator[Finding]:
    kinds = {finding.kind for finding in work.findings}
    if not kinds & {"medication", "stopped_medication"}:
        yield _gap("No medicines were found in the sources")
    if "allergy" not in kinds:
        yield _gap("No allergies, and no absence of allergies, were found in the sources")
    if not kinds & {"problem", "past_problem"}:
        yield _gap("No problem or diagnosis was found in the sources")
    for finding in work.findings:
        if finding.kind == "medication":
            yield from _of_medicine(finding)


def _of_medicine(finding: Finding) -> Iterator[Finding]:
    statement = finding.statement
    if statement is None:
        return
    missing = []
    if statement.dose is None and statement.strength is None:
        missing.append("dose")
    elif statement.dose is not None and not statement.dose.unit and "/" not in statement.dose.value:
        missing.append("unit of the dose")
    if statement.frequency is None and statement.as_needed is None and statement.timing is None:
        missing.append("frequency")
    name = medicine_name(finding.claim)
    if missing:
        yield _gap(f"{name}: {' and '.join(missing)} not stated", finding.evidence)
    elif statement.as_needed is not None and statement.reason is None:
        yield _gap(f"{name}: taken as needed, for what is not stated", finding.evidence)


def _gap(claim: str, evidence: tuple[EvidenceSpan, ...] = ()) -> Finding:
    return Finding(
        kind="gap",
        claim=claim,
        subject=f"gap:{claim.casefold()}",
        support="unsupported",
        evidence=evidence,
    )
