"""What is to happen next: appointments, tests, referrals, return precautions, pending results, instructions."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, Literal

from openmed_agent.clinical import follow_up_terms as terms
from openmed_agent.clinical.ascii_case import ascii_lower
from openmed_agent.clinical.sections import Section, SectionKind, section_at
from openmed_agent.clinical.sentences import split_sentences
from openmed_agent.text.spans import Span, trimmed

FollowUpKind = Literal["appointment", "test", "referral", "return_precaution", "pending_result", ("instruction")]

LONGEST: Final = 500
PAST_REACH: Final = 100
MOST_CUES: Final = 5
WHO_GAP: Final = 2
FUTURE_SECTIONS: Final = frozenset(
    (SectionKind.PLAN, SectionKind.ASSESSMENT_AND_PLAN, SectionKind.FOLLOW_UP, SectionKind.INSTRUCTIONS)
)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One thing to be done: `span` covers the statement, `action` is what it asks for, word for word."""

    span: Span
    action: str
    kind: FollowUpKind
    when: Span | None = None
    with_whom: Span | None = None


_FLAGS: Final = re.IGNORECASE | re.ASCII
_CLINICIAN: Final = r"(?:Dr\.?|Drs\.?|Doctor|NP|PA)\s[A-Z][A-Za-z'-]{1,25}(?:\s[A-Z][A-Za-z'-]{1,25})?"
_WITH: Final = re.compile(
    (
        r"(?:\b(?:with|w/|to|see|seeing|by|per|at|from|consult(?:ing)?)\s?(?:your|his|her|their|the|"
        r"our|my|an?|outpatient|pediatric|local|both|back to|in)?\s?)"
        rf"(?P<who>(?-i:{_CLINICIAN})(?:\s\([A-Za-z ]{{2,30}}\))?|(?:{terms.SPECIALTIES})(?: (?:clinic|"
        r"team|office|department|service))?|me\b|us\b|our (?:clinic|office)|the (?:clinic|office))\b"
    ),
    _FLAGS,
)
_WHO_ANYWHERE: Final = re.compile(
    rf"(?<![A-Za-z])(?P<who>(?-i:{_CLINICIAN})|(?:{terms.SPECIALTIES}))(?![A-Za-z])", _FLAGS
)
_WHEN: Final = re.compile(rf"(?<![\w/])(?:{terms.WHEN})", re.ASCII)
_TEST: Final = rf"(?:{terms.TESTS})(?![a-z])"
_SPECIALTY_AT: Final = re.compile(rf"(?:{terms.SPECIALTIES}) (?:in|on) ", _FLAGS)
_TEST_NAME: Final = re.compile(_TEST, re.ASCII)
_FOLLOW: Final = r"(?:follow(?:ing)?[- ]?up|followup|f/u|(?<!5-)fu\b|follow-up)"
_NEXT: Final = (
    r"(?:will|should|to|needs? to|must|please|plan(?: to)?|recommend(?:ed)?|advised to|would like "
    r"to|we'll|let's|can|may|going to|scheduled to|instructed to|want to)"
)

