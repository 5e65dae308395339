"""Whether what stands behind a label can be an identifier of its kind: a label in prose announces nothing."""

import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.privacy.date_forms import days_of
from openmed_agent.privacy.folding import folded
from openmed_agent.privacy.identifiers import Identifier
from openmed_agent.privacy.kinds import IdentifierKind as Kind
from openmed_agent.privacy.name_forms import is_particle

_WORDS: Final = re.compile(r"[^\W\d_][^\s,;:()<>\[\]{}|\"/\\0-9]{0,40}")
_SPACES: Final = re.compile(r"[ ,]{0,3}")
_CREDENTIAL: Final = re.compile(
    r",?[ ](?:M\.?D|D\.?O|R\.?N|N\.?P|P\.?A(?:-C)?|Ph\.?D|FNP|DPM|PharmD|MBBS|DNP|FACP|LCSW|DDS)\b.*", re.DOTALL
)
_NUMBER: Final = re.compile(r"[A-Za-z]{0,8}[-#: ]{0,2}(?:[A-Za-z0-9]{1,24}[-./ ]?){1,7}")
_PHONE: Final = re.compile(r"[+(]?\d[\d() .\-+/]{5,24}\d")
_EMAIL: Final = re.compile(r"[^\s@,;<>]{1,64}@[^\s@,;<>]{1,190}\.[A-Za-z]{2,24}")
_NET: Final = re.compile(r"[^\s,;<>]{4,300}")
_PROSE: Final = frozenset(
    re.findall(
        r"\S+",
        """the a an is was has had with presents presented denies reports states seen who and or of to in on at for not
        none no unknown n/a na see above below self same yes he she they this that will declined deferred pending per
        via by information education instructions history name names summary date identification demographics id
        contact details safety care record number type status class discharge follow up visit plan patient admitted
        stable alert married single widowed divorced retired deceased alive healthy""",
    )
)
_MOST_WORDS: Final = 6
_FEWEST_DIGITS: Final = 3
_SHORTEST: Final = 3
_STATE: Final = 2


def announced_value(kind: Kind, written: str) -> Iterator[Identifier]:
    """Yield the identifier of ``kind`` that ``written`` begins with, if it does."""
    found = _found(kind, written)
    if not found:
        return
    yield Identifier(kind, found)
    if kind is Kind.PLACE:
        yield from (Identifier(kind, part) for part in address_parts(found) if part != found)


def address_parts(written: str) -> Iterator[str]:
    """Yield the parts of an address between its commas, without a state or a country alone, and its postal code."""
    for part in written.split(","):
        words = part.split()
        while len(words) > 1 and len(words[0]) == _STATE and words[0].isupper() and words[0].isalpha():
            words.pop(0)
        joined = " ".join(words)
        if len(joined) > _SHORTEST:
            yield joined


def _found(kind: Kind, written: str) -> str | None:
    match kind:
        case Kind.PATIENT | Kind.PERSON:
            return _name(written, strict=kind is Kind.PERSON)
        case Kind.DATE:
            return _date(written)
        case Kind.PHONE | Kind.FAX:
            return _first(_PHONE, written)
        case Kind.EMAIL:
            return _first(_EMAIL, written)
        case Kind.URL | Kind.IP:
            net = _first(_NET, written)
            return net if net and "." in net else None
        case Kind.PLACE | Kind.ORGANIZATION:
            return written if len(written) >= _SHORTEST and _is_proper(written) else None
        case _:
            return _number(written)


def _first(pattern: re.Pattern[str], written: str) -> str | None:
    match = pattern.search(written)
    return match.group() if match else None


def _name(written: str, *, strict: bool) -> str | None:
    """Return the words that a name can have: with capitals, or where nothing but a name is expected, known as names."""
    written = _CREDENTIAL.sub("", written)
    end, count = 0, 0
    while count <= _MOST_WORDS:
        begin = _SPACES.match(written, end)
        word = _WORDS.match(written, begin.end() if begin else end)
        if word is None or folded(word.group()) in _PROSE:
            break
        end, count = word.end(), count + 1
    name = written[:end].strip(" ,.")
    words = [word for word in name.replace(",", " ").split() if not is_particle(folded(word))]
    if not words or count > _MOST_WORDS or (end < len(written) and written[end : end + 1] == "/"):
        return None
    if all(not word.islower() for word in words):
        return name if len(words) > 1 or len(name) >= _SHORTEST else None
    return name if not strict and len(words) > 1 and all(_is_name(word) for word in words) else None


def _is_name(word: str) -> bool:
    from openmed_agent.planes.inference.pii.lexicon import lexicon, plain  # noqa: PLC0415 - reads word lists

    words, key = lexicon(), plain(word)
    return key in words.given or key in words.surnames or len(key) == 1


def _date(written: str) -> str | None:
    ends = (len(written), *(place for place, character in enumerate(written) if character in " ,("))
    return next((written[:end].strip(" ,(") for end in ends if days_of(written[:end])), None)


def _number(written: str) -> str | None:
    match = _NUMBER.match(written)
    if match is None:
        return None
    words = match.group().split(" ")
    while words and not any(map(str.isdigit, words[-1])):
        words.pop()
    number = " ".join(words).strip(" -./:#")
    return number if sum(map(str.isdigit, number)) >= _FEWEST_DIGITS else None


def _is_proper(written: str) -> bool:
    return any(character.isdigit() or character.isupper() for character in written)
