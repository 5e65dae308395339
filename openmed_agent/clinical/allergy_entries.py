"""One entry of an allergy list: the allergen, and what is said of its reaction."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, Literal

from openmed_agent.clinical import allergy_terms as terms
from openmed_agent.text.spans import Span, trimmed

AllergyKind = Literal["drug", "food", "environment", "material", "unknown"]
Severity = Literal["mild", "moderate", "severe"]

MOST_WORDS: Final = 6


@dataclass(frozen=True, slots=True)
class Allergy:
    """One statement about an allergy.

    `span` covers the statement. `none_known` is a statement of no known allergies (then `allergen` is None);
    `negated` says that the patient is not allergic to this allergen; `intolerance` that the text calls it an
    intolerance or side effect. `severity` is None unless the text states one.
    """

    span: Span
    allergen: Span | None
    kind: AllergyKind = "unknown"
    reactions: tuple[Span, ...] = ()
    severity: Severity | None = None
    none_known: bool = False
    intolerance: bool = False
    negated: bool = False


FLAGS: Final = re.IGNORECASE | re.ASCII
_KINDS: Final[tuple[tuple[AllergyKind, tuple[str, ...]], ...]] = (
    ("drug", terms.DRUG_CLASSES),
    ("food", terms.FOODS),
    ("material", terms.MATERIALS),
    ("environment", terms.ENVIRONMENT),
)
_KNOWN: Final = "|".join(sorted((pattern for _, patterns in _KINDS for pattern in patterns), key=len, reverse=True))
REACTION: Final = re.compile(rf"(?<![A-Za-z])(?:{terms.REACTIONS})(?![A-Za-z])", FLAGS)
KNOWN_ALLERGEN: Final = re.compile(rf"(?<![A-Za-z-])(?:{_KNOWN})(?![A-Za-z])", FLAGS)
SEPARATOR: Final = re.compile(
    (
        r"\s?[(\[{]|\s(?:-|–|—){1,2}>?\s?|\s?(?:->|=>|→|=|:|—|–)\s?|-(?=\s)|\s(?:which\s|"
        r"that\s)?(?:causes?|causing|gives|gave|leads to|resulting in|results in|"
        r"makes (?:him|her|me|them)|with(?:\sreaction\sof)?|\(?reaction(?:s)?:?|develops?|gets?|due "
        r"to)\s|\|"
    ),
    FLAGS,
)
_SPLIT: Final = re.compile(r"\s?[,;]\s{0,3}(?:(?:and|&)\s)?|\s(?:and|&)\s|\.\s{1,3}(?=[A-Z])")
_CELL: Final = re.compile(r"\||\t| {3,}")
_BULLET: Final = re.compile(r"[\s*•·▪◦>|+-]{0,8}(?:\(?[0-9]{1,2}[.)]\s)?[\s*•-]{0,4}", re.ASCII)
INTOLERANCE: Final = re.compile(
    r"intoleran|side effect|sensitivit|adverse (?:effect|reaction)|not (?:a )?true allergy", FLAGS
)


@cache
def _kind_patterns() -> tuple[tuple[AllergyKind, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(rf"(?:{'|'.join(patterns)})", FLAGS)) for kind, patterns in _KINDS)


class Substances:
    """Answers whether a range of the text holds a known drug, by binary search."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = sorted(spans)
        self._starts = [span.start for span in self._spans]

    def within(self, start: int, end: int) -> Span | None:
        """Return the first known drug that begins in [start, end), or None."""
        index = bisect_left(self._starts, start)
        if index < len(self._spans) and self._spans[index].start < end:
            return self._spans[index]
        return None


def entries_of_line(text: str, start: int, end: int, drugs: Substances) -> Iterator[Allergy]:
    """Yield the allergies of one line: a table row, or items between commas and semicolons."""
    bullet = _BULLET.match(text, start, end)
    start = bullet.end() if bullet else start
    cell = _CELL.search(text, start, end)
    if cell is not None and start < cell.start():
        entry = _entry(text, start, cell.start(), drugs)
        if entry:
            yield described_by(text, entry, cell.end(), end)
        return
    current: Allergy | None = None
    for low, high in items_of(text, start, end):
        reaction = REACTION.match(text, low, high)
        if current and reaction and reaction.end() >= high - 2:
            current = described_by(text, current, low, high)
            continue
        entry = entry_at(text, low, high, drugs)
        if entry is None:
            continue
        if current:
            yield current
        current = entry
    if current:
        yield current


def entry_at(text: str, start: int, end: int, drugs: Substances) -> Allergy | None:
    """Return the allergen of one item with what a separator sets off as its reaction."""
    separator = SEPARATOR.search(text, start, end)
    entry = _entry(text, start, separator.start() if separator else end, drugs)
    return described_by(text, entry, separator.end(), end) if entry and separator else entry


