"""Finds what a reader would look for in the chart and not find; a gap is said, never filled.

That nothing was found is no proof that nothing is there: the claims say "found" where reading could have missed it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from openmed_agent.clinical.sections import SectionKind
from openmed_agent.text.spans import Span, trimmed
from openmed_agent.workflows.draft import EvidenceSpan
from openmed_agent.workflows.steps.merge_mentions import name_of
from openmed_agent.workflows.work import Finding, ReadNote, Services, Work, evidence_of, plain

_LISTS: Final[Mapping[SectionKind, str]] = {
    SectionKind.MEDICATIONS: "medicine",
    SectionKind.HOME_MEDICATIONS: "medicine",
    SectionKind.DISCHARGE_MEDICATIONS: "medicine",
    SectionKind.HOSPITAL_MEDICATIONS: "medicine",
    SectionKind.STOPPED_MEDICATIONS: "medicine",
    SectionKind.ALLERGIES: "allergy",
    SectionKind.PAST_MEDICAL_HISTORY: "problem",
    SectionKind.PROBLEM_LIST: "problem",
}
_LINE: Final = re.compile(r"[^\n]+")
_SAYS_SOMETHING: Final = re.compile(r"[^\W\d_]{2}")
_NOTHING: Final = re.compile(
    r"[\s*•-]{0,6}(?:(?:none|nil|no|not|n/?a|negative|unremarkable|noncontributory|non-contributory|denies|deferred|"
    r"unknown|unobtainable|see|reviewed|as above|per)\b.{0,120})",
    re.IGNORECASE,
)
_LONGEST_QUOTE: Final = 160


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
    for note in work.notes:
        yield from _of_sections(note, work.findings)
    for finding in work.findings:
        if finding.kind == "medication":
            yield from _of_medicine(finding)


def _of_sections(note: ReadNote, findings: Sequence[Finding]) -> Iterator[Finding]:
    """Return a gap for every list whose text gave nothing: unknown names must not read as an empty list."""
    spans = [(finding, span) for finding in findings for span in finding.evidence if span.source == note.source.digest]
    for section in note.sections:
        thing = _LISTS.get(section.kind)
        first = _first_words(note.source.text, section.body)
        if thing is None or section.title is None or first is None:
            continue
        found = (finding for finding, span in spans if span.start < section.body.end and section.body.start < span.end)
        if not any(_answers(finding, thing) for finding in found):
            title = plain(section.title.of(note.source.text))
            claim = f"{title}: the section has text, but no {thing} was recognised in it"
            yield _gap(claim, (evidence_of(note.source, first),))


def _answers(finding: Finding, thing: str) -> bool:
    """Return whether a finding in a list is of what the list holds: a diagnosis among medicines is no medicine."""
    match thing:
        case "medicine":
            return finding.kind not in {"problem", "past_problem", "lab", "vital", "procedure"}
        case "allergy":
            return finding.kind in {"allergy", "absent_finding", "uncertain_finding"}
        case _:
            return True


def _first_words(text: str, body: Span) -> Span | None:
    """Return the first line of a section's text that says something; None where it says that there is nothing."""
    for line in _LINE.finditer(text, body.start, body.end):
        words = line.group().strip()
        if _SAYS_SOMETHING.search(words) and not _NOTHING.fullmatch(words):
            return trimmed(text, line.start(), min(line.end(), line.start() + _LONGEST_QUOTE))
    return None


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
    name = name_of(finding)
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
