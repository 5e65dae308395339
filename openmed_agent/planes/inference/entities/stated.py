"""What a text states beside a laboratory value, a vital sign or a procedure."""

from typing import Self

from pydantic import BaseModel, ConfigDict

from openmed_agent.clinical.measurements import Measurement
from openmed_agent.clinical.procedures import Procedure


class Stated(BaseModel):
    """Parts as the text writes them; one that it does not state is None.

    Of a measurement: ``name`` is the canonical name of what was measured, ``value`` a decimal number as a string,
    "systolic/diastolic" or "55-60" for an ejection fraction; ``comparator`` (<, <=, >, >=) says that the true value
    lies beyond it; ``flag`` (high, low, critical, abnormal) is set only where the text states one, ``prior`` where it
    calls the value an earlier one. Of a procedure: ``timing`` (performed, planned, unknown). Of both: ``date``.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    name: str | None = None
    value: str | None = None
    comparator: str | None = None
    unit: str | None = None
    flag: str | None = None
    reference_range: str | None = None
    prior: bool | None = None
    timing: str | None = None
    date: str | None = None

    @classmethod
    def of_measurement(cls, text: str, measured: Measurement) -> Self:
        """Return what ``text`` states of a measurement."""
        return cls(
            name=measured.name_canonical,
            value=measured.value,
            comparator=measured.comparator,
            unit=measured.unit,
            flag=measured.flag,
            reference_range=measured.reference_range,
            prior=measured.prior,
            date=measured.date.of(text) if measured.date else None,
        )

    @classmethod
    def of_procedure(cls, text: str, procedure: Procedure) -> Self:
        """Return what ``text`` states of a procedure."""
        return cls(timing=procedure.timing, date=procedure.date.of(text) if procedure.date else None)