_ACT: Final = (
    r"(?:call|contact|notify|message|phone|return|come (?:back|in)|(?:go|present|report|proceed)\b"
    r"(?: \w{1,10}){0,4}? to|"
    r"seek|be seen|be evaluated|dial|let (?:us|me) know)"
)
_CONDITION: Final = re.compile(
    (
        r"\b(?:if|should (?:he|she|they|you|the|any|symptoms|there|pt|patient)|when(?:ever)?|for any|in case of)\b"
        rf"[^.]{{2,140}}?[,;\s](?:please |should |must |needs to |need to |is to |are to |will |to )?{_ACT}\b"
    ),
    re.ASCII,
)
_PRECAUTION: Final = re.compile(
    (
        r"\b(?:return|come back|come in|go|present|report|call|contact|notify|message|seek|visit|be "
        r"seen|phone|follow up|f/u)\b[^.]{0,90}?\b(?:if|should (?:you|he|she|the)|for (?:any |new |"
        r"worsening |persistent |increas|fever|chest|severe|concerns|questions)|"
        r"when(?:ever)? (?:you|he|she)|with (?:any |new |worsening ))"
        r"|\b(?:return|ed|er|strict|emergency|stroke|bleeding) precautions\b|\bcall 911\b|\bseek "
        r"(?:immediate|emergen|urgent|medical)[a-z]{0,10}\b|\breturn to (?:the )?(?:ed|er|emergency "
        r"(?:room|department))\b"
    ),
    re.ASCII,
)
_REFERRAL: Final = re.compile(
    (
        r"\brefer(?:ral|rals|red|ring)?\b(?! (?:by|from|here|pain|otalgia))(?:[^.]{0,60}?\b(?:to|"
        rf"for|placed|with|made|sent)\b|\s?:|\b)|\b(?:{terms.SPECIALTIES}) (?:referral|"
        r"consult(?:ation)?)\b|"
        rf"\b(?:will |please |plan to )?consult (?:with )?(?:{terms.SPECIALTIES})\b"
    ),
    _FLAGS,
)
_PENDING: Final = re.compile(
    (
        r"\b(?:await(?:ing)?|pending)\s(?:final |the |results? (?:of|from) |official )?(?:\w+ "
        rf"){{0,3}}?(?:{_TEST}|results?\b|report)"
        rf"|(?:{_TEST}|\bresults?|\breport)(?: results?)?[^.\n;,]{{0,40}}?\b(?:is|are|was|were|remains?|"
        r"still|currently|:|-)?\s?(?:still |currently )?pending\b"
        r"|\bpending(?: at (?:the time of )?discharge)?\s?:\s?\w+|\bfollow[- ]?up (?:on )?(?:final |"
        rf"pending )(?:\w+ ){{0,3}}?(?:{_TEST}|results?)"
    ),
    re.ASCII,
)
_TESTING: Final = re.compile(
    (
        rf"\b(?:repeat(?:ing)?|re-?check(?:ing)?|{_FOLLOW}(?: on)?(?: with)?(?: an?)?|re-?order|"
        rf"surveillance|(?:{_NEXT} )?(?:order(?:ed|ing)?|obtain|schedule[d]?|get|check|draw|arrange|"
        r"undergo|perform|have)|needs?|due for|overdue for)"
        rf"(?:[ :](?!had|showed)[\w'/-]{{1,20}}){{0,4}}?[ :]{{1,2}}(?P<test>{_TEST})|"
        rf"(?P<passive>{_TEST})[^.\n;]{{0,40}}?\b(?:ordered|"
        r"(?:will|should|must|needs? to|ought to) be (?:ordered|obtained|checked|"
        r"repeated|scheduled|performed|drawn)|to be (?:done|checked|repeated|scheduled))\b|"
        r"\bre-?check(?: [a-z'/-]{2,20}){0,4}? (?:in|at|on|within)\b|"
        r"\b(?:device|wound|weight|bp|lab|pacemaker|suture|cast|"
        r"blood pressure) check (?:in|at|on)\b"
        rf"|(?:{_TEST}) (?:in|within|on) (?=[0-9a])|(?:{_TEST}) (?:is |are |was |were )?(?:over)?due\b(?! to\b)"
    ),
    re.ASCII,
)
# Among the tests are names of what is taken too: "vitamin D weekly" is no test.
_MEASURED: Final = rf"(?!(?:vitamin|b12|magnesium|potassium|ferritin)\b(?! levels?)){_TEST}"
_EVERY: Final = rf"(?:every|q) ?{terms.COUNT}(?: |(?<=[0-9])){terms.UNIT}"
_SERIAL: Final = re.compile(
    (
        rf"\b(?:(?:once |twice |three times )?weekly|biweekly|monthly|annual|yearly|serial|{_EVERY}) {_MEASURED}|"
        rf"(?<![a-z]){_MEASURED} (?:(?:once |twice |three times )?weekly|biweekly|monthly|annually|yearly|{_EVERY})\b"
    ),
    re.ASCII,
)
_APPOINTMENT: Final = re.compile(
    (
        rf"\b{_FOLLOW}\b|\brt[co]\b|\breturn(?:s|ing)?\b(?: to (?:clinic|the clinic|office|see|our|the "
        r"office))?(?= ?(?:in|on|to (?:clinic|the clinic|office|see|our)|next|as|prn|[0-9]|for|within|"
        r"visit))|\bsee (?:you |him |her |the patient |pt |back |them )?(?:back )?(?:in|again|on|dr|"
        r"your)\b|"
        rf"\bappointment\b|\bappt\b|\bsee\s(?:(?-i:{_CLINICIAN})|(?:{terms.SPECIALTIES}))|\b(?:next|"
        rf"return) visit\b|\bcome back\b|\b(?:{terms.SPECIALTIES}) (?:in|on) (?=[0-9a])|\bback in "
        r"(?=[0-9a])"
    ),
    _FLAGS,
)
_PAST: Final = re.compile(
    (
        r"\b(?:presents?|presenting|here|seen|comes?|came|returning|returns|in)(?: today| in| to (?:the "
        r")?(?:clinic|office))?(?: today)? (?:for|in)\b[^.]{0,60}$|\b(?:followed up|lost to|years? of|"
        r"since last|at (?:his|her|last|the) last|last|routine|previous|prior|ed|emergency (?:room|"
        r"department)|hospital|annual)(?: visit)?\s$|\b(?:had|has had|underwent|without|no|routine|"
        r"denies|after|during|status post)\s(?:an?\s|further\s|the\s)?$"
    ),
    _FLAGS,
)
_PAST_AFTER: Final = re.compile(
    (
        r"\s?(?:of (?:his|her|the|chronic|a)|showed|shows|demonstrated|reveal(?:ed|s)|was (?:normal|"
        r"negative|positive|done|unremarkable|performed)|visit for|after (?:an )?(?:ed|emergency|"
        r"hospital)|surveillance of|is (?:normal|unremarkable)|examination (?:showed|reveals)|"
        r"[^.]{0,60}\b(?:showed|revealed|demonstrated|unremarkable|within normal limits)\b)"
    ),
    _FLAGS,
)
_DONE: Final = re.compile(
    (
        r"\b(?:thank you(?: very much| so much)? for|thanks for|for kindly|kindly) (?:kindly )?$|"
        r"\b(?:was|were) (?:previously |initially |subsequently )?$|\b(?:had|has) (?:been "
        r")?(?:previously )?$|\b(?:physician|doctor|provider|pcp|dermatologist|who|and) (?:subsequently "
        r")?$"
    ),
    _FLAGS,
)
_IMPERATIVE: Final = re.compile(
    (
        r"(?:[*•-]\s?)?(?:please\s)?(?:continue|avoid|take|keep|weigh|monitor|limit|drink|rest|use|do "
        r"not|don't|no (?:heavy|driving|lifting|strenuous|weight)|wear|elevate|apply|ice|resume|stop|"
        r"start|eat|"
        r"maintain|increase|decrease|change|remove|shower|walk|check|record|bring|follow (?:a|the|low)|"
        r"activity|diet|low[- ](?:salt|sodium|fat))\b"
    ),
    _FLAGS,
)
_NEW_STATEMENT: Final = re.compile(
    (
        rf"(?:[,;]\s?(?:and |then )?|\s(?:and|then)\s)(?=(?:{_FOLLOW}|rt[co]\b|return\b|repeat\b|recheck\b|"
        r"refer\b|referral\b|call\b|see\b|check\b|order\b|schedule\b|obtain\b|will\b|"
        rf"(?:with\s)?(?:{terms.SPECIALTIES}|Dr\.? [A-Z]\w+) (?:in|on) (?:[0-9a]|one|two|three)))"
    ),
    _FLAGS,
)


