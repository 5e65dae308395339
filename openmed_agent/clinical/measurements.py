"""Find laboratory values and vital signs in clinical text.

A measurement is a known name, followed by nothing but words that lead to a value, followed by a plausible
number that is not a dose, a date, an age, a goal or a range.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from openmed_agent.clinical import measurement_patterns as patterns
from openmed_agent.clinical.measurement_dates import said_before
from openmed_agent.clinical.measurement_names import FINDING_NAMES, Alias, Analyte, aliases
from openmed_agent.clinical.sections import Section, SectionKind, find_sections, section_at
from openmed_agent.clinical.tables import Table, find_tables
from openmed_agent.text.spans import Span

Flag = Literal["high", "low", "critical", "abnormal"]

_TOKEN = re.compile(r"[A-Za-z]+|\d+|[^\sA-Za-z\d]")
_COMPARATORS = {"≤": "<=", "≥": ">=", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
_DRUG_SECTIONS = frozenset(
    {
        SectionKind.MEDICATIONS,
        SectionKind.HOME_MEDICATIONS,
        SectionKind.DISCHARGE_MEDICATIONS,
        SectionKind.HOSPITAL_MEDICATIONS,
        SectionKind.STOPPED_MEDICATIONS,
        SectionKind.ALLERGIES,
    }
)
_FEWEST_COLUMNS = 2
_LOOK_BACK = 40
_LOOK_AHEAD = 120
_DIGIT = re.compile(r"[0-9]")
_MAX_TAIL = 4


class Measurement(BaseModel):
    """One measured value as the note states it; only feet and inches are converted, to inches.

    `value` is a decimal number as a string, "systolic/diastolic" for a blood pressure, or "55-60" for an ejection
    fraction; `comparator` says that the true value lies below or above it. `flag` is set only where the note states
    one; `prior` says that the note calls the value an earlier one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    kind: Literal["lab", "vital"]
    name: Span
    name_canonical: str
    value: str
    comparator: Literal["<", "<=", ">", ">="] | None = None
    value_span: Span
    unit: str | None = None
    unit_span: Span | None = None
    flag: Flag | None = None
    reference_range: str | None = None
    date: Span | None = None
    prior: bool = False
    loinc: str | None = None
    span: Span


@dataclass(frozen=True, slots=True)
class _Named:
    """The name of an analyte where it stands in the text."""

    analyte: Analyte
    span: Span


@dataclass(frozen=True, slots=True)
class _Value:
    """A number with its place; `end` is where what follows it is looked for."""

    value: str
    span: Span
    comparator: str | None = None
    unit: str | None = None


@dataclass(slots=True)
class _Tail:
    """What follows a value: unit, flag, reference range, date."""

    end: int
    unit: Span | None = None
    flag: Flag | None = None
    reference_range: str | None = None
    date: Span | None = None


def find_measurements(text: str, *, sections: Sequence[Section] | None = None) -> tuple[Measurement, ...]:
    """Return the laboratory values and vital signs that the text states, in order and without overlaps."""
    known = find_sections(text) if sections is None else sections
    names = list(_names(text))
    tabulated, read = _tabulated(text, names)
    found: list[Measurement] = list(tabulated)
    end = 0
    for index, named in enumerate(names):
        if any(table.contains(named.span) for table in read[bisect_right(read, named.span) - 1 :][:2]):
            continue
        if named.span.start < end:
            continue
        following = names[index + 1] if index + 1 < len(names) else None
        measured = tuple(_measured(text, named, following))
        if measured and not _is_excluded(text, named, known):
            found += measured
            end = measured[-1].span.end
    found += _saturations(text, found)
    return tuple(sorted(found, key=lambda measurement: measurement.span))


def _saturations(text: str, found: Sequence[Measurement]) -> Iterator[Measurement]:
    """Yield the saturations that no name announces, but what was breathed: "92% RA"."""
    taken = {place for one in found for place in range(one.span.start, one.span.end)}
    analyte = next(one.analyte for one in aliases()["oxygen"] if one.analyte.name == "oxygen saturation")
    for match in patterns.SATURATION.finditer(text):
        if taken.isdisjoint(range(*match.span())):
            named = _Named(analyte, Span(*match.span("air")))
            yield _complete(text, named, _number(match, "number"), start=match.start("number"), lead=None)


