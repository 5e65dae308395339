"""Find the sections of a clinical note.

Titles are looked for where one can stand (a line of its own, the start of a line or of a sentence, after
punctuation) and are then looked up in the table of `section_titles`, so that cost is linear in the text.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from openmed_agent.clinical.section_titles import (
    BARE_TITLES,
    LINE_START_ONLY,
    SYSTEM_LABELS,
    SectionKind,
    normalised_title,
    titles,
)
from openmed_agent.text.spans import Span

__all__ = ["Section", "SectionKind", "find_sections", "section_at"]

_MAX_TITLE = 60
# What may stand before a title on its line: heading marks, bold marks, a number or a letter of a list.
_DECORATION = re.compile(
    r"[ \t]{0,40}(?:[#>*_=•-]{1,6}[ \t]{0,4})?(?:\(?(?:\d{1,2}|[IVX]{1,4})[.)][ \t]{1,4})?[*_]{0,3}"
)
_AFTER_TITLE = re.compile(r"[*_]{0,3}[ \t]*(?::[*_]{0,3}|[-–—](?=[ \t]))?[*_=#]{0,6}[ \t]*")
_INLINE_MARK = re.compile(r"[:]|[ \t][-–—][ \t]")
_WIDE_GAP = re.compile(r"[ ]{2,}|\t")
_INLINE_START = re.compile(r"[.;!?|)\]][ \t]+|[ \t]{2,}|\t|\|[ \t]*")
# "FH 29 cm" is a fundal height, no family history.
_BARE = re.compile(
    r"(?:^[ \t]{0,40}|[.;][ \t]+)(?!FH[ \t]+[0-9])([A-Z]{2,3}x?|A/P|A&P|FamHx)(?=[ \t]+[A-Za-z0-9])", re.MULTILINE
)
_NOT_BLANK = re.compile(r"\S")
_STATEMENT = re.compile(
    r"(?:^[ \t]{0,40}|(?<=[.;,][ \t]))(?:NKDA|NKA|NKFA|no known (?:drug |medication |"
    r"food )?allergies)\b[.;]?",
    re.IGNORECASE | re.MULTILINE,
)
_HEADER_WORDS = re.compile(
    r"\b(?:patient|name|mrn|dob|date of birth|date|sex|age|provider|account|encounter)[ \t]{0,3}:",
    re.IGNORECASE,
)
_UNKNOWN_HEADING = re.compile(r"#{1,6}[ \t]+\S")
_ENDING = re.compile(r"[ \t]*[:*_=#-]{0,6}[ \t]*$")

_LISTS_OF_PROBLEMS = frozenset(
    {
        SectionKind.ASSESSMENT,
        SectionKind.PLAN,
        SectionKind.ASSESSMENT_AND_PLAN,
        SectionKind.PROBLEM_LIST,
        SectionKind.HOSPITAL_COURSE,
    }
)
# Titles that may stand before their text with only a wide gap between; others are heads of columns.
_SET_OFF_BY_GAP = frozenset({SectionKind.ALLERGIES, SectionKind.CHIEF_COMPLAINT, SectionKind.FAMILY_HISTORY})
_HISTORIES = frozenset({SectionKind.PAST_MEDICAL_HISTORY, SectionKind.PAST_SURGICAL_HISTORY})
_WITHIN_HISTORY = {
    "surgical": SectionKind.PAST_SURGICAL_HISTORY,
    "medical": SectionKind.PAST_MEDICAL_HISTORY,
    "surgery": SectionKind.PAST_SURGICAL_HISTORY,
}
# In a plan these name what is planned for a problem and open no section of their own.
_PLANNED = frozenset(
    [
        "labs",
        "lab",
        "imaging",
        "ct",
        "mri",
        "echo",
        "ekg",
        "ecg",
        "cxr",
        "us",
        "ultrasound",
        "x",
        "ray",
        "diet",
        "activity",
        "education",
        "treatment",
        "medications",
        "meds",
        "medication",
        "medicine",
        "diagnostics",
        "follow-up",
        "orders",
        "tests",
        "studies",
        "procedures",
        "consults",
        "consultations",
        "counseling",
        "diagnosis",
        "differential",
        "ddx",
        "dx",
        "studies",
        "results",
        "nutrition",
    ]
) | {"patient education", "patient education and counseling", "chest x ray", "follow up"}


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its kind, its title without marks, its text, and all it covers.

    `span` runs from the marks before the title to the next section, so that the spans of a note's sections
    partition it. `body` is what follows the title; where nothing does, it is the last character of the span.
    """

    kind: SectionKind
    title: Span | None
    body: Span
    span: Span


