"""Amounts and phrases: the parts of a direction, read at one place of the text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from openmed_agent.clinical import medication_terms as terms
from openmed_agent.text.spans import Span

COMBINATION_RATIO: Final = 4


@dataclass(frozen=True, slots=True)
class SigPart:
    """One part of a direction: where it stands, and the plain phrase it means."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount as written, normalised: value `500`, `1-2` (a range) or `7.5/750` (a combination), and its unit.

    `unit` is empty where the text gives none; `per` is the denominator of a concentration (`5 mL` of `400
    mg/5 mL`).
    """

    span: Span
    value: str
    unit: str
    per: str | None = None
    counted: bool = False

    @property
    def text(self) -> str:
        """Return the amount as a person would write it: `500 mg`, `1-2 tablets`, `400 mg/5 mL`."""
        unit = self.unit
        if self.counted and self.value not in {"1", "0.5", "0.25"}:
            unit = _plural(unit)
        amount = self.value if not unit else f"{self.value}{'' if unit == '%' else ' '}{unit}"
        return f"{amount}/{self.per}" if self.per else amount


def _plural(unit: str) -> str:
    if unit == "suppository":
        return "suppositories"
    return f"{unit}es" if unit.endswith("ch") else f"{unit}s"


def _alternatives(table: Iterable[tuple[str, str]]) -> str:
    return "|".join(pattern for pattern, _ in table)


_RANGE: Final = r"\s{0,2}(?:-|–|—|to|or)\s{0,2}"
_HALF: Final = r"(?:(?:[0-9] )?1/2|[0-9]?½|¼|(?:one-half|one half|half)(?: of)?(?: a| an)?)"
_COMBINED: Final = rf"{terms.NUMBER}/{terms.NUMBER}(?:/{terms.NUMBER})?"
_VALUE: Final = rf"(?:{_HALF}|{_COMBINED}|{terms.NUMBER})"
_MASS: Final = _alternatives(terms.MASS_UNITS)
_COUNT: Final = _alternatives(terms.COUNT_UNITS)

_QUANTITY: Final = re.compile(
    (
        rf"(?P<value>{_HALF}|{_COMBINED}|"
        rf"(?P<low>{terms.NUMBER})(?:\s{{0,2}}(?:{_MASS}|{_COUNT}))?{_RANGE}(?P<high>{terms.NUMBER})|"
        rf"(?P<one>{terms.NUMBER}))(?:\s{{0,2}}\([0-9]{{1,2}}\))?[\s-]{{0,2}}"
        rf"(?:(?P<mass>{_MASS})(?![A-Za-z])(?:-(?P<second>{terms.NUMBER})\s{{0,2}}(?:{_MASS})(?![A-Za-z]))?"
        r"(?:\s{0,1}(?:/|per)\s{0,1}(?P<per>(?:[0-9]{1,4}(?:\.[0-9])?\s{0,1})?"
        r"(?:(?:ml|l|kg|hr|h|hour|min|actuation|act|puff|inhalation|spray|dose|tablet|tab|capsule|dl|g|"
        r"patch|m\^?2)\b|m²)(?:/(?:hr|h|min|day|dose))?))?"
        rf"|(?P<count>{_COUNT})(?![A-Za-z]))"
    ),
    terms.FLAGS,
)
_BARE_COMBINATION: Final = re.compile(
    r"(?!(?:0?[1-9]|1[0-2])/(?:(?:0?[1-9]|[12][0-9]|3[01])/)?(?:19|20)[0-9]{2}\b)"
    r"(?P<value>[0-9]{1,4}(?:\.[0-9]{1,3})?/[0-9]{2,4}(?:\.[0-9]{1,3})?)(?![0-9/A-Za-z])",
    terms.FLAGS,
)
CHANGE_FROM: Final = re.compile(
    rf"from\s{{1,2}}(?:a dose of )?(?P<old>{_VALUE})\s{{0,2}}(?P<unit>{_MASS}|{_COUNT})?(?![A-Za-z])",
    terms.FLAGS,
)
CHANGED_FROM: Final = re.compile(r"(?:from|was|previously|formerly)\s{1,2}(?:a dose of )?", terms.FLAGS)
CHANGE_TO: Final = re.compile(
    r"[\s,(;]{0,3}(?:(?:which |it )?(?:was|were|is|has been|have been|will be|be|to be|and|then) )?"
    r"(?:recently |then |just )?"
    r"(?:increas(?:ed|e)|decreas(?:ed|e)|reduc(?:ed|e)|lower(?:ed)?|rais(?:ed|e)|titrat(?:ed|e)|uptitrat(?:ed|e)|"
    r"taper(?:ed)?|chang(?:ed|e)|adjust(?:ed)?|went)(?: up| down)? to\s{1,2}",
    terms.FLAGS,
)
ARROW_TO: Final = re.compile(
    r"(?:-{1,2}>|→|=>|[↑↓])\s{0,2}(?:(?:today|now|then)\s)?(?:[↑↓]\s{0,2}|(?:in|de)creased?\s)?(?:to\s{1,2})?",
    terms.FLAGS,
)
CHANGE_ARROW: Final = re.compile(
    rf"(?P<old>{_VALUE})\s{{0,2}}(?P<unit>{_MASS}|{_COUNT})?\s{{0,2}}(?:->|→|=>|-->)\s{{0,2}}", terms.FLAGS
)


@cache
def compiled(table: tuple[tuple[str, str], ...], *, cased: bool = False) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the patterns of a table, compiled once, each to end where a word ends."""
    flags = re.ASCII if cased else terms.FLAGS
    return tuple((re.compile(rf"(?:{pattern})(?![A-Za-z0-9])", flags), phrase) for pattern, phrase in table)


