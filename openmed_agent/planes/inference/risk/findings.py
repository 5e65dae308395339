"""What a report on residual risk consists of."""

from dataclasses import dataclass
from enum import StrEnum

from openmed_agent.text.spans import Span


class RiskKind(StrEnum):
    """Why a passage could single a person out; in the order of a report."""

    DIRECT = "direct identifier"
    RARE_DIAGNOSIS = "rare diagnosis"
    OCCUPATION = "occupation"
    PLACE = "place"
    EVENT = "event"
    ORIGIN = "origin or community"
    DATE = "date"
    AGE = "age or size"
    COMBINATION = "combination"
    UNIQUE = "unique record"


@dataclass(frozen=True, slots=True)
class RiskFinding:
    """One passage (None for the whole text), the kind of risk and the reason, a clause that quotes nothing."""

    kind: RiskKind
    span: Span | None
    reason: str
