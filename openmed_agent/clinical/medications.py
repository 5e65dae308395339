"""A mention of a drug and its direction, in parts that each point back at their words."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from openmed_agent.clinical.medication_cautions import cautions_in
from openmed_agent.clinical.medication_names import is_examination_agent
from openmed_agent.clinical.medication_parts import Quantity, SigPart, part_at, quantity_at
from openmed_agent.clinical.medication_regimens import read_alternate
from openmed_agent.clinical.medication_sig import Sig, SigReader
from openmed_agent.clinical.medication_status import Status, read_status
from openmed_agent.clinical.medication_terms import FLAGS, FORMS, FREQUENCIES, ROUTES
from openmed_agent.text.spans import Span, covering

__all__ = ["MedicationStatement", "Quantity", "SigPart", "Status", "read_medication", "same_dose"]

REACH_AFTER: Final = 400
REACH_BEFORE: Final = 60


@dataclass(frozen=True, slots=True)
class MedicationStatement:
    """What the text says about one mention of a drug; whatever it does not say is None.

    `span` covers the drug and its direction. `dose` is the amount taken at a time (`500 mg`, `2 tablets`);
    `strength` is what one unit holds, where the text gives both. `timing` is a time of day or a relation
    to meals
    beside `frequency`; `alternate` is a further dose of the same direction, `5 mg other days`.
    `status` is what the words near the drug state; `unknown` leaves it to the section.
    """

    drug: Span
    span: Span
    dose: Quantity | None
    strength: Quantity | None
    previous_dose: Quantity | None
    form: SigPart | None
    route: SigPart | None
    frequency: SigPart | None
    timing: SigPart | None
    as_needed: SigPart | None
    reason: SigPart | None
    duration: SigPart | None
    indication: SigPart | None
    alternate: SigPart | None
    status: Status
    status_cue: Span | None
    normalised_sig: str
    cautions: tuple[str, ...]


def read_medication(text: str, drug: Span, *, limit: int, floor: int | None = None) -> MedicationStatement:
    """Return what the text says about the drug at `drug`, reading no further than offset `limit`.

    `floor` is where the sentence starts, for a caller who knows: lines inside of it are then read as wrapped.

    `limit` is where the next drug or the end of the sentence or line begins. Reads at most `REACH_AFTER`
    characters after the name and `REACH_BEFORE` before it, so a call takes bounded time in any text.
    """
    end = max(drug.end, min(limit, drug.end + REACH_AFTER, len(text)))
    end = _without_next(text, drug, end) if end == limit else end
    sig = SigReader(text, drug=drug.of(text)).read(drug.end, end)
    if alternate := read_alternate(text, sig, end):
        sig.alternate, sig.end = alternate, alternate.span.end
    leading = _read_before(text, drug, sig)
    status, cue = read_status(text, drug, sig_end=max(drug.end, sig.end), limit=end, floor=floor)
    course = cue is not None and _is_course(cue.of(text).lower(), sig)
    if status == "given" and not course and sig.frequency is not None and sig.frequency.text != "once":
        status = "taken"
    if status in {"unknown", "taken"} and is_examination_agent(drug.of(text)):
        status = "given"
    parts = [part.span for part in _parts(sig)]
    span = covering([drug, *parts])
    written = text[span.start : span.end]
    if status == "unknown" and sig.previous_dose:
        status, cue = "changed", sig.previous_dose.span
    return MedicationStatement(
        drug=drug,
        span=span if not leading else Span(min(leading, span.start), span.end),
        dose=sig.dose,
        strength=sig.strength,
        previous_dose=sig.previous_dose,
        form=sig.form,
        route=sig.route,
        frequency=sig.frequency,
        timing=sig.timing,
        as_needed=sig.as_needed,
        reason=sig.reason,
        duration=sig.duration,
        indication=sig.indication,
        alternate=sig.alternate,
        status=status,
        status_cue=cue,
        normalised_sig=_sentence(sig),
        cautions=cautions_in(written),
    )


def _is_course(cue: str, sig: Sig) -> bool:
    """Return whether the words tell of a course in care: "was treated with", or "narrowed to" an intravenous drug."""
    if cue.endswith("ed to"):
        return sig.route is not None and sig.route.text == "intravenous"
    return cue.endswith("ed with")


def _parts(sig: Sig) -> list[Quantity | SigPart]:
    candidates = (
        sig.dose,
        sig.strength,
        sig.previous_dose,
        sig.form,
        sig.route,
        sig.frequency,
        sig.timing,
        sig.as_needed,
        sig.reason,
        sig.duration,
        sig.indication,
        sig.alternate,
    )
    return [part for part in candidates if part is not None]


def _read_before(text: str, drug: Span, sig: Sig) -> int | None:
    """Read what stands directly before the name: `500 mg of metformin`, `IV vancomycin`, `daily aspirin`.

    Only an unbroken run of parts that ends at the name counts: what precedes a comma or "and" belongs elsewhere.
    """
    floor = max(0, drug.start - REACH_BEFORE)
    words = text[floor : drug.start]
    boundary = max(words.rfind(mark) for mark in ("\n", ",", ";", ":", ". ", ")", "("))
    position = floor + boundary + 1
    starts = [index for index in range(position, drug.start) if index == 0 or not text[index - 1].isalnum()]
    for start in starts:
        found = _run(text, start, drug.start)
        if found:
            return _adopt(sig, found)
    return None


def _without_next(text: str, drug: Span, limit: int) -> int:
    """Return where the words begin that belong to the drug at `limit`: "IV" of "metformin 500 mg, IV vancomycin"."""
    if limit >= len(text) or not text[limit - 1].isspace() or not text[limit].isalnum():
        return limit
    for comma in _BEFORE_NEXT.finditer(text, max(drug.end, limit - REACH_BEFORE), limit):
        if text[comma.end() : limit].strip() and _run(text, comma.end(), limit):
            return comma.start()
    return limit


_BEFORE_NEXT: Final = re.compile(r"[,;](?=\s)|\s(?:and|then|to|plus)(?=\s)", FLAGS)


def _run(text: str, start: int, end: int) -> list[Quantity | tuple[str, SigPart]]:
    """Return the parts that fill [start, end) completely, or none."""
    if start > 0 and text[start - 1] in ".0123456789/":
        return []
    found: list[Quantity | tuple[str, SigPart]] = []
    position = start
    while position < end:
        if text[position].isspace():
            position += 1
            continue
        if found and FLAGS and text[position : position + 3].lower() == "of ":
            position += 3
            continue
        if quantity := quantity_at(text, position, end):
            found.append(quantity)
            position = quantity.span.end
            continue
        tables = (("route", ROUTES), ("frequency", FREQUENCIES), ("form", FORMS))
        part = next(((name, part) for name, table in tables if (part := part_at(text, position, end, table))), None)
        if part is None:
            return []
        found.append(part)
        position = part[1].span.end
    return found


def _adopt(sig: Sig, found: list[Quantity | tuple[str, SigPart]]) -> int | None:
    """Take the leading parts into the direction where the text after the name left them open."""
    starts: list[int] = []
    for part in found:
        match part:
            case Quantity() if sig.dose is None:
                sig.dose = part
            case Quantity() if part.counted and sig.dose and not sig.dose.counted and sig.strength is None:
                sig.dose, sig.strength = part, sig.dose
            case ("route", SigPart() as route) if sig.route is None:
                sig.route = route
            case ("frequency", SigPart() as frequency) if sig.frequency is None:
                sig.frequency = frequency
            case ("form", SigPart() as form) if sig.form is None:
                sig.form = form
            case _:
                continue
        starts.append(part.span.start if isinstance(part, Quantity) else part[1].span.start)
    return min(starts, default=None)


def _sentence(sig: Sig) -> str:
    """Return the direction as one plain phrase: `500 mg by mouth twice daily as needed for pain`."""
    words: list[str] = []
    if sig.dose:
        words.append(sig.dose.text)
        if sig.strength and sig.dose.counted and not sig.strength.per and sig.strength.unit != "%":
            words.append(f"({sig.strength.text} each)")
        elif sig.strength:
            words.append(f"({sig.strength.text})")
    elif sig.strength:
        words.append(sig.strength.text)
    words += [part.text for part in (sig.route, sig.frequency, sig.timing, sig.as_needed) if part]
    if sig.reason:
        words.append(f"for {sig.reason.text}")
    if sig.duration:
        words.append(sig.duration.text)
    if sig.alternate:
        words[-1:] = [f"{words[-1]},", "then", sig.alternate.text] if words else [sig.alternate.text]
    if sig.indication and not sig.reason:
        words.append(f"for {sig.indication.text}")
    return " ".join(words)


_DAILY_TIMES: Final = {
    "once daily": "1",
    "every morning": "1",
    "every evening": "1",
    "at bedtime": "1",
    "in the morning": "1",
    "in the evening": "1",
    "every 24 hours": "1",
    "twice daily": "2",
    "every 12 hours": "2",
    "3 times daily": "3",
    "every 8 hours": "3",
    "4 times daily": "4",
    "every 6 hours": "4",
    "every 4 hours": "6",
}
_TIME_OF_DAY: Final = {
    "every morning": "morning",
    "in the morning": "morning",
    "every evening": "evening",
    "in the evening": "evening",
    "at bedtime": "evening",
}
_TO_MICROGRAMS: Final = {"mcg": Decimal(1), "mg": Decimal(1000), "g": Decimal(1_000_000)}


def same_dose(a: MedicationStatement, b: MedicationStatement) -> bool:
    """Return whether two directions for a drug agree in everything that both of them state.

    Amounts agree across units (1 g and 1000 mg) and across counting (2 tablets of 500 mg and 1000 mg).
    Frequencies
    agree when they give the same number of doses a day (BID and every 12 hours), so 500 mg twice daily and
    1000 mg
    once daily differ. What only one of the two states is no disagreement: a bare mention contradicts nothing.
    """
    return (
        _same_amount(a, b)
        and _agree(_route(a), _route(b))
        and _agree(_times(a), _times(b))
        and _agree(_moment(a), _moment(b))
        and _agree(_alternate(a), _alternate(b))
        and (a.frequency is None or b.frequency is None or (a.as_needed is None) == (b.as_needed is None))
    )


def _agree(a: str | None, b: str | None) -> bool:
    return a is None or b is None or a == b


def _same_amount(a: MedicationStatement, b: MedicationStatement) -> bool:
    """Return whether the amounts agree; one without a unit agrees where the numbers do."""
    if a.dose and b.dose and not (a.dose.unit and b.dose.unit):
        return a.dose.value == b.dose.value
    return _agree(_amount(a), _amount(b))


def _amount(statement: MedicationStatement) -> str | None:
    dose, strength = statement.dose, statement.strength
    if dose is None:
        return None
    if dose.counted and strength and _single(dose) and _single(strength) and not strength.per:
        return _mass(Decimal(dose.value) * Decimal(strength.value), strength.unit)
    if dose.counted and strength is None:
        return None if dose.unit in {"tablet", "capsule"} else dose.text
    return _mass(Decimal(dose.value), dose.unit) if _single(dose) else dose.text


def _single(quantity: Quantity) -> bool:
    return "-" not in quantity.value and "/" not in quantity.value


def _mass(value: Decimal, unit: str) -> str:
    factor = _TO_MICROGRAMS.get(unit)
    return f"{(value * factor).normalize():f} mcg" if factor else f"{value.normalize():f} {unit}"


def _alternate(statement: MedicationStatement) -> str | None:
    return statement.alternate.text if statement.alternate else None


def _route(statement: MedicationStatement) -> str | None:
    return statement.route.text if statement.route else None


def _times(statement: MedicationStatement) -> str | None:
    if statement.frequency is None or statement.frequency.text in {
        "as directed",
        "with meals",
        "before meals",
        "after meals",
    }:
        return None
    return _DAILY_TIMES.get(statement.frequency.text, statement.frequency.text)


def _moment(statement: MedicationStatement) -> str | None:
    named = (part.text for part in (statement.timing, statement.frequency) if part)
    return next((_TIME_OF_DAY[text] for text in named if text in _TIME_OF_DAY), None)
