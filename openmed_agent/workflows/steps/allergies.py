"""Lists allergies and intolerances, and the statement that none are known."""

from dataclasses import replace

from openmed_agent.clinical.allergies import Allergy, find_allergies
from openmed_agent.text.spans import covering
from openmed_agent.workflows.steps.fhir_findings import allergy_findings
from openmed_agent.workflows.work import (
    STATED,
    Finding,
    ReadNote,
    Services,
    Work,
    evidence_of,
    plain,
    subject_of,
)


async def list_allergies(work: Work, services: Services) -> Work:
    """Return ``work`` with a finding for every allergy statement."""
    services.progress("Listing allergies")
    found = [finding for note in work.notes for finding in _of_note(note)]
    found += [finding for read in work.charts for finding in allergy_findings(read)]
    return replace(work, findings=(*work.findings, *found))


def _of_note(note: ReadNote) -> list[Finding]:
    substances = tuple(entity.span for entity in note.drugs)
    found = find_allergies(note.source.text, note.sections, substances=substances)
    return [_finding(note, allergy) for allergy in found]


def _finding(note: ReadNote, allergy: Allergy) -> Finding:
    text = note.source.text
    substance = plain(allergy.allergen.of(text)) if allergy.allergen else ""
    reactions = ", ".join(plain(reaction.of(text)) for reaction in allergy.reactions)
    if allergy.none_known:
        claim = "No known drug allergies" if not substance else f"No known allergies: {substance}"
    elif allergy.negated:
        claim = f"No allergy to {substance}"
    else:
        claim = f"{'Intolerance' if allergy.intolerance else 'Allergy'}: {substance}"
        claim += f" ({reactions})" if reactions else ""
    return Finding(
        kind="absent_finding" if allergy.negated and not allergy.none_known else "allergy",
        claim=claim,
        subject="none known" if allergy.none_known else subject_of(substance),
        support="supported",
        evidence=(evidence_of(note.source, covering([allergy.span, *allergy.reactions])),),
        assertion=STATED.model_copy(update={"negated": allergy.negated or allergy.none_known}),
    )
