"""What a text says around its mentions, in the language that it is written in; service and client share it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from openmed_agent.clinical.assertion import Assertion, Reading, assess
from openmed_agent.clinical.sections import Section, find_sections, section_at
from openmed_agent.planes.inference.entities.chinese.script import is_chinese
from openmed_agent.text.spans import Span

CHINESE: Final = "zh"


@dataclass(frozen=True, slots=True)
class Context:
    """The assertion of one mention and the kind of its section."""

    assertion: Assertion
    section: str


def context_of(
    text: str,
    spans: Sequence[Span],
    *,
    language: str | None = None,
    sections: Sequence[Section] | None = None,
    reading: Reading = Reading.MENTION,
) -> tuple[Context, ...]:
    """Return the context of each span, in order; without a language the script of the text decides.

    Chinese text has one reading, in which what is doubted is hypothetical.
    """
    if not spans:
        return ()
    if language == CHINESE or (language is None and is_chinese(text)):
        return _chinese_context(text, spans)
    known = find_sections(text) if sections is None else sections
    assertions = assess(text, spans, sections=known, reading=reading)
    return tuple(
        Context(assertion, str(section_at(known, span.start).kind))
        for span, assertion in zip(spans, assertions, strict=True)
    )


def _chinese_context(text: str, spans: Sequence[Span]) -> tuple[Context, ...]:
    # Loads word lists, which only Chinese text needs.
    from openmed_agent.planes.inference.entities.chinese.assertion import assess_chinese  # noqa: PLC0415
    from openmed_agent.planes.inference.entities.chinese.headings import find_headings, kind_at  # noqa: PLC0415

    headings = find_headings(text)
    return tuple(
        Context(assertion, str(kind_at(headings, span.start)))
        for span, assertion in zip(spans, assess_chinese(text, spans), strict=True)
    )
