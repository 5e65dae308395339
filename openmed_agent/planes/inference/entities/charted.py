"""The models that stand for no model of OpenMed: procedures, laboratory values and vital signs.

The grammars that read charts (``openmed_agent.clinical``) find them. A confidence ranks: a value with its unit, or a
blood pressure, above a bare number.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from openmed_agent.clinical.measurements import Measurement, find_measurements
from openmed_agent.clinical.procedures import find_procedures
from openmed_agent.clinical.sections import Section
from openmed_agent.planes.inference.entities.finding import EntityFinding
from openmed_agent.planes.inference.entities.stated import Stated

PROCEDURE_MODEL: Final = "procedure_detection_embedded"
LABORATORY_MODEL: Final = "laboratory_detection_embedded"
VITAL_SIGN_MODEL: Final = "vital_sign_detection_embedded"
CHART_MODELS: Final = (PROCEDURE_MODEL, LABORATORY_MODEL, VITAL_SIGN_MODEL)
"""Names of our own that ``/health`` lists; a genuine service has no such models."""

_SOURCES: Final = ("chart grammar",)
_PROCEDURE_CONFIDENCE: Final = 0.9
_WITH_UNIT: Final = 0.95
_BARE: Final = 0.85


def find_charted(
    text: str, *, model: str, sections: Sequence[Section], threshold: float = 0.0
) -> tuple[EntityFinding, ...]:
    """Return what one of ``CHART_MODELS`` finds in ``text``, in order and without overlap.

    Raises:
        KeyError: ``model`` is none of them.

    """
    match model:
        case "procedure_detection_embedded":
            found = _procedures(text, sections)
        case "laboratory_detection_embedded":
            found = _measurements(text, "lab", "LAB_VALUE", sections)
        case "vital_sign_detection_embedded":
            found = _measurements(text, "vital", "VITAL_SIGN", sections)
        case _:
            raise KeyError(model)
    return tuple(one for one in found if one.confidence >= threshold)


def _procedures(text: str, sections: Sequence[Section]) -> Iterator[EntityFinding]:
    for procedure in find_procedures(text, sections=sections):
        yield EntityFinding(
            procedure.span.start,
            procedure.span.end,
            "PROCEDURE",
            _PROCEDURE_CONFIDENCE,
            sources=_SOURCES,
            stated=Stated.of_procedure(text, procedure),
        )


def _measurements(text: str, kind: str, label: str, sections: Sequence[Section]) -> Iterator[EntityFinding]:
    for measured in find_measurements(text, sections=sections):
        if measured.kind == kind:
            yield EntityFinding(
                measured.span.start,
                measured.span.end,
                label,
                _confidence(measured),
                sources=_SOURCES,
                stated=Stated.of_measurement(text, measured),
            )


def _confidence(measured: Measurement) -> float:
    is_sure = measured.unit is not None or "/" in measured.value
    return _WITH_UNIT if is_sure else _BARE