def _tabulated(text: str, names: Sequence[_Named]) -> tuple[list[Measurement], list[Span]]:
    """Return what tables with a column for each date or each analyte hold, and where those tables are."""
    known = {named.span.start: named for named in names}
    found: list[Measurement] = []
    read: list[Span] = []
    for table in find_tables(text):
        measured = list(_by_date(text, table, known)) or list(_by_column(text, table, known))
        if measured:
            found += measured
            read.append(table.span)
    return found, read


def _by_date(text: str, table: Table, known: Mapping[int, _Named]) -> Iterator[Measurement]:
    """One row for each analyte, one column for each date."""
    dates = [
        cell if cell and patterns.COLUMN_DATE.fullmatch(text, cell.start, cell.end) else None for cell in table.rows[0]
    ]
    if sum(date is not None for date in dates) < _FEWEST_COLUMNS:
        return
    for row in table.rows[1:]:
        named = known.get(row[0].start) if row and row[0] else None
        if named is None:
            continue
        start: int | None = named.span.start
        for cell, date in zip(row[1:], dates[1:], strict=False):
            if date and (measurement := _in_cell(text, named, cell, start=start, date=date)):
                yield measurement
                start = None


def _by_column(text: str, table: Table, known: Mapping[int, _Named]) -> Iterator[Measurement]:
    """One column for each analyte, its name in the first row; a date may begin each row."""
    columns = [known.get(cell.start) if cell else None for cell in table.rows[0]]
    if sum(named is not None for named in columns) < _FEWEST_COLUMNS:
        return
    for row in table.rows[1:]:
        first = row[0] if row else None
        date = first if first and patterns.COLUMN_DATE.fullmatch(text, first.start, first.end) else None
        for cell, named in zip(row, columns, strict=False):
            if named and (measurement := _in_cell(text, named, cell, start=None, date=date)):
                yield measurement


def _in_cell(
    text: str, named: _Named, cell: Span | None, *, start: int | None, date: Span | None
) -> Measurement | None:
    value = _value_at(text, cell.start, named.analyte) if cell else None
    if cell is None or value is None or value.span.end > cell.end:
        return None
    begin = value.span.start if start is None else start
    measurement = _complete(text, named, value, start=begin, lead=None, limit=cell.end)
    return measurement if date is None else measurement.model_copy(update={"date": date})


def _names(text: str) -> Iterator[_Named]:
    table = aliases()
    tokens = [(match.group().lower(), match.start(), match.end()) for match in _TOKEN.finditer(text)]
    at = 0
    while at < len(tokens):
        step = 1
        form, start, _ = tokens[at]
        attached = start > 0 and (text[start - 1].isalnum() or text[start - 1] in "_-")
        attached = attached or (len(form) == 1 and text[start - 1 : start] == "/")
        for alias in () if attached else table.get(form, ()):
            last = at + len(alias.tokens) - 1
            if last < len(tokens) and _is_alias(text, tokens, at, alias):
                yield _Named(alias.analyte, Span(start, tokens[last][2]))
                step = len(alias.tokens)
                break
        at += step


def _is_alias(text: str, tokens: Sequence[tuple[str, int, int]], at: int, alias: Alias) -> bool:
    for offset in range(1, len(alias.tokens)):  # the first was looked up
        if tokens[at + offset][0] != alias.tokens[offset]:
            return False
    end = tokens[at + len(alias.tokens) - 1][2]
    if end < len(text) and text[end].isalnum():
        return False
    written = text[tokens[at][1] : end]
    return alias.exact is None or written == alias.exact or _stands_before_value(text, tokens, at, end)


def _stands_before_value(text: str, tokens: Sequence[tuple[str, int, int]], at: int, end: int) -> bool:
    """Say whether a short name in another case stands where only a name can: between a word and a value."""
    form, start, _ = tokens[at]
    if form not in patterns.LOOSE_NAMES or not patterns.OTHER_CASE.match(text, end):
        return False
    if at and tokens[at - 1][0].isdecimal() and "\n" not in text[tokens[at - 1][2] : start]:
        before = text[max(0, start - _LOOK_BACK) : start]
        return bool(patterns.VITALS_NEAR.search(before))
    if form not in patterns.LOOSE_SINGLE:
        return True
    return bool(patterns.VITALS_NEAR.search(text, max(0, start - _LOOK_BACK), min(len(text), end + _LOOK_BACK)))


