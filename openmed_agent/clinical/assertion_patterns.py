"""Cues that are patterns rather than phrases: boxes, return precautions, earlier studies, what happened just now.

Each looks at a bounded number of words around one place, so that a sentence costs what its length does.
"""

from collections.abc import Sequence

from openmed_agent.clinical.assertion_rules import Word
from openmed_agent.clinical.assertion_stops import (
    BEFORE_WITH,
    BOUNDARIES,
    CHECKED,
    EMPTY_MARKS,
    HARD_STOPS,
    OCCURRING,
    TICKED_MARKS,
)
from openmed_agent.clinical.assertion_words import word_set

SIGNS = frozenset(("-", "–", "−", "+"))
_LONGEST_BOX = 3
BOXES = EMPTY_MARKS | TICKED_MARKS | {"["}  # words at which `box_end` may hold

# What a patient is told to do when something happens, and the word after which it is named.
_TURNING = word_set("return come seek call contact notify go")
_WHEN = word_set("for if with when should")
_NEEDED_BETWEEN = {"come": word_set("back"), "go": word_set("ed er emergency hospital room clinic")}
_NOT_TURNING_AFTER = word_set("the a an on of upon no any not did his her their")
_NOT_BETWEEN = word_set(", ; . ( : week weeks month months day days work school baseline normal")
_VISITS = word_set(
    "follow followup recheck repeat reevaluation evaluation removal check surgery management treatment visit "
    "appointment further suture staple staples results work a an his her the"
)
_LONGEST_TURN = 9

# A study, told as of an earlier time, and the verb after which its findings stand.
_SHOWED = word_set("showed revealed demonstrated showing revealing demonstrating noted documented")
_STUDIES = word_set(
    "biopsy biopsies ct mri mra scan x xray ray film films radiograph radiographs echo echocardiogram ekg ecg "
    "electrocardiogram colonoscopy endoscopy egd ultrasound sonogram study studies exam examination "
    "catheterization cath angiogram angiography imaging mammogram test testing pathology cytology smear workup "
    "cystoscopy bronchoscopy sigmoidoscopy culture cultures specimen resection"
)
_EARLIER = word_set("previous prior earlier old outside ago")
_LAST_SPANS = word_set("year month spring summer fall autumn winter")
_LONGEST_SUBJECT = 16
_ENDS_OF_SUBJECT = word_set(", ; . :")

# What says that an event is of this encounter: "status post fall today".
_JUST_NOW = word_set("today tonight yesterday overnight morning afternoon evening hours hour hrs minutes just")
BRIEF = word_set("day days hour hours")
_LASTING = word_set("last past x for")
_ENDS_OF_EVENT = word_set(
    ", ; . ( who which now here with presents presenting presented presentation comes came admitted seen has had but "
    "complains complaining reports c"
)
_LONGEST_EVENT = 14

_LONGEST_NEED = 12
_WARNINGS = word_set("precautions risks")

# Denied, these leave what they are of: "no change in the effusion", "no source of the fever".
_CHANGES = word_set(
    "change changes increase decrease worsening improvement progression alteration cause causes source reason etiology "
    "explanation origin displacement migration enlargement"
)
_FARTHEST_CHANGE = 8
_LONGEST_LIST = 40
# Behind the comma of a denied list these name something that is there; "a" only where the list has none before.
_SOME = word_set("a an several few some multiple numerous scattered diffuse moderate many only consistent compatible")
_BEFORE_NEW = frozenset(("and", "a", "with"))
_OWN = frozenset(("his", "her"))  # behind ", and": "no falls, and his vertigo was mild"

PATTERNED = _TURNING | _SHOWED | {"including"}  # words at which `precaution_end` or `shows_earlier_finding` may hold


def box_end(words: Sequence[Word], forms: Sequence[str], at: int) -> int | None:
    """Return where the box of a checklist ends that begins at a word, or None: "[x]", "[ ]", "☐"."""
    form = forms[at]
    if form in EMPTY_MARKS or form in TICKED_MARKS:
        return at + 1
    ahead = forms[at + 1 : at + _LONGEST_BOX]
    if form != "[" or "]" not in ahead:
        return None
    end = at + 2 + ahead.index("]")
    plain = end == at + _LONGEST_BOX and ahead[0] in CHECKED
    apart = end == at + 2 and words[at].end < words[end - 1].start
    return end if plain or apart else None


