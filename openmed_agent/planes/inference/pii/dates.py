"""Dates finer than a year."""

import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.patterns import after, before, holds, outline, parts_around, within

SOURCE: Final = "date"

MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH: Final = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"
    r"|january|february|april|june|july|august|september|october|november|december|jan|feb|apr|jul|aug"
    r"|sept|nov|dec|march|may"
    r"|JANUARY|FEBRUARY|MARCH|APRIL|MAY|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER"
    r"|JAN|FEB|MAR|APR|JUN|JUL|AUG|SEPT|SEP|OCT|NOV|DEC)"
)
_DAY: Final = r"(?:3[01]|[12]\d|0?[1-9])"
_YEAR: Final = r"(?:(?:1[89]|20)\d{2})"
_ORDINAL: Final = r"(?: ?(?:st|nd|rd|th|ST|ND|RD|TH))?"
_WEEKDAY: Final = r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?,? {1,2})?"
# The two ends of a range may touch: 11/02/2026-11/09/2026
_NUMERIC: Final = re.compile(
    r"(?:(?<![\w./-])|(?<=\d-)(?=\d{1,2}/))(\d{1,2}) ?([/.-]) ?(\d{1,2}) ?\2 ?(\d{4}|\d{2})"
    r"(?![\w]|[./]\d|-\d(?!\d?/\d)|%)"
)
_ISO: Final = re.compile(r"(?<![\w./-])((?:1[89]|20)\d{2})([-/.])(\d{1,2})\2(\d{1,2})(?=T\d{2}|[^\w./-]|[./-](?!\d)|$)")
_COMPACT: Final = re.compile(
    r"[12](?<![\w./-][12])(?:(?<=1)9|(?<=2)0)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"(?=T\d{4}|[^\w/.-]|[.](?!\d)|$)"
)
_MONTH_AND_DAY: Final = re.compile(
    rf"(?<![\w]){_WEEKDAY}{_MONTH}\b\.?[ -]?(?:the )? ?{_DAY}{_ORDINAL}(?:(?:,? {{1,2}}|-|/){_YEAR}\b"
    rf"|, ?'\d{{2}}\b)?(?![\w/]|[.:]\d|-\d)"
)
_DAY_AND_MONTH: Final = re.compile(
    rf"(?<![\w./]){_WEEKDAY}{_DAY}{_ORDINAL}(?: of|\.)?[ /-]?{_MONTH}(?![^\W\d_])\.?(?:(?:,? {{1,2}}|-|/)?"
    rf"(?:{_YEAR}|'?\d{{2}})\b)?(?![\w]|[.]\d)"
)
_MONTH_AND_YEAR: Final = (
    re.compile(rf"(?<![\w.]){_MONTH}\b\.?(?:,? (?:of )?|-|/){_YEAR}\b"),
    re.compile(rf"(?<![\w.]){_MONTH}\b\.? ?'\d{{2}}\b"),
)
_BEFORE_MONTH: Final = 22  # "Wednesday, 31st of "
_AFTER_MONTH: Final = 24  # ". the 31st, 2024", and what must not follow
_NEXT_TO_MONTH: Final = 9  # " the 1", "1st of "
_LONGEST_CUE: Final = 8  # "through "
_RANGE_TAIL: Final = re.compile(
    rf" ?(?:-|to|and|through) ?({_DAY}{_ORDINAL}(?:, {_YEAR})?)(?![\w/.:]| ?(?:mg|mcg|ml|%|years?|months"
    rf"|weeks|days|hours))"
)
_MONTH_ALONE: Final = re.compile(
    rf"\b(?:[Ii]n|[Ss]ince|[Ll]ast|[Tt]his|[Nn]ext|[Uu]ntil|[Bb]y|[Dd]uring|[Ee]arly|[Ll]ate|[Mm]id|[Oo]f"
    rf"|[Ff]rom|[Tt]o|[Tt]hrough|[Pp]ast|and)[ -]({_MONTH})\b(?! ?\d)"
)
_MONTH_OF_YEAR: Final = re.compile(r"(?<![\w./-])(0?[1-9]|1[0-2])[/-]((?:19|20)\d{2})(?![\w]|[./-]\d)")
_YEAR_AND_MONTH: Final = re.compile(r"(?<![\w./-])((?:19|20)\d{2})-(0[1-9]|1[0-2])(?![\w]|[./-]\d)")
_PARTIAL: Final = re.compile(r"(?<![\w./-])(0?[1-9]|1[0-2])(/|-)(3[01]|[12]\d|0?[1-9])(?![\w%]|[./]\d|-\d{3})")
_ORDINAL_DAY: Final = re.compile(
    r"\b(?:[Oo]n|[Bb]y|[Ss]ince|[Uu]ntil|[Ff]rom) the ((?:3[01]|[12]\d|[1-9])(?:st|nd|rd|th))\b"
    r"(?! ?(?:floor|rib|toe|finger|digit|metatarsal|metacarpal|nerve|cranial|ventricle|percentile|week|day"
    r"|visit|line|dose|trimester|attempt|cycle))"
)
_HOLIDAY: Final = re.compile(
    r"\b(?:Christmas(?: Eve| Day)?|Thanksgiving(?: Day)?|Easter(?: Sunday| Monday)?|Halloween|Labor Day"
    r"|Memorial Day|Independence Day"
    r"|Veterans Day|Columbus Day|Presidents' Day|New Year'?s?(?: Eve| Day)?|Valentine's Day|Mother's Day"
    r"|Father's Day|Fourth of July"
    r"|4th of July|St\. Patrick's Day|Martin Luther King Day|MLK Day|Hanukkah|Ramadan|Yom Kippur"
    r"|Rosh Hashanah|Passover|Good Friday|Diwali)\b"
)
_DAY_NAME: Final = re.compile(
    r"\b(?:[Oo]n|[Ll]ast|[Nn]ext|[Tt]his|[Ss]ince|[Uu]ntil|[Bb]y|[Cc]oming|[Pp]ast|[Tt]ill|before|after|is"
    r"|discharged|admitted|seen|meet|presented|arrived|scheduled|returned|came|fell)"
    r" ((?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun|mon|tues|wednes|thurs|fri|satur|sun)day)\b"
)
_DATE_CUE: Final = re.compile(
    r"(?:\b(?:on|since|until|till|from|by|dated?|dates?|seen|visit|visits|admit(?:ted)?|adm|discharged?"
    r"|d/c|dc'?d?|surgery|appt|appointment"
    r"|f/u|follow-?up|last|next|between|through|thru|before|after|as of|started|stopped|labs?|cxr|ct|mri"
    r"|echo|xray|x-ray|drawn|collected|done"
    r"|performed|received|signed|due|lmp|edd|dos|dd|dt|td|dob|d\.o\.b\.|born|reported|procedure|labs"
    r"|follow[ -]up|rtc|return|scheduled|tomorrow|today|yesterday|mon|tue"
    r"|tues|wed|thu|thurs|fri|sat|sun"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day),?|[(;,:-])\s?:?\s?$"
)
_RANGE_CUE: Final = re.compile(r"(?:\d{1,2}/\d{1,2}(?:/\d{2,4})? ?(?:-|to|and|,|thru|through|&) ?)$")
_NOT_DATE_BEFORE: Final = re.compile(
    r"(?:grade|gr|pain|score|scored|scale|strength|power|reflex\w*|dtrs?|pulses?|bp|stage|level|rated"
    r"|rating|murmur|sem|phq-?\d?|gad-?\d?|gcs|apgars?"
    r"|visual acuity|va|vision|positive|sirs|ratio|fio2|mmse|moca|edema|motor|cn|nodes|quality|severity"
    r"|rass|out|ef|perc|curb-65|cage|epworth)\b[^.;]{0,22}$"
)
_NOT_DATE_AFTER: Final = re.compile(
    r"^(?: ?(?:strength|systolic|diastolic|holosystolic|murmur|sem|tab|tabs|tablet|cup|cups|of|vessels?"
    r"|bottles?|sirs|positive|lbs?|pain|criteria|teeth"
    r"|nodes?|ln|bilaterally|throughout|in all|in b|b/l|today|at rest|with|severity|intensity|mg|mcg|ml"
    r"|inch|in\b|cm|mm|dose|pack|ppd|strong|pulses?|edema"
    r"|motor|power|upper|lower|right|left|rle|lle|rue|lue|blood|cultures|sets?|quarts?|way|full|days|weeks"
    r"|hours|questions|items|normal|ns|saline|\+|x )| ?%)"
)
_LINE_HEAD: Final = re.compile(r"^\s*[-*•(]?\s*$")
_BIRTH: Final = re.compile(
    r"(?:\bd\.?o\.?b\b\.?|\bdate of birth|\bbirth ?dates?|\bborn\b(?: on| in)?|\bb\.?d\b\.?"
    r"|\bbirthday)[^.;\n]{0,14}$"
)
_OLD_BIRTH_YEAR: Final = re.compile(
    r"\b(?:born(?: in)?|dob:?|birth year:?|year of birth:?)\s{1,2}((?:18\d|190|191|192)\d|193[0-5])\b",
    re.IGNORECASE,
)
_TWO_MARKS: Final = re.compile(r"([/.-])(?= ?\d\d? ?\1)")
_ONE_MARK: Final = re.compile(r"[/-](?<=\d.)(?=\d)")
_MONTH_NAME: Final = re.compile(
    r"[JFMASONDjfmasond](?<![^\W\d].)"  # nothing but a digit or mark before
    r"(?:an|eb|a[ry]|pr|u[nlg]|ep|ct|ov|ec|(?<=[A-Z])(?:AN|EB|A[RY]|PR|U[NLG]|EP|CT|OV|EC))"
    r"(?:r?uary|ch|il|[ey]|ust|t?ember|t|ober|R?UARY|CH|IL|[EY]|UST|T?EMBER|T|OBER)?(?![^\W\d_])"
)
_DAY_ENDING: Final = re.compile(r"day\b")
_ORDINAL_HEAD: Final = re.compile(r"\d(?:th|st|nd|rd)\b")
_ORDINAL_OUTLINES: Final = (b"0th", b"0st", b"0nd", b"0rd")
_HOLIDAY_NEEDS: Final = (
    "christmas", "thanks", "easter", "hallow", " day", "new year", "of july", "hanukk", "ramadan", "yom kip", "rosh h",
    "passover", "good fri", "diwali",
)  # fmt: skip
_NO_DENOMINATORS: Final = frozenset({7, 9, 11, 13, 14, 16, 17, 18, 19, 20, 22, 23, 25, 26, 29, 31})
_ON: Final = re.compile(r"\b(?:on|since|until|till|dated|admitted|discharged|seen)\s$")
_DOSE: Final = re.compile(r" ?(?:mg|mcg|ml|units|%|tabs?|tablets)\b")
_MEASURE: Final = re.compile(r" ?(?:%|mg|mcg|ml|tab|cap|strength|pain|scale|of\b|vessel|limb|extremit|set|bottle)")
_APPOINTED: Final = re.compile(
    r" (?:at|with) (?:Dr|Mr|Mrs|Ms|St|[A-Z][a-z]{3,20} (?:Hospital|Clinic|Medical|Health))\b"
)
_CLOCK: Final = re.compile(r"[T :]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z| ?[+-]\d{2}:?\d{2})?(?!\w)")
_DAYS: Final = 31
_MONTHS_IN_YEAR: Final = 12


