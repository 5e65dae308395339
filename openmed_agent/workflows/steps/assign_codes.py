"""Looks up candidate codes: ICD-10-CM for problems, RxNorm for medicines, each with its release.

Only strong matches are taken, and only from the service's tables. A term that the PHI mode keeps back, or a
code system that is not served, becomes a gap that says so.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from openmed_agent.planes.codes.client import CodesClient
from openmed_agent.planes.transport import PlaneError
from openmed_agent.workflows.draft import Code, ItemKind, ReleaseReference
from openmed_agent.workflows.work import Finding, Services, Work

_PROBLEM_KINDS: Final[frozenset[ItemKind]] = frozenset(
    {"problem", "past_problem", "absent_finding", "uncertain_finding"}
)
_MEDICATION_KINDS: Final[frozenset[ItemKind]] = frozenset({"medication", "stopped_medication"})
_AT_ONCE: Final = 4
_CONSIDERED: Final = 3
_NOT_SERVED: Final = frozenset({"not_installed", "not_offered"})


_Lookup = Callable[[CodesClient, str], Awaitable[Code | None]]


@dataclass(frozen=True, slots=True)
class _Answers:
    """What one code system answered: by subject, what was kept back, and whether it is served at all."""

    system: str
    matches: Mapping[str, Code]
    kept_back: int
    served: bool


async def assign_codes(work: Work, services: Services) -> Work:
    """Return ``work`` with codes on its findings, the releases used, and gaps for what could not be coded.

    Raises:
        PlaneError: the codes plane gave no usable answer.

    """
    services.progress("Looking up codes")
    releases = await _releases(services.codes)
    problems = await _answers("ICD-10-CM", _coded_terms(work.findings, _PROBLEM_KINDS), services, _icd10_match)
    medications = await _answers("RxNorm", _coded_terms(work.findings, _MEDICATION_KINDS), services, _rxnorm_match)
    findings = tuple(_coded(finding, problems, medications) for finding in work.findings)
    gaps = tuple(gap for answers in (problems, medications) for gap in _gaps(answers))
    return replace(
        work,
        findings=(*findings, *gaps),
        releases=(*work.releases, *releases),
    )


def _coded_terms(findings: Iterable[Finding], kinds: frozenset[ItemKind]) -> dict[str, bool]:
    """Return the terms to look up, each with whether all its mentions are vocabulary terms."""
    terms: dict[str, bool] = {}
    for finding in findings:
        if finding.kind in kinds and finding.assertion.experiencer == "patient":
            is_medicine = finding.statement is not None
            if is_medicine is (kinds is _MEDICATION_KINDS):
                terms[finding.subject] = terms.get(finding.subject, True) and finding.queryable
    return terms


async def _answers(
    system: str,
    terms: Mapping[str, bool],
    services: Services,
    match: _Lookup,
) -> _Answers:
    allowed = [term for term, vocabulary in terms.items() if await services.gate.permits(term, vocabulary=vocabulary)]
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(term: str) -> tuple[str, Code | None]:
        async with gate:
            return term, await match(services.codes, term)

    try:
        found = await asyncio.gather(*(one(term) for term in allowed))
    except PlaneError as error:
        if error.code not in _NOT_SERVED:
            raise
        return _Answers(system=system, matches={}, kept_back=0, served=False)
    matches = {term: match for term, match in found if match is not None}
    return _Answers(system=system, matches=matches, kept_back=len(terms) - len(allowed), served=True)


async def _icd10_match(codes: CodesClient, term: str) -> Code | None:
    best = next(iter(await codes.icd10_candidates(term, limit=_CONSIDERED)), None)
    if best is None or not best.is_strong:
        return None
    return Code(system="ICD-10-CM", code=best.code, display=best.display, release=best.release)


async def _rxnorm_match(codes: CodesClient, term: str) -> Code | None:
    found = await codes.rx_candidate(term)
    if found is None:
        return None
    return Code(system="RxNorm", code=found.rxcui, display=found.name, release=found.release)


def _coded(finding: Finding, problems: _Answers, medications: _Answers) -> Finding:
    is_medicine = finding.statement is not None
    if finding.kind not in (_MEDICATION_KINDS if is_medicine else _PROBLEM_KINDS):
        return finding
    code = (medications if is_medicine else problems).matches.get(finding.subject)
    if code is None:
        return finding
    shown = finding.kind in {"problem", "medication", "stopped_medication"} and not finding.codes
    return replace(finding, subject=f"{code.system}:{code.code}", codes=(code,) if shown else finding.codes)


def _gaps(answers: _Answers) -> list[Finding]:
    gaps: list[str] = []
    if not answers.served:
        gaps.append(f"No {answers.system} codes: the codes service does not have {answers.system} installed")
    if answers.kept_back:
        gaps.append(f"{answers.kept_back} terms have no {answers.system} code: the PHI mode kept them back")
    return [
        Finding(kind="gap", claim=claim, subject=subject, support="unsupported", evidence=())
        for claim, subject in ((claim, f"codes:{answers.system}:{claim[:2]}") for claim in gaps)
    ]


async def _releases(codes: CodesClient) -> tuple[ReleaseReference, ...]:
    health = await codes.health()
    return tuple(
        ReleaseReference(plane="codes", system=release.system, version=release.version, complete=release.complete)
        for release in health.releases
        if release.system in {"icd10cm", "rxnorm"}
    )
