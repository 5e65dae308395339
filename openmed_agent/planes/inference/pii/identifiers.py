"""Identifiers that words before them name: record, account, member, licence and device numbers.

Values are found by their digits and named by the words that lead up to them, so that text without digits costs
nothing.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.vocabulary import ABBREVIATIONS
from openmed_agent.planes.inference.pii.wordfile import section

SOURCE: Final = "keyword"

_FILE: Final = "identifier_words.txt"
_FEWEST: Final = {
    "medical_record_number": 3, "unique_id": 4, "ssn": 4, "npi": 6, "dea_number": 6, "health_plan_number": 4,
    "account_number": 4, "certificate_number": 4, "license_plate": 3, "vin": 8, "imei": 10, "device_identifier": 4,
    "biometric_identifier": 5, "credit_card": 4, "iban": 10, "bic": 8, "cvv": 3, "pin": 3,
}  # fmt: skip
"""Label -> the fewest characters of a value."""

_VALUE: Final = re.compile(r"\d[A-Za-z0-9]{0,40}(?:[-./][A-Za-z0-9]{1,20}){0,6}")
_GROUPED: Final = re.compile(r"\d{2,5}(?: \d{2,5}){1,4}(?![\w/%-]|\.\d| ?(?:mg|mcg|ml|units|years?|yrs?|yo|y/o)\b)")
_LEAD: Final = 72  # characters before a value in which its name is looked for
_LONGEST_NAME: Final = 3
_MOST_BETWEEN: Final = 4
_WIDEST: Final = 12
_OF_CODES: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-."
_CHARACTERS_OF_CODES: Final = frozenset(_OF_CODES)
_MARKS: Final = ".:#=()[]{}\"'*|-"
_DIGITS_NEEDED: Final = {"license_plate": 1, "bic": 0}
_NAMED_BY_DIGITS: Final = 3
_LONG_NUMBER: Final = 5
_LONG_CODE: Final = 6
_DATE_SHAPED: Final = re.compile(
    r"\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?|(?:19|20)\d{2}(?:-\d{1,2}-\d{1,2})?|\d+(?:\.\d+)?|\d{1,3}(?:mg"
    r"|mcg|ml|th|st|nd|rd)"
)
_NAMED_AFTER: Final = re.compile(r" ?\((mrn|ssn|npi|dea|member id|acct|account)\b", re.IGNORECASE)
_HEAD: Final = re.compile(r"(?<![\w-])([A-Z]{1,4}|\d{1,3}[A-Z]|[A-Z]{1,2}-[A-Z]{1,3})[ /]$")
_SIX_DIGITS: Final = re.compile(r"(?:\d ?){6}")
_LONGEST_HEAD: Final = 8
_PLATE_TAIL: Final = re.compile(r" [A-Z]{2,3}\b")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TAG: Final = re.compile(r"</?|/?>")


class _Name(NamedTuple):
    label: str
    explicit: bool
    """Whether the words say that a number follows: "case no. 1234", not "case 1234"."""


def _names() -> dict[str, tuple[str, bool]]:
    return {word.removesuffix("?"): (label, word.endswith("?")) for label in _FEWEST for word in section(_FILE, label)}


_NAMES: Final = _names()
_LAST_WORDS: Final = frozenset(name.rsplit(" ", 1)[-1] for name in _NAMES)
_BETWEEN: Final = frozenset(section(_FILE, "between"))
_EXPLICIT: Final = frozenset(section(_FILE, "explicit"))


def find(text: str, lowered: str) -> Iterator[PiiFinding]:  # noqa: ARG001 - every family is called alike
    """Yield the values that follow a word for an identifier."""
    done = 0
    for match in _VALUE.finditer(text):
        if match.start() < done:
            continue
        start = _leftmost(text, match.start(), done)
        name = _name_before(text, start)
        if name is None:
            headed = _headed(text, start, done)
            name = _name_before(text, headed) if headed < start else _name_after(text, match.end())
            if name is None or (headed < start and not (name.explicit or name.label == "license_plate")):
                continue
        else:
            headed = start
        grouped = _GROUPED.match(text, start)
        end = grouped.end() if grouped else match.end()
        value = text[start:end].rstrip(".-/")
        if headed < start and _DATE_SHAPED.fullmatch(value) and not value.isdigit():
            continue
        if name.label == "license_plate" and (tail := _PLATE_TAIL.match(text, start + len(value))):
            value += tail.group()
        value = text[headed:start] + value
        if _is_value(name, value):
            done = headed + len(value)
            yield PiiFinding(headed, done, name.label, 0.9, (SOURCE,))


def _leftmost(text: str, start: int, bound: int) -> int:
    """Return where the letters, hyphens and inner full stops before a digit begin."""
    if text[start - 1 : start] not in _CHARACTERS_OF_CODES:
        return start
    before = text[max(bound, start - _WIDEST) : start]
    return start - len(before[len(before.rstrip(_OF_CODES)) :].lstrip("-."))


def _headed(text: str, start: int, bound: int) -> int:
    """Return where the capitals before a space or stroke that belong to a number begin: "GB 452473371"."""
    if text[start - 1 : start] not in {" ", "/"} or not text[start - 2 : start - 1].isupper():
        return start
    match = _HEAD.search(text[max(bound, start - _LONGEST_HEAD) : start])
    if match is None:
        return start
    head = match[1].lower()
    if head in ABBREVIATIONS and not _SIX_DIGITS.match(text, start):
        return start
    if head in _BETWEEN or head in _NAMES or head in _LAST_WORDS:
        return start
    return start - len(match.group())


def _name_before(text: str, start: int) -> _Name | None:
    lead = text[max(0, start - _LEAD) : start]
    end = lead.rstrip()
    if end.endswith((",", ";")) or _ends_unnamed(end):
        return None
    line = lead.rfind("\n")
    if line >= 0 and not lead[line:].isspace():
        lead = lead[line:]
    tagged = "<" in lead
    if tagged:
        lead = _TAG.sub(" ", lead)
    words = (
        _CAMEL.sub(" ", lead)
        .lower()
        .replace("_", " ")
        .replace("=", " = ")
        .split()[-(_LONGEST_NAME + _MOST_BETWEEN + 1) :]
    )
    bare = [word.strip(_MARKS) for word in words]
    explicit = any(mark in ":#=" for mark in end[-2:]) or (tagged and end.endswith(">"))
    for upto in range(len(words), max(0, len(words) - _MOST_BETWEEN - 1), -1):
        word, last = words[upto - 1], bare[upto - 1]
        if last in _LAST_WORDS:
            for count in range(min(_LONGEST_NAME, upto), 0, -1):
                known = _NAMES.get(" ".join(bare[upto - count : upto]))
                if known is not None:
                    sure = explicit or ":" in word or "#" in word or last in _EXPLICIT
                    return _Name(known[0], sure or not known[1])
        if (last and last not in _BETWEEN) or word.endswith((",", ";")):
            return None
        explicit = explicit or last in _EXPLICIT or "#" in word or ":" in word
    return None


def _ends_unnamed(lead: str) -> bool:
    """Say whether a plain last word shows that no name leads up to a value, as before most numbers."""
    if "<" in lead or not lead:
        return False
    written = lead.rsplit(None, 1)[-1]
    word = written.lower()
    last = word.strip(_MARKS)
    if not last or last in _LAST_WORDS or last in _BETWEEN or "_" in word or "=" in word:
        return False
    return word == written or _CAMEL.search(written) is None


def _name_after(text: str, end: int) -> _Name | None:
    if "(" not in text[end : end + 2]:
        return None
    match = _NAMED_AFTER.match(text, end)
    return _Name(_NAMES[match[1].lower()][0], explicit=True) if match else None


def _is_value(name: _Name, value: str) -> bool:
    label = name.label
    digits = sum(character.isdigit() for character in value)
    if name.explicit and digits > 0 and len(value) >= _LONG_CODE and value.isupper():
        return True
    if len(value) < _FEWEST[label] or digits < _DIGITS_NEEDED.get(label, min(_FEWEST[label], _NAMED_BY_DIGITS)):
        return False
    if label == "pin" and value.isdigit():
        return True
    if label == "license_plate":
        return value.upper() == value and any(character.isalpha() for character in value)
    if _DATE_SHAPED.fullmatch(value) and not (value.isdigit() and (digits >= _LONG_NUMBER or name.explicit)):
        return False
    if name.explicit or digits >= _LONG_NUMBER:
        return True
    mixed = any(c.isalpha() for c in value) and digits >= _NAMED_BY_DIGITS and len(value) >= _LONG_NUMBER
    return mixed and label != "unique_id"


def heading_label(heading: str) -> str | None:
    """Return what the values under a heading in small letters are, if it names one kind of identifier only."""
    words = heading.split()
    while words:
        known = _NAMES.get(" ".join(words))
        if known is not None:
            return None if known[1] and len(words) == len(heading.split()) else known[0]
        if words[-1] not in _EXPLICIT:
            return None
        words.pop()
    return None


def is_listed(label: str, value: str) -> bool:
    """Say whether a cell under such a heading can be its value."""
    if label in {"username", "password"}:
        return len(value) >= _NAMED_BY_DIGITS
    return len(value) >= _FEWEST.get(label, _NAMED_BY_DIGITS) and (label == "bic" or any(c.isdigit() for c in value))
