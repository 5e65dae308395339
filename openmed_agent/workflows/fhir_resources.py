"""Readers of FHIR resources, one a type: R4 first, with the shapes of STU3 and R5 where they differ.

A status that is missing is no statement; a status that is unknown makes the entry uncertain. Nothing is
inferred that the resource does not say.
"""

import re
from typing import Final

from openmed_agent.text.json_spans import JsonObject
from openmed_agent.workflows.fhir_dosage import read_directions
from openmed_agent.workflows.fhir_elements import (
    Concept,
    Phrase,
    UnreadableError,
    codes_in,
    concept_of,
    displayed,
    flag_of,
    has_choice,
    object_of,
    objects_of,
    read_concept,
    status_of,
    text_of,
    time_of,
)
from openmed_agent.workflows.fhir_entries import (
    AllergyDetail,
    MedicationDetail,
    References,
    RelativeDetail,
    SkippedError,
    Statement,
)
from openmed_agent.workflows.fhir_standing import (
    CLINICAL_STATUS,
    EVENT_STATUS,
    FAMILY,
    FAMILY_STATUS,
    HISTORICAL,
    MEDICATION_STATUS,
    NEGATED,
    PLANNED,
    VERIFICATION_STATUS,
    Standing,
    combined,
    standing_of,
)

# "No known allergies" and its kin are recorded as if they were an allergy.
_NO_ALLERGY: Final = re.compile(r"\s*(?:no\s+known|nkd?a\b|none\b|no\s+(?:drug\s+)?allerg)", re.IGNORECASE)


def read_condition(resource: JsonObject, _: References) -> tuple[Statement, ...]:
    """Read a Condition; an abatement makes it historical even where its status was left active."""
    concept = concept_of(resource, "code")
    clinical, verification = (
        status_of(resource, "clinicalStatus"),
        status_of(resource, "verificationStatus"),
    )
    standing = combined(standing_of(clinical, CLINICAL_STATUS), standing_of(verification, VERIFICATION_STATUS))
    if has_choice(resource, "abatement"):
        standing = combined(standing, HISTORICAL)
    return (
        Statement(
            kind="condition",
            display=displayed(concept),
            codes=codes_in(concept),
            status=clinical or verification,
            standing=standing,
            date=time_of(resource, "onset") or text_of(resource, "recordedDate"),
            supporting=(verification, time_of(resource, "abatement")),
        ),
    )


def _clinical_standing(resource: JsonObject) -> tuple[Phrase | None, Phrase | None, Standing]:
    clinical, verification = status_of(resource, "clinicalStatus"), status_of(resource, "verificationStatus")
    standing = combined(standing_of(clinical, CLINICAL_STATUS), standing_of(verification, VERIFICATION_STATUS))
    return clinical, verification, standing


def read_medication(resource: JsonObject, references: References) -> tuple[Statement, ...]:
    """Read a MedicationRequest or MedicationStatement."""
    concept = _drug(resource, references)
    status, adherence = status_of(resource, "status"), _adherence(resource)
    sig = read_directions(resource, "dosageInstruction") or read_directions(resource, "dosage")
    sig = sig or text_of(resource, "renderedDosageInstruction")
    standing = standing_of(status, MEDICATION_STATUS)
    intent = text_of(resource, "intent")
    if intent and intent.text in {"proposal", "plan"}:
        standing = combined(standing, PLANNED)
    if flag_of(resource, "doNotPerform"):
        standing = combined(standing, NEGATED)
    if adherence and adherence.text in {"n", "not-taking", "not-taken", "stopped"}:
        standing = combined(standing, NEGATED)
    return (
        Statement(
            kind="medication",
            display=displayed(concept),
            codes=codes_in(concept),
            status=status,
            standing=standing,
            date=text_of(resource, "authoredOn") or time_of(resource, "effective") or text_of(resource, "dateAsserted"),
            supporting=(sig, adherence),
            detail=MedicationDetail(sig.text if sig else ""),
        ),
    )


def _adherence(resource: JsonObject) -> Phrase | None:
    # STU3: taken = y|n|unk|na; R5: adherence.code.
    adherence = object_of(resource, "adherence")
    return text_of(resource, "taken") or (status_of(adherence, "code") if adherence else None)