def find(text: str, lowered: str) -> Iterator[PiiFinding]:
    """Yield dates; a date that a word for birth announces is labelled `date_of_birth`."""
    for start, end, confidence in _spans(text, lowered):
        lead = before(text, start, 32)
        label = "date_of_birth" if "b" in lead and _BIRTH.search(lead) else "date"
        yield PiiFinding(start, end, label, confidence, (SOURCE,))
        clock = _CLOCK.match(text, end)  # a moment to the second singles out more than the day
        if clock:
            yield PiiFinding(end + 1, clock.end(), "date", confidence, (SOURCE,))
    for match in _OLD_BIRTH_YEAR.finditer(text) if holds(lowered, ("born", "dob", "birth")) else ():
        yield PiiFinding(match.start(1), match.end(1), "date_of_birth", 0.8, (SOURCE,))


def _spans(text: str, lowered: str) -> Iterator[tuple[int, int, float]]:
    outlined = outline(text)
    yield from _in_numbers(text)
    if b"00000000" in outlined:
        for match in _COMPACT.finditer(text):
            yield *match.span(), 0.6
    for month in _MONTH_NAME.finditer(text):
        yield from _around_month(text, outlined, *month.span())
    for match in _HOLIDAY.finditer(text) if holds(lowered, _HOLIDAY_NEEDS) else ():
        yield *match.span(), 0.55
    days = parts_around(text, _DAY_ENDING, left=16, right=20)
    ordinals = parts_around(text, _ORDINAL_HEAD, left=16, right=20) if holds(outlined, _ORDINAL_OUTLINES) else ()
    for expression, parts in ((_ORDINAL_DAY, ordinals), (_DAY_NAME, days)):
        for match in within(text, expression, parts):
            yield *match.span(1), 0.55


