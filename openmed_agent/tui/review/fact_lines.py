"""Labels and what they say, wrapped so that a long text goes on below itself and not below its label."""

from collections.abc import Iterable, Iterator

from textual.content import Content

Fact = tuple[str, Content]
_NARROWEST = 8


def fact_lines(facts: Iterable[Fact], *, label_width: int, width: int) -> Iterator[Content]:
    """Yield the lines of facts for a width in cells."""
    room = max(_NARROWEST, width - label_width)
    for label, text in facts:
        for number, line in enumerate(text.wrap(room)):
            yield Content.assemble((label.ljust(label_width) if number == 0 else " " * label_width, "$secondary"), line)