def _is_excluded(text: str, named: _Named, sections: Sequence[Section]) -> bool:
    before = patterns.STATEMENT_START.split(text[max(0, named.span.start - _LOOK_BACK) : named.span.start])[-1]
    words = before.lower().split()
    refused = patterns.NOT_MEASURED.intersection(words)
    if refused and refused <= patterns.DONE_WITH_A_DRUG:
        compared = patterns.COMPARED.match(text, named.span.end)
        words = words if compared else before.rpartition(",")[2].lower().split()  # "warfarin held, INR 4.6"
    if not patterns.NOT_MEASURED.isdisjoint(words) or (words and words[-1] in patterns.OTHER_NAME_BEFORE):
        return True
    if not named.analyte.also_drug or not sections:
        return False
    return section_at(sections, named.span.start).kind in _DRUG_SECTIONS


def _measured(text: str, named: _Named, following: _Named | None) -> Iterator[Measurement]:
    if following and text[named.span.end : following.span.start].strip() == "/":
        pair = list(_pair(text, named, following))
        if pair:
            yield from pair
            return
    if not _DIGIT.search(text, named.span.end, named.span.end + _LOOK_AHEAD):
        return
    lead = patterns.LEAD.match(text, named.span.end)
    wrap = patterns.WRAP.match(text, lead.end() if lead else named.span.end)
    begin = wrap.end() if wrap else lead.end() if lead else named.span.end
    if begin == named.span.end:
        return
    value = _value_at(text, begin, named.analyte)
    is_finding = named.span.of(text).lower() in FINDING_NAMES
    start = value.span.start if value and is_finding else named.span.start
    while value is not None:
        measurement = _complete(text, named, value, start=start, lead=lead)
        yield measurement
        arrow = patterns.ARROW.match(text, measurement.span.end)
        if arrow is None and named.analyte.name == "blood pressure":
            arrow = patterns.NEXT_PRESSURE.match(text, measurement.span.end)
        start = value.span.start
        value = _value_at(text, arrow.end(), named.analyte) if arrow else None
        start = value.span.start if value else start


def _pair(text: str, first: _Named, second: _Named) -> Iterator[Measurement]:
    """Two names and two values, each joined by a slash: "Hgb/Hct 8.2/24.6"."""
    lead = patterns.LEAD.match(text, second.span.end)
    match = patterns.PAIR.match(text, lead.end() if lead else second.span.end)
    if match is None:
        return
    values = [_number(match, group) for group in ("first", "second")]
    if all(_plausible(named.analyte, value) for named, value in zip((first, second), values, strict=True)):
        for named, value in zip((first, second), values, strict=True):
            yield _complete(text, named, value, start=value.span.start, lead=None)


def _value_at(text: str, begin: int, analyte: Analyte) -> _Value | None:
    value = _special_value(text, begin, analyte)
    if value is not None:
        return value
    match = patterns.VALUE.match(text, begin)
    if match is None or analyte.name == "blood pressure":
        return None
    value = _number(match, "number", comparator=match.group("comparator"))
    if not _plausible(analyte, value) or patterns.DECADE.match(text, match.end() - 1):
        return None
    unit = patterns.UNIT.match(text, match.end())
    if unit is None and patterns.NOT_A_VALUE.match(text, match.end()):
        return None
    if analyte.name == "pain score" or (analyte.name == "prothrombin time" and not (unit or text[begin - 1] in ":= ")):
        return None
    if analyte.also_drug and unit is None and value.value in {"0.125", "0.25", "0.0625"}:
        return None
    return value


