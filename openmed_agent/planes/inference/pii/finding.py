"""What a detector reports."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class PiiFinding:
    """One identifier: a half-open span in code points, its label, how sure, and which detectors saw it."""

    start: int
    end: int
    label: str
    confidence: float
    sources: tuple[str, ...]

    def moved(self, start: int, end: int) -> "PiiFinding":
        """Return the same finding over another span."""
        return replace(self, start=start, end=end)
