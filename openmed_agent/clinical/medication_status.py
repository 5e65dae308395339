"""Whether a drug is taken, stopped, held, planned, changed or not taken, and which words say so."""

import re
from typing import Final, Literal

from openmed_agent.clinical import medication_terms as terms
from openmed_agent.text.spans import Span

Status = Literal["taken", "stopped", "held", "planned", "changed", "not_taking", "given", "unknown"]

REACH: Final = 160
NEAR_WORDS: Final = 4

_SENTENCE_END: Final = re.compile(r"[.!?;](?=\s)|\n", re.ASCII)
_WRAPPED_END: Final = re.compile(r"[.!?;](?=\s)", re.ASCII)
_STATEMENT_END: Final = re.compile(r"[.!?](?=\s)|\n", re.ASCII)
_SMOKING: Final = r"(?!\s(?:smok|drink|work|exercis|eat|vap|us(?:ing|e) (?:tobacco|alcohol|drugs)))"

# Words that stand before the drug. Order matters only among patterns that start at the same place.
_BEFORE: Final[tuple[tuple[Status, str], ...]] = (
    ("taken", r"(?:do not|don't|never|did not|didn't|should not) (?:stop|discontinue|hold|skip)(?: taking)?"),
    ("taken", r"(?:tolerates|tolerating)"),
    (
        "stopped",
        (
            r"(?:(?:used|had) to (?:take|be on|use)|previously (?:on|took|taking|taken|used|treated with|"
            r"prescribed|tried)|"
            r"formerly (?:on|took|taking)|"
            r"(?:was|were|had been) (?:previously|formerly|once) (?:on|taking|treated with)|"
            r"tried and failed|failed|past trials? of|prior trials? of|previous trials? of|completed(?: a course of)?|"
            r"finished(?: a course of)?)"
        ),
    ),
    (
        "given",
        (
            r"(?:(?:was|were|been|being|he|she|pt|patient) (?:also |then |initially )?(?:given|administered)|received|"
            r"(?:was|were|been) (?:also |then |initially |empirically )?(?:diuresed|treated|resuscitated|covered|"
            r"sedated|bridged|medicated) with|"
            r"loaded with|bolused(?: with)?|premedicated with|injected(?: with)?|infused(?: with)?|"
            r"anesthetized with|anesthesia with|injection of|under(?= [0-9.]{1,4} ?%)|under local)"
            r"(?! (?:a |an |his |her )?(?:new )?(?:prescription|script|rx|refills?)\b)"
        ),
    ),
    ("given", r"(?:given|gave)"),
    ("given", r"(?:narrowed|de-?escalated|broadened) to"),
    ("not_taking", r"fail(?:s|ed) to (?:take|start|fill|pick up|refill)"),
    (
        "not_taking",
        (
            r"(?:not|never|isn't|wasn't|stopped|no longer|denies|denied|hasn't been|has not been|without) "
            r"(?:currently |been |actually |now )?"
            r"(?:taking|takes|take|took|taken|using|use|on|compliant with|adherent (?:with|to)|filled|"
            r"picked up|started|starting)(?: on)?"
        ),
    ),
    (
        "not_taking",
        (
            r"(?:do not|don't|does not|doesn't|did not|didn't|should not|cannot|can't) (?:currently |now |"
            r"actually )?"
            r"(?:take|use|fill|tolerate|want|start|pick up)"
        ),
    ),
    (
        "not_taking",
        (
            r"(?:ran out of|run out of|running out of|out of|refus(?:es|ed|ing)|declin(?:es|ed|ing)|"
            r"avoid(?:s|ed|ing)?|"
            r"nonadherent (?:with|to)|noncompliant with|non-compliant with|not compliant with|"
            r"allerg(?:ic|y) to|allergies to|intoleran(?:t of|t to|ce to|ce of)|no longer on|no longer|"
            r"contraindicated)"
        ),
    ),
    ("not_taking", r"(?:den(?:y|ies|ied)|no|not on|never on|unable to (?:take|tolerate|afford))"),
    (
        "stopped",
        (
            r"(?:will |to |should |please |can |may |was advised to |advised to )?"
            r"(?:stop(?:ped|ping|s)?|discontinu(?:e|ed|es|ing)|d/c'?e?d?|dc'?d|d/c|quit|ceas(?:e|ed)|"
            r"came off|come off|taken off|took (?:him|her|them|pt|patient) off|weaned (?:himself |herself "
            r")?off|wean off|off of|off)"
            rf"(?: of)?{_SMOKING}(?! date)"
        ),
    ),
    (
        "stopped",
        (
            r"(?:switch(?:ed|ing)?|chang(?:e|ed|ing)|transition(?:ed|ing)?|convert(?:ed|ing)?) (?:(?:him|"
            r"her|pt|patient|them) )?from"
        ),
    ),
    (
        "stopped",
        (
            r"(?:(?<=[.,;:(+-] )|(?<=\n)|(?<=will )|(?<=then )|(?<=and )|(?<=to ))drop(?:ped)?(?=\s)"
            r"(?! (?:in|by|of|to|off|on|from|below)\b)"
        ),
    ),
    ("held", r"(?:hold(?:ing)?|held|withhold(?:ing)?|withheld|paus(?:e|ed|ing)|suspend(?:ed)?|skip(?:ped)?)"),
    (
        "changed",
        (
            r"(?:increas(?:e|ed|es|ing)|decreas(?:e|ed|es|ing)|reduc(?:e|ed|ing)|lower(?:ed|ing)?|rais(?:e|"
            r"ed|ing)|"
            r"titrat(?:e|ed|ing)(?: up| down)?|uptitrat(?:e|ed|ing)|up-titrat(?:e|ed)|taper(?:ed|ing)?|"
            r"wean(?:ed|ing)?|adjust(?:ed|ing)?|"
            r"doubl(?:e|ed)|halv(?:e|ed)|bump(?:ed)?(?: up)?|cut(?: back)?|change(?: the)? dose of|dose "
            r"change)"
        ),
    ),
    (
        "planned",
        (
            r"(?:recommend(?:ed|s|ing)?|suggest(?:ed|s|ing)?|consider(?:ing|ed)?|advis(?:e|ed|es)|could|may|"
            r"might|would) "
            r"(?:to )?(?:increas|decreas|reduc|titrat|uptitrat|lower|rais|taper|adjust)(?:ing|e|ation)?"
            r"(?: in)?(?: the)?(?: dose of)?"
        ),
    ),
    (
        "planned",
        (
            r"(?:(?:will|would|going to|plan(?:s|ned|ning)? (?:to|on)|plan:?|consider(?:ing)?|"
            r"talk(?:ed|ing)? about|spoke about|discuss(?:ed|ing)|offer(?:ed|s|ing)?|interested in|option of|"
            r"thinking about|think about|open to|hesitant about|reluctant|"
            r"recommend(?:ed|s)?|suggest(?:ed)?|advis(?:e|ed)|"
            r"may|might|could|would like to|want(?:s)? to|agree[sd]? to|discussed|let's|can|if "
            r"[a-z ,]{1,40}) )"
            r"(?:also |then |likely |try |trial of |to )?"
            r"(?:(?:re)?start(?:ing)?|initiat(?:e|ing)|begin(?:ning)?|add(?:ing)?|try(?:ing)?|prescrib(?:e|"
            r"ing)|resum(?:e|ing)|"
            r"order|give|switch to|put (?:him|her|them) on|place (?:him|her|them) on|use|send in|take|taking)"
        ),
    ),
    (
        "planned",
        (
            r"(?:talk(?:ed|ing)? about|spoke about|discuss(?:ed|ing)|offer(?:ed|s|ing)?|interested in|"
            r"option of|thinking about|consider(?:ing|ed|ation of)?|recommend(?:ed|s)?|plan for|trial of|"
            r"candidate for|if (?:needed|necessary),? add|"
            r"(?:(?:will |to |should |can |may )?be )?(?:switch(?:ing)?|chang(?:e|ing)|transition(?:ing)?|"
            r"convert(?:ing)?) (?:(?:him|her|pt|patient|them) )?(?:over )?to|"
            r"(?:will |to |should |can |may |could )be (?:switched|changed|transitioned|converted) (?:over )?to|"
            r"suggest(?:ed)?)"
        ),
    ),
    (
        "planned",
        (
            r"(?:start|begin|initiate|add|prescribe|restart|resume|rx for|order|initiation of|try|new "
            r"prescription for|new rx)(?: taking)?"
        ),
    ),
    (
        "taken",
        (
            r"(?:(?:switched|changed|transitioned|converted) from [a-z0-9 .-]{1,50}? to|"
            r"(?:switched|changed|transitioned|converted) (?:(?:him|her|pt|patient|them) )?(?:over )?to|"
            r"start(?:ed|s)|began|begun|initiated|added|prescribed|restarted|resumed|was (?:put|placed|"
            r"started) on)"
        ),
    ),
    (
        "taken",
        (
            r"(?:continu(?:e|es|ed|ing)|maintain(?:ed)?|tak(?:es|ing|e|en)|took|us(?:es|ing|ed|e)(?! of)|"
            r"currently on|remains on|is on|was on|stays on|"
            r"on|takes only|compliant with|adherent to|refill(?:ed|s)?|keep|managed with|treated with|"
            r"receiv(?:es|ing)|"
            r"reports|tolerating|prescription for|controlled (?:on|with))"
        ),
    ),
)

