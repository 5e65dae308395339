"""Read the direction (sig) that follows a drug name: dose, form, route, frequency, duration, reason."""

import re
from dataclasses import dataclass, field, replace
from typing import Final

from openmed_agent.clinical import medication_terms as terms
from openmed_agent.clinical.medication_parts import (
    ARROW_TO,
    CHANGE_ARROW,
    CHANGE_FROM,
    CHANGE_TO,
    CHANGED_FROM,
    Quantity,
    SigPart,
    bare_quantity_at,
    compiled,
    duration_at,
    part_at,
    phrase_for,
    plain_number,
    quantity_at,
)
from openmed_agent.clinical.medication_strengths import strength_without_unit
from openmed_agent.text.spans import Span

MOST_UNKNOWN_WORDS: Final = 2
MOST_WORDS_BETWEEN: Final = 12


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
    alternate: SigPart | None = None
    end: int = 0


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
        r"(?:the|a|an|last|past|this|that|these|those|it|which|now|him|her|them|me|us|you|several|many|years?|months?|weeks?|days?|over|about|"
        r"approximately|"
        r"[0-9]+|further|follow|evaluation|review|refills?|one|two|three|four|six|long|few)\b"
    ),
    terms.FLAGS,
)


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
        self._start = 0
        self._verb_seen = False
        self._last_word = ""
        self.sig = Sig()

    def read(self, start: int, end: int) -> Sig:
        """Read from `start` until `end`, or until the words no longer belong to a direction."""
        self._start = start
        position, unknown, words = start, 0, 0
        while position < end:
            character = self._text[position]
            if character in "-=→↑↓" and (changed := self._arrow(position, end)):
                position, unknown, words = changed, 0, 0
                self.sig.end = changed
                continue
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
        if not self.sig.quantities and quantity_at(self._text, start, end, drug=self._drug):
            return True
        return bool(part_at(self._text, start, end, terms.ROUTES) or part_at(self._text, start, end, terms.FREQUENCIES))

    def _part(self, position: int, end: int) -> int | None:
        """Return where the part at `position` ends, `position` where there is none, None to stop reading."""
        readers = (
            self._change,
            self._former,
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
        if changed := self._changed(position, end):
            return changed
        arrow = CHANGE_ARROW.match(self._text, position, end)
        match = arrow or CHANGE_FROM.match(self._text, position, end)
        if match is None or sig.previous_dose:
            return position
        after = match.end()
        if arrow is None:
            frequency = part_at(self._text, after + 1, end, terms.FREQUENCIES)
            to = _TO.match(self._text, frequency.span.end if frequency else after, end)
            if to is None:
                return position
            after = to.end()
        found = quantity_at(self._text, after, end, drug=self._drug)
        if found is None or (match["unit"] and not found.unit):
            return position
        unit = phrase_for((*terms.MASS_UNITS, *terms.COUNT_UNITS), match["unit"]) if match["unit"] else ""
        parts = match["old"].split("/") if "1/2" not in match["old"] else [match["old"]]
        value = "/".join(plain_number(part) for part in parts)
        sig.previous_dose = Quantity(
            Span(match.start("old"), match.end("unit") if match["unit"] else match.end("old")), value, unit
        )
        sig.quantities.clear()
        return after

    def _former(self, position: int, end: int) -> int:
        """Read "(increased from 20 mg)" behind an amount: the dose of before."""
        sig = self.sig
        match = CHANGED_FROM.match(self._text, position, end)
        if match is None or not sig.quantities or sig.previous_dose:
            return position
        if not match.group().lower().startswith("from") and self._text[position - 1] != "(":
            return position  # "25 mg, was 50 mg at night" may tell of anything
        former = quantity_at(self._text, match.end(), end, drug=self._drug)
        if former is None:
            return position
        sig.previous_dose = former
        return former.span.end

    def _changed(self, position: int, end: int) -> int | None:
        """Read "was increased to" between two amounts: the first then is the dose of before."""
        sig = self.sig
        if not sig.quantities or sig.previous_dose:
            return None
        match = CHANGE_TO.match(self._text, position, end)
        if match is None or quantity_at(self._text, match.end(), end, drug=self._drug) is None:
            return None
        sig.previous_dose = sig.quantities[-1]
        sig.quantities.clear()
        sig.frequency = sig.timing = None
        return match.end()

    def _arrow(self, position: int, end: int) -> int | None:
        """Read "-> 200" behind an amount; a number without unit has that of the amount before."""
        sig = self.sig
        match = ARROW_TO.match(self._text, position, end)
        if match is None or not sig.quantities or sig.previous_dose:
            return None
        before = sig.quantities[-1]
        after = quantity_at(self._text, match.end(), end, drug=self._drug) or bare_quantity_at(
            self._text, match.end(), end, like=before
        )
        if after is None or (before.unit and not after.unit):
            return None  # "10 mg -> 150/80"
        sig.previous_dose = before
        sig.quantities[:] = [after]
        sig.frequency = sig.timing = None
        return after.span.end

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
        part = duration_at(self._text, position, end)
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
        if found is None and self._is_first(position):
            found = strength_without_unit(self._text, position, end, drug=self._drug)
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

    def _is_first(self, position: int) -> bool:
        """Return whether only the name, or its release form, stands before."""
        between = self._text[self._start : position].strip(" -").upper()
        return not self.sig.quantities and between in {"", "ER", "XR", "XL", "SR", "CR", "LA", "DR", "EC", "IR"}

    def _may_follow(self, last: Quantity, found: Quantity) -> bool:
        if len(self.sig.quantities) > 1:
            return False
        return last.per is not None or last.counted != found.counted or self._verb_seen

    def _manner(self, position: int, end: int) -> int:
        sig = self.sig
        for pattern, phrase in compiled(terms.CASED_ROUTES, cased=True):
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
        "and", "or", "but", "which", "she", "he", "the", "this", "that", "disp", "dispense", "refill", "refills",
        "then", "may", "not", "to", "#",
    ]
)  # fmt: skip
