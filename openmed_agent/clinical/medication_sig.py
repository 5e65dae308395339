"""Read the direction (sig) that follows a drug name: dose, form, route, frequency, duration, reason."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from typing import Final

from openmed_agent.clinical import medication_terms as terms
from openmed_agent.text.spans import Span

MOST_UNKNOWN_WORDS: Final = 2
MOST_WORDS_BETWEEN: Final = 12
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


@dataclass(slots=True)
class Sig:
    """What a scan has read so far."""

    quantities: list[Quantity] = field(default_factory=list)
    dose: Quantity | None = None
    strength: Quantity | None = None
    previous_dose: Quantity | None = None
    form: SigPart | None = None
    route: SigPart | None = None
    frequency: SigPart | None = None
    timing: SigPart | None = None
    as_needed: SigPart | None = None
    reason: SigPart | None = None
    duration: SigPart | None = None
    indication: SigPart | None = None
    end: int = 0


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
        r"(?:ml|l|kg|hr|h|hour|min|actuation|act|puff|inhalation|spray|dose|tablet|tab|capsule|dl|g|"
        r"patch)\b(?:/(?:hr|h|min|day|dose))?))?"
        rf"|(?P<count>{_COUNT})(?![A-Za-z]))"
    ),
    terms.FLAGS,
)
_BARE_COMBINATION: Final = re.compile(
    r"(?P<value>[0-9]{1,4}(?:\.[0-9]{1,3})?/[0-9]{2,4}(?:\.[0-9]{1,3})?)(?![0-9/A-Za-z])", terms.FLAGS
)
_FROM: Final = re.compile(
    rf"from\s{{1,2}}(?:a dose of )?(?P<old>{_VALUE})\s{{0,2}}(?P<unit>{_MASS}|{_COUNT})?(?![A-Za-z])",
    terms.FLAGS,
)
_ARROW: Final = re.compile(
    rf"(?P<old>{_VALUE})\s{{0,2}}(?P<unit>{_MASS}|{_COUNT})?\s{{0,2}}(?:->|→|=>|-->)\s{{0,2}}", terms.FLAGS
)
_TO: Final = re.compile(r"[\s,]{0,3}(?:up |down )?to\s{1,2}", terms.FLAGS)
_WORD: Final = re.compile(r"[^\W_][\w'’+./-]{0,60}|#\s?[0-9]{1,5}", re.ASCII)
_REASON: Final = re.compile(
    (
        r"[\s,(:]{0,3}(?:(?:for|if|with|"
        r"when)\s+)?(?P<reason>[A-Za-z][A-Za-z/'-]{0,30}(?:[ ][A-Za-z<>=0-9/'-]{1,30}){0,5})"
    ),
    re.ASCII,
)
_PURPOSE: Final = re.compile(
    (
        r"(?:for|to (?:treat|help with|control|prevent|manage))\s(?:the |his |her |their |your |my )?"
        r"(?:treatment of |management of |control of "
        r")?(?P<reason>[A-Za-z][A-Za-z0-9/'-]{1,30}(?:[ ][A-Za-z0-9/'-]{1,30}){0,5})"
    ),
    terms.FLAGS,
)
_REASON_STOP: Final = re.compile(
    (
        r"\s(?:and (?:he|she|we|i|the|will|then|continue|start|stop|also)|but|which|who|while|until|was|"
        r"were|is|are|has|have|he|she|we|i|"
        r"they|take|takes|give|use|daily|bid|tid|qid|by|po|every|once|twice|as|on|per|at|disp|dispense|"
        r"refills?|x|for|with|"
        r"since|because|due|prn|or as)\b"
    ),
    terms.FLAGS,
)
_NOT_A_PURPOSE: Final = re.compile(
    (
        r"(?:the|a|an|now|him|her|them|me|us|you|several|many|years?|months?|weeks?|days?|over|about|"
        r"approximately|"
        r"[0-9]+|further|follow|evaluation|review|refills?|one|two|three|four|six|long|few)\b"
    ),
    terms.FLAGS,
)


@cache
def _compiled(table: tuple[tuple[str, str], ...], *, cased: bool = False) -> tuple[tuple[re.Pattern[str], str], ...]:
    flags = re.ASCII if cased else terms.FLAGS
    return tuple((re.compile(rf"(?:{pattern})(?![A-Za-z0-9])", flags), phrase) for pattern, phrase in table)


def _lookup(table: tuple[tuple[str, str], ...], word: str) -> str:
    for pattern, phrase in _compiled(table):
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
        return Quantity(span, _value(match, drug), _lookup(terms.COUNT_UNITS, match["count"]), counted=True)
    unit = _lookup(terms.MASS_UNITS, match["mass"])
    return Quantity(span, _value(match, drug), unit, per=_denominator(per) if per else None)


def _denominator(per: str) -> str:
    return " ".join(per.lower().replace("ml", " mL").split()).replace("actuation", "puff").replace("act", ("puff"))


def part_at(text: str, position: int, end: int, table: tuple[tuple[str, str], ...]) -> SigPart | None:
    """Return the part of one table that starts exactly at `position`, or None."""
    for pattern, phrase in _compiled(table):
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


def _duration_at(text: str, position: int, end: int) -> SigPart | None:
    match = _DURATION.match(text, position, end)
    if match is None:
        return None
    if match["one"]:
        return SigPart(Span(*match.span()), f"for 1 {match['one'].lower()}")
    low = plain_number(match["low"])
    count = f"{low}-{plain_number(match['high'])}" if match["high"] else low
    unit = {"d": "day", "w": "week", "m": "month", "h": "hour"}.get(match["unit"][0].lower(), "day")
    if match["unit"].lower() == "doses":
        unit = "dose"
    return SigPart(Span(*match.span()), f"for {count} {unit}{'' if count == '1' else 's'}")


_DURATION: Final = re.compile(terms.DURATION, terms.FLAGS)
_PRN: Final = re.compile(terms.PRN, terms.FLAGS)


def _phrase(text: str, start: int, stop: int) -> SigPart | None:
    """Return the words of [start, stop) up to the first that belongs to something else."""
    if _NOT_A_PURPOSE.match(text, start, stop):
        return None
    cut = _REASON_STOP.search(text, start, stop)
    stop = cut.start() if cut else stop
    words = text[start:stop].rstrip()
    if len(words) < 2:  # noqa: PLR2004 - a single letter is no reason
        return None
    return SigPart(Span(start, start + len(words)), " ".join(words.lower().split()))


class SigReader:
    """Reads one direction from left to right, remembering what it has found."""

    def __init__(self, text: str, *, drug: str) -> None:
        self._text = text
        self._drug = drug
        self._verb_seen = False
        self._last_word = ""
        self.sig = Sig()

    def read(self, start: int, end: int) -> Sig:
        """Read from `start` until `end`, or until the words no longer belong to a direction."""
        position, unknown, words = start, 0, 0
        while position < end:
            character = self._text[position]
            if character.isspace() or not (character.isalnum() or character in ".#/½¼×@"):
                if character == "\n" and not self._continues(position, end):
                    break
                position += 1
                continue
            after = self._part(position, end)
            if after is None:
                break
            if after > position:
                position, unknown, words = after, 0, 0
                self.sig.end = after
                continue
            word = _WORD.match(self._text, position, end)
            if word is None:
                position += 1
                continue
            unknown += self._is_unknown(word.group())
            words += 1
            if words > MOST_WORDS_BETWEEN or unknown > MOST_UNKNOWN_WORDS or self._ends_direction(word.group()):
                break
            position = word.end()
        self._settle()
        return self.sig

    def _is_unknown(self, word: str) -> bool:
        plain = word.lower().rstrip(".,:")
        self._verb_seen = self._verb_seen or plain in terms.INSTRUCTION_VERBS
        return plain not in terms.FILLERS and not plain.startswith("#")

    def _ends_direction(self, word: str) -> bool:
        plain = word.lower().rstrip(".,:")
        new_clause = self._last_word == "and" and plain in terms.PRONOUNS
        self._last_word = plain
        return new_clause or plain in terms.STOPPERS

    def _continues(self, position: int, end: int) -> bool:
        """Say whether the line after `position` still speaks of the same drug."""
        start = position + 1
        while start < end and self._text[start] in " \t\r":
            start += 1
        word = _WORD.match(self._text, start, end)
        if word is None:
            return False
        if word.group().lower().rstrip(".:,") in terms.INSTRUCTION_VERBS:
            return True
        return bool(part_at(self._text, start, end, terms.ROUTES) or part_at(self._text, start, end, terms.FREQUENCIES))

    def _part(self, position: int, end: int) -> int | None:
        """Return where the part at `position` ends, `position` where there is none, None to stop reading."""
        readers = (
            self._change,
            self._as_needed,
            self._duration,
            self._times,
            self._quantity,
            self._manner,
            self._purpose,
        )
        for reader in readers:
            after = reader(position, end)
            if after is None or after > position:
                return after
        return position

    def _change(self, position: int, end: int) -> int:
        sig = self.sig
        arrow = _ARROW.match(self._text, position, end)
        match = arrow or _FROM.match(self._text, position, end)
        if match is None or sig.previous_dose:
            return position
        after = match.end()
        if arrow is None:
            frequency = part_at(self._text, after + 1, end, terms.FREQUENCIES)
            to = _TO.match(self._text, frequency.span.end if frequency else after, end)
            if to is None:
                return position
            after = to.end()
        if quantity_at(self._text, after, end, drug=self._drug) is None:
            return position
        unit = _lookup((*terms.MASS_UNITS, *terms.COUNT_UNITS), match["unit"]) if match["unit"] else ""
        parts = match["old"].split("/") if "1/2" not in match["old"] else [match["old"]]
        value = "/".join(plain_number(part) for part in parts)
        sig.previous_dose = Quantity(
            Span(match.start("old"), match.end("unit") if match["unit"] else match.end("old")), value, unit
        )
        sig.quantities.clear()
        return after

    def _as_needed(self, position: int, end: int) -> int:
        match = _PRN.match(self._text, position, end)
        if match is None:
            return position
        sig = self.sig
        sig.as_needed = SigPart(Span(*match.span()), "as needed")
        after = match.end()
        if (
            (reason := _REASON.match(self._text, after, end))
            and "\n" not in reason.group()
            and not self._is_part(reason.start("reason"), end)
        ):
            phrase = _phrase(self._text, reason.start("reason"), reason.end("reason"))
            if phrase and phrase.text.split()[0].rstrip(".") not in _NO_REASONS:
                sig.reason = phrase
                return phrase.span.end
        return after

    def _is_part(self, position: int, end: int) -> bool:
        tables = (terms.FREQUENCIES, terms.ROUTES, terms.TIMINGS)
        return any(part_at(self._text, position, end, table) for table in tables)

    def _duration(self, position: int, end: int) -> int:
        part = _duration_at(self._text, position, end)
        if part is None or self.sig.duration:
            return position
        self.sig.duration = part
        return part.span.end

    def _times(self, position: int, end: int) -> int | None:
        sig = self.sig
        if timing := part_at(self._text, position, end, terms.TIMINGS):
            sig.timing = sig.timing or timing
            return timing.span.end
        part = part_at(self._text, position, end, terms.FREQUENCIES)
        if part is None:
            return position
        if sig.frequency is None:
            sig.frequency = part
            return part.span.end
        if sig.timing is None and part.text in {"every morning", "every evening", "at bedtime"}:
            sig.timing = part
            return part.span.end
        if part.text == sig.frequency.text or part.text in {"once", "as directed"}:
            return part.span.end
        return None

    def _quantity(self, position: int, end: int) -> int | None:
        found = quantity_at(self._text, position, end, drug=self._drug)
        if found is None:
            return position
        before = self._text[max(0, position - 1) : position]
        quantities = self.sig.quantities
        if quantities and before == "(":
            return found.span.end
        if quantities and not self._may_follow(quantities[-1], found):
            return None
        quantities.append(found)
        return found.span.end

    def _may_follow(self, last: Quantity, found: Quantity) -> bool:
        if len(self.sig.quantities) > 1:
            return False
        return last.per is not None or last.counted != found.counted or self._verb_seen

    def _manner(self, position: int, end: int) -> int:
        sig = self.sig
        for pattern, phrase in _compiled(terms.CASED_ROUTES, cased=True):
            if match := pattern.match(self._text, position, end):
                sig.route = SigPart(Span(*match.span()), phrase)
                return match.end()
        if route := part_at(self._text, position, end, terms.ROUTES):
            sig.route = sig.route or route
            return route.span.end
        if form := part_at(self._text, position, end, terms.FORMS):
            sig.form = sig.form or form
            return form.span.end
        return position

    def _purpose(self, position: int, end: int) -> int:
        match = _PURPOSE.match(self._text, position, end)
        if match is None or self.sig.indication:
            return position
        phrase = _phrase(self._text, match.start("reason"), match.end("reason"))
        if phrase is None:
            return position
        self.sig.indication = phrase
        return phrase.span.end

    def _settle(self) -> None:
        """Tell strength from dose, and a lone time of day from a frequency."""
        sig = self.sig
        match sig.quantities:
            case [only] if only.per and only.per[0] not in "khm":
                sig.strength = only
            case [only]:
                sig.dose = only
            case [first, second] if first.counted and not second.counted:
                sig.dose, sig.strength = first, second
            case [first, second, *_]:
                sig.strength, sig.dose = first, second
        if sig.previous_dose and sig.dose and not sig.previous_dose.unit:
            sig.previous_dose = replace(sig.previous_dose, unit=sig.dose.unit, counted=sig.dose.counted)
        if sig.frequency is None and sig.timing is not None:
            sig.frequency, sig.timing = sig.timing, None
        if sig.form is None and sig.dose is not None and sig.dose.counted and sig.dose.unit != "dose":
            sig.form = SigPart(sig.dose.span, sig.dose.unit)
        written = self._text[sig.frequency.span.start : sig.frequency.span.end] if sig.frequency else ""
        if written == "OD" and sig.frequency and sig.form and sig.form.text in {"drop", "drops", "ointment"}:
            sig.route, sig.frequency = SigPart(sig.frequency.span, "in the right eye"), None


_NO_REASONS: Final = frozenset(
    [
        "and",
        "or",
        "but",
        "which",
        "she",
        "he",
        "the",
        "this",
        "that",
        "disp",
        "dispense",
        "refill",
        "refills",
        "then",
        "may",
        "not",
        "to",
        "#",
    ]
)
