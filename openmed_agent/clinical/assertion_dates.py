"""Find the dates that put a mention more than a year back."""

import re
from collections.abc import Iterator, Sequence

from openmed_agent.clinical.assertion_stops import BEING
from openmed_agent.clinical.assertion_words import word_set

_FULL_DATE = re.compile(
    r"\b(?:\d{1,2}[/-]\d{1,2}[/-]((?:19|20)\d\d)|((?:19|20)\d\d)-\d{2}-\d{2}|"
    r"[A-Z][a-z]{2,8}\.? \d{1,2},? ((?:19|20)\d\d))\b"
)
_NUMBERS = {
    word: number
    for number, word in enumerate(
        ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], start=2
    )
} | {"fifteen": 15, "twenty": 20, "thirty": 30, "several": 5, "many": 5, "few": 3, "couple": 2, "some": 3}
# A condition that began then is not over.
_BEGAN = word_set("diagnosed diagnosis since began onset started start starting dx dxed dx'd for began")
_OVER = word_set(
    "treated hospitalized hospitalised hospitalization hospitalisation admitted admission operated evaluated seen "
    "received underwent placed implanted surgery chemotherapy chemo radiation radiotherapy xrt"
)
_MONTHS = word_set(
    "january february march april may june july august september october november december jan feb mar "
    "apr jun jul aug sep sept oct nov dec early late mid"
)
_UNITS = word_set("mg ml mcg units unit cc calories kcal iu g steps / - % hours h")
_SPANS_OF_TIME = word_set(
    "day days d week weeks wk wks w month months mo hour hours hr hrs h year years yr yrs night nights"
)
# Behind a number of years these say what "ago" does: "two years prior".
_BACK = word_set("prior earlier before back previously")
_LONG_UNITS = word_set("years yrs yr year decades decade months mos mo")
_WEEKS_AGO = _BACK | {"ago", "month"}
_WEEK_UNITS = word_set("weeks wks wk")
_WEEKS = _WEEK_UNITS | {"week"}
_MONTH_UNITS = word_set("month months mo mos year yr")
# Behind "last", a time that ended months ago. "Last fall" may be the last time the patient fell.
_LONG_PAST = word_set("year summer winter spring autumn")
# Between "was" and a date: "was well over five years ago", "was in October of last year".
_MEASURES = word_set("over about approximately almost nearly roughly around well more than at least only some in of")
_JOINTS: tuple[tuple[str, ...], ...] = (("when",), ("at", "which", "time"), ("complicated", "by"))
_YEAR = re.compile(r"(?:19[2-9]\d|20\d\d)")
_LOOK_BACK = 8


def reference_year(text: str) -> int | None:
    """Return the latest year of a full date in the text, taken as the year it was written; None if there is none."""
    years = [int(next(group for group in match.groups() if group)) for match in _FULL_DATE.finditer(text)]
    return max(years, default=None)


def past_dates(forms: Sequence[str], reference: int | None) -> Iterator[tuple[int, int]]:
    """Yield the word ranges of expressions that lie more than a year before the reference year.

    A word that joins the date to what was then, as in "admitted in 2003 with", is part of its range.
    Without a reference year every bare year counts as past. An onset ("diagnosed in 2015", "since 2015") does not
    count: what began then need not be over.
    """
    for at, form in enumerate(forms):
        if form == "ago" or (form in _BACK and at and forms[at - 1] in _LONG_UNITS):
            found = _ago(forms, at)
        elif form == "last" and not _LONG_PAST.isdisjoint(forms[at + 1 : at + 2]) and forms[at - 1 : at] != ["the"]:
            found = at
        elif _YEAR.fullmatch(form):
            found = _year(forms, at, reference)
        else:
            continue
        if found is not None and not _began(forms[max(0, found - _LOOK_BACK) : found]):
            yield _with_its_measure(forms, found), at + 1 + _joint(forms, found, at + 1)