# Words that stand after the drug and its direction.
_CELL: Final = r"(?<=[|\t])[ ]{0,4}"
_CELL_END: Final = r"(?=[ ]{0,4}(?:[|\t\r\n]|\Z))"
_PASSIVE: Final = r"(?:\b(?:was|were|is|are|be|been|being|has been|have been|had been|got|will be|to be)\s)?"
_AFTER: Final[tuple[tuple[Status, str], ...]] = (
    ("stopped", rf"{_CELL}(?:stop|discontinue|d/c|remove|inactive|do not take|discontinued by provider){_CELL_END}"),
    ("held", rf"{_CELL}(?:hold|on hold|pause|held){_CELL_END}"),
    ("not_taking", rf"{_CELL}(?:not taking|no longer|not using|not taken){_CELL_END}"),
    (
        "given",
        (
            r"(?:(?:was|were|been|being) (?:also )?(?:given|administered|injected|infused)|injected|infiltrated|"
            r"(?:given|administered)(?=[ ]?(?:[.,;)]|\Z| (?:at|in|by|x|once|prior|before|after|today|"
            r"yesterday|iv|im|po|sc|for pain|per|with good|with relief)\b)))(?! (?:a |an )?(?:prescription|script|rx))|"
            r"x ?1 (?:given|in (?:the )?(?:ed|er|clinic|office))"
        ),
    ),
    (
        "taken",
        (
            r"(?:was|were|is|has been) (?:continued|resumed|restarted|started|initiated|added|refilled|"
            r"increased to)(?<!increased to)"
        ),
    ),
    (
        "not_taking",
        (
            r"(?:not taking|no longer tak(?:es|ing)|not (?:currently )?using|never (?:took|started|filled|"
            r"picked up)|did(?:n't| not) (?:take|fill|start)|"
            r"does(?:n't| not) take|ran out|run out|refus(?:ed|es)|declin(?:ed|es)|is allergic|allergy|has "
            r"not been taking|hasn't been taking|"
            r"(?:is |was )?contraindicated|cannot (?:afford|tolerate)|could not (?:afford|tolerate)|was not "
            r"(?:taking|started|filled)|"
            r"noncompliant|nonadherent|patient not taking)"
        ),
    ),
    (
        "planned",
        (
            r"(?:(?:will|to|can|may|should|would) be (?:re)?(?:started|initiated|added|prescribed|given|"
            r"resumed|considered|ordered)|to (?:start|begin)|starting (?:tomorrow|today)|(?<=[:(,–-] )will "
            r"start|"
            r"(?:is|was) (?:recommended|considered)|is planned|can be (?:started|considered|taken|given))"
        ),
    ),
    (
        "stopped",
        (
            rf"{_PASSIVE}(?:stopped|discontinued|d/c'?e?d|dc'?d|d/c|ceased|weaned off|tapered off|switched "
            r"to|changed to|replaced (?:by|with)|self-discontinued|quit)"
            r"(?! (?:by mouth|(?!(?:19|20)[0-9]{2}\b)[0-9]))|(?<=\()stop|"
            r"(?:has|have|had)(?: now)? been off(?: of)?(?: (?:it|this|them|that))?(?! and on)|"
            r"is (?:now )?off (?:it|this|them)|"
            r"off (?:it|this|them) (?:since|for|now)|"
            r"in the past(?! (?:few|several|couple|week|month|year|day|hour|[0-9]|two|three|four|six))|"
            r"he stopped|she stopped|pt stopped|patient stopped|stopped it|"
            r"completed|finished|course complete|(?:was |were )?last (?:used|taken|needed) (?:"
            r"(?:in |about |around )?(?:[a-z]{3,9}\.? )?(?:19|20)[0-9]{2}\b|"
            r"(?:over |about |more than |> ?)?(?:[0-9]{1,2}|an?|one|two|three|several|many) (?:months?|years?) ago)"
        ),
    ),
    (
        "held",
        (
            rf"{_PASSIVE}(?:held|on hold|placed on hold|withheld|paused|suspended)|hold(?: parameters)?(?: "
            r"for| if| until| on| the| before)"
        ),
    ),
    (
        "changed",
        (
            r"(?:(?:was|were|has been|be|been|is|recently|dose) (?:recently )?(?:increased|decreased|"
            r"reduced|lowered|raised|doubled|titrated|uptitrated|changed|adjusted)|"
            r"(?:increased|decreased|reduced|lowered|raised|changed|titrated)(?: up| down)?(?: from| to| "
            r"by)|will (?:increase|decrease)|increase to|decrease to|->|→)"
        ),
    ),
)


