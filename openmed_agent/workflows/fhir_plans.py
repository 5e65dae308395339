"""Readers of what is still to be done: orders, appointments and care plans."""

from openmed_agent.text.json_spans import JsonObject
from openmed_agent.workflows.fhir_elements import (
    Concept,
    Phrase,
    UnreadableError,
    codes_in,
    concept_of,
    concepts_of,
    displayed,
    flag_of,
    object_of,
    objects_of,
    read_concept,
    status_of,
    text_of,
    time_of,
)
from openmed_agent.workflows.fhir_entries import References, Statement
from openmed_agent.workflows.fhir_standing import NEGATED, PLAN_STATUS, Standing, combined, standing_of


def read_service_request(resource: JsonObject, _: References) -> tuple[Statement, ...]:
    """Read a ServiceRequest: something ordered or proposed."""
    holder = object_of(resource, "code")
    # R5: a CodeableReference that holds the concept.
    concept = None if holder is None else read_concept(object_of(holder, "concept") or holder)
    status = status_of(resource, "status")
    standing = standing_of(status, PLAN_STATUS)
    if flag_of(resource, "doNotPerform"):
        standing = combined(standing, NEGATED)
    return (
        Statement(
            kind="plan",
            display=displayed(concept),
            codes=codes_in(concept),
            status=status,
            standing=standing,
            date=time_of(resource, "occurrence") or text_of(resource, "authoredOn"),
        ),
    )


def read_appointment(resource: JsonObject, _: References) -> tuple[Statement, ...]:
    """Read an Appointment: its description, or the kind of service."""
    services = [
        concept.wording
        for name in ("serviceType", "appointmentType")
        for concept in _concepts(resource, name)
        if concept.wording
    ]
    display = text_of(resource, "description") or next(iter(services), None)
    if display is None:
        raise UnreadableError("it does not say what for")
    status = status_of(resource, "status")
    return (
        Statement(
            kind="plan",
            display=display,
            status=status,
            standing=standing_of(status, PLAN_STATUS),
            date=text_of(resource, "start"),
        ),
    )


def _concepts(resource: JsonObject, name: str) -> tuple[Concept, ...]:
    # appointmentType is one concept, serviceType an array (R5: of CodeableReference).
    if isinstance(resource.get(name), JsonObject):
        concept = concept_of(resource, name)
        return (concept,) if concept else ()
    return tuple(read_concept(object_of(element, "concept") or element) for element in objects_of(resource, name))


def read_care_plan(resource: JsonObject, _: References) -> tuple[Statement, ...]:
    """Read a CarePlan: one statement for each activity that it describes itself, else one for the plan."""
    status, period = status_of(resource, "status"), object_of(resource, "period")
    start = text_of(period, "start") if period is not None else None
    overall = standing_of(status, PLAN_STATUS)
    activities = tuple(
        statement
        for activity in objects_of(resource, "activity")
        if (detail := object_of(activity, "detail")) is not None and (statement := _activity(detail, overall, start))
    )
    if activities:
        return activities
    category = next((concept for concept in concepts_of(resource, "category") if concept.wording), None)
    display = text_of(resource, "title") or text_of(resource, "description")
    return (
        Statement(
            kind="plan",
            display=display or displayed(category),
            status=status,
            standing=overall,
            date=start,
        ),
    )


def _activity(detail: JsonObject, overall: Standing, start: Phrase | None) -> Statement | None:
    concept, status = concept_of(detail, "code"), status_of(detail, "status")
    display = text_of(detail, "description") or (concept.wording if concept else None)
    if display is None:
        return None
    standing = combined(overall, standing_of(status, PLAN_STATUS))
    if flag_of(detail, "doNotPerform"):
        standing = combined(standing, NEGATED)
    return Statement(
        kind="plan",
        display=display,
        codes=codes_in(concept),
        status=status,
        standing=standing,
        date=time_of(detail, "scheduled") or start,
    )