def is_signed(words: Sequence[Word], forms: Sequence[str], at: int) -> bool:
    """Say whether a sign denies, as in "-edema": no blank after it, a blank before, not the only one of the line."""
    if forms[at] not in SIGNS or forms[at] == "+" or at + 1 >= len(forms):
        return False
    word, following = words[at], words[at + 1]
    apart = at == 0 or words[at - 1].end < word.start or forms[at - 1] in {",", "("}
    if not apart or following.start != word.end or not following.form.isalpha():
        return False
    return at > 0 or any(form in SIGNS for form in forms[1:40])


def is_inverted(forms: Sequence[str], at: int) -> bool:
    """Say whether "should" opens a condition here: "should bleeding occur"."""
    if forms[at] != "should" or (at and forms[at - 1] not in BOUNDARIES | HARD_STOPS):
        return False
    return any(form in OCCURRING for form in forms[at + 2 : at + 7])


def precaution_end(forms: Sequence[str], at: int) -> int | None:
    """Return where the words end that say when to seek help ("come back to the ER with"), or None.

    Also what "including" lists of such advice: "precautions were given, including".
    """
    if forms[at] == "including":
        return None if _WARNINGS.isdisjoint(forms[max(0, at - _LONGEST_TURN) : at]) else at + 1
    if forms[at] not in _TURNING or (at and forms[at - 1] in _NOT_TURNING_AFTER):
        return None
    needed = _NEEDED_BETWEEN.get(forms[at])
    for end in range(at + 1, min(len(forms), at + _LONGEST_TURN)):
        form = forms[end]
        if form in _NOT_BETWEEN:
            return None
        if form in _WHEN and (needed is None or not needed.isdisjoint(forms[at + 1 : end])):
            return None if form == "for" and forms[end + 1 : end + 2] and forms[end + 1] in _VISITS else end + 1
    return None


def shows_earlier_finding(forms: Sequence[str], at: int) -> bool:
    """Say whether the verb tells what a study of an earlier time found: "a CT last year showed"."""
    if forms[at] not in _SHOWED:
        return False
    study = earlier = False
    for back in range(at - 1, max(-1, at - _LONGEST_SUBJECT), -1):
        form = forms[back]
        if form in _ENDS_OF_SUBJECT:
            break
        study = study or form in _STUDIES
        earlier = earlier or form in _EARLIER or (form == "last" and forms[back + 1] in _LAST_SPANS)
    return study and earlier


def is_of_now(forms: Sequence[str], start: int) -> bool:
    """Say whether the words behind "history of" or "s/p" put the event into this encounter: "s/p fall today"."""
    for at in range(start, min(len(forms), start + _LONGEST_EVENT)):
        form = forms[at]
        if form in _ENDS_OF_EVENT:
            return False
        if form in _JUST_NOW or (form in BRIEF and not _LASTING.isdisjoint(forms[max(start, at - 3) : at])):
            return True
    return False


def needed_from(forms: Sequence[str], at: int) -> int | None:
    """Return where the reason begins that stands before "as needed": "for pain or fever as needed"."""
    for back in range(at - 1, max(-1, at - _LONGEST_NEED), -1):
        if forms[back] == "for":
            return back + 1
        if forms[back] in _ENDS_OF_SUBJECT:
            return None
    return None


def affirmed_from(forms: Sequence[str], start: int, end: int) -> int:
    """Return where a denied list ends before what is there: "no S3, a murmur", "no polyps, colitis without ulcers"."""
    comma = found = end
    present = _SOME - {"a", "an"} if forms[start : start + 1] in (["a"], ["an"]) else _SOME
    for at in range(start, min(end, start + _LONGEST_LIST) - 1):
        match forms[at]:
            case ",":
                comma = at
                joined = forms[at + 1] == "and"
                opening = "".join(forms[at + 1 + joined : at + 2 + joined])
                found = min(found, at) if opening in present or (joined and opening in _OWN) else found
            case "or" | "nor":
                found = end  # "no ulcer, a mass or a polyp"
                comma = end
            case "without" if comma < end:
                return min(found, comma)
    return found


def presented_from(forms: Sequence[str], start: int, end: int) -> int:
    """Return where a history ends before what is there now: "with a history of gout with fever", "and a new rash"."""
    for at in range(start, min(end, start + _LONGEST_LIST)):
        before = forms[at - 1]
        if (forms[at] == "with" and before not in BEFORE_WITH) or (forms[at] == "new" and before in _BEFORE_NEW):
            return at
    return end


def kept_from(forms: Sequence[str], start: int, end: int) -> int | None:
    """Return where what stays begins, behind a denied change or cause: "no definite source of the fever"; or None."""
    for at in range(start, min(end, start + _FARTHEST_CHANGE) - 1):
        if forms[at] in _CHANGES and forms[at + 1] in {"of", "in", "for"}:
            return at + 1
        if forms[at] == ",":
            return None
    return None
