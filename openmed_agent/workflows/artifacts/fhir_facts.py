"""Items as FHIR resources: what is denied, past, planned or another person's is never a current fact.

The item's assertion counts beside its kind, and the more careful of the two wins.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from openmed_agent.clinical.medications import read_medication
from openmed_agent.text.spans import Span
from openmed_agent.workflows.artifacts.fhir_json import FhirObject, clean
from openmed_agent.workflows.artifacts.fhir_observations import observation
from openmed_agent.workflows.artifacts.fhir_parts import (
    TERMINOLOGY,
    concept,
    notes,
    resource,
    status_concept,
)
from openmed_agent.workflows.artifacts.fhir_wording import (
    stated_kind,
    states_nothing_known,
    subject_matter,
)
from openmed_agent.workflows.draft import Item, ItemKind

_ISSUES: Final[Mapping[ItemKind, str]] = {
    "conflict": "The sources contradict each other",
    "gap": "Something is missing in the sources",
    "uncertain_finding": "A finding is uncertain",
}
_ILLNESSES: Final = frozenset({"problem", "past_problem", "absent_finding", "family_history"})
_SEVERITY: Final[Mapping[str, str]] = {"high": "high", "normal": "moderate", "low": "low"}
_FIRST_WORD: Final = re.compile(r"\s*\S+")


def item_resource(item: Item, subject: FhirObject) -> FhirObject:
    """Return the resource that states an item about ``subject``.

    Conflicts, gaps, uncertain findings, what the sources contradict and what is another person's become a
    DetectedIssue: something to look at, not a clinical fact.
    """
    if item.kind in _ISSUES or item.support == "contradicted" or item.assertion.experiencer == "other":
        return _issue(item, subject)
    if item.kind == "family_history" or item.assertion.experiencer == "family":
        return _family_history(item, subject) if item.kind in _ILLNESSES else _issue(item, subject)
    return _FACTS[stated_kind(item)](item, subject)


def _issue(item: Item, subject: FhirObject) -> FhirObject:
    detail = "\n".join(text for text in (clean(item.claim), clean(item.notes)) if text)
    return resource(
        "DetectedIssue",
        item,
        {
            "status": "preliminary",
            "code": {"text": _ISSUES.get(item.kind, "A claim that is not a fact about the patient")},
            "severity": _SEVERITY[item.severity],
            "patient": subject,
            "detail": detail,
        },
    )


def _is_denied(item: Item) -> bool:
    return item.kind == "absent_finding" or item.assertion.negated


def _condition(item: Item, subject: FhirObject) -> FhirObject:
    said: FhirObject = {"code": concept(subject_matter(item.claim), item.codes), "subject": subject}
    return resource("Condition", item, {**_condition_status(item), **said, **notes(item)})


def _condition_status(item: Item) -> FhirObject:
    if _is_denied(item):
        return _verification("condition-ver-status", "refuted")
    if item.assertion.hypothetical:
        return _verification("condition-ver-status", "unconfirmed")
    past = item.kind == "past_problem" or item.assertion.historical
    clinical = {"clinicalStatus": status_concept("condition-clinical", "inactive" if past else "active")}
    if item.support == "supported":
        return clinical
    return {**clinical, **_verification("condition-ver-status", "provisional")}


def _verification(system: str, code: str) -> FhirObject:
    return {"verificationStatus": status_concept(system, code)}


def _family_history(item: Item, subject: FhirObject) -> FhirObject:
    # FHIR R4 cannot say that a relative does not have an illness; a note does.
    illness: FhirObject = {"condition": [{"code": concept(subject_matter(item.claim), item.codes)}], **notes(item)}
    if _is_denied(item) or item.assertion.hypothetical:
        illness = {"note": [{"text": text} for text in (clean(item.claim), clean(item.notes)) if text]}
    family_member = {
        "coding": [{"system": f"{TERMINOLOGY}/v3-RoleCode", "code": "FAMMEMB", "display": "family member"}]
    }
    return resource(
        "FamilyMemberHistory",
        item,
        {"status": "partial", "patient": subject, "relationship": family_member, **illness},
    )


def _medication(item: Item, subject: FhirObject) -> FhirObject:
    directions = _directions(item.claim)
    return resource(
        "MedicationStatement",
        item,
        {
            "status": _medication_status(item),
            "medicationCodeableConcept": concept(item.claim, item.codes),
            "subject": subject,
            **({"dosage": [{"text": directions}]} if directions else {}),
            **notes(item),
        },
    )


def _medication_status(item: Item) -> str:
    if item.assertion.negated:
        return "not-taken"
    if item.kind == "stopped_medication":
        return "stopped"
    if item.assertion.historical:
        return "completed"
    if item.assertion.hypothetical:
        return "intended"
    return "active" if item.support == "supported" else "unknown"


def _directions(claim: str) -> str:
    """Return the words of a claim from its first direction on; nothing where it only names the drug."""
    word = _FIRST_WORD.match(claim)
    if word is None:
        return ""
    read = read_medication(claim, Span(word.start(), word.end()), limit=len(claim))
    taking = [part.span.start for part in (read.route, read.frequency, read.timing, read.as_needed) if part]
    amounts = [part.span.start for part in (read.dose, read.strength, read.form) if part]
    return clean(claim[min(taking + amounts) :]) if taking else ""


def _allergy(item: Item, subject: FhirObject) -> FhirObject:
    # R4 wants a clinical status for every allergy that is not an error (ait-1), a refuted one too.
    nothing_known = states_nothing_known(item.claim)
    refuted = not nothing_known and _is_denied(item)
    past = refuted or item.assertion.historical
    clinical = status_concept("allergyintolerance-clinical", "inactive" if past else "active")
    verification: FhirObject = {}
    if refuted:
        verification = _verification("allergyintolerance-verification", "refuted")
    elif item.assertion.hypothetical or item.support != "supported":
        verification = _verification("allergyintolerance-verification", "unconfirmed")
    return resource(
        "AllergyIntolerance",
        item,
        {
            "clinicalStatus": clinical,
            **verification,
            "code": concept(subject_matter(item.claim), item.codes),
            "patient": subject,
            **notes(item),
        },
    )


def _measurement(item: Item, subject: FhirObject) -> FhirObject:
    if item.assertion.negated or item.assertion.hypothetical:
        return _issue(item, subject)
    return observation(item, subject)


def _procedure(item: Item, subject: FhirObject) -> FhirObject:
    if item.assertion.hypothetical and not _is_denied(item):
        return _proposal(item, subject)
    done = "completed" if item.support == "supported" else "unknown"
    status = "not-done" if _is_denied(item) else done
    return resource(
        "Procedure",
        item,
        {"status": status, "code": concept(subject_matter(item.claim), item.codes), "subject": subject, **notes(item)},
    )


def _follow_up(item: Item, subject: FhirObject) -> FhirObject:
    if item.assertion.negated or item.assertion.historical:
        return _issue(item, subject)
    return _proposal(item, subject)


def _proposal(item: Item, subject: FhirObject) -> FhirObject:
    return resource(
        "ServiceRequest",
        item,
        {
            "status": "draft",
            "intent": "proposal",
            "code": concept(subject_matter(item.claim), item.codes),
            "subject": subject,
            **notes(item),
        },
    )


_FACTS: Final[Mapping[ItemKind, Callable[[Item, FhirObject], FhirObject]]] = {
    "problem": _condition,
    "past_problem": _condition,
    "absent_finding": _condition,
    "medication": _medication,
    "stopped_medication": _medication,
    "allergy": _allergy,
    "lab": _measurement,
    "vital": _measurement,
    "procedure": _procedure,
    "follow_up": _follow_up,
}