def phrase_for(table: tuple[tuple[str, str], ...], word: str) -> str:
    """Return the phrase of the first pattern that is all of `word`, or the word itself."""
    for pattern, phrase in compiled(table):
        if pattern.fullmatch(word):
            return phrase
    return word


def plain_number(text: str) -> str:
    """Return a number as plain decimal text: `.5` and `half` as `0.5`, `5.0` as `5`, `1,000` as `1000`."""
    words = text.lower().strip()
    for suffix in (" of", " a", " an"):
        words = words.removesuffix(suffix)
    words = words.removesuffix(" of").replace("one half", "one-half")
    if words in terms.WORD_NUMBERS:
        return terms.WORD_NUMBERS[words]
    if words.endswith(("1/2", "½")):
        whole = words.removesuffix("1/2").removesuffix("½").strip()
        return f"{whole}.5" if whole else "0.5"
    number = Decimal(words.replace(",", ""))
    plain = format(number, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _value(match: re.Match[str], drug: str) -> str:
    if match["low"] is not None:
        low, high = plain_number(match["low"]), plain_number(match["high"])
        small, large = Decimal(low), Decimal(high)
        descending = large <= small or large > small * COMBINATION_RATIO or "-" in drug or "/" in drug
        return f"{low}/{high}" if descending and match["count"] is None else f"{low}-{high}"
    if match["one"] is not None:
        first = plain_number(match["one"])
        return f"{first}/{plain_number(match['second'])}" if match["second"] else first
    written = match["value"]
    if written.endswith("1/2") or "/" not in written:
        return plain_number(written)
    return "/".join(plain_number(part) for part in written.split("/"))


def quantity_at(text: str, position: int, end: int, *, drug: str = "") -> Quantity | None:
    """Return the amount that starts exactly at `position`, or None. Laboratory concentrations are no doses."""
    match = _QUANTITY.match(text, position, end)
    if match is None:
        bare = _BARE_COMBINATION.match(text, position, end)
        if bare is None:
            return None
        value = "/".join(plain_number(part) for part in bare["value"].split("/"))
        return Quantity(Span(*bare.span()), value, "")
    per = match["per"]
    if per and per.lower().endswith("dl"):
        return None
    span = Span(*match.span())
    if match["count"] is not None:
        return Quantity(span, _value(match, drug), phrase_for(terms.COUNT_UNITS, match["count"]), counted=True)
    unit = phrase_for(terms.MASS_UNITS, match["mass"])
    return Quantity(span, _value(match, drug), unit, per=_denominator(per) if per else None)


_BARE_NUMBER: Final = re.compile(r"(?P<value>[0-9]{1,4}(?:\.[0-9]{1,3})?)(?![0-9/%A-Za-z°-]|[.,][0-9])", re.ASCII)


def bare_quantity_at(text: str, position: int, end: int, *, like: Quantity | None = None) -> Quantity | None:
    """Return the number without a unit at `position`, or None; it takes the unit of `like` and invents none."""
    match = _BARE_NUMBER.match(text, position, end)
    if match is None:
        return None
    unit, counted = (like.unit, like.counted) if like else ("", False)
    return Quantity(Span(*match.span()), plain_number(match["value"]), unit, counted=counted)


def _denominator(per: str) -> str:
    return " ".join(per.lower().replace("ml", " mL").split()).replace("actuation", "puff").replace("act", ("puff"))


def part_at(text: str, position: int, end: int, table: tuple[tuple[str, str], ...]) -> SigPart | None:
    """Return the part of one table that starts exactly at `position`, or None."""
    for pattern, phrase in compiled(table):
        if match := pattern.match(text, position, end):
            numbers = [plain_number(group) for group in match.groups() if group]
            return SigPart(Span(*match.span()), _regular(phrase.format(*numbers)))
    return None


def _regular(phrase: str) -> str:
    """Return the one phrase that stands for several spellings of a frequency."""
    same = {
        "1 times daily": "once daily",
        "2 times daily": "twice daily",
        "every 1 hours": "every hour",
        "every 1 days": "once daily",
        "every 2 days": "every other day",
        "every 1 weeks": "weekly",
        "every 7 days": "weekly",
        "1 times weekly": "weekly",
        "every 1 months": "monthly",
    }
    return same.get(phrase, phrase)


_THEN_STOP: Final = re.compile(r"[\s,;]{0,3}(?:and )?then (?:stop|discontinue|d/c|off)\b", terms.FLAGS)
_DURATION: Final = re.compile(terms.DURATION, terms.FLAGS)


def duration_at(text: str, position: int, end: int) -> SigPart | None:
    """Return how long a drug is to be taken, "for 2 weeks, then stop", where that starts at `position`, or None."""
    match = _DURATION.match(text, position, end)
    if match is None:
        return None
    stop = _THEN_STOP.match(text, match.end(), end)
    span, then = Span(match.start(), (stop or match).end()), ", then stop" if stop else ""
    if match["one"]:
        return SigPart(span, f"for 1 {match['one'].lower()}{then}")
    low = plain_number(match["low"])
    count = f"{low}-{plain_number(match['high'])}" if match["high"] else low
    unit = {"d": "day", "w": "week", "m": "month", "h": "hour"}.get(match["unit"][0].lower(), "day")
    if match["unit"].lower() == "doses":
        unit = "dose"
    return SigPart(span, f"for {count} {unit}{'' if count == '1' else 's'}{then}")
