"""Say for each mention whether it is negated, historical or hypothetical, and whose it is.

After ConText (Chapman et al. 2001; Harkema et al. 2009); see `assertion_rules` for the cues and
`assertion_scope` for how far each reaches. A reach never leaves its sentence or section, but for a list that
the sentence before it introduces.
"""

from bisect import bisect_right
from collections.abc import Sequence
from enum import Enum, auto
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from openmed_agent.clinical.assertion_dates import reference_year
from openmed_agent.clinical.assertion_past import is_over
from openmed_agent.clinical.assertion_persons import REFLEXIVES
from openmed_agent.clinical.assertion_rules import Category, Word, words
from openmed_agent.clinical.assertion_scope import Resolver, Scope
from openmed_agent.clinical.sections import Section, SectionKind, find_sections, section_at
from openmed_agent.clinical.sentences import split_sentences
from openmed_agent.text.spans import Span

_MAX_ITEM = 80
_NEARBY = 200  # characters around a mention in which its item of a list tells how it went on
_MAX_UNIT = 4000  # longer than any sentence; bounds what one mention can cost
# Here an empty box is a task to do; elsewhere it is a finding that is absent.
_TASK_SECTIONS = frozenset(
    (SectionKind.PLAN, SectionKind.ASSESSMENT_AND_PLAN, SectionKind.FOLLOW_UP, SectionKind.INSTRUCTIONS)
)
_PAST_SECTIONS = frozenset((SectionKind.PAST_MEDICAL_HISTORY, SectionKind.PAST_SURGICAL_HISTORY))
_BULLETS = "-*•·‣◦▪●○–—>"


