"""The ways in which numbers, addresses and other identifiers that are no names are written."""

import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.privacy.folding import folded
from openmed_agent.privacy.forms import Form, Rule
from openmed_agent.privacy.kinds import IdentifierKind
from openmed_agent.privacy.name_forms import is_common_word, is_function_word

_SHORTEST_ANYWHERE: Final = 7
_SHORTEST_WHOLE: Final = 4
_SHORTEST_NUMBER: Final = 5
_DIGITS: Final = re.compile(r"[0-9]+")
_LOCAL_PHONE: Final = 7
_NATIONAL_PHONE: Final = 10
_YEARS: Final = range(1900, 2100)
_EXTENSION: Final = re.compile(r"(?i)\s*(?:,|;)?\s*(?:ext|extension|x|#)\.?\s*\d{1,6}\s*$")
_STREET_WORDS: Final = {
    "street": "st", "avenue": "ave", "road": "rd", "drive": "dr", "lane": "ln", "boulevard": "blvd", "court": "ct",
    "place": "pl", "terrace": "ter", "circle": "cir", "highway": "hwy", "parkway": "pkwy", "apartment": "apt",
    "suite": "ste", "north": "n", "south": "s", "east": "e", "west": "w", "square": "sq", "trail": "trl",
}  # fmt: skip
_FULL_WORDS: Final = {short: word for word, short in _STREET_WORDS.items()}
_WORD: Final = re.compile(r"[^\W_]+")
_PHONES: Final = frozenset({IdentifierKind.PHONE, IdentifierKind.FAX})


def number_forms(kind: IdentifierKind, text: str) -> Iterator[Form]:
    """Yield the forms of an identifier that is neither a name nor a date."""
    if kind in _PHONES:
        yield from _phone_forms(text)
    elif kind in {IdentifierKind.PLACE, IdentifierKind.ORGANIZATION}:
        yield from _place_forms(text)
    elif kind is IdentifierKind.EMAIL:
        yield from _code_forms(folded(text), text)
        yield Form(folded(text.replace("@", " at ").replace(".", " dot ")), Rule.WHOLE)
    elif kind is not IdentifierKind.AGE:
        yield from _code_forms(folded(text), text)


def _phone_forms(text: str) -> Iterator[Form]:
    digits = "".join(filter(str.isdigit, folded(_EXTENSION.sub("", text))))
    if len(digits) < _LOCAL_PHONE:
        return
    national = digits[-_NATIONAL_PHONE:]
    for key in dict.fromkeys((digits, digits.removeprefix("00"), national)):
        yield Form(key, Rule.ANYWHERE if len(key) >= _NATIONAL_PHONE else Rule.WHOLE)
    yield Form(digits[-_LOCAL_PHONE:], Rule.WHOLE)


def _place_forms(text: str) -> Iterator[Form]:
    """Yield a place as it is written, with street words long and short; a single ordinary word only in its case."""
    words = [folded(word) for word in _WORD.findall(text)]
    key = "".join(words)
    if len(words) == 1:
        if len(key) < _SHORTEST_WHOLE - 1 or is_function_word(key):
            return
        if key.isdigit() or not is_common_word(key):
            yield from _code_forms(key, text) if key.isdigit() else (Form(key, Rule.WHOLE),)
        elif text != text.lower():
            yield Form(key, Rule.WRITTEN, written=text.strip())
        return
    if words[0].isdigit() and words[-1] in {*_STREET_WORDS, *_FULL_WORDS} and len(words) > 2:  # noqa: PLR2004 - 12 Elm
        yield Form("".join(words[:-1]), Rule.CAPITAL_WORDS, words=tuple(words[:-1]))
    shortened = [_STREET_WORDS.get(word, word) for word in words]
    lengthened = [_FULL_WORDS.get(word, word) for word in words]
    for form in dict.fromkeys((key, "".join(shortened), "".join(lengthened))):
        if len(form) >= _SHORTEST_WHOLE:
            yield Form(form, Rule.WHOLE)


def _code_forms(key: str, text: str) -> Iterator[Form]:
    longest = max(_DIGITS.findall(key), key=len, default="")
    numbers = (longest, longest.lstrip("0")) if len(longest) >= _SHORTEST_NUMBER else ()
    for form in dict.fromkeys((key, key.lstrip("0"), *numbers)):
        digits = sum(map(str.isdigit, form))
        if len(form) >= _SHORTEST_ANYWHERE and digits:
            yield Form(form, Rule.ANYWHERE if digits >= _SHORTEST_WHOLE else Rule.WHOLE)
            yield Form(form[::-1], Rule.WHOLE)
        elif len(form) >= _SHORTEST_WHOLE and digits and not (form.isdigit() and int(form) in _YEARS):
            yield Form(form, Rule.WHOLE)
        elif not digits and len(form) >= _SHORTEST_WHOLE and form == key:
            yield Form(form, Rule.WRITTEN, written=text.strip()) if is_common_word(form) else Form(form, Rule.WHOLE)