def _joined(table: tuple[tuple[Status, str], ...]) -> tuple[tuple[Status, re.Pattern[str]], ...]:
    return tuple((status, re.compile(rf"(?<![A-Za-z]){pattern}(?![A-Za-z])", terms.FLAGS)) for status, pattern in table)


_BEFORE_CUES: Final = _joined(_BEFORE)
_AFTER_CUES: Final = _joined(_AFTER)
_WAS: Final = re.compile(r"\b(?:was|were|been|being|is|be|got)\s{1,2}$", terms.FLAGS)
_TO_DRUG: Final = re.compile(r"\s(?:on|with|to|taking)\b", terms.FLAGS)
_CLAUSE: Final = re.compile(r"\b(?:but|however|although|while|whereas)\b", terms.FLAGS)
_CLOSED_CUES: Final = frozenset(("stopped", "held", "changed", "given", "not_taking"))
_CLOSERS: Final = frozenset((",", ";", ")", "]", "|"))
_BRACKET: Final = re.compile(r"[()\[\]]")
_ADJUNCT: Final = re.compile(
    r"\s(?:last|this|yesterday|today|recently|on|in|since|by|per|after|before|due to|because of|for|[0-9]{1,3})\b"
    r"[^,;:()\[\]|\n]{0,60}[,;|]",
    terms.FLAGS,
)
_WORD: Final = re.compile(r"[A-Za-z]{4}")
_PASSIVE_CUES: Final = frozenset(("stopped", "held", "changed"))


