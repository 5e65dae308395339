"""Results and vital signs as Observation, with the number read out of the claim."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from openmed_agent.clinical.measurements import Measurement, find_measurements
from openmed_agent.workflows.artifacts.fhir_json import FhirObject, clean
from openmed_agent.workflows.artifacts.fhir_parts import concept, notes, resource, status_concept
from openmed_agent.workflows.draft import Code, Item
from openmed_agent.workflows.fhir_elements import AS_STATED

_CATEGORY: Final[Mapping[str, str]] = {"lab": "laboratory", "vital": "vital-signs"}
_INTERPRETATION: Final[Mapping[str, str]] = {"high": "H", "low": "L", "critical": "AA", "abnormal": "A"}
# LOINC, the parts of a blood pressure panel; see the notice in fhir_parts.
_PRESSURES: Final = (
    Code(system="LOINC", code="8480-6", display="Systolic blood pressure", release=AS_STATED),
    Code(system="LOINC", code="8462-4", display="Diastolic blood pressure", release=AS_STATED),
)


def observation(item: Item, subject: FhirObject) -> FhirObject:
    """Return an Observation: a quantity where the claim states exactly one number, otherwise its words."""
    elements: FhirObject = {
        "status": "preliminary",
        "category": [status_concept("observation-category", _CATEGORY[item.kind])],
        "subject": subject,
    }
    found = find_measurements(item.claim)
    measured = found[0] if len(found) == 1 and found[0].kind == item.kind else None
    value = _value(measured) if measured else None
    if measured is None or value is None:
        words: FhirObject = {"code": concept(item.claim, item.codes), "valueString": clean(item.claim)}
        return resource("Observation", item, {**elements, **words, **notes(item)})
    named = concept(measured.name_canonical, (*item.codes, *_vital_sign(measured)))
    # The number leaves out the claim's date and circumstances, so the claim stands beside it.
    remarks = [{"text": text} for text in (clean(item.claim), clean(item.notes)) if text]
    said: FhirObject = {"code": named, **value, **_interpretation(measured), "note": remarks}
    return resource("Observation", item, {**elements, **said})


def _vital_sign(measured: Measurement) -> tuple[Code, ...]:
    if measured.kind != "vital" or measured.loinc is None:
        return ()
    return (Code(system="LOINC", code=measured.loinc, display="", release=AS_STATED),)


def _value(measured: Measurement) -> FhirObject | None:
    numbers = [_decimal(part) for part in measured.value.split("/")]
    match numbers:
        case [Decimal() as number]:
            return {"valueQuantity": _quantity(number, measured)}
        case [Decimal() as systolic, Decimal() as diastolic]:
            pressures = zip(_PRESSURES, (systolic, diastolic), strict=True)
            return {
                "component": [
                    {"code": concept(code.display, (code,)), "valueQuantity": _quantity(number, measured)}
                    for code, number in pressures
                ]
            }
        case _:
            return None


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _quantity(number: Decimal, measured: Measurement) -> FhirObject:
    unit = clean(measured.unit or "")
    return {
        "value": number,
        **({"unit": unit} if unit else {}),
        **({"comparator": measured.comparator} if measured.comparator else {}),
    }


def _interpretation(measured: Measurement) -> FhirObject:
    if measured.flag is None:
        return {}
    flag = status_concept("v3-ObservationInterpretation", _INTERPRETATION[measured.flag])
    return {"interpretation": [flag]}