@dataclass(frozen=True, slots=True)
class _Opening:
    """Where a section opens: the marks' start, the title, and the start of its text."""

    kind: SectionKind
    start: int
    title: Span | None
    body: int


def find_sections(text: str) -> tuple[Section, ...]:
    """Return the sections of a note in order; their spans partition the text. An empty text has none."""
    if not text:
        return ()
    openings = _settled(text, _candidates(text))
    if not openings or openings[0].start > 0:
        first = openings[0].start if openings else len(text)
        kind = SectionKind.HEADER if _HEADER_WORDS.search(text, 0, min(first, 2000)) and openings else SectionKind.OTHER
        openings.insert(0, _Opening(kind, 0, None, 0))
    ends = [opening.start for opening in openings[1:]] + [len(text)]
    return tuple(
        Section(opening.kind, opening.title, Span(min(opening.body, end - 1), end), Span(opening.start, end))
        for opening, end in zip(openings, ends, strict=True)
    )


def section_at(sections: Sequence[Section], offset: int) -> Section:
    """Return the section that holds the offset.

    Raises:
        ValueError: there are no sections, or the offset is before the first.

    """
    index = bisect_right(sections, offset, key=lambda section: section.span.start) - 1
    if index < 0:
        raise ValueError("no section holds this offset")
    return sections[index]


def _candidates(text: str) -> list[_Opening]:
    found: dict[int, _Opening] = {}
    start = 0
    blank_before = True
    for line in text.splitlines(keepends=True):
        for opening in _openings_in_line(line, start, blank_before=blank_before):
            found.setdefault(opening.start, opening)
        blank_before = not line.strip()
        start += len(line)
    for match in _BARE.finditer(text):
        if normalised_title(match.group(1)) in BARE_TITLES:
            kind = titles()[normalised_title(match.group(1))]
            title = Span(match.start(1), match.end(1))
            found.setdefault(title.start, _Opening(kind, title.start, title, title.end))
    return [found[key] for key in sorted(found)]


def _openings_in_line(line: str, start: int, *, blank_before: bool) -> Iterator[_Opening]:
    decoration = _DECORATION.match(line)
    first = decoration.end() if decoration else 0
    content = line.rstrip()
    if len(content) - first <= _MAX_TITLE and (kind := _kind_of_line(line, first, blank_before=blank_before)):
        ending = _ENDING.search(content, first)
        title = Span(start + first, start + max(first + 1, ending.start() if ending else len(content)))
        yield _Opening(kind, start, title, start + len(content))
        return
    gap = _WIDE_GAP.search(content, first, first + _MAX_TITLE)
    kind = titles().get(normalised_title(content[first : gap.start()])) if gap else None
    if gap and kind in _SET_OFF_BY_GAP:
        yield _Opening(kind, start, Span(start + first, start + gap.start()), start + gap.end())
        return
    bound = first  # where the words that may form a title begin
    for mark in _INLINE_MARK.finditer(content, first):
        low = max(bound, mark.start() - _MAX_TITLE)
        opening = _inline_opening(content, low, mark, line_start=first)
        if opening:
            title, kind = opening
            begin = 0 if title.start == first else title.start
            after = _AFTER_TITLE.match(content, title.end)
            body = max(mark.end(), after.end() if after else mark.end())
            yield _Opening(kind, start + begin, title.shifted(start), start + min(body, len(line)))
        bound = mark.end()


