"""Notices when the pile holds another patient's document.

The patient is the one of the first source that says who it is about. What another patient's document says
stays in the draft, so that nothing is lost, but never as a statement about this patient: each of its findings
becomes uncertain and says why.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from openmed_agent.clinical.identity import IdentityField, PatientIdentity, Stated, compare_identities
from openmed_agent.text.sources import SourceDocument
from openmed_agent.text.terminal import terminal_safe
from openmed_agent.workflows.work import Finding, Services, Work, evidence_of

_FIELD_WORDS: Final[dict[IdentityField, str]] = {
    "name": "name",
    "birth_date": "birth date",
    "sex": "sex",
    "record_number": "record number",
}


@dataclass(frozen=True, slots=True)
class _Identified:
    source: SourceDocument
    identity: PatientIdentity


async def compare_patients(work: Work, services: Services) -> Work:
    """Return ``work`` with a conflict for every source that does not fit the patient of the first one."""
    services.progress("Comparing patients")
    stated = [one for one in _identities(work) if _says_who(one.identity)]
    if not stated:
        return work
    patient, conflicts, foreign, warnings = stated[0], list[Finding](), set[str](), list[str]()
    for other in stated[1:]:
        comparison = compare_identities(patient.identity, other.identity)
        if comparison.verdict not in {"different", "conflicting"}:
            continue
        differing = " and ".join(_FIELD_WORDS[field] for field in comparison.differing)
        same_file = other.source.digest == patient.source.digest
        names = _named(other.source) if same_file else f"{_named(patient.source)} and {_named(other.source)}"
        if comparison.verdict == "different":
            claim = f"{names}: a different patient ({differing} differ)"
            foreign.add(other.source.digest)
        else:
            claim = f"{names}: perhaps a different patient ({differing} differ)"
        warnings.append(f"{claim}. Check that these documents belong together.")
        conflicts.append(_conflict(claim, patient, other, comparison.differing))
    foreign.discard(patient.source.digest)
    return replace(
        work,
        findings=(*(_placed(finding, foreign) for finding in work.findings), *conflicts),
        warnings=(*work.warnings, *warnings),
    )


def _identities(work: Work) -> Iterator[_Identified]:
    """Yield who each source is about, in the order of the sources."""
    notes = {note.source.digest: note for note in work.notes}
    charts = {read.source.digest: read for read in work.charts}
    for source in work.sources:
        if source.digest in notes:
            yield _Identified(source, notes[source.digest].identity)
        else:
            for identity in charts[source.digest].chart.identities:
                yield _Identified(source, identity)


def _says_who(identity: PatientIdentity) -> bool:
    return any((identity.name, identity.birth_date, identity.record_number))


def _conflict(claim: str, one: _Identified, other: _Identified, differing: tuple[IdentityField, ...]) -> Finding:
    evidence = tuple(
        evidence_of(stated.source, fact.span)
        for field in differing
        for stated in (one, other)
        if (fact := _fact(stated.identity, field)) is not None
    )
    return Finding(
        kind="conflict",
        claim=claim,
        subject=f"patient:{other.source.digest}:{claim}",
        support="contradicted",
        evidence=evidence,
    )


def _fact(identity: PatientIdentity, field: IdentityField) -> Stated | None:
    match field:
        case "name":
            return identity.name
        case "birth_date":
            return identity.birth_date
        case "sex":
            return identity.sex
        case "record_number":
            return identity.record_number


def _placed(finding: Finding, foreign: set[str]) -> Finding:
    """Return ``finding`` as it is, or, where it stems from another patient's document, as uncertain."""
    if not finding.evidence or not all(span.source in foreign for span in finding.evidence):
        return finding
    return replace(
        finding,
        kind="uncertain_finding",
        claim=f"Another patient's document says: {finding.claim}",
        subject=f"foreign:{finding.kind}:{finding.subject}",
        support="uncertain",
        codes=(),
        notes=(*finding.notes, "not stated about this patient"),
        statement=None,
    )


def _named(source: SourceDocument) -> str:
    return terminal_safe(source.name, single_line=True)
