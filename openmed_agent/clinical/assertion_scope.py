"""Resolve how far the cues of one sentence reach.

One pass finds the cues and the stops; each reach then is a search among sorted positions, so that the cost
of a sentence is its length times a logarithm, however many cues it holds.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from openmed_agent.clinical.assertion_dates import is_time_span, past_dates, weeks_ago
from openmed_agent.clinical.assertion_patterns import (
    BOXES,
    BRIEF,
    PATTERNED,
    SIGNS,
    affirmed_from,
    box_end,
    is_inverted,
    is_of_now,
    is_signed,
    kept_from,
    needed_from,
    precaution_end,
    presented_from,
    shows_earlier_finding,
)
from openmed_agent.clinical.assertion_persons import person_cues
from openmed_agent.clinical.assertion_phrases import Phrases, cues
from openmed_agent.clinical.assertion_rules import Category, Cue, Direction, Reach, Word
from openmed_agent.clinical.assertion_sides import chosen, ends_segment
from openmed_agent.clinical.assertion_stops import (
    AUXILIARIES,
    BEING,
    BOUNDARIES,
    CONDITIONS,
    EMPTY_MARKS,
    HARD_STOP_PHRASES,
    HARD_STOPS,
    LIGHT_WORDS,
    PAST_WORDS,
    PLACING,
    REPORTING,
    SOFT_STOP_PHRASES,
    SOFT_STOPS,
    STOPS_BEFORE_TO,
    SUBJECTS,
    SUBJECTS_OF_RISK,
    VERBS,
    is_passed_over,
)
from openmed_agent.clinical.assertion_subjects import (
    affirms,
    after_title,
    before_bracket,
    before_joined_predicate,
    is_place,
)
from openmed_agent.clinical.assertion_words import word_set

_NEAR = 3
_LONGEST_DRUG = 7
_LONGEST_LIST = 12
_CLOSERS = word_set(". ) ] ! *")
_NOT_NEAR = word_set("with to for from by of on in at due the because")
_FIRST_OF_STOPS = frozenset(phrase[0] for phrase in HARD_STOP_PHRASES)
_FIRST_OF_SOFT_STOPS = frozenset(phrase[0] for phrase in SOFT_STOP_PHRASES)
_BEFORE_SUBJECTS = BOUNDARIES | SOFT_STOPS | HARD_STOPS | {"that", "the"}
_LEADS = frozenset((",", ":", "(", "-", "–", "[", "|"))


@dataclass(frozen=True, slots=True)
class Found:
    """A cue at the words ``[start, end)`` of a sentence."""

    cue: Cue
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Scope:
    """The characters ``[start, end)`` over which a category holds; open at the end when nothing ended it.

    ``cue`` is where the words begin that say so.
    """

    category: Category
    start: int
    end: int
    open: bool
    cue: int


class Resolver:
    """The words, cues and stops of one sentence, and the reaches that follow from them."""

    def __init__(
        self,
        tokens: Sequence[Word],
        *,
        earlier: Sequence[Word] = (),
        reference_year: int | None = None,
        findings: bool = True,
    ) -> None:
        self._words = tokens
        self._findings = findings
        self._forms = [word.form for word in tokens]
        persons = [Found(Cue(*kind), start, end) for kind, start, end in person_cues(tokens, earlier)]
        taken = {at for found in persons for at in range(found.start, found.end)}
        self._cues = persons + [found for found in self._find_cues() if found.start not in taken]
        past = Cue(Category.HISTORICAL, Direction.BACKWARD, Reach.MARKED)
        for start, end in past_dates(self._forms, reference_year):
            opens = not start and self._forms[end : end + 1] == [","]
            self._cues.append(Found(past, start, end + opens))
        weeks = Cue(Category.LISTED, Direction.BACKWARD, Reach.MARKED)
        self._cues.extend(Found(weeks, start, end) for start, end in weeks_ago(self._forms))
        self._cues.sort(key=lambda found: found.start)
        self._covered = {at for found in self._cues for at in range(found.start, found.end)}
        self._index_stops()

    def scopes(self) -> list[Scope]:
        """Return the reach of every cue as ranges of characters."""
        found: list[Scope] = []
        for cue in self._cues:
            if cue.cue.category is not Category.NOTHING:
                found.extend(self._scope_of(cue))
        return found

    # Finding cues

    def _find_cues(self) -> Iterator[Found]:
        at, known = 0, cues()
        while at < len(self._forms):
            end, form = at + 1, self._forms[at]
            if form in BOXES and (box := box_end(self._words, self._forms, at)):
                end = box
                if self._is_empty_box(at, box):
                    yield Found(Cue(Category.NEGATED, Direction.FORWARD, Reach.CLAUSE), at, end)
            elif form in SIGNS and is_signed(self._words, self._forms, at):
                yield Found(Cue(Category.NEGATED, Direction.FORWARD, Reach.MARKED), at, end)
            elif form == "should" and is_inverted(self._forms, at):
                yield Found(Cue(Category.HYPOTHETICAL, Direction.FORWARD, Reach.SENTENCE), at, end)
            elif (form in known and (found := self._phrase_at(at, known[form]))) or (
                form in PATTERNED and (found := self._pattern_at(at))
            ):
                end = found.end
                yield found
            at = end

    def _phrase_at(self, at: int, phrases: Phrases) -> Found | None:
        second = self._forms[at + 1] if at + 1 < len(self._forms) else ""
        for phrase, kinds in phrases:
            end = at + len(phrase)
            if (end == at + 1 or phrase[1] == second) and tuple(self._forms[at:end]) == phrase:
                cue = chosen(self._words, self._forms, kinds, at, end)
                opens = not at and cue.category is Category.HISTORICAL and self._forms[end : end + 1] == [","]
                return Found(replace(cue, direction=Direction.FORWARD) if opens else cue, at, end + opens)
        return None

    def _pattern_at(self, at: int) -> Found | None:
        if end := precaution_end(self._forms, at):
            return Found(Cue(Category.HYPOTHETICAL, Direction.FORWARD, Reach.SENTENCE), at, end)
        if shows_earlier_finding(self._forms, at):
            return Found(Cue(Category.LISTED, Direction.FORWARD, Reach.CLAUSE), at, at + 1)
        return None

    def _is_empty_box(self, at: int, end: int) -> bool:
        """Say whether a box is left empty among ticked ones or in a list of findings, and not on a list of tasks."""
        return self._findings and (self._forms[at] in EMPTY_MARKS or end == at + 2)

    # Stops

    def _index_stops(self) -> None:
        self._hard: list[int] = []
        self._soft: list[int] = []
        self._verbs: list[int] = []
        self._verb_starts: list[int] = []
        self._commas: list[int] = []
        self._ors: list[int] = []
        self._ands: list[int] = []
        self._subjects: list[int] = []
        self._boxes: list[int] = []
        self._open_brackets: list[int] = []
        self._timed: list[int] = []
        self._placed: list[int] = []
        self._negations = [found.start for found in self._cues if found.cue.category is Category.NEGATED]
        self._new_clauses = [found.start for found in self._cues if self._opens_clause(found)]
        boundary = -1
        for at, form in enumerate(self._forms):
            if form in BOUNDARIES or form in HARD_STOPS or self._is_soft_stop(at):
                boundary = at
            self._index_word(at, form, boundary)

    def _index_mark(self, at: int, form: str) -> None:
        if form == ",":
            self._commas.append(at)
        elif form in {"(", "["}:
            self._open_brackets.append(at)
        elif form == "x" and is_time_span(self._forms, at):
            comma = self._commas[-1] if self._commas else -1
            if comma > (self._timed[-1] if self._timed else -1) and comma > (self._ors[-1] if self._ors else -1):
                self._timed.append(comma)
        elif form in {"or", "vs", "versus", "nor"}:
            self._ors.append(at)
        elif form == "and":
            self._ands.append(at)
        elif form in PLACING and at > 1 and self._forms[at - 1] in REPORTING and self._forms[at - 2] in BEING:
            self._placed.append(at)

    def _index_word(self, at: int, form: str, boundary: int) -> None:
        self._index_mark(at, form)
        if form in BOXES and box_end(self._words, self._forms, at):
            self._boxes.append(at)
        if at in self._covered and form != "?":
            return
        if form in HARD_STOPS or (form in _FIRST_OF_STOPS and self._is_stop_phrase(at)):
            self._hard.append(at)
        elif self._is_soft_stop(at):
            self._soft.append(at)
        elif (form in VERBS or form == "+") and affirms(self._forms, at):
            self._verbs.append(at)
            self._verb_starts.append(boundary)
        if form in SUBJECTS and at and (self._forms[at - 1] in _BEFORE_SUBJECTS):
            self._subjects.append(at)

    def _is_soft_stop(self, at: int) -> bool:
        form = self._forms[at]
        if form in _FIRST_OF_SOFT_STOPS and tuple(self._forms[at : at + 3]) in SOFT_STOP_PHRASES:
            return True
        return form in SOFT_STOPS and (form not in STOPS_BEFORE_TO or self._forms[at + 1 : at + 2] == ["to"])

    def _is_stop_phrase(self, at: int) -> bool:
        return any(tuple(self._forms[at : at + len(phrase)]) == phrase for phrase in HARD_STOP_PHRASES)

    def _opens_clause(self, found: Found) -> bool:
        if found.cue.category is Category.NOTHING:
            return self._forms[found.start] in BRIEF  # "and a two-day history of" is no past history
        if found.cue.direction is Direction.BACKWARD or not found.start:
            return False
        before = self._forms[found.start - 1]
        return before == "," or (before in {"and", "with"} and self._forms[max(0, found.start - 2)] == ",")

    # Reaches

    def _scope_of(self, found: Found) -> Iterator[Scope]:
        forward = found.cue.direction is not Direction.BACKWARD
        if found.cue.direction is not Direction.FORWARD:
            start = self._backward(found)
            if start < found.start:
                first, last = self._over_place(found, start)
                yield self._range(found, found.cue.category, first, last)
            if found.cue.reach is Reach.MARKED and found.cue.category in {Category.HISTORICAL, Category.LISTED}:
                forward = start >= found.start or self._forms[found.end - 1] in {"with", "for", "when", "time", "by"}
        reason = self._reason_before(found)
        if reason is not None:
            yield self._range(found, found.cue.category, reason, found.start)
        if forward and not (found.cue.category is Category.HISTORICAL and is_of_now(self._forms, found.end)):
            yield from self._scopes_ahead(found)

    def _is_as_needed(self, found: Found) -> bool:
        return found.cue.category is Category.HYPOTHETICAL and self._forms[found.start] in {"as", "prn", "p"}

    def _reason_before(self, found: Found) -> int | None:
        """Return where the reason begins that stands before "as needed", or None."""
        needed = self._is_as_needed(found) and ends_segment(self._forms, found.end)
        return needed_from(self._forms, found.start) if needed else None

    @cached_property
    def _next_drugs(self) -> list[int]:
        """The commas that open a drug with its dose, which end the reason for another: "prn pain, lisinopril 10 mg"."""
        followed = pairwise((*self._commas, len(self._forms)))
        return [
            comma
            for comma, following in followed
            if any(form[0].isdigit() for form in self._forms[comma + 1 : min(following, comma + _LONGEST_DRUG)])
        ]

    def _scopes_ahead(self, found: Found) -> Iterator[Scope]:
        end = self._forward(found)
        for first, last in self._without_what_stays(found, end):
            yield self._range(found, found.cue.category, first, last)
        if self._tells_of_the_past(found):
            yield self._range(found, Category.LISTED, found.end, end)
        if self._forms[found.start] in CONDITIONS and found.cue.reach is Reach.SENTENCE:
            yield self._range(found, Category.CONDITION, found.end, end)

    def _without_what_stays(self, found: Found, end: int) -> Iterator[tuple[int, int]]:
        """Yield a reach but for what a denied change or cause is of: "no cause of the anemia", "denies a change in"."""
        kept = kept_from(self._forms, found.end, end) if found.cue.category is Category.NEGATED else None
        yield found.start + 1, end if kept is None else kept  # a mention may begin inside: "no residual disease"
        comma = end if kept is None else self._next(self._commas, kept)
        if comma < end and self._forms[found.start].startswith("den"):
            yield comma, end

    def _tells_of_the_past(self, found: Found) -> bool:
        denied_or_past = found.cue.category in {Category.NEGATED, Category.HISTORICAL}
        return denied_or_past and not PAST_WORDS.isdisjoint(self._forms[found.start : found.end])

    def _over_place(self, found: Found, start: int) -> tuple[int, int]:
        """Return the words that are over: of "AKI on CKD 4, resolved" only those before "on"."""
        place = start - 1
        resolved = found.cue.category is Category.HISTORICAL and "resolved" in self._forms[found.start : found.end]
        if not resolved or not is_place(self._forms, place, found.start):
            return start, found.start
        low = max(self._clause_start(place), self._previous(self._commas, place) + 1)
        return (low, place) if low < place else (start, found.start)

    def _range(self, found: Found, category: Category, first: int, last: int) -> Scope:
        start = self._words[first].start if first < len(self._words) else self._words[-1].end
        end = self._words[last - 1].end if last > first else start
        is_open = first > found.start and last == len(self._words)
        return Scope(category, start, end, is_open, self._words[found.start].start)

    def _forward(self, found: Found) -> int:
        end = min(self._next(self._hard, found.end), self._next(self._boxes, found.end))
        category, reach = found.cue.category, found.cue.reach
        if category in {Category.FAMILY, Category.OTHER}:
            end = min(end, self._next(self._subjects, found.end))
            return min(end, self._clause_end(found)) if self._forms[found.end : found.end + 1] == ["with"] else end
        if reach is Reach.SENTENCE:
            return end
        end = min(end, self._next(self._soft, found.end), self._clause_end(found))
        end = min(end, self._next(self._new_clauses, found.end))
        if self._is_as_needed(found):
            end = min(end, self._next(self._next_drugs, found.end))
        if category is not Category.NEGATED:
            end = min(end, self._next(self._negations, found.end))
        else:
            end = min(end, self._next(self._timed, found.end), self._next(self._placed, found.end))
            end = affirmed_from(self._forms, found.end, end)
        if category is Category.HISTORICAL:
            end = presented_from(self._forms, found.end, end)
        if reach is Reach.MARKED:
            marks = (at for at in range(found.end, min(end, found.end + 12)) if self._forms[at] in SIGNS | {"."})
            return min(end, self._next(self._commas, found.end), next(marks, end))
        if reach is Reach.SEGMENT:
            return end if self._next(self._ors, found.end) < end else min(end, self._next(self._commas, found.end))
        if reach is Reach.NEAR:
            near = min(end, found.end + _NEAR, self._next(self._commas, found.end))
            either = self._next(self._ors, found.end)
            if either < near or (either < min(end, found.end + _LONGEST_LIST) and self._forms[near] == ","):
                near = min(end, either + _NEAR, self._next(self._commas, either))
            return next((at for at in range(found.end, near) if self._forms[at] in _NOT_NEAR), near)
        return end

    def _clause_end(self, found: Found) -> int:
        """Where the next clause of its own verb begins: at the boundary before its subject."""
        index = bisect_left(self._verbs, found.end)
        while index < len(self._verbs):
            verb = self._verbs[index]
            if verb - found.end > len(LIGHT_WORDS) or not all(
                form in LIGHT_WORDS or form in AUXILIARIES for form in self._forms[found.end : verb]
            ):
                if self._forms[found.start] in SUBJECTS_OF_RISK and self._forms[: found.start] in ([], ["the"]):
                    return verb
                return max(self._verb_starts[index], found.end) if self._verb_starts[index] >= found.end else verb
            index += 1
        return len(self._words)

    def _backward(self, found: Found) -> int:
        at = found.start
        skipped = 0
        over = found.cue.category is Category.HISTORICAL and ends_segment(self._forms, found.end)
        marks = _LEADS | {";"} if over else _LEADS
        while at > 0 and (is_passed_over(self._forms[at - 1]) or (self._forms[at - 1] in marks and not skipped)):
            skipped += self._forms[at - 1] in marks
            at -= 1
        at = before_joined_predicate(self._forms, at)
        at = before_bracket(self._forms, at) if skipped else at
        title = after_title(self._forms, at) if found.cue.category is Category.NEGATED else 0
        low = max(self._subject_start(at), title)
        bracket = self._previous(self._open_brackets, at)
        if at == found.start:
            low = max(low, bracket + 1)
        if found.cue.category in {Category.FAMILY, Category.OTHER}:
            return low
        earlier = bisect_left(self._cues, at, key=lambda other: other.start) - 1
        while earlier >= 0 and self._is_seen_through(self._cues[earlier], found, at):
            earlier -= 1
        if earlier >= 0 and self._cues[earlier].end <= at:
            low = max(low, self._cues[earlier].end)
        comma = self._previous(self._commas, at)
        listed = max(self._previous(self._ors, at), self._previous(self._ands, at)) > comma
        colon = at < found.start and self._forms[at] == ":"
        if found.cue.reach is Reach.MARKED or not (listed or colon):
            low = max(low, comma + 1)
        if found.cue.reach is Reach.NEAR:
            low = max(low, at - _NEAR)
        return min(low, found.start)

    @staticmethod
    def _is_seen_through(earlier: Found, found: Found, at: int) -> bool:
        """Say whether a cue may stand between another and its subject: "the sepsis workup was negative"."""
        studied = earlier.cue.direction is Direction.BACKWARD and earlier.end == at
        return earlier.cue.category is Category.NOTHING or (studied and found.cue.category is Category.NEGATED)

    def _clause_start(self, at: int) -> int:
        return max(self._previous(stops, at) for stops in (self._hard, self._soft, self._verbs, self._boxes)) + 1

    def _subject_start(self, at: int) -> int:
        """Where a statement's subject begins, also where a clause of its own stands behind it: "rash that was seen"."""
        start = verb = self._clause_start(at)
        while verb > 1 and self._forms[verb - 1] in VERBS:
            verb -= 1
        return self._clause_start(verb - 1) if verb < start and self._forms[verb - 1] == "that" else start

    def _next(self, stops: Sequence[int], at: int) -> int:
        index = bisect_left(stops, at)
        return stops[index] if index < len(stops) else len(self._words)

    @staticmethod
    def _previous(stops: Sequence[int], at: int) -> int:
        index = bisect_right(stops, at - 1) - 1
        return stops[index] if index >= 0 else -1