def read_status(
    text: str, drug: Span, *, sig_end: int, limit: int, floor: int | None = None
) -> tuple[Status, Span | None]:
    """Return the status that the words around a drug state, and the words that state it.

    Looks back to the start of the sentence and forward to `limit`, at most `REACH` characters each way. With
    `floor`, where the sentence starts, a line break inside of it is a wrap and ends nothing.
    `unknown` means that nothing near the drug says so: its section then decides.
    """
    before = _cue_before(text, drug, floor=floor)
    after = _cue_after(text, drug, sig_end=sig_end, limit=limit, wrapped=floor is not None)
    if before and _WAS_ON.fullmatch(text, before[1].start, before[1].end):
        until = _UNTIL.search(text, max(drug.end, sig_end), min(limit, sig_end + REACH))
        if until:
            return "stopped", Span(before[1].start, until.end())
    if after is None:
        return before or ("unknown", None)
    if before is None or before[0] == "taken":
        return after
    near = len(text[before[1].end : drug.start].split()) <= NEAR_WORDS
    return before if near else after


_DOSE_GIVEN: Final = re.compile(
    r"\s(?:an?\s|iv\s|po\s|[0-9.]{1,6}\s?(?:mg|mcg|g)\s(?:of\s)?)?[a-z][a-z-]{1,30}\s"
    r"(?:[0-9]|(?:iv|im|po|sl|x ?1|gtt|drip|bolus|nebs?|once)\b)",
    terms.FLAGS,
)
_WAS_ON: Final = re.compile(r"(?:was|were|had been) (?:on|taking)|took|used", terms.FLAGS)
_UNTIL: Final = re.compile(r"\b(?:until|till|up to)\s(?=[a-z0-9])", terms.FLAGS)