class Assertion(BaseModel):
    """What a note says about one mention; `uncertain` is written only where it holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    negated: bool = False
    historical: bool = False
    hypothetical: bool = False
    experiencer: Literal["patient", "family", "other"] = "patient"
    uncertain: bool = Field(default=False, exclude_if=lambda doubted: not doubted)


class Reading(Enum):
    """For whom a note is read.

    MENTION is what the words say of a mention, by the guidelines of ConText. What is told as past history is
    historical, also where it is denied ("no history of stroke"); hypothetical is what is not there yet (if, return
    for, risk of, as needed); what is doubted (possible, rule out) is `uncertain`.

    SUMMARY is what a summary of the chart may state. A past history lists chronic conditions too, so `historical`
    needs an explicit cue, a date more than a year back, a passing illness or a treated tumour; `hypothetical`
    covers doubt; a denial leaves neither.
    """

    MENTION = auto()
    SUMMARY = auto()


def assess(
    text: str,
    spans: Sequence[Span],
    *,
    sections: Sequence[Section] | None = None,
    reading: Reading = Reading.MENTION,
) -> tuple[Assertion, ...]:
    """Return one assertion for each span, in the order of the spans."""
    if not spans:
        return ()
    note = _Note(text, find_sections(text) if sections is None else sections)
    return tuple(note.assess(span, reading) for span in spans)


def only_conditions(text: str, spans: Sequence[Span], *, sections: Sequence[Section] | None = None) -> tuple[bool, ...]:
    """Return for each span whether the note names it only as the condition of something: "if the rash spreads, call".

    `assess` calls such a mention hypothetical, as it does what the note doubts.
    """
    if not spans:
        return ()
    note = _Note(text, find_sections(text) if sections is None else sections)
    return tuple(note.is_condition(span) for span in spans)


class _Note:
    """A text cut into units of reach, with the scopes of each unit resolved when first asked for."""

    def __init__(self, text: str, sections: Sequence[Section]) -> None:
        self._text = text
        self._sections = sections
        self._units = _units(text, sections)
        self._starts = [unit.start for unit in self._units]
        self._leads = self._find_leads()
        self._year = reference_year(text)
        self._scopes: dict[int, list[Scope]] = {}
        self._held: dict[int, _Held] = {}

    def is_condition(self, span: Span) -> bool:
        return Category.CONDITION in self._holding(span, self._unit_of(span))

    def assess(self, span: Span, reading: Reading) -> Assertion:
        index = self._unit_of(span)
        holding = self._holding(span, index)
        listed = Category.LISTED in holding or self._is_in_past_history(span)
        holding.discard(Category.LISTED)
        negated, doubted = Category.NEGATED in holding, Category.UNCERTAIN in holding
        historical = Category.HISTORICAL in holding and not negated
        hypothetical = Category.HYPOTHETICAL in holding and not negated
        experiencer = self._experiencer(span, index, holding)
        if reading is Reading.SUMMARY:
            historical = historical or (not holding and self._is_over(span, index))
            hypothetical = hypothetical or (doubted and not negated)
            return Assertion(negated=negated, historical=historical, hypothetical=hypothetical, experiencer=experiencer)
        return Assertion(
            negated=negated,
            historical=historical or (listed and experiencer == "patient"),
            hypothetical=hypothetical,
            experiencer=experiencer,
            uncertain=doubted and not negated and not hypothetical,
        )

    def _is_in_past_history(self, span: Span) -> bool:
        return bool(self._sections) and section_at(self._sections, span.start).kind in _PAST_SECTIONS

    def _unit_of(self, span: Span) -> int:
        return max(0, bisect_right(self._starts, span.start) - 1)

    def _holding(self, span: Span, index: int) -> set[Category]:
        held = self._held_in(index)
        holding = held.at(span.start) | held.opened_at(span.start)
        lead = self._leads[index]
        if lead is not None:
            ended = held.first
            holding |= {
                scope.category
                for scope in self._scopes_of(lead)
                if scope.open and (ended is None or span.start < ended)
            }
        return holding

    def _is_over(self, span: Span, index: int) -> bool:
        """Return whether a past medical history lists the mention as an illness that is over."""
        if not self._sections or section_at(self._sections, span.start).kind is not SectionKind.PAST_MEDICAL_HISTORY:
            return False
        unit = self._units[index]
        mention, before, after = (
            [word.form for word in words(self._text, start, end)]
            for start, end in (
                (span.start, span.end),
                (max(unit.start, span.start - _NEARBY), span.start),
                (span.end, min(unit.end, span.end + _NEARBY)),
            )
        )
        return is_over(mention, before, after, reference=self._year)

    def _experiencer(self, span: Span, index: int, holding: set[Category]) -> Literal["patient", "family", "other"]:
        if Category.OTHER in holding:
            return "other"
        if Category.FAMILY in holding:
            return "family"
        if self._sections and section_at(self._sections, span.start).kind is SectionKind.FAMILY_HISTORY:
            unit = self._units[index]
            before = words(self._text, unit.start, min(span.start, unit.start + 400))
            return "patient" if any(word.form in {"patient", "pt"} for word in before) else "family"
        return "patient"

    def _held_in(self, index: int) -> "_Held":
        if index not in self._held:
            self._held[index] = _Held(self._scopes_of(index))
        return self._held[index]

    def _scopes_of(self, index: int) -> list[Scope]:
        if index not in self._scopes:
            unit = self._units[index]
            tokens = words(self._text, unit.start, unit.end)
            section = section_at(self._sections, unit.start) if self._sections else None
            findings = section is None or section.kind not in _TASK_SECTIONS
            earlier = self._words_before(index) if any(word.form in REFLEXIVES for word in tokens) else []
            resolver = (
                Resolver(tokens, earlier=earlier, reference_year=self._year, findings=findings) if tokens else None
            )
            scopes = resolver.scopes() if resolver else []
            title = section.title if section else None
            self._scopes[index] = [scope for scope in scopes if not _from_title(scope, title)]
        return self._scopes[index]

    def _words_before(self, index: int) -> list[Word]:
        """Return the words of the unit before, where it is of the same section."""
        unit, before = self._units[index], self._units[index - 1]
        if not index or (self._sections and section_at(self._sections, before.start).span.end <= unit.start):
            return []
        return words(self._text, before.start, before.end)

    def _find_leads(self) -> list[int | None]:
        """For each unit that is an item of a list, the unit that introduces the list."""
        leads: list[int | None] = []
        lead: int | None = None
        borders = [section.span.start for section in self._sections]
        previous = 0
        for index, unit in enumerate(self._units):
            piece = self._text[unit.start : unit.end]
            gap = self._text[self._units[index - 1].end : unit.start] if index else ""
            bulleted = piece[0] in _BULLETS or piece[:3].rstrip(". )").isdigit()
            item = bool(gap.splitlines()[1:] or "\n" in gap) and (bulleted or len(piece) <= _MAX_ITEM)
            broken = gap.count("\n") > 1 and not bulleted
            section = bisect_right(borders, unit.start)
            crossed, previous = section != previous, section
            if piece.endswith(":") or crossed or broken:
                lead = None
            leads.append(lead if item else None)
            if piece.endswith((":", " for", " of", "denies", "Denies", "precautions")):
                lead = index
        return leads


class _Held:
    """The scopes of a unit, merged by category, to ask what holds at an offset."""

    def __init__(self, scopes: Sequence[Scope]) -> None:
        self.first = min((scope.start for scope in scopes), default=None)
        self._past = frozenset(scope.cue for scope in scopes if scope.category is Category.HISTORICAL)
        self._ranges: dict[Category, tuple[list[int], list[int]]] = {}
        for scope in sorted(scopes, key=lambda scope: scope.start):
            starts, ends = self._ranges.setdefault(scope.category, ([], []))
            if ends and scope.start <= ends[-1]:
                ends[-1] = max(ends[-1], scope.end)
            elif scope.end > scope.start:
                starts.append(scope.start)
                ends.append(scope.end)

    def opened_at(self, offset: int) -> set[Category]:
        """Return what a mention says of itself that begins with the cue there: "old infarct", "remote fracture"."""
        return {Category.HISTORICAL} if offset in self._past else set()

    def at(self, offset: int) -> set[Category]:
        holding = set()
        for category, (starts, ends) in self._ranges.items():
            index = bisect_right(starts, offset) - 1
            if index >= 0 and offset < ends[index]:
                holding.add(category)
        return holding


def _units(text: str, sections: Sequence[Section]) -> list[Span]:
    """Return the sentences, cut where a section begins inside one."""
    borders = [section.span.start for section in sections]
    units: list[Span] = []
    for sentence in split_sentences(text):
        start = sentence.start
        for border in borders[bisect_right(borders, start) : bisect_right(borders, sentence.end - 1)]:
            if text[start:border].strip():
                units.append(Span(start, border))
            start = border
        while sentence.end - start > _MAX_UNIT:
            units.append(Span(start, start + _MAX_UNIT))
            start += _MAX_UNIT
        units.append(Span(start, sentence.end))
    return units or [Span(0, max(1, len(text)))]


def _from_title(scope: Scope, title: Span | None) -> bool:
    """Whether only the section's title put the scope there, as in "Past history of illness:"."""
    inherent = scope.category in {Category.HISTORICAL, Category.FAMILY}
    return inherent and title is not None and scope.cue <= title.end
