"""What stands around an allergy: who speaks of whom, what is denied, and germs that are sensitive instead."""

import re
from typing import Final

from openmed_agent.clinical.allergy_entries import FLAGS
from openmed_agent.text.spans import Span

REACH: Final = 160
"""How far words may stand from what they are about, in code points."""

NEGATION: Final = re.compile(
    (
        r"\b(?:not|no|denies|denied|denying|never|without|isn't|negative for|ruled out|no longer|"
        r"nor)\b(?!\s(?:only|longer on))"
    ),
    FLAGS,
)
FAMILY: Final = re.compile(
    (
        r"\b(?:mother|father|sister|brother|son|daughter|wife|husband|aunt|uncle|grandmother|"
        r"grandfather|family|parent|cousin|child|children)\b"
        r"(?!(?:\s\(\w{1,12}\))?\s(?:states?|stated|reports?|reported|says|said|notes?|noted|confirms?|confirmed|"
        r"believes|recalls?)\b)"
    ),
    FLAGS,
)
SENTENCE_START: Final = re.compile(r"[.;!?]\s|\n|\bbut\b", re.ASCII)
_CULTURE: Final = re.compile(
    r"\b(?:cultures?|ucx|bcx|resistan\w{1,5}|susceptib\w{1,8}|isolates?|organisms?|bacteria|germs?|cfu|mic|e\.? ?coli|"
    r"klebsiella|proteus|pseudomonas|enterococcus|enterobacter|serratia|staph\w{0,12}|strep\w{0,12}|mrsa|mssa|tumou?r)\b",
    FLAGS,
)


def words_before(text: str, start: int) -> Span:
    """Return the words of the sentence before `start`, at most `REACH` characters."""
    low = max(0, start - REACH)
    for boundary in SENTENCE_START.finditer(text, low, start):
        low = boundary.end()
    return Span(low, max(low + 1, start))


def is_culture(text: str, start: int, end: int) -> bool:
    """Return whether germs, not the patient, are sensitive: `E. coli, resistant to one, sensitive to another`."""
    low = max(text.rfind("\n", 0, start) + 1, start - REACH)
    high = min(len(text), end + REACH)
    line_end = text.find("\n", end, high)
    return bool(_CULTURE.search(text, low, high if line_end < 0 else line_end))
