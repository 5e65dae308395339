"""The direction of a drug as a border tells it: every part a plain phrase, without offsets."""

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, ConfigDict

from openmed_agent.clinical.medication_lists import read_medications
from openmed_agent.clinical.medication_parts import SigPart
from openmed_agent.clinical.medications import MedicationStatement, Quantity
from openmed_agent.clinical.sentences import split_sentences
from openmed_agent.text.spans import Span


class Direction(BaseModel):
    """What the text says beside a drug; a part that it does not say is None.

    ``dose`` is taken at a time, ``strength`` is in one unit of the form; ``as_needed`` is set where the drug is only
    taken when needed, and ``reason`` says for what. ``status`` is what the words near it state: taken, stopped,
    planned and the like, or ``unknown``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    dose: str | None = None
    strength: str | None = None
    form: str | None = None
    route: str | None = None
    frequency: str | None = None
    timing: str | None = None
    as_needed: bool = False
    reason: str | None = None
    duration: str | None = None
    indication: str | None = None
    status: str = "unknown"

    @classmethod
    def of(cls, statement: MedicationStatement) -> Self | None:
        """Return the direction of a statement; None where the text says nothing beside the name."""
        direction = cls(
            dose=_said(statement.dose),
            strength=_said(statement.strength),
            form=_said(statement.form),
            route=_said(statement.route),
            frequency=_said(statement.frequency),
            timing=_said(statement.timing),
            as_needed=statement.as_needed is not None,
            reason=_said(statement.reason),
            duration=_said(statement.duration),
            indication=_said(statement.indication),
            status=statement.status,
        )
        return None if direction == cls() else direction


def directions(text: str, drugs: Sequence[Span]) -> tuple[Direction | None, ...]:
    """Return for each drug, in order and without overlap, what the text says beside it."""
    if not drugs:
        return ()
    statements = read_medications(text, drugs, sentences=split_sentences(text))
    return tuple(Direction.of(statement) for statement in statements)


def _said(part: Quantity | SigPart | None) -> str | None:
    return part.text if part else None