def _kind_of_line(line: str, first: int, *, blank_before: bool) -> SectionKind | None:
    """Return the kind that a line names which holds nothing but a title."""
    content = line.strip()
    words = normalised_title(_ENDING.sub("", line.rstrip()[first:])).strip()
    colon = content.rstrip("*_ ").endswith(":")
    if words in _WITHIN_HISTORY:
        return _WITHIN_HISTORY[words]
    kind = titles().get(words)
    if kind and not content.endswith("."):
        single = len(words) == 1 and not colon
        return None if single or (first and line.lstrip()[0] in "-•" and not colon) else kind
    if words in SYSTEM_LABELS or not words:
        return None
    letters = re.sub(r"[^A-Za-z]", "", content)
    heading = bool(_UNKNOWN_HEADING.match(content))
    shouted = letters.isupper() and len(letters) > 4 and not re.search(r"[\d.,]|:.", content.rstrip("*_ "))  # noqa: PLR2004
    if heading or (shouted and (colon or (blank_before and " " in words))):
        return SectionKind.OTHER
    return None


def _inline_opening(content: str, low: int, mark: re.Match[str], *, line_start: int) -> tuple[Span, SectionKind] | None:
    """Return the title that ends at a colon or a spaced dash, and its kind."""
    for begin in _beginnings(content, low, mark.start()):
        words = normalised_title(content[begin : mark.start()])
        kind = titles().get(words)
        if kind is None:
            continue
        at_line_start = begin == line_start
        colon = mark.group() == ":"
        if not at_line_start and (words in LINE_START_ONLY or not content[begin].isupper()):
            continue
        if (len(words) == 1 and not content[begin].isupper()) or (not colon and words in LINE_START_ONLY):
            continue
        end = mark.start() - (len(content[begin : mark.start()]) - len(content[begin : mark.start()].rstrip(" \t*_")))
        return Span(begin, end), kind
    return None


def _beginnings(content: str, low: int, high: int) -> Iterator[int]:
    """Word starts in ``[low, high)`` at which a title may begin, the longest title first."""
    for word in re.finditer(r"(?<![\w/&'-])[A-Za-z]", content[low:high]):
        yield low + word.start()


def _settled(text: str, candidates: Sequence[_Opening]) -> list[_Opening]:
    """Drop the candidates that belong to the section they stand in; add statements and resumed sections."""
    settled: list[_Opening] = []
    kind = SectionKind.OTHER
    for candidate in candidates:
        if settled and not _opens(text, candidate, kind):
            continue
        settled.append(candidate)
        kind = candidate.kind
    return _with_statements(text, settled)


def _opens(text: str, candidate: _Opening, current: SectionKind) -> bool:
    if candidate.title is None:
        return True
    words = normalised_title(candidate.title.of(text))
    if words in _WITHIN_HISTORY:
        return current in _HISTORIES
    if current in _LISTS_OF_PROBLEMS:
        shouted = candidate.title.of(text).isupper() and len(words) > 3  # noqa: PLR2004
        return candidate.kind is not SectionKind.OTHER and (shouted or words not in _PLANNED)
    return True


def _with_statements(text: str, openings: Sequence[_Opening]) -> list[_Opening]:
    """Give "NKDA." outside a list of allergies a section of its own, after which the other resumes."""
    starts = [opening.start for opening in openings]
    added: list[_Opening] = []
    for match in _STATEMENT.finditer(text):
        begin = match.end() - len(match.group().lstrip())
        index = bisect_right(starts, begin) - 1
        around = openings[index] if index >= 0 else None
        if around and (around.kind is SectionKind.ALLERGIES or begin < around.body):
            continue
        added.append(_Opening(SectionKind.ALLERGIES, begin, None, begin))
        following = starts[index + 1] if index + 1 < len(starts) else len(text)
        if _NOT_BLANK.search(text, match.end(), following):
            kind = around.kind if around else SectionKind.OTHER
            added.append(_Opening(kind, match.end(), None, match.end()))
    return sorted([*openings, *added], key=lambda opening: opening.start)