def find_follow_ups(text: str, sections: Sequence[Section]) -> tuple[FollowUp, ...]:
    """Return what a note says is to happen next, in order.

    `sections` are those of `find_sections`: instructions count only where a section gives them, and a test or
    referral told in the past elsewhere is history. Works sentence by sentence, on at most `LONGEST` characters each.
    """
    found: list[FollowUp] = []
    original, text = text, text.replace("\n", " ")  # a line break inside of a sentence is a wrap
    lowered = ascii_lower(text)
    for sentence in split_sentences(original):
        part = _without_title(sentence, sections)
        kind = section_at(sections, part.start).kind if sections else SectionKind.OTHER
        for statement in _statements(text, part):
            follow_up = _read(text, lowered, statement, future=kind in FUTURE_SECTIONS)
            if follow_up is None and kind is SectionKind.FOLLOW_UP:
                follow_up = _listed(text, lowered, statement)
            if follow_up:
                start = follow_up.span.start + text[follow_up.span.start : follow_up.span.end].find(follow_up.action)
                found.append(replace(follow_up, action=original[start : start + len(follow_up.action)]))
    return tuple(found)


def _listed(text: str, lowered: str, statement: Span) -> FollowUp | None:
    """Return the appointment that an entry of a follow-up list is when it names only with whom."""
    who = _with_whom(text, statement)
    if who is None:
        return None
    span = Span(statement.start, max(who.end, statement.start + len(statement.of(text).rstrip(".;, "))))
    return FollowUp(span, span.of(text), "appointment", when=_when(lowered, statement, statement.start), with_whom=who)