def _in_numbers(text: str) -> Iterator[tuple[int, int, float]]:
    """Yield dates of three numbers from the mark after the first of them, and dates of two from the mark between."""
    done = 0
    for mark in _TWO_MARKS.finditer(text):
        place = mark.start()
        match = _ISO.match(text, max(0, place - len("2024")))
        if match and int(match[3]) <= _MONTHS_IN_YEAR and int(match[4]) <= _DAYS:
            yield *match.span(), 0.95
        match = _NUMERIC.match(text, _number_before(text, place - (text[place - 1 : place] == " ")))
        if match and match.start() >= done:
            done = match.end()
            if _calendar(match[1], match[3]) and _separator_fits(match):
                yield *match.span(), 0.9
    for mark in _ONE_MARK.finditer(text):
        place = mark.start()
        start = _number_before(text, place)
        match = _MONTH_OF_YEAR.match(text, start)
        if match:
            yield *match.span(), 0.7
        match = _PARTIAL.match(text, start)
        if match and _is_partial_date(text, match):
            yield *match.span(), 0.6
        match = _YEAR_AND_MONTH.match(text, max(0, place - len("2024"))) if start < place - 1 else None
        if match:
            yield *match.span(), 0.6


def _number_before(text: str, end: int) -> int:
    """Return where a number of one or two digits begins that ends before a position."""
    return max(0, end - 2 if text[end - 2 : end - 1].isdigit() else end - 1)


