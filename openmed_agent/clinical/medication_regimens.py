"""The second dose of an alternating or tapering direction: "5 mg other days", "then 20 mg x 5 days"."""

import re
from typing import Final

from openmed_agent.clinical import medication_terms as terms
from openmed_agent.clinical.medication_parts import Quantity, SigPart, part_at, quantity_at
from openmed_agent.clinical.medication_sig import Sig
from openmed_agent.text.spans import Span

MOST_DOSES: Final = 4
_LINK: Final = re.compile(
    r"[\s,;|&+/]{0,4}(?:(?:and|then|followed by|alternating with|alternate with|but)\s{1,2}){0,2}(?:take\s|takes\s)?",
    terms.FLAGS,
)
_DAY: Final = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:days?)?s?"
_WHEN: Final = re.compile(
    r"\s{0,2}(?:po\s|by mouth\s)?(?P<when>(?:on\s)?(?:all\s)?(?:the\s)?"
    r"(?:other|others|remaining|alternate|opposite|rest of the|non-dialysis|dialysis)"
    rf"(?:\s[0-9])?(?:\sdays|\snights|\sweek)?(?:\sof the week)?|"
    rf"(?:on\s|every\s)?{_DAY}(?:[/,\s]{{1,2}}(?:and\s)?{_DAY}){{0,5}}|"
    r"(?:for|x)\s?[0-9]{1,3}\s?(?:days?|d|weeks?|wks?|w|months?|doses)|in the (?:morning|evening|afternoon)|"
    r"at (?:bedtime|night|noon|lunch|dinner|supper|breakfast)|with (?:breakfast|lunch|dinner|supper)|"
    r"thereafter|nightly)(?![A-Za-z])",
    terms.FLAGS,
)


def read_alternate(text: str, sig: Sig, end: int) -> SigPart | None:
    """Return the doses that follow a whole direction in its sentence and belong to the same drug, or None."""
    if sig.dose is None or not (sig.frequency or sig.timing or sig.duration):
        return None
    position, first, words = sig.end, -1, []
    for _ in range(MOST_DOSES):
        link = _LINK.match(text, position, end)
        start = link.end() if link else position
        amount = quantity_at(text, start, end)
        if amount is None or not _same_measure(amount, sig.dose):
            break
        when = _WHEN.match(text, amount.span.end, end)
        part = None if when else part_at(text, _blank(text, amount.span.end, end), end, terms.FREQUENCIES)
        if when is None and part is None:
            break
        position = when.end("when") if when else part.span.end if part else position
        words.append(f"{amount.text} {' '.join(when['when'].lower().split()) if when else part.text if part else ''}")
        first = start if first < 0 else first
    return SigPart(Span(first, position), ", then ".join(words)) if words else None


def _same_measure(one: Quantity, other: Quantity) -> bool:
    return one.counted == other.counted and one.unit == other.unit and one.per == other.per


def _blank(text: str, position: int, end: int) -> int:
    return position + 1 if position < end and text[position].isspace() else position