def _without_title(sentence: Span, sections: Sequence[Section]) -> Span:
    """Return the sentence without a section title that stands on its line."""
    if not sections:
        return sentence
    body = section_at(sections, sentence.end - 1).body
    return Span(body.start, sentence.end) if sentence.start < body.start < sentence.end else sentence


def _statements(text: str, sentence: Span) -> Iterator[Span]:
    """Yield the parts of a sentence that each ask for one thing; very long sentences are read in pieces."""
    for start in range(sentence.start, sentence.end, LONGEST):
        end = min(sentence.end, start + LONGEST)
        low = start
        for cut in _NEW_STATEMENT.finditer(text, start, end):
            if _OPENS_CONDITION.match(text, low, cut.start()):
                continue  # "if the swelling returns, call": one statement
            if part := trimmed(text, low, cut.start()):
                yield part
            low = cut.end()
        if part := trimmed(text, low, end):
            yield part


_OPENS_CONDITION: Final = re.compile(
    r"[\s*•-]{0,6}(?:\[[ xX]?\]\s)?(?:if|when|whenever|"
    r"should (?:he|she|they|you|the|any|symptoms|there|pt|patient)|for any)\b",
    _FLAGS,
)


def _read(text: str, lowered: str, statement: Span, *, future: bool) -> FollowUp | None:
    found = _cue(text, lowered, statement, future=future)
    if found is None:
        return None
    kind, start = found
    when = _when(lowered, statement, start)
    with_whom = _with_whom(text, statement)
    if with_whom and with_whom.start >= statement.start and 0 <= start - with_whom.end <= WHO_GAP:
        start = with_whom.start  # "PCP f/u", "cardiology follow-up"
    end = statement.end
    while end > start + 1 and text[end - 1] in ".;, ":
        end -= 1
    whole = Span(min(start, when.start if when else start), max(end, when.end if when else end))
    return FollowUp(whole, text[start:end], kind, when=when, with_whom=with_whom)


# Cheap words that every cue holds: most sentences have none and are passed over quickly.
_UNFINISHED: Final = re.compile(r"pending|await|follow", _FLAGS)
_HINT: Final = re.compile(
    r"follow|f/u|\bfu\b|rt[co]\b|return|come back|come in|call|contact|report|notify|message|seek|visit|"
    r"be seen|precaution|refer|consult|"
    r"pending|await|repeat|re-?check|re-?order|surveillance|order|obtain|schedul|\bget\b|check|draw|arrange|undergo|perform|\bhave\b|"
    r"need|due\b|weekly|monthly|annual|yearly|serial|every|\bq ?[0-9]|"
    r"to be |\bsee\b|appointment|appt|back in|phone|\bgo\b|present|\b(?:in|on|within) [0-9a]",
    _FLAGS,
)


def _cue(text: str, lowered: str, statement: Span, *, future: bool) -> tuple[FollowUpKind, int] | None:
    start, end = statement.start, statement.end
    if not _HINT.search(text, start, end):
        return ("instruction", start) if future and _IMPERATIVE.match(text, start, end) else None
    condition = _CONDITION.search(lowered, start, end) if _IF.search(text, start, end) else None
    precaution = _searched(_PRECAUTION, lowered, lowered, statement)
    if condition and (precaution is None or condition.start() <= precaution.start()) and _is_advice(text, condition):
        return "return_precaution", condition.start()
    if precaution:
        return "return_precaution", precaution.start()
    if _UNFINISHED.search(text, start, end) and (match := _PENDING.search(lowered, start, end)):
        return "pending_result", match.start()
    referral = _searched(_REFERRAL, text, lowered, statement)
    if referral and (future or not _DONE.search(text[start : referral.start()])):
        return "referral", _start_of_referral(text, start, referral)
    if (match := _searched(_TESTING, lowered, lowered, statement)) and not _told(text, statement, match):
        return "test", match.start()
    if future and (match := _searched(_SERIAL, lowered, lowered, statement)) and not _told(text, statement, match):
        return "test", match.start()
    cues = _APPOINTMENT.finditer(text, start, end) if _may_hold(_APPOINTMENT, lowered, statement) else iter(())
    match = next((m for m in islice(cues, MOST_CUES) if not _told(text, statement, m)), None)
    if match and (future or _looks_ahead(text, lowered, statement, match)):
        return "appointment", match.start()
    if future and _IMPERATIVE.match(text, start, end):
        return "instruction", start
    return None


