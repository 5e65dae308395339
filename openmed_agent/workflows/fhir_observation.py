"""Reader of Observation: results and vital signs with value, unit, flag, range and date."""

from typing import Final

from openmed_agent.text.json_spans import JsonLiteral, JsonNumber, JsonObject
from openmed_agent.workflows.fhir_elements import (
    Concept,
    Phrase,
    bounds_phrase,
    codes_in,
    concept_of,
    displayed,
    joined,
    object_of,
    objects_of,
    quantity_of,
    quantity_phrase,
    range_phrase,
    read_concept,
    status_of,
    text_of,
    time_of,
)
from openmed_agent.workflows.fhir_entries import MeasurementDetail, References, SkippedError, Statement
from openmed_agent.workflows.fhir_standing import OBSERVATION_STATUS, standing_of

_SYSTOLIC: Final = frozenset({"8480-6"})
_DIASTOLIC: Final = frozenset({"8462-4"})


def read_observation(resource: JsonObject, _: References) -> tuple[Statement, ...]:
    """Read an Observation: its own value, else one statement for each component that has one.

    Systolic and diastolic pressure become one statement, as a chart writes them: ``142/88``.
    """
    concept = concept_of(resource, "code")
    own = _value(resource)
    if own is not None:
        return (_statement(resource, resource, concept, own),)
    components = [
        (component, concept_of(component, "code"), value)
        for component in objects_of(resource, "component")
        if (value := _value(component)) is not None
    ]
    if not components:
        raise SkippedError("Observation without a value")
    pressure = _blood_pressure([(part, value) for _, part, value in components])
    if pressure is not None and len(components) == 2:  # noqa: PLR2004 - the two pressures
        return (_statement(resource, resource, concept, pressure),)
    return tuple(_statement(resource, holder, part, value) for holder, part, value in components)


_Value = tuple[Phrase, Phrase | None]


def _statement(resource: JsonObject, holder: JsonObject, concept: Concept | None, measured: _Value) -> Statement:
    value, unit = measured
    status, category = status_of(resource, "status"), _category(resource)
    interpretation, normal = _interpretation(holder), _reference_range(holder)
    return Statement(
        kind="observation",
        display=displayed(concept),
        codes=codes_in(concept),
        status=status,
        standing=standing_of(status, OBSERVATION_STATUS),
        date=time_of(resource, "effective") or text_of(resource, "issued"),
        supporting=(value, unit, interpretation, normal),
        detail=MeasurementDetail(
            value=value.text,
            unit=unit.text if unit else "",
            interpretation=interpretation.text if interpretation else "",
            reference_range=normal.text if normal else "",
            category=category.text if category else "",
        ),
    )


def _blood_pressure(parts: list[tuple[Concept | None, _Value]]) -> _Value | None:
    systolic = next((value for concept, value in parts if _is(concept, _SYSTOLIC)), None)
    diastolic = next((value for concept, value in parts if _is(concept, _DIASTOLIC)), None)
    if systolic is None or diastolic is None:
        return None
    units = [unit.text if unit else "" for _, unit in (systolic, diastolic)]
    if units[0] != units[1]:
        return None
    return joined((systolic[0], diastolic[0]), "/"), systolic[1]


def _is(concept: Concept | None, codes: frozenset[str]) -> bool:
    return any(code.system == "LOINC" and code.code in codes for code in codes_in(concept))


def _value(holder: JsonObject) -> _Value | None:
    if quantity := quantity_of(holder, "valueQuantity"):
        return quantity
    coded = concept_of(holder, "valueCodeableConcept")
    if coded is not None and coded.wording is not None:
        return coded.wording, None
    for name in ("valueString", "valueDateTime", "valueTime"):
        if stated := text_of(holder, name):
            return stated, None
    plain = holder.get("valueInteger") or holder.get("valueBoolean")
    match plain:
        case JsonNumber(text=text):
            return Phrase(text, (plain.span,)), None
        case JsonLiteral(value=truth):
            return Phrase("yes" if truth else "no", (plain.span,)), None
        case _:
            pass
    between = range_phrase(holder, "valueRange") or _ratio(holder)
    return (between, None) if between else None


def _ratio(holder: JsonObject) -> Phrase | None:
    ratio = object_of(holder, "valueRatio")
    if ratio is None:
        return None
    numerator, denominator = quantity_phrase(ratio, "numerator"), quantity_phrase(ratio, "denominator")
    return joined((numerator, denominator), ":") if numerator and denominator else None


def _category(resource: JsonObject) -> Phrase | None:
    for category in _one_or_many(resource, "category"):
        for coding in objects_of(category, "coding"):
            if code := text_of(coding, "code"):
                return code
    return None


def _interpretation(holder: JsonObject) -> Phrase | None:
    for element in _one_or_many(holder, "interpretation"):
        for coding in objects_of(element, "coding"):
            if code := text_of(coding, "code"):
                return code
        if wording := read_concept(element).wording:
            return wording
    return None


def _one_or_many(parent: JsonObject, name: str) -> tuple[JsonObject, ...]:
    # STU3 has one interpretation, R4 an array.
    value = parent.get(name)
    return (value,) if isinstance(value, JsonObject) else objects_of(parent, name)


def _reference_range(holder: JsonObject) -> Phrase | None:
    for element in objects_of(holder, "referenceRange"):
        if stated := text_of(element, "text") or bounds_phrase(element):
            return stated
    return None