def _drug(resource: JsonObject, references: References) -> Concept | None:
    if concept := concept_of(resource, "medicationCodeableConcept"):
        return concept
    holder = object_of(resource, "medication")  # R5: a CodeableReference
    if holder is not None and (concept := concept_of(holder, "concept")):
        return concept
    reference = object_of(resource, "medicationReference") or (
        object_of(holder, "reference") if holder is not None else None
    )
    if reference is None:
        return None
    address = text_of(reference, "reference")
    if address is not None:
        try:
            concept = concept_of(references.find(resource, address.text), "code")
        except UnreadableError:
            concept = None
        if concept and concept.wording:
            return concept
    return Concept(text_of(reference, "display"), ())


def read_allergy(resource: JsonObject, _: References) -> tuple[Statement, ...]:
    """Read an AllergyIntolerance; "no known allergies" is a negated one."""
    concept = concept_of(resource, "code")
    if concept is None or concept.wording is None:
        substances = (
            substance
            for reaction in objects_of(resource, "reaction")
            if (substance := concept_of(reaction, "substance"))
        )
        concept = next(substances, concept)
    display = displayed(concept)
    clinical, verification = (
        status_of(resource, "clinicalStatus"),
        status_of(resource, "verificationStatus"),
    )
    standing = combined(standing_of(clinical, CLINICAL_STATUS), standing_of(verification, VERIFICATION_STATUS))
    if _NO_ALLERGY.match(display.text):
        standing = combined(standing, NEGATED)
    reactions = [
        manifestation for reaction in objects_of(resource, "reaction") for manifestation in _manifestations(reaction)
    ]
    criticality = text_of(resource, "criticality")
    return (
        Statement(
            kind="allergy",
            display=display,
            codes=codes_in(concept),
            status=clinical or verification,
            standing=standing,
            date=time_of(resource, "onset") or text_of(resource, "recordedDate"),
            supporting=(*reactions, criticality, verification),
            detail=AllergyDetail(
                tuple(reaction.text for reaction in reactions), criticality.text if criticality else ""
            ),
        ),
    )


def _manifestations(reaction: JsonObject) -> list[Phrase]:
    found: list[Phrase] = []
    for manifestation in objects_of(reaction, "manifestation"):
        # R5: a CodeableReference that holds the concept.
        concept = read_concept(object_of(manifestation, "concept") or manifestation)
        if concept.wording:
            found.append(concept.wording)
    description = text_of(reaction, "description")
    return found or ([description] if description else [])


def read_procedure(resource: JsonObject, _: References) -> tuple[Statement, ...]:
    """Read a Procedure."""
    concept, status = concept_of(resource, "code"), status_of(resource, "status")
    return (
        Statement(
            kind="procedure",
            display=displayed(concept),
            codes=codes_in(concept),
            status=status,
            standing=standing_of(status, EVENT_STATUS),
            date=time_of(resource, "performed") or time_of(resource, "occurrence"),
        ),
    )


def read_immunization(resource: JsonObject, _: References) -> tuple[Statement, ...]:
    """Read an Immunization."""
    concept, status = concept_of(resource, "vaccineCode"), status_of(resource, "status")
    standing = standing_of(status, EVENT_STATUS)
    if flag_of(resource, "notGiven"):  # STU3
        standing = combined(standing, NEGATED)
    return (
        Statement(
            kind="immunization",
            display=displayed(concept),
            codes=codes_in(concept),
            status=status,
            standing=standing,
            date=time_of(resource, "occurrence") or text_of(resource, "date"),
        ),
    )


def read_family_history(resource: JsonObject, _: References) -> tuple[Statement, ...]:
    """Read a FamilyMemberHistory: one statement for each condition of the relative."""
    status, relationship = status_of(resource, "status"), concept_of(resource, "relationship")
    whose = (relationship.wording if relationship else None) or text_of(resource, "name")
    conditions = objects_of(resource, "condition")
    if not conditions:
        raise SkippedError("FamilyMemberHistory without a condition")
    standing = combined(standing_of(status, FAMILY_STATUS), FAMILY)
    return tuple(
        Statement(
            kind="family_history",
            display=displayed(concept := concept_of(condition, "code")),
            codes=codes_in(concept),
            status=status,
            standing=standing,
            date=time_of(condition, "onset") or text_of(resource, "date"),
            supporting=(whose,),
            detail=RelativeDetail(whose.text if whose else ""),
        )
        for condition in conditions
    )