# One of these is in whatever a pattern matches: to look for them costs a fraction of a search that fails.
_NEEDED: Final = {
    _PRECAUTION: ("if", "should", "for ", "when", "with ", "precautions", "911", "seek ", "return to "),
    _REFERRAL: ("refer", "consult"),
    _TESTING: (
        *("repeat", "check", "follow", "f/u", "fu", "order", "surveillance", "obtain", "schedule", "get", "draw"),
        *("arrange", "undergo", "perform", "have", "need", "due", "be ", " in ", " within ", " on "),
    ),
    _SERIAL: ("weekly", "monthly", "annual", "yearly", "serial", "every", "q"),
    _APPOINTMENT: (
        *("follow", "f/u", "fu", "rtc", "rto", "return", "see", "appointment", "appt", "visit", "come back"),
        *("back in ", " in ", " on "),
    ),
}


def _may_hold(pattern: re.Pattern[str], lowered: str, statement: Span) -> bool:
    if not any(lowered.find(word, statement.start, statement.end) >= 0 for word in _NEEDED[pattern]):
        return False
    if pattern is _APPOINTMENT:
        strong = _NEEDED[pattern][:-2]  # "in" and "on" count behind a specialty only
        named = any(lowered.find(word, statement.start, statement.end) >= 0 for word in strong)
        return named or _SPECIALTY_AT.search(lowered, statement.start, statement.end) is not None
    if pattern not in {_TESTING, _SERIAL} or lowered.find("check", statement.start, statement.end) >= 0:
        return True
    return _TEST_NAME.search(lowered, statement.start, statement.end) is not None


def _searched(pattern: re.Pattern[str], where: str, lowered: str, statement: Span) -> re.Match[str] | None:
    if not _may_hold(pattern, lowered, statement):
        return None
    return pattern.search(where, statement.start, statement.end)


def _start_of_referral(text: str, start: int, match: re.Match[str]) -> int:
    """Return where the words begin that say to what: "intensive outpatient referral"."""
    named = _REFERRED_TO.search(text[max(start, match.start() - PAST_REACH) : match.start()])
    is_noun = match.group().lower().startswith("referral")
    return match.start() - len(named.group()) if named and is_noun else match.start()


_REFERRED_TO: Final = re.compile(
    (
        r"(?<![\w/'-])(?:(?!(?:the|an?|for|of|to|from|his|her|their|this|that|with|and|or|by|thanks?|declin\w*|refus\w*|"
        r"no|not|made|plac\w*|will|needs?|is|was|sen[dt]|see|per|on|in|at|after|if|consider|discuss\w*|offer\w*|"
        r"request\w*|want\w*|please|recommend\w*|await\w*|pending|initial|insurance)\b)"
        r"[a-z][a-z/-]{1,20} ){1,4}\Z"
    ),
    _FLAGS,
)
_IF: Final = re.compile(r"\b(?:if|should|when|whenever|any|case)\b", _FLAGS)
_TOLD: Final = re.compile(r"\b(?:called|returned|contacted|reports|reported|he has|she has)\b", _FLAGS)


def _is_advice(text: str, condition: re.Match[str]) -> bool:
    """Say whether a condition and its act speak of what is to come: not "when she returned to clinic"."""
    return not _TOLD.search(text, condition.start(), condition.end())


def _told(text: str, statement: Span, match: re.Match[str]) -> bool:
    """Say whether the words around a cue tell of the past: a visit for follow-up, a repeat test that showed."""
    before = text[max(statement.start, match.start() - PAST_REACH) : match.start()]
    return bool(_PAST.search(before)) or bool(_PAST_AFTER.match(text, match.end(), statement.end))


def _looks_ahead(text: str, lowered: str, statement: Span, match: re.Match[str]) -> bool:
    """Say whether a statement outside the plan is about the future: it names a time, a person or an obligation."""
    rest = Span(match.start(), statement.end)
    return bool(
        _WHEN.search(lowered, rest.start, rest.end)
        or _WITH.search(text, rest.start, rest.end)
        or _OBLIGED.search(text, statement.start, match.start())
    )


_OBLIGED: Final = re.compile(rf"\b{_NEXT}\b", _FLAGS)


def _when(lowered: str, statement: Span, cue: int) -> Span | None:
    match = _WHEN.search(lowered, cue, statement.end) or _WHEN.search(lowered, statement.start, cue)
    return Span(*match.span()) if match else None


def _with_whom(text: str, statement: Span) -> Span | None:
    match = _WITH.search(text, statement.start, statement.end) or _WHO_ANYWHERE.search(
        text, statement.start, statement.end
    )
    return Span(*match.span("who")) if match else None
