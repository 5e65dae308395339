"""What every entity model of this service gives."""

from dataclasses import dataclass

from openmed_agent.planes.inference.entities.stated import Stated


@dataclass(frozen=True, slots=True)
class EntityFinding:
    """A mention in a text: code points, label, rank in [0, 1], what found it, and what stands beside it.

    ``severity`` is a word before a disease; ``stated`` the parts of a value or of a procedure.
    """

    start: int
    end: int
    label: str
    confidence: float
    sources: tuple[str, ...]
    severity: str | None = None
    stated: Stated | None = None
