"""Choose the cue that a phrase is where it stands: which side its mentions are on, or whether it is one at all."""

from collections.abc import Sequence

from openmed_agent.clinical.assertion_dates import lasts_weeks
from openmed_agent.clinical.assertion_rules import Category, Cue, Direction, Reach, Word
from openmed_agent.clinical.assertion_stops import (
    AUXILIARIES,
    BEING,
    COMPARING,
    LAST_ONLY,
    LIGHT_WORDS,
    MANNERS,
    SOFT_STOPS,
    VERBS,
)
from openmed_agent.clinical.assertion_words import word_set

_ENDS = word_set(", ; . ) ] and or but given at as because based per however with in by")
_EXCLUDING = frozenset(("excluded", "excludes", "ruled", "has", "have"))
# What "post-" makes an adjective of now, not the past of "post-CABG".
_ADJECTIVES = ("al", "ic", "ive", "ively", "ally", "ous", "ory", "tum")
_FELT = word_set("his her the their he she like well good better up comfortable")
_WATCHING = ("follow", "watch", "monitor", "observ", "surveil", "check", "vigil", "alert", "return", "come", "call")
_LONGEST_WATCH = 6
_LONGEST_SINCE = 8
_SOMETIMES = frozenset(("question", "history", "not", "for", "years", "post"))  # first words of what `_is_none` knows
_NOT_EVENTS = word_set("op void")
_AFTER_CONTENT = frozenset(("resolved", "risk", "history", "prophylaxis", "ppx"))


def chosen(words: Sequence[Word], forms: Sequence[str], kinds: Sequence[Cue], start: int, end: int) -> Cue:
    """Choose the cue meant, where its side depends on what stands beside it."""
    first = kinds[0]
    before = forms[start - 1] if start else ""
    last = ends_segment(forms, end)
    if _is_none(forms, start, end) or (forms[start] in LAST_ONLY and (not last or before in COMPARING)):
        return Cue(Category.NOTHING, Direction.BOTH, Reach.NEAR)
    if lasts_weeks(forms, start):
        return Cue(Category.LISTED, Direction.FORWARD, Reach.CLAUSE)
    if forms[start] == "?":
        adjacent = end < len(words) and words[end].start == words[start].end
        return Cue(Category.UNCERTAIN, Direction.FORWARD if adjacent else Direction.BACKWARD, Reach.SEGMENT)
    if forms[start] in {"vs", "versus", "v"}:
        if before == "/" or forms[end : end + 1] == [":"]:  # "N/V.", "VS: T 98.6"
            return Cue(Category.NOTHING, Direction.BOTH, Reach.NEAR)
        return Cue(Category.UNCERTAIN, Direction.BOTH, Reach.SEGMENT)
    if first.category is Category.NEGATED and first.direction is Direction.FORWARD and len(kinds) == 1:
        answer = last and before in {":", "-", "–", "?", "|"}
        return Cue(Category.NEGATED, Direction.BACKWARD, first.reach) if answer else first
    if len(kinds) == 1 and first.category is Category.NEGATED and forms[start] in {"negative", "neg", "("}:
        return _leading_negative(forms, first, start, end, last=last)
    forward = next((kind for kind in kinds if kind.direction is Direction.FORWARD), first)
    backward = next((kind for kind in kinds if kind.direction is Direction.BACKWARD), first)
    passive = first.category is Category.NEGATED and before in BEING and forms[end : end + 1] != ["to"]
    if before and (last or passive or (forms[start] in _EXCLUDING and forms[end] in MANNERS)):
        return backward
    if forms[start] in _AFTER_CONTENT and _has_content_before(forms, start):
        return backward
    return forward


def _is_none(forms: Sequence[str], start: int, end: int) -> bool:
    """Say whether a phrase says nothing where it stands: "given his history", "in question", "post-traumatic"."""
    if forms[start] not in _SOMETIMES:
        return False
    before, following = (forms[start - 1] if start else ""), (forms[end] if end < len(forms) else "")
    match forms[start:end]:
        case ["question"]:
            return before not in {"", ",", ":", ";", "."}
        case ["history"]:
            return before in {"his", "her", "the", "patient's", "this"}
        case ["not", "feel"]:
            return following in _FELT
        case ["for", _, *_] if "prevention" not in forms[start:end]:  # "follow her for signs of"
            return not any(form.startswith(_WATCHING) for form in forms[max(0, start - _LONGEST_WATCH) : start])
        case ["years", "ago"]:  # the date tells of the accident in "since the accident two years ago he has had"
            return "since" in forms[max(0, start - _LONGEST_SINCE) : start]
        case ["post", "-"]:
            return following in _NOT_EVENTS or following.endswith(_ADJECTIVES)
    return False


def _leading_negative(forms: Sequence[str], cue: Cue, start: int, end: int, *, last: bool) -> Cue:
    before = forms[start - 1] if start else ""
    if end < len(forms) and forms[end] == ":":
        return Cue(Category.NEGATED, Direction.FORWARD, Reach.CLAUSE)
    leads = not before or before in {",", ";", ")", "a", "an", "the"} or (before == ":" and forms[start] == "(")
    if not last and (leads or (before in VERBS and before not in AUXILIARIES)):
        reach = Reach.MARKED if forms[start] == "(" else Reach.NEAR
        return Cue(Category.NEGATED, Direction.FORWARD, reach)
    return cue


def ends_segment(forms: Sequence[str], at: int) -> bool:
    """Return whether a stretch of words ends before a place: at a mark, a conjunction, what gives a reason."""
    return at >= len(forms) or forms[at] in _ENDS


def _has_content_before(forms: Sequence[str], at: int) -> bool:
    previous = forms[at - 1] if at else ""
    return previous not in {"", "#"} and previous not in VERBS | LIGHT_WORDS | SOFT_STOPS | {
        "a",
        "the",
        "of",
        "with",
        "and",
    }
