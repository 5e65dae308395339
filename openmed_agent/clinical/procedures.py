"""Procedures, operations and studies named in a note, and whether they were done or are planned."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from openmed_agent.clinical import procedure_terms as terms
from openmed_agent.clinical.ascii_case import ascii_lower
from openmed_agent.clinical.sections import Section, SectionKind, section_at
from openmed_agent.text.spans import Span

Timing = Literal["performed", "planned", "unknown"]

REACH: Final = 100
LONGEST_SITE: Final = 50
_PLANS: Final = frozenset((SectionKind.PLAN, SectionKind.FOLLOW_UP, SectionKind.INSTRUCTIONS))


@dataclass(frozen=True, slots=True)
class Procedure:
    """One mention: `span` with laterality and site, `name` word for word, and a date beside it."""

    span: Span
    name: str
    timing: Timing = "unknown"
    date: Span | None = None
    cue: Span | None = None


_FLAGS: Final = re.IGNORECASE | re.ASCII
_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DATE: Final = (
    r"(?:[0-9]{1,2}/[0-9]{1,2}/(?:[0-9]{4}|[0-9]{2})|[0-9]{4}-[0-9]{2}-[0-9]{2}|"
    rf"[0-9]{{1,2}}/(?:19|20)[0-9]{{2}}|{_MONTH}\.?(?: [0-9]{{1,2}}(?:st|nd|rd|th)?,?)? (?:19|"
    r"20)[0-9]{2}|"
    rf"[0-9]{{1,2}} {_MONTH} (?:19|20)[0-9]{{2}}|{_MONTH}\.? [0-9]{{1,2}}(?:st|nd|rd|th)?|"
    r"[0-9]{1,2}/[0-9]{1,2}|(?:19|20)[0-9]{2})(?![0-9/A-Za-z])"
)
_BEFORE: Final = re.compile(
    (
        r"(?:(?:right|left|bilateral|total|partial|laparoscopic|open|robotic(?:-assisted)?|emergent|"
        r"emergency|elective|screening|diagnostic|repeat|radical|simple|modified|"
        r"percutaneous|endoscopic|urgent|prior|s/p|upper|lower|abdominal|vaginal|supracervical|modified|"
        r"subtotal|transthoracic|transesophageal|r|l|rt|lt)\.?[ -]){1,4}\Z"
    ),
    _FLAGS,
)
_DROPPED: Final = re.compile(
    r"(?:(?:emergent|emergency|elective|prior|s/p|repeat|urgent|screening|diagnostic)[ -])+", _FLAGS
)
_SITE: Final = re.compile(
    (
        r"(?:[ ](?:of[ ])?(?:the[ ])?(?:(?:his|her)[ ])?(?:(?:right|left|bilateral|both|upper|lower|"
        r"cervical|thoracic|lumbar|c|t|l)[ -])?"
        r"(?:brain|head|spine|c-spine|l-spine|t-spine|abdomen(?:(?:[ ]and[ ]|/)pelvis)?|a/p|chest|neck|"
        r"pelvis|knees?|hips?|shoulders?|ankles?|foot|feet|wrists?|hands?|elbows?|back|"
        r"lumbar[ ]spine|cervical[ ]spine|thoracic[ ]spine|lower[ ]extremit(?:y|ies)|"
        r"upper[ ]extremit(?:y|ies)|extremit(?:y|ies)|lung|liver|kidneys?|thyroid|breasts?|prostate|"
        r"heart|orbits|sinuses|abdomen|eye|femur|tibia|humerus|radius|finger|toe|leg|arm|coronary|"
        r"angiogram|angiography|scan)\b)"
        r"|[ ](?:with|and)[ ](?:(?:[a-z0-9-]{2,12}[ ]){0,2}(?:stent(?:s|ing|[ ]placement)?|polypectomy|"
        r"biops(?:y|ies)|bilateral[ ]salpingo-oophorectomy|bso|lymph[ ]node[ ]dissection|"
        r"adenoidectomy))\b"
        r"|[ ]x[ ]?[0-9]\b"
    ),
    _FLAGS,
)
_PLANNED: Final = re.compile(
    (
        r"\b(?:will|plan(?:s|ned|ning)?(?: for| to)?|schedul(?:e|ed|ing)|order(?:ed|ing|s)?|"
        r"recommend(?:ed|s)?|refer(?:red|ral)?|consider(?:ing|ed)?|candidate for|awaiting|needs?|due "
        r"for|overdue for|"
        r"would like to|want(?:s)? to|to (?:undergo|have|get|obtain|be done)|going to|obtain|check|"
        r"repeat|should|pending|upcoming|proceed with|prior to (?:his|her|the)|may|might|future|"
        r"eventual|if|discussed|agree[sd]? to|"
        r"consent(?:ed)? (?:for|to)|evaluate for|preop(?:erative)? for|set up|arrange|pre-op|not yet)\b"
    ),
    re.ASCII,
)
_PERFORMED: Final = re.compile(
    (
        r"\b(?:s/p|status[- ]post|underwent|undergone|had|has had|history of|h/o|hx of|prior|"
        r"previous(?:ly)?|post|after|following|since|performed|completed|done|received|required|"
        r"was (?:taken|intubated|treated)|last|recent|remote|past|got|revealed|showed|prior|on (?:hemo|"
        r"peritoneal )?dialysis|p/w|pod ?#?[0-9]{1,2})\b"
    ),
    re.ASCII,
)
_AFTER_DONE: Final = re.compile(
    (
        r"\b(?:showed|shows|showing|demonstrat(?:ed|es)|reveal(?:ed|s|ing)|was (?:done|performed|normal|"
        r"negative|positive|completed|unremarkable|obtained|successful|uncomplicated)|were (?:done|"
        r"performed|normal|negative|obtained)|is (?:normal|unremarkable|negative)|"
        r"performed|completed|done|obtained|years? ago|months? ago|weeks? ago|days? ago|yesterday|last "
        r"(?:week|month|year)|in (?:19|20)[0-9]{2}|notable for|unremarkable|normal|negative|findings|"
        r"report(?:ed)?|consistent with|as a child|without (?:complication|evidence)|with no evidence|"
        r"per report|today (?:showed|shows|is|was))\b|[:=-] (?:normal|negative|nsr|sinus|no)\b"
    ),
    re.ASCII,
)
_AFTER_PLANNED: Final = re.compile(
    (
        r"\b(?:(?:is|was|are|were|will be|to be|has been|been) (?:scheduled|planned|ordered|recommended|"
        r"considered|arranged|pending|needed|indicated|due)|scheduled|planned|ordered|recommended|"
        r"pending|in [0-9a-z]{1,5}(?:-[0-9]{1,2})? (?:days?|weeks?|months?|years?)|next (?:week|month|"
        r"year|visit|monday|tuesday|wednesday|thursday|friday)|tomorrow|to (?:evaluate|assess|rule out|"
        r"further|be)|for (?:further )?evaluation|will|if)\b"
    ),
    re.ASCII,
)
_CLAUSE_END: Final = re.compile(r"[.;!?](?=\s)|\n|\b(?:but|however)\b", re.ASCII)
_NEAR_DATE: Final = re.compile(
    (
        r"[ ,:(–-]{0,3}(?:(?:was |were )?(?:done|performed|completed|scheduled(?: for)?|planned(?: "
        rf"for)?)[ ])?(?:on|in|dated|date:|from|c\.|circa|back in)?[ ]?(?P<date>{_DATE})"
    ),
    _FLAGS,
)
_DATE_BEFORE: Final = re.compile(
    (
        rf"(?<![0-9/])(?P<date>{_DATE})[ ]?[:,–)-]{{0,2}}[ ]?(?:he |she |the patient |pt )?(?:underwent "
        r"|had |s/p )?(?:an? )?\Z"
    ),
    _FLAGS,
)


@cache
def _names() -> re.Pattern[str]:
    names = "|".join((*terms.NAMES, terms.SUFFIXES))
    return re.compile(rf"(?<![a-z0-9&/])(?=[a-z0-9])(?:(?:{names})(?![a-z0-9&])(?!-[a-z]))", re.ASCII)


def find_procedures(text: str, *, sections: Sequence[Section] = ()) -> tuple[Procedure, ...]:
    """Return the procedures that a text names, in order, none overlapping another.

    With the `sections` of the note, what a plan names without a word of time is planned.
    Negation is not judged here: `assertion.assess` says whether a mention is denied or another person's.
    """
    lowered = ascii_lower(text)
    latest = max((int(year) for year in _DATED.findall(text)), default=9999)
    cues: _Cues | None = None
    found: list[Procedure] = []
    position = 0
    for match in _names().finditer(lowered):
        if match.start() < position or not _is_procedure(text[match.start() : match.end()]):
            continue
        span = _with_site(text, match, position)
        following = _NEAR_DATE.match(text, span.end)
        cues = cues or _Cues(text, lowered)
        timing, cue = cues.timing(span, floor=position)
        date = _date(text, span, following, position)
        if timing == "unknown" and date and date.start > span.end and _YEAR.fullmatch(date.of(text)):
            timing, cue = "performed", date
        if date and _YEAR.fullmatch(date.of(text)) and int(date.of(text)) > latest:
            timing, cue = "planned", date
        if timing == "unknown" and sections and _is_order(text, span, sections):
            timing = "planned"
        found.append(Procedure(span, span.of(text), timing, date=date, cue=cue))
        position = span.end
    return tuple(found)


_ORDER: Final = re.compile(r"[ \t*•·#\d.)\[\]xX:-]{0,14}(?:[A-Za-z/-]{2,20}[ :]{1,2}){0,2}\Z", re.ASCII)
_TOLD: Final = re.compile(
    r"\b(?:his|her|their|the|my|review\w*|given|based|with|of|on|from|discussed|explained)\b", _FLAGS
)


def _is_order(text: str, span: Span, sections: Sequence[Section]) -> bool:
    """Return whether a plan names the procedure at the head of a line or sentence, as orders are written."""
    section = section_at(sections, span.start)
    if section.kind not in _PLANS:
        return False
    floor = max(0, span.start - LONGEST_SITE)
    opened = max(
        text.rfind("\n", floor, span.start), text.rfind(". ", floor, span.start), text.rfind("; ", floor, span.start)
    )
    low = max(section.body.start, floor, opened + 1)
    before = text[low : span.start]
    return bool(_ORDER.fullmatch(before)) and not _TOLD.search(before)


# A year behind every full date of the note is still to come: "colonoscopy, 2028".
_DATED: Final = re.compile(r"(?<![0-9/-])(?:[0-9]{1,2}/[0-9]{1,2}/(?=20)|(?=20[0-9]{2}-[0-9]{2}-[0-9]{2}))([0-9]{4})")
_YEAR: Final = re.compile(r"(?:19|20)[0-9]{2}", re.ASCII)


# Short names that are words too count in capitals only.
_CAPITALS_ONLY: Final = frozenset(
    [
        "ct",
        "us",
        "hd",
        "ten",
        "ect",
        "tee",
        "cea",
        "avr",
        "mvr",
        "tha",
        "thr",
        "abi",
        "ncs",
        "rhc",
        "lhc",
        "pet",
        "dress",
        "eus",
        "fess",
        "oct",
        "esi",
        "cpr",
        "peg",
        "aka",
        "bka",
        "prk",
        "tms",
        "cta",
        "fna",
    ]
)


def _is_procedure(name: str) -> bool:
    plain = name.lower()
    if plain in terms.STOP_WORDS:
        return False
    return plain not in _CAPITALS_ONLY or name.isupper()


def _with_site(text: str, match: re.Match[str], floor: int) -> Span:
    """Return the name with the laterality and approach before it and the site behind it."""
    start, end = match.span()
    low = max(floor, start - LONGEST_SITE)
    before = _BEFORE.search(text[low:start]) if _last_word(text[low:start]) in _MODIFIERS else None
    if before and (low + before.start() == 0 or not text[low + before.start() - 1].isalnum()):
        start = low + before.start()
        if dropped := _DROPPED.match(text, start, match.start()):
            start = dropped.end()
    while site := _SITE.match(text, end, min(len(text), match.end() + LONGEST_SITE)):
        end = site.end()
    return Span(start, end)


# The last words of `_BEFORE`, to pass over what none of them precedes.
_MODIFIERS: Final = frozenset(re.findall(r"[a-z]+", _BEFORE.pattern.lower())) - {"z"}


def _last_word(before: str) -> str:
    bare = before.rstrip(" -.").lower()
    return bare[max(bare.rfind(" "), bare.rfind("/"), bare.rfind("-")) + 1 :]


class _Cues:
    """The words of a text that tell past from future, found once; each mention then looks up its neighbours."""

    def __init__(self, text: str, lowered: str) -> None:
        self._planned = _Places(_PLANNED, lowered)
        self._performed = _Places(_PERFORMED, lowered)
        self._after_planned = _Places(_AFTER_PLANNED, lowered)
        self._after_done = _Places(_AFTER_DONE, lowered)
        self._clause_ends = _Places(_CLAUSE_END, text)
        self._text = text

    def timing(self, span: Span, *, floor: int) -> tuple[Timing, Span | None]:
        """Return whether the clause around a mention tells of the past or the future, by the nearest cue."""
        boundary = self._clause_ends.last_before(span.start)
        low = max(0, span.start - REACH, boundary.end if boundary else 0)
        ending = self._clause_ends.first_from(span.end)
        high = min(len(self._text), span.end + REACH, ending.start if ending else len(self._text))
        planned, performed = self._planned.last_before(span.start), self._performed.last_before(span.start)
        before = max((cue for cue in (planned, performed) if cue and cue.start >= low), key=_end, default=None)
        done, coming = self._after_done.first_from(span.end), self._after_planned.first_from(span.end)
        done = done if done and done.end <= high else None
        coming = coming if coming and coming.end <= high else None
        after = min((cue for cue in (done, coming) if cue), default=None)
        if done and coming and coming.of(self._text).lower() in _ASKED:
            after = done
        if after and (before is None or after.start - span.end <= NEAR or before.end < floor):
            return ("performed" if after is done else "planned"), after
        if before:
            return ("planned" if before is planned else "performed"), before
        return "unknown", None


class _Places:
    """Where a pattern stands in a text, for look-up by position."""

    def __init__(self, pattern: re.Pattern[str], text: str) -> None:
        self._spans = [Span(*match.span()) for match in pattern.finditer(text)]
        self._starts = [span.start for span in self._spans]

    def last_before(self, position: int) -> Span | None:
        """Return the last place that ends at or before `position`."""
        index = bisect_left(self._starts, position) - 1
        if index >= 0 and self._spans[index].end > position:
            index -= 1
        return self._spans[index] if index >= 0 else None

    def first_from(self, position: int) -> Span | None:
        """Return the first place that starts at or after `position`."""
        index = bisect_left(self._starts, position)
        return self._spans[index] if index < len(self._spans) else None


def _end(span: Span) -> int:
    return span.end


_ASKED: Final = frozenset(("ordered", "recommended", "scheduled"))
NEAR: Final = 12


_DIGIT: Final = re.compile(r"[0-9]", re.ASCII)


def _date(text: str, span: Span, following: re.Match[str] | None, floor: int) -> Span | None:
    if following:
        return Span(*following.span("date"))
    low = max(floor, span.start - LONGEST_SITE)
    preceding = _DATE_BEFORE.search(text[low : span.start]) if _DIGIT.search(text, low, span.start) else None
    return Span(*preceding.span("date")).shifted(low) if preceding else None