def _special_value(text: str, begin: int, analyte: Analyte) -> _Value | None:
    """Read a blood pressure, a pain score out of ten, or a height in feet."""
    match analyte.name:
        case "blood pressure":
            found = patterns.PRESSURE.match(text, begin)
            if found is None or int(found["diastolic"]) >= int(found["systolic"]):
                return None
            return _Value(f"{int(found['systolic'])}/{int(found['diastolic'])}", Span(*found.span()))
        case "pain score":
            found = patterns.OUT_OF_TEN.match(text, begin)
            return _number(found, "number") if found and int(found["number"]) <= 10 else None  # noqa: PLR2004
        case "body height":
            found = patterns.FEET.match(text, begin)
            if found is None:
                return None
            inches = int(found["feet"]) * 12 + Decimal(found["inches"] or 0)
            return _Value(str(inches), Span(*found.span()), unit="in")
        case "ejection fraction":
            found = patterns.FRACTION_RANGE.match(text, begin)
            if found is None or int(found["low"]) >= int(found["high"]):
                return None
            return _Value(f"{int(found['low'])}-{int(found['high'])}", Span(*found.span()))
        case _:
            return None


def _number(match: re.Match[str], group: str, *, comparator: str | None = None) -> _Value:
    digits = match.group(group).replace(",", "")
    value = f"0{digits}" if digits.startswith(".") else digits
    return _Value(value, Span(*match.span(group)), comparator=_COMPARATORS.get(comparator or ""))


def _plausible(analyte: Analyte, value: _Value) -> bool:
    return analyte.low <= float(value.value) <= analyte.high


def _complete(
    text: str, named: _Named, value: _Value, *, start: int, lead: re.Match[str] | None, limit: int | None = None
) -> Measurement:
    tail = _tail(text, value.span.end, analyte=named.analyte, limit=len(text) if limit is None else limit)
    stated = patterns.STATED_IN_LEAD.search(lead.group()) if lead else None
    before = patterns.RAISED_BEFORE.search(text, max(0, named.span.start - _LOOK_BACK), named.span.start)
    flag = tail.flag or (_flag((stated or before)["flag"]) if stated or before else None)  # type: ignore[index]
    date = tail.date
    if date is None and lead is not None and lead["date"]:
        date = Span(*lead.span("date"))
    prior, headed = said_before(text, named.span.start)
    return Measurement.model_validate(
        {
            "kind": named.analyte.kind,
            "name": named.span,
            "name_canonical": named.analyte.name,
            "value": value.value,
            "comparator": value.comparator,
            "value_span": value.span,
            "unit": tail.unit.of(text) if tail.unit else value.unit,
            "unit_span": tail.unit,
            "flag": flag,
            "reference_range": tail.reference_range,
            "date": date or headed,
            "prior": prior,
            "loinc": named.analyte.loinc,
            "span": Span(start, tail.end),
        }
    )


def _tail(text: str, end: int, *, analyte: Analyte, limit: int) -> _Tail:
    tail = _Tail(end)
    if analyte.name == "pain score" and (found := patterns.OF_TEN.match(text, end, limit)):
        tail.end = found.end()
    for _ in range(_MAX_TAIL):
        if tail.unit is None and (found := patterns.UNIT.match(text, tail.end, limit)):
            tail.unit = Span(*found.span("unit"))
        elif tail.flag is None and (found := patterns.FLAG.match(text, tail.end, limit)) and _is_closed(found):
            tail.flag = _flag(found["flag"])
        elif tail.reference_range is None and (found := patterns.RANGE.match(text, tail.end, limit)):
            tail.reference_range = found["range"]
        elif tail.date is None and (found := patterns.DATE.match(text, tail.end, limit)):
            tail.date = Span(*found.span("date"))
        else:
            break
        tail.end = found.end()
    return tail


def _is_closed(found: re.Match[str]) -> bool:
    return bool(found["open"]) == bool(found["close"]) or not found["open"]


def _flag(stated: str) -> Flag:
    match stated.lower().removeprefix("flag").strip(": \t"):
        case "h" | "high" | "elevated" | "↑":
            return "high"
        case "l" | "low" | "↓":
            return "low"
        case (
            "hh"
            | "ll"
            | "c"
            | "crit"
            | "critical"
            | "critically"
            | "critical high"
            | "critical low"
            | "critically high"
            | "critically low"
        ):
            return "critical"
        case _:
            return "abnormal"
