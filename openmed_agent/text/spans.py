"""Spans: half-open ranges of Unicode code points in a text that is never changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range ``[start, end)`` of code points; empty and negative ranges cannot be made."""

    start: int
    end: int

    def __post_init__(self) -> None:
        """Refuse a range that holds no character.

        Raises:
            ValueError: ``start`` is negative or not before ``end``.

        """
        if not 0 <= self.start < self.end:
            raise ValueError(f"not a span: [{self.start}, {self.end})")

    def of(self, text: str) -> str:
        """Return the characters of ``text`` that the span covers."""
        return text[self.start : self.end]

    def overlaps(self, other: "Span") -> bool:
        """Return whether the two share at least one character."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Span") -> bool:
        """Return whether every character of ``other`` is in this span."""
        return self.start <= other.start and other.end <= self.end

    def shifted(self, offset: int) -> "Span":
        """Return the span moved by ``offset`` code points."""
        return Span(self.start + offset, self.end + offset)


def covering(spans: Iterable[Span]) -> Span:
    """Return the smallest span that contains all of ``spans`` (at least one).

    Raises:
        ValueError: there is no span to cover.

    """
    known = tuple(spans)
    return Span(min(span.start for span in known), max(span.end for span in known))


def trimmed(text: str, start: int, end: int) -> Span | None:
    """Return ``[start, end)`` without white space at either side, or nothing where only that is left."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if start < end else None


def without_overlaps(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return ``spans`` in order, longest first where they overlap."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        if not any(span.overlaps(other) for other in kept):
            kept.append(span)
    return tuple(sorted(kept))