def _around_month(text: str, outlined: bytes, start: int, end: int) -> Iterator[tuple[int, int, float]]:
    """Yield the dates of a month that stands at a place of the text."""
    if outlined.find(b"0", end, end + _NEXT_TO_MONTH) >= 0:
        yield from _in_words(text, _MONTH_AND_DAY, start, end)
        for expression in _MONTH_AND_YEAR:
            match = expression.match(text, start)
            if match:
                yield from _worded(text, match)
    if outlined.find(b"0", max(0, start - _NEXT_TO_MONTH), start) >= 0:
        yield from _in_words(text, _DAY_AND_MONTH, start, end)
    if text[start - 1 : start] in {" ", "-"}:
        for match in _MONTH_ALONE.finditer(text, max(0, start - _LONGEST_CUE), end + len(" 1")):
            if match.start(1) == start and match[1] not in {"may", "march", "mar"}:
                yield start, match.end(1), 0.55


def _in_words(text: str, expression: re.Pattern[str], start: int, end: int) -> Iterator[tuple[int, int, float]]:
    for match in expression.finditer(text, max(0, start - _BEFORE_MONTH), end + _AFTER_MONTH):
        if match.start() <= start < match.end():
            yield from _worded(text, match)


def _worded(text: str, match: re.Match[str]) -> Iterator[tuple[int, int, float]]:
    words = match.group()
    if words.lstrip().startswith(("may ", "march ")) and "20" not in words and "19" not in words:
        return
    if _DOSE.match(after(text, match.end(), 10)):
        return
    tail = _RANGE_TAIL.match(text, match.end())
    yield match.start(), tail.end() if tail and tail.group(1) else match.end(), 0.85


def _calendar(first: str, second: str) -> bool:
    """Say whether two numbers can be month and day in either order."""
    one, two = int(first), int(second)
    return 0 < min(one, two) <= _MONTHS_IN_YEAR and 0 < max(one, two) <= _DAYS


def _separator_fits(match: re.Match[str]) -> bool:
    """Dots and hyphens with a two-digit year are dates only when day and month have two digits."""
    return match[2] == "/" or len(match[4]) > len("24") or (len(match[1]) == len(match[3]) == len("24"))


def _unlike_a_score(match: re.Match[str]) -> bool:
    """Say whether two numbers are month and day for sure: scores and fractions are out of 2, 5, 10, 15 and so on."""
    return match[1].startswith("0") or int(match[3]) in _NO_DENOMINATORS


def _is_partial_date(text: str, match: re.Match[str]) -> bool:
    lead, follow = before(text, match.start(), 40), after(text, match.end(), 24)
    if _NOT_DATE_BEFORE.search(lead):
        return False
    if _ON.search(lead) and not _MEASURE.match(follow):
        return True
    if _BIRTH.search(lead) or _APPOINTED.match(text, match.end()):
        return True
    if match[2] == "/" and _unlike_a_score(match) and not _NOT_DATE_AFTER.match(follow):
        return True
    if _RANGE_CUE.search(lead) or re.match(r" ?(?:-|to|thru|through|&) ?\d{1,2}/\d{1,2}\b", follow):
        return match[2] == "/" and not _NOT_DATE_AFTER.match(follow)
    if match[2] == "-" or _NOT_DATE_AFTER.match(follow):
        return False
    if _LINE_HEAD.match(lead):
        return re.match(r"(?:\)|:| -| –|\s+[a-z]|\s+\d{4}\b|\s+\d{1,2}:\d{2})", follow) is not None
    if lead.rstrip().endswith(("(", ",", ";", ":", "-")):
        return re.match(r"\)?[:,]", follow) is not None and len(match[3]) > 1
    return _DATE_CUE.search(lead) is not None
