"""Whether a drug is taken, stopped, held, planned, changed or not taken, and which words say so."""

import re
from typing import Final, Literal

from openmed_agent.clinical import medication_terms as terms
from openmed_agent.text.spans import Span

Status = Literal["taken", "stopped", "held", "planned", "changed", "not_taking", "unknown"]

REACH: Final = 160
NEAR_WORDS: Final = 4

_SENTENCE_END: Final = re.compile(r"[.!?;](?=\s)|\n", re.ASCII)
_STATEMENT_END: Final = re.compile(r"[.!?](?=\s)|\n", re.ASCII)
_SMOKING: Final = r"(?!\s(?:smok|drink|work|exercis|eat|vap|us(?:ing|e) (?:tobacco|alcohol|drugs)))"

# Words that stand before the drug. Order matters only among patterns that start at the same place.
_BEFORE: Final[tuple[tuple[Status, str], ...]] = (
    ("taken", r"(?:do not|don't|never|did not|didn't|should not) (?:stop|discontinue|hold|skip)(?: taking)?"),
    ("taken", r"(?:tolerates|tolerating)"),
    (
        "not_taking",
        (
            r"(?:not|never|isn't|wasn't|stopped|no longer|denies|denied|hasn't been|has not been|without) "
            r"(?:currently |been |actually |now )?"
            r"(?:taking|takes|take|took|taken|using|use|on|compliant with|adherent (?:with|to)|filled|"
            r"picked up|started|starting)"
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
            r"(?:(?:will|would|going to|plan(?:s|ned|ning)? (?:to|on)|plan:?|consider(?:ing)?|"
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
            r"(?:consider(?:ing|ation of)?|recommend(?:ed|s)?|plan for|trial of|candidate for|if (?:needed|"
            r"necessary),? add|"
            r"(?:switch|chang|transition|convert)(?:e|ed|ing)? (?:(?:him|her|pt|patient) )?(?:over )?to|"
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
            r"(?:start(?:ed|s)|began|begun|initiated|added|prescribed|restarted|resumed|was (?:put|placed|"
            r"started) on)"
        ),
    ),
    (
        "taken",
        (
            r"(?:continu(?:e|es|ed|ing)|maintain(?:ed)?|tak(?:es|ing|e|en)|took|us(?:es|ing|ed|e)(?! of)|"
            r"currently on|remains on|is on|was on|stays on|"
            r"on|takes only|compliant with|adherent to|refill(?:ed|s)?|keep|managed with|treated with|"
            r"receiv(?:ed|es|ing)|"
            r"reports|tolerating|given|prescription for|controlled (?:on|with))"
        ),
    ),
)

# Words that stand after the drug and its direction.
_PASSIVE: Final = r"(?:\b(?:was|were|is|are|be|been|being|has been|have been|had been|got|will be|to be)\s)?"
_AFTER: Final[tuple[tuple[Status, str], ...]] = (
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
            r"(?! (?:by mouth|[0-9]))|he stopped|she stopped|pt stopped|patient stopped|stopped it|"
            r"completed|finished|course complete"
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
_PASSIVE_CUES: Final = frozenset(("stopped", "held", "changed"))


def read_status(text: str, drug: Span, *, sig_end: int, limit: int) -> tuple[Status, Span | None]:
    """Return the status that the words around a drug state, and the words that state it.

    Looks back to the start of the sentence and forward to `limit`, at most `REACH` characters each way.
    `unknown` means that nothing near the drug says so: its section then decides.
    """
    before = _cue_before(text, drug)
    after = _cue_after(text, drug, sig_end=sig_end, limit=limit)
    if after is None:
        return before or ("unknown", None)
    if before is None or before[0] == "taken":
        return after
    near = len(text[before[1].end : drug.start].split()) <= NEAR_WORDS
    return before if near else after


def _cue_before(text: str, drug: Span) -> tuple[Status, Span] | None:
    start = max(0, drug.start - REACH)
    for end in _SENTENCE_END.finditer(text, start, drug.start):
        start = end.end()
    for clause in _CLAUSE.finditer(text, start, drug.start):
        start = clause.end()
    best: tuple[int, int, Status, Span] | None = None
    for status, pattern in _BEFORE_CUES:
        for match in pattern.finditer(text, start, drug.start):
            if status in _PASSIVE_CUES and _passive(text, match, start, drug.start):
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


def _passive(text: str, match: re.Match[str], start: int, end: int) -> bool:
    """Say whether the cue tells of an earlier drug: `lisinopril was stopped, metformin`."""
    return bool(_WAS.search(text[max(start, match.start() - 10) : match.start()])) and not _TO_DRUG.search(
        text, match.end(), end
    )


def _cue_after(text: str, drug: Span, *, sig_end: int, limit: int) -> tuple[Status, Span] | None:
    stop = min(limit, sig_end + REACH)
    if end := _STATEMENT_END.search(text, max(drug.end, sig_end - 1), stop):
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
