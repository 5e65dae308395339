"""Tells the text of a chart from that of a paper, where the same words are counted otherwise."""

import re
from typing import Final

from openmed_agent.planes.inference.entities.lexicon import word_set
from openmed_agent.planes.inference.entities.matching import Mention
from openmed_agent.planes.inference.entities.normal import Tokens

_PERSON: Final = word_set("he she his her him hers i my you your pt patient mr mrs ms gentleman lady")
# Words of papers, which speak of one patient and write labels before a colon too.
_MANY: Final = word_set(
    "patients cases subjects volunteers rats mice placebo literature authors background methods conclusion "
    "conclusions group groups controls incidence induced studied results objective objectives aim aims purpose"
)
_SHORTHAND: Final = word_set(
    "pmh pmhx psh hpi hx fhx shx ros dx rx tx sx fx cxr ekg po bid tid qid qd qhs qam qpm prn yo yom yof sob nad wnl "
    "labs meds rrr ctab perrl afebrile admitted discharged"
)
"""What is written in charts and hardly in papers."""
_OF_ONE: Final = _PERSON | _SHORTHAND
_HEADING: Final = re.compile(
    r"[ \t#*\d.)-]{0,6}"
    r"(?:(?:past|family|social|surgical|interval|present|medical|problem|hospital|chief|discharge|admission|admitting|"
    r"principal|secondary|active|final|clinical|preoperative|postoperative|physical|review|reason|current|home)"
    r" .{0,30}|history|assessment(?: ?[/&] ?plan| and plan)?|impression|plan|diagnos[ie]s|problems?|allergies|"
    r"medications|meds|subjective|exam|pmhx?|hpi|ros|a ?[/&] ?p|cc|dx|hx|vitals|indication)[ \t]{0,2}:",
    re.IGNORECASE,
)
_SLASHED: Final = re.compile(r"\b(?:s/p|c/b|h/o|c/o|w/|w/o|r/o|y/o|d/c|f/u|2/2|i/s/o)(?![\w/])", re.IGNORECASE)
_BESIDE: Final = 80
_LONGEST_LINE: Final = 1500
_NEAR: Final = 15
_FARTHER: Final = 40
_SHORT_TEXT: Final = 9
_LINES_OF_CHART: Final = 3
_LONGEST_MEAN: Final = 90
"""Lines of a chart are short; those longer than this on the average are sentences or paragraphs."""
_LOOKED_AT: Final = 4000


def in_chart(tokens: Tokens, mention: Mention) -> bool:
    """Return whether the words around speak of one person, stand in lines or behind a label, as in a chart.

    The models learned from papers, where "acute" before a disease is no part of its name; in a chart it is.
    """
    if len(tokens) < _SHORT_TEXT or _stands_in_lines(tokens.text):
        return True
    is_labelled = ":" in tokens.gap(mention.first)
    is_of_one = is_labelled or _is_headed(tokens, mention) or _near(tokens, mention, _OF_ONE, _NEAR)
    is_of_one = is_of_one or _has_shorthand(tokens, mention)
    return is_of_one and not _near(tokens, mention, _MANY, _FARTHER)


def _stands_in_lines(text: str) -> bool:
    breaks = text.count("\n", 0, _LOOKED_AT)
    return breaks >= _LINES_OF_CHART and min(len(text), _LOOKED_AT) < _LONGEST_MEAN * (breaks + 1)


def _is_headed(tokens: Tokens, mention: Mention) -> bool:
    """Return whether the line of a mention begins with a heading of a chart."""
    start = tokens.starts[mention.first]
    line = tokens.text.rfind("\n", max(0, start - _LONGEST_LINE), start) + 1
    return start - line < _LONGEST_LINE and _HEADING.match(tokens.text, line, start) is not None


def _has_shorthand(tokens: Tokens, mention: Mention) -> bool:
    """Return whether a short form with a slash stands near a mention: "s/p", "c/b"."""
    start, end = tokens.starts[mention.first], tokens.ends[mention.last]
    return _SLASHED.search(tokens.text, max(0, start - _BESIDE), end + _BESIDE) is not None


def _near(tokens: Tokens, mention: Mention, words: frozenset[str], distance: int) -> bool:
    """Return whether one of ``words`` stands at most so many words from a mention."""
    places = range(max(0, mention.first - distance), min(len(tokens), mention.last + 1 + distance))
    return any(tokens.raw(index).lower() in words for index in places)