def _cue_before(text: str, drug: Span, *, floor: int | None) -> tuple[Status, Span] | None:
    start = max(floor or 0, drug.start - REACH)
    for end in (_SENTENCE_END if floor is None else _WRAPPED_END).finditer(text, start, drug.start):
        start = end.end()
    for clause in _CLAUSE.finditer(text, start, drug.start):
        start = clause.end()
    best: tuple[int, int, Status, Span] | None = None
    for status, pattern in _BEFORE_CUES:
        for match in pattern.finditer(text, start, drug.start):
            if status in _PASSIVE_CUES and _passive(text, match, start, drug.start):
                continue
            if match.group().lower() in {"given", "gave"} and not _DOSE_GIVEN.match(text, match.end()):
                continue  # "given his lisinopril, cough is no surprise"
            if status in _CLOSED_CUES and _closed(text, match, start, drug.start):
                continue
            if (
                status == "not_taking"
                and match.group().lower() in {"no", "out of"}
                and text[match.end() : drug.start].strip()
            ):
                continue
            candidate = (match.end(), -match.start(), status, Span(*match.span()))
            best = _better(best, candidate)
    return (best[2], best[3]) if best else None


def _better(
    best: tuple[int, int, Status, Span] | None, candidate: tuple[int, int, Status, Span]
) -> tuple[int, int, Status, Span]:
    """Prefer the cue nearest to the drug; of overlapping cues the longer one."""
    if best is None:
        return candidate
    if candidate[3].overlaps(best[3]):
        longer = candidate[3].end - candidate[3].start > best[3].end - best[3].start
        return candidate if longer else best
    return candidate if candidate[0] > best[0] else best


def _closed(text: str, match: re.Match[str], start: int, end: int) -> bool:
    """Say whether the cue ends what is said of an earlier drug.

    `lisinopril (stopped), amlodipine`; `lisinopril (stopped last week), amlodipine`; `lisinopril, stopped in May,
    amlodipine`; but `Stopped last week, lisinopril` tells of what comes.
    """
    if text[match.end() : match.end() + 1] in _CLOSERS:
        return True
    depth = 0
    for bracket in _BRACKET.finditer(text, match.end(), end):
        depth += 1 if bracket.group() in "([" else -1
        if depth < 0:
            return True
    adjunct = _ADJUNCT.match(text, match.end(), end)
    return adjunct is not None and _WORD.search(text, start, match.start()) is not None


def _passive(text: str, match: re.Match[str], start: int, end: int) -> bool:
    """Say whether the cue tells of an earlier drug: `lisinopril was stopped, metformin`."""
    if match.group().lower().endswith("from"):
        return False
    return bool(_WAS.search(text[max(start, match.start() - 10) : match.start()])) and not _TO_DRUG.search(
        text, match.end(), end
    )


def _cue_after(text: str, drug: Span, *, sig_end: int, limit: int, wrapped: bool) -> tuple[Status, Span] | None:
    stop = min(limit, sig_end + REACH)
    if end := (_WRAPPED_END if wrapped else _STATEMENT_END).search(text, max(drug.end, sig_end - 1), stop):
        stop = end.start()
    found = [
        (match.start(), -match.end(), status, Span(*match.span()))
        for status, pattern in _AFTER_CUES
        if (match := pattern.search(text, drug.end, stop))
    ]
    if not found:
        return None
    first = min(found, key=lambda cue: cue[:2])
    return first[2], first[3]
