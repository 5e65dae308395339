"""What a detector reports."""

from typing import NamedTuple


class PiiFinding(NamedTuple):
    """One identifier: a half-open span in code points, its label, how sure, and which detectors saw it."""

    start: int
    end: int
    label: str
    confidence: float
    sources: tuple[str, ...]

    def moved(self, start: int, end: int) -> "PiiFinding":
        """Return the same finding over another span."""
        return PiiFinding(start, end, self.label, self.confidence, self.sources)

    def labelled(self, label: str) -> "PiiFinding":
        """Return the same finding under another label."""
        return PiiFinding(self.start, self.end, label, self.confidence, self.sources)