def weeks_ago(forms: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the word ranges of expressions that lie two weeks or more back: "3 weeks ago", "last month"."""
    if _WEEKS_AGO.isdisjoint(forms):
        return
    for at, form in enumerate(forms):
        unit = forms[at - 1] if at else ""
        amount = forms[at - 2] if at > 1 else ""
        if (form == "ago" or form in _BACK) and (
            unit in _MONTH_UNITS or (unit in _WEEK_UNITS and amount not in {"1", "one", "a"})
        ):
            start = max(0, at - (3 if amount == "of" else 2))
        elif form == "month" and unit == "last":
            start = at - 1
        else:
            continue
        if not _began(forms[max(0, start - _LOOK_BACK) : start]):
            yield start, at + 1 + _joint(forms, start, at + 1)


def lasts_weeks(forms: Sequence[str], at: int) -> bool:
    """Return whether the unit at ``at`` counts more than two weeks: "four-week", "6 week"."""
    if forms[at] not in _WEEKS or not at:
        return False
    amount = forms[at - 2] if forms[at - 1] == "-" and at > 1 else forms[at - 1]
    number = int(amount) if amount.isdecimal() and len(amount) < 4 else _NUMBERS.get(amount, 0)  # noqa: PLR2004
    return number > 2  # noqa: PLR2004


def is_time_span(forms: Sequence[str], at: int) -> bool:
    """Return whether the word "x" at ``at`` opens a time for which a finding has lasted: "cough x 3 days"."""
    number, unit = [*forms[at + 1 : at + 3], "", ""][:2]
    return number.isdecimal() and unit in _SPANS_OF_TIME


def _with_its_measure(forms: Sequence[str], start: int) -> int:
    """Return where a date begins with the words that measure it, where they follow what was then: "was over"."""
    first = start
    while first and forms[first - 1] in _MEASURES | _MONTHS:
        first -= 1
    return first if first and forms[first - 1] in BEING else start


def _joint(forms: Sequence[str], start: int, end: int) -> int:
    """Return how many words join a date to what was then: one in "admitted in 2003 with", two in "1995, when"."""
    marks = next((at for at, form in enumerate(forms[end : end + 3]) if form not in {",", "]"}), 0)
    for phrase in _JOINTS:
        if tuple(forms[end + marks : end + marks + len(phrase)]) == phrase:
            return marks + len(phrase)
    joint = 1 + (forms[end : end + 1] == ["]"])
    treated = any(_is_over(form) for form in forms[max(0, start - _LOOK_BACK) : start])
    return joint if treated and forms[end + joint - 1 : end + joint] in (["with"], ["for"]) else 0


def _began(before: Sequence[str]) -> bool:
    """Return whether the words before a date tell of an onset; "treated for" is over and done."""
    if ";" in before:
        before = before[len(before) - list(reversed(before)).index(";") :]
    done = {at for at in range(1, len(before)) if before[at] == "for" and _is_over(before[at - 1])}
    # "Since 1989" tells of an onset, "since her stroke in 1989" of the stroke.
    done |= {at for at in range(len(before) - 2) if before[at] == "since"}
    return any(form in _BEGAN and at not in done for at, form in enumerate(before))


def _is_over(word: str) -> bool:
    return word in _OVER or word.endswith(("ectomy", "plasty", "otomy", "pexy"))


def _ago(forms: Sequence[str], at: int) -> int | None:
    unit = forms[at - 1] if at else ""
    amount = forms[at - 2] if at > 1 else ""
    number = int(amount) if amount.isdecimal() and len(amount) < 4 else _NUMBERS.get(amount, 0)  # noqa: PLR2004
    start = at - 2
    if amount == "of":
        number, start = 3, at - 3
    match unit:
        case "years" | "yrs" | "yr" | "year" | "y" | "decades" | "decade":
            long = unit.startswith("decade") or number > 1 or (unit in {"years", "yrs"} and not amount.isdecimal())
        case "months" | "mos" | "mo":
            long = number > 12  # noqa: PLR2004
        case _:
            return None
    return max(0, start) if long else None


def _year(forms: Sequence[str], at: int, reference: int | None) -> int | None:
    before = forms[at - 1] if at else ""
    after = forms[at + 1] if at + 1 < len(forms) else ""
    if before in {"/", "-", "."} and at > 1 and forms[at - 2].isdecimal():
        return None
    if after in _UNITS or before.isdecimal():
        return None
    if reference is not None and reference - int(forms[at]) < 2:  # noqa: PLR2004
        return None
    start = at
    while start and forms[start - 1] in _MONTHS | {"in", "of", "circa", "around", "(", "~", "year", "the"}:
        start -= 1
    return start