def items_of(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of a line between commas, semicolons and "and", leaving brackets whole."""
    low = start
    position = start
    while position < end:
        split = _SPLIT.search(text, position, end)
        if split is None:
            break
        opened = max(text.rfind("(", low, split.start()), text.rfind("[", low, split.start()))
        closed = -1
        if opened >= 0:
            closed = max(text.find(")", opened, end), text.find("]", opened, end))
        if closed > split.start():
            position = closed + 1
            continue
        if split.start() > low:
            yield low, split.start()
        low = position = split.end()
    if low < end:
        yield low, end


def _entry(text: str, start: int, end: int, drugs: Substances) -> Allergy | None:
    """Return the allergen that fills [start, end), with a bare reaction behind it taken off."""
    span = trimmed(text, start, end)
    if span is None:
        return None
    words = [word.strip(".:;,*()").lower() for word in span.of(text)[:200].split()]
    if not words or not words[0][:1].isalpha() or words[0] in terms.NOT_ALLERGENS:
        return None
    known = drugs.within(span.start, span.end) or KNOWN_ALLERGEN.search(text, span.start, span.end)
    if len(words) > MOST_WORDS and not known:
        return None
    reaction = REACTION.search(text, span.start + 1, span.end)
    reactions: tuple[Span, ...] = ()
    allergen: Span | None = span
    if reaction and text[reaction.start() - 1].isspace():
        allergen = trimmed(text, span.start, reaction.start())
        reactions = (Span(*reaction.span()),)
    elif REACTION.fullmatch(text, span.start, span.end):
        return None
    allergen = _without_tail(text, allergen)
    if allergen is None:
        return None
    return Allergy(
        span,
        allergen,
        kind=kind_of(text, allergen, drugs),
        reactions=reactions,
        severity=severity_in(text, span),
        intolerance=bool(INTOLERANCE.search(span.of(text))),
    )


def _without_tail(text: str, span: Span | None) -> Span | None:
    """Return the span without a closing mark, "allergy" or "intolerance" at its end."""
    if span is None:
        return None
    end = span.end
    written = text[span.start : end].rstrip(" .:;,*)")
    lower = written.lower()
    for tail in (" allergies", " allergy", " intolerance", " sensitivity", " severe", " mild", " moderate"):
        if lower.endswith(tail):
            written = written[: -len(tail)]
            break
    return trimmed(text, span.start, span.start + len(written)) if written.strip() else None


def described_by(text: str, allergy: Allergy, start: int, end: int) -> Allergy:
    """Return the allergy with the reactions, severity and kind of reaction that [start, end) describes."""
    span = trimmed(text, start, end)
    if span is None:
        return allergy
    whole = Span(min(allergy.span.start, span.start), max(allergy.span.end, span.end))
    reactions = tuple(Span(*match.span()) for match in REACTION.finditer(text, span.start, span.end))
    reactions = tuple(without_margin(text, reaction) for reaction in reactions)
    severity = allergy.severity or severity_in(text, span)
    if not reactions and severity is None and not INTOLERANCE.search(span.of(text)):
        written = span.of(text).rstrip(" .)]}").rstrip()
        if written and written[0].isalpha() and len(written.split()) <= MOST_WORDS:
            reactions = (Span(span.start, span.start + len(written)),)
    return replace(
        allergy,
        span=whole,
        reactions=allergy.reactions + reactions,
        severity=severity,
        intolerance=allergy.intolerance or bool(INTOLERANCE.search(span.of(text))),
    )


def without_margin(text: str, span: Span) -> Span:
    """Return the span without white space at its sides."""
    return trimmed(text, span.start, span.end) or span


@cache
def _severity_patterns() -> tuple[tuple[re.Pattern[str], Severity], ...]:
    levels: tuple[Severity, ...] = ("severe", "moderate", "mild")
    return tuple(
        (re.compile(rf"\b(?:{pattern})\b", FLAGS), level)
        for (pattern, _), level in zip(terms.SEVERITY, levels, strict=True)
    )


def severity_in(text: str, span: Span) -> Severity | None:
    """Return the severity that the words of a span state, None where they state none."""
    for pattern, level in _severity_patterns():
        match = pattern.search(text, span.start, span.end)
        if match and not match.group().lower().startswith("anaphyla"):
            return level
    return None


def kind_of(text: str, allergen: Span, drugs: Substances) -> AllergyKind:
    """Return whether an allergen is a drug, a food, a material or of the environment."""
    for kind, pattern in _kind_patterns():
        if pattern.fullmatch(text, allergen.start, allergen.end):
            return kind
    if drugs.within(allergen.start, allergen.end):
        return "drug"
    known = KNOWN_ALLERGEN.search(text, allergen.start, allergen.end)
    if known:
        return next((kind for kind, pattern in _kind_patterns() if pattern.fullmatch(known.group())), ("unknown"))
    return "unknown"
