"""Find the subject of a statement that stands behind it: "was considered and ruled out", "AKI on CKD 4, resolved"."""

from collections.abc import Sequence

from openmed_agent.clinical.assertion_stops import AUXILIARIES, REPORTING
from openmed_agent.clinical.assertion_words import word_set

_JOINS = word_set("and but then")
_LONGEST_PLACE = 8
_LONGEST_BRACKET = 40
_TESTS = word_set(
    "test tests testing assay pcr screen screening culture cultures swab antigen antibody antibodies rapid urine blood "
    "stool serum toxin smear panel titer workup result results"
)
_NOT_A_PLACE = word_set("for with and or but , . : + to by")


def affirms(forms: Sequence[str], at: int) -> bool:
    """Return whether a verb states something of its own, and does not report what is denied: "no rash is seen"."""
    following = forms[at + 1 : at + 4]
    if forms[at] in REPORTING and at and forms[at - 1] in AUXILIARIES:
        return False
    if forms[at] in AUXILIARIES and any(form in REPORTING for form in following[:2]):
        return False
    return not (following[:1] and following[0] in {"been", "be"} and any(form in REPORTING for form in following))


def before_joined_predicate(forms: Sequence[str], at: int) -> int:
    """Return where the subject ends that a cue shares with another predicate: "was considered and ruled out"."""
    first = at - 1
    if first < 1 or forms[first] not in _JOINS:
        return at
    first -= 1 + (forms[first - 1] in {",", "but"})
    if first < 1 or not forms[first].endswith(("ed", "en")):
        return at
    while first > 0 and (forms[first - 1] in AUXILIARIES or forms[first - 1].endswith("ly")):
        first -= 1
    return first if forms[first] in AUXILIARIES else at


def after_title(forms: Sequence[str], at: int) -> int:
    """Return where a statement begins behind the title of what it is about: "Anemia: guaiac negative".

    A test of what the title names is not told apart from it: "Influenza: rapid test negative".
    """
    for back in range(at - 1, max(-1, at - _LONGEST_PLACE), -1):
        if forms[back] == ":":
            return 0 if all(form in _TESTS or form in AUXILIARIES for form in forms[back + 1 : at]) else back + 1
    return 0


def before_bracket(forms: Sequence[str], at: int) -> int:
    """Return where the bracket begins that ends before a word: what it holds is no part of the subject."""
    if at < 1 or forms[at - 1] != ")":
        return at
    opening = next((back for back in range(at - 2, max(0, at - _LONGEST_BRACKET) - 1, -1) if forms[back] in "()"), at)
    return opening if opening < at and forms[opening] == "(" else at


def is_place(forms: Sequence[str], at: int, end: int) -> bool:
    """Return whether "on" opens what the subject sits on ("AKI on CKD 4", "rash on both arms") up to ``end``.

    "Acute on chronic heart failure" is one name: when that resolves, the chronic failure stays.
    """
    if at < 1 or forms[at] != "on" or forms[at - 1] in {"acute", "superimposed"} or end - at > _LONGEST_BRACKET:
        return False
    outer = list(forms[at + 1 : end])
    if "(" in outer:
        outer = outer[: outer.index("(")]
    while outer and (outer[-1] in AUXILIARIES or outer[-1] in {",", ":", "-", "–", "|"}):
        outer.pop()
    return 0 < len(outer) <= _LONGEST_PLACE and not any(form in _NOT_A_PLACE for form in outer)
