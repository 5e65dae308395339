"""Numbers and dates in words, as dictations, voicemails and their transcripts have them: "five five oh one"."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.keywords import keys, words_shown
from openmed_agent.planes.inference.pii.patterns import parts_around, within

SOURCE: Final = "spoken"

_DIGITS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS: Final = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS: Final = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_ONES: Final = "one|two|three|four|five|six|seven|eight|nine"
_VALUES: Final = {word: value for value, word in enumerate(_DIGITS)} | {"oh": 0, "o": 0}
_RUN: Final = re.compile(
    rf"\b(?:zero|{_ONES})\b(?:[ ,.-]{{1,3}}(?:(?:double|triple) )?(?:zero|oh|o|{_ONES}|{_TEENS}|{_TENS})\b){{2,24}}",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[a-z]+")
_ANY_WORD: Final = re.compile(r"[A-Za-z]+")
_LEAST: Final = 7
"""Single digits in a row that need no cue: a phone number without its area code."""
_LEAST_BESIDE_A_CUE: Final = 3
_CUES: Final = (
    (re.compile(r"social|\bssn\b"), "ssn"),
    (re.compile(r"\b(?:medical )?record|\bmrn\b|\bchart (?:number|no)\b"), "medical_record_number"),
    (re.compile(r"\baccount\b"), "account_number"),
    (re.compile(r"\bzip\b|postal code"), "zipcode"),
    (re.compile(r"\bpolicy\b|\bmember\b|\bplan (?:id|number)\b|\bmedicare\b|\bmedicaid\b"), "health_plan_number"),
    (re.compile(r"\bphone\b|\bcell\b|\barea code\b|\bextension\b|\bfax\b|\bpager\b|\bcall (?:me|us|back)\b"), "phone"),
)
_REACH: Final = 40

_MONTH: Final = "january|february|march|april|may|june|july|august|september|october|november|december"
_ORDINAL: Final = (
    "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|"
    "sixteenth|seventeenth|eighteenth|nineteenth|twentieth|twenty[ -](?:first|second|third|fourth|fifth|sixth|seventh|"
    "eighth|ninth)|thirtieth|thirty[ -]first"
)
_CARDINAL: Final = rf"(?:twenty|thirty)[ -](?:{_ONES})|twenty|thirty|{_TEENS}|{_ONES}"
_YEAR: Final = (
    rf"(?:nineteen|twenty)[ -](?:(?:oh|o)[ -](?:{_ONES})|(?:{_TENS})(?:[ -](?:{_ONES}))?|{_TEENS}|hundred)|"
    rf"two thousand(?:(?: and)? (?:{_TENS})(?:[ -](?:{_ONES}))?|(?: and)? (?:{_TEENS}|{_ONES}))?"
)
_DATE: Final = re.compile(
    rf"\b(?:(?:{_MONTH}),? (?:the )?"
    rf"(?:(?:{_ORDINAL})(?:,? (?:of )?(?:{_YEAR}|(?:19|20)\d\d))?|(?:{_CARDINAL}),? (?:{_YEAR}))"
    rf"|(?:{_ORDINAL}) (?:day )?of (?:{_MONTH})(?:,? (?:{_YEAR}|(?:19|20)\d\d))?)\b",
    re.IGNORECASE,
)
_WORDS_OF_RUNS: Final = keys(" ".join(_VALUES))
_WORDS_OF_MONTHS: Final = keys(_MONTH.replace("|", " "))
_WORDS_OF_DAYS: Final = keys(re.sub(r"[^a-z]", " ", f"{_ORDINAL} {_CARDINAL}"))
_WORDS_OF_ALL: Final = _WORDS_OF_RUNS | _WORDS_OF_MONTHS | _WORDS_OF_DAYS
_ANY_MONTH: Final = re.compile(
    r"[ADFJMNOSadfjmnos](?<!\w.)"
    r"(?i:anuary|ebruary|arch|pril|ay|une|uly|ugust|eptember|ctober|ovember|ecember)\b"
)
_VERBS: Final = re.compile(r"(?:may|march) (?!the )", re.IGNORECASE)
_BEFORE_A_DATE: Final = re.compile(
    r"\b(?:on|of|since|until|till|from|by|is|was|born|birth|date|dated|last|this|next)[ :,]{1,2}\Z"
)
_BIRTH: Final = re.compile(r"\b(?:birth|birthday|born|dob)\b")


def find(text: str, lowered: str) -> Iterator[PiiFinding]:
    """Yield runs of digits and dates that are spelled out in words."""
    shown = words_shown(text, _WORDS_OF_ALL)
    if len(shown & _WORDS_OF_RUNS) > 1:
        yield from _runs(text, lowered)
    if shown & _WORDS_OF_DAYS and shown & _WORDS_OF_MONTHS:
        yield from _dates(text, lowered)


def _runs(text: str, lowered: str) -> Iterator[PiiFinding]:
    for match in _RUN.finditer(text):
        label = _label(lowered, match)
        if label is not None:
            yield PiiFinding(*match.span(), label, 0.8, (SOURCE,))


def _dates(text: str, lowered: str) -> Iterator[PiiFinding]:
    for match in within(text, _DATE, parts_around(text, _ANY_MONTH, left=40, right=50)):
        if not _is_verb(lowered, match):
            born = _BIRTH.search(lowered, max(0, match.start() - _REACH), match.start())
            yield PiiFinding(*match.span(), "date_of_birth" if born else "date", 0.8, (SOURCE,))


def is_spelled_out(value: str) -> bool:
    """Say whether a value is a run of number words."""
    return _RUN.fullmatch(value) is not None


def respelled(original: str, draw: Callable[[str], str | None]) -> str | None:
    """Return a run of digit words with others in their places, drawn as digits; None where no such run stands.

    "twenty" or "double five" has no digits of as many words: those are masked.
    """
    words = _WORD.findall(original.lower())
    if not words or any(word not in _VALUES for word in words):
        return None
    drawn = draw("".join(str(_VALUES[word]) for word in words))
    if drawn is None or len(drawn) != len(words) or not drawn.isdecimal():
        return None
    digits = iter(drawn)
    return _ANY_WORD.sub(lambda _: _DIGITS[int(next(digits))], original)


def _label(lowered: str, match: re.Match[str]) -> str | None:
    """Return what a run of number words is, or None for a count, a score or a short one that nothing announces."""
    digits = [_VALUES[word] for word in _WORD.findall(match.group().lower()) if word in _VALUES]
    steps = {second - first for first, second in pairwise(digits)}
    if steps in ({1}, {-1}):  # "nine, eight, seven": somebody counts
        return None
    before = lowered[max(0, match.start() - _REACH) : match.start()]
    for cue, label in _CUES:
        if len(digits) >= _LEAST_BESIDE_A_CUE and cue.search(before):
            return label
    return "phone" if len(digits) >= _LEAST else None


def _is_verb(lowered: str, match: re.Match[str]) -> bool:
    """Return whether the month is a verb: "may second the motion", "may first need oxygen"."""
    if not _VERBS.match(match.group()) or any(
        word in match.group().lower() for word in ("nineteen", "twenty ", "thousand")
    ):
        return False
    return _BEFORE_A_DATE.search(lowered, max(0, match.start() - _REACH), match.start()) is None
