"""Cities and counties; a state or country alone is not an identifier."""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.lexicon import lexicon, plain
from openmed_agent.planes.inference.pii.patterns import before, holds, outline
from openmed_agent.planes.inference.pii.vocabulary import EPONYMS

SOURCE: Final = "place"

_STATE: Final = (
    r"(?:AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY"
    r"|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX"
    r"|UT|VT|VA|WA|WV|WI|WY|DC|PR|Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware"
    r"|Florida|Georgia|Hawaii|Idaho|Illinois"
    r"|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi"
    r"|Missouri|Montana|Nebraska|Nevada"
    r"|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon"
    r"|Pennsylvania|Rhode Island|South Carolina"
    r"|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming"
    r"|Mass\.|Calif\.|Fla\.|Tex\.)"
)
_LETTER: Final = r"[^\x00-@\[-\x7f\W\d]"
"""A letter that is not a small one of English; what is ASCII is told by a table, which is twice as fast."""
_WORD: Final = rf"{_LETTER}[\w'.-]{{1,24}}"
_CITY: Final = rf"({_LETTER}(?<![\w-].)[\w'.-]{{1,24}}(?: {_WORD}){{0,3}}?)"
_STATE_AFTER: Final = re.compile(rf",\s{{1,3}}{_STATE}\b(?:,?\s{{1,4}}(\d{{5}}(?:-\d{{4}})?)\b)?")
_COMMA: Final = re.compile(r",(?=\s{1,3}[A-Z])")
_CITY_BEFORE: Final = re.compile(rf"{_CITY}$")
_ZIP_OUTLINE: Final = re.compile(rb"0(?<=[A-Za-z.,\s]\s0)0000")
_ZIP: Final = re.compile(r"\d(?<=\s\d)\d{4}(?:-\d{4})?\b")
_CITY_STATE_BEFORE: Final = re.compile(rf"{_CITY}\s{{1,2}}\b{_STATE},?\s{{1,4}}$")
_STATE_BEFORE: Final = re.compile(rf"\b{_STATE},?\s{{1,4}}$")
_LOWER_STATE: Final = r"(?:ma|ny|ca|tx|fl|il|pa|oh|ga|nc|mi|nj|va|wa|az|tn|mo|md|wi|mn|co|al|sc|ky|ct|ut|ks|nv)"
_LOWER_CITY_STATE_BEFORE: Final = re.compile(rf"\b([a-z]{{3,20}}(?: [a-z]{{3,20}})?),? {_LOWER_STATE} $")
_LOWER_STATE_BEFORE: Final = re.compile(rf" {_LOWER_STATE} $")
_STATE_ENDS: Final = frozenset(
    state.strip("(?:)\\.")[-2:] for states in (_STATE, _LOWER_STATE) for state in states.split("|")
)
_LONGEST_STATE: Final = 24  # with what stands between it and a postal code
_NEAR: Final = 110
_COUNTY_NEEDS: Final = ("county", "parish", "township", "borough")
_COUNTY: Final = re.compile(rf"\b((?:{_WORD} ){{1,3}}(?:County|Parish|Township|Borough))\b|\b([Cc]ounty of {_WORD})")
_RUN: Final = re.compile(rf"{_LETTER}(?<![\w-].)[\w'.-]{{1,24}}(?: (?:de |of |la )?{_WORD}){{0,3}}")
_CUED: Final = re.compile(
    r"(?:\b(?:lives?|lived|living|resid(?:es|ed|ing)|moved|moving|from|born|raised|grew up|travell?(?:ed|s"
    r"|ing)?|trip|visit(?:ed|ing)?|flew|returned|back"
    r"|near|outside|originally|native|transferred|relocated|stationed|vacation(?:ing)?|home|drive|driving"
    r"|went|city|town|hometown|birthplace)\b[^.;]{0,18}"
    r"|\b(?:in|near|at|to|from|of|outside|city|town|hometown|birthplace):?) $"
)
_LONGEST_CUE: Final = 30  # a word, what stands behind it and a space
_NOT_CITY: Final = frozenset(
    [
        "dr",
        "mr",
        "mrs",
        "ms",
        "prof",
        "the",
        "patient",
        "attending",
        "apt",
        "suite",
        "unit",
        "box",
        "st",
        "street",
        "ave",
        "avenue",
        "road",
    ]
)
_STRONG_CUE: Final = re.compile(
    r"\b(?:lives?|lived|living|resid(?:es|ed|ing)|moved(?: here)?|originally|born|raised|grew up|travell?"
    r"(?:ed|ing)|trip|flew|flight|city|town|hometown|birthplace|relocated)"
    r"\b(?: (?:in|from|to|at|near|outside|with|her|his|their|family|husband|wife|is|here|alone|back"
    r"|up)){0,4}:? ?$"
)
_STRONG_ENDS: Final = (
    *("live", "lives", "lived", "living", "reside", "resides", "resided", "residing", "moved", "here", "originally"),
    *("born", "raised", "grew up", "travel", "traveled", "travelled", "traveling", "travelling", "trip", "flew"),
    *("flight", "city", "town", "hometown", "birthplace", "relocated"),
    *("in", "from", "to", "at", "near", "outside", "with", "her", "his", "their", "family", "husband", "wife", "is"),
    *("alone", "back", "up"),
)
_STRONG_TAILS: Final = frozenset(end[-2:] for end in _STRONG_ENDS)
_LONGEST_STRONG_END: Final = 14
_SITE: Final = re.compile(r" (?:office|clinic|location|campus|branch|site|area|resident|native|police|PD)\b")
_LONGEST: Final = 4


def find(text: str, lowered: str) -> Iterator[PiiFinding]:
    """Yield cities that a state, postal code or cue announces, cities of the list, and counties."""
    yield from _before_states(text)
    yield from _before_zips(text)
    for match in _COUNTY.finditer(text) if holds(lowered, _COUNTY_NEEDS) else ():
        group = 1 if match[1] else 2
        yield PiiFinding(*match.span(group), "county", 0.7, (SOURCE,))
    yield from _listed(text)


def _before_states(text: str) -> Iterator[PiiFinding]:
    """Yield cities before a comma and a state, and the postal code after it."""
    for comma in _COMMA.finditer(text):
        state = _STATE_AFTER.match(text, comma.start())
        if state is None:
            continue
        end = comma.start() - text[comma.start() - 1 : comma.start()].isspace()
        begin = max(0, end - _NEAR)
        city = _CITY_BEFORE.search(text[begin:end])
        credentials = state[1] is None and state.group().endswith(("MD", "PA"))
        if city and not (credentials and plain(city[1]) not in lexicon().cities):  # "Okafor, MD" is a doctor
            yield from _city(begin + city.start(1), city[1], 0.92)
        if state[1]:
            yield PiiFinding(*state.span(1), "zipcode", 0.9, (SOURCE,))


def _before_zips(text: str) -> Iterator[PiiFinding]:
    """Yield postal codes after a state, and the cities before it."""
    for place in _ZIP_OUTLINE.finditer(outline(text)):
        code = _ZIP.match(text, place.start())
        if code is None:
            continue
        lead = text[max(0, code.start() - _LONGEST_STATE) : code.start()]
        if lead.rstrip(" \t\r\n,.")[-2:] not in _STATE_ENDS:
            continue
        state = _STATE_BEFORE.search(lead)
        if state is None and _LOWER_STATE_BEFORE.search(lead) is None:
            continue
        begin = max(0, code.start() - _NEAR)
        lead = text[begin : code.start()]
        city, confidence = _CITY_STATE_BEFORE.search(lead), 0.9
        if city is None and state is None:
            city, confidence = _LOWER_CITY_STATE_BEFORE.search(lead), 0.75
        if city is None and state is None:
            continue
        yield PiiFinding(*code.span(), "zipcode", 0.9, (SOURCE,))
        if city:
            yield from _city(begin + city.start(1), city[1], confidence)


def _city(position: int, words: str, confidence: float) -> Iterator[PiiFinding]:
    start = _city_start(words)
    if start is not None:
        yield PiiFinding(position + start, position + len(words), "city", confidence, (SOURCE,))


def _city_start(words: str) -> int | None:
    """Return where the city begins in a run of capitalised words, or None when nothing is left of it."""
    parts = words.split(" ")
    position = 0
    start = 0
    for part in parts:
        if plain(part).rstrip(".") in _NOT_CITY and plain(part).rstrip(".") != "st":
            start = position + len(part) + 1
        position += len(part) + 1
    rest = plain(words[start:])
    return start if rest and rest not in lexicon().drugs and rest not in lexicon().function else None


def _listed(text: str) -> Iterator[PiiFinding]:
    """Yield cities of the list: several words or an uncommon word by itself, others beside a cue."""
    for match in _RUN.finditer(text):
        run = match.group()
        pieces = run.split(" ")
        for piece in pieces:
            if _city_words(piece):
                yield from _in_run(text, match.start(), pieces)
                break
        if _unlisted_word(pieces[0]) and _led(text, match.start()) and plain(run) not in lexicon().regions:
            yield PiiFinding(*match.span(), "city", 0.6, (SOURCE,))


def _led(text: str, start: int) -> bool:
    """Say whether a strong cue stands before a place."""
    lead = text[max(0, start - _LONGEST_STRONG_END) : start].rstrip(" :")
    if lead[-2:].lower() not in _STRONG_TAILS or not lead.lower().endswith(_STRONG_ENDS):
        return False
    return _STRONG_CUE.search(before(text, start, 50)) is not None


def _in_run(text: str, start: int, pieces: Sequence[str]) -> Iterator[PiiFinding]:
    """Yield the cities of the list in a run of words that begins at `start`."""
    words = lexicon()
    index = 0
    while index < len(pieces):
        taken = 1
        left = len(pieces) - index
        for count in range(min(_city_words(pieces[index]), left), 0, -1):
            written = " ".join(pieces[index : index + count])
            name = plain(written).rstrip(".")
            if name not in words.cities or name in words.regions:
                continue
            if left <= _LONGEST and text.startswith(" wort", start + len(" ".join(pieces[index:]))):
                break  # St. John's wort
            if _believed(name, count, text, start) or _SITE.match(text, start + len(written)):
                yield PiiFinding(start, start + len(name), "city", 0.6, (SOURCE,))
                taken = count
                break
        for piece in pieces[index : index + taken]:
            start += len(piece) + 1
        index += taken


@lru_cache(maxsize=1 << 14)
def _city_words(word: str) -> int:
    """Return how many words the longest city has that begins with a word, at most `_LONGEST`, and 0 for no city."""
    return _longest_cities().get(plain(word).rstrip("."), 0)


@cache
def _longest_cities() -> dict[str, int]:
    longest: dict[str, int] = {}
    for city in lexicon().cities:
        count = min(city.count(" ") + 1, _LONGEST)
        for first in (city, city.split(" ", maxsplit=1)[0].rstrip(".")):
            longest[first] = max(longest.get(first, 0), count)
    return longest


def _believed(name: str, count: int, text: str, start: int) -> bool:
    """Say whether a city of the list, of `count` words, is meant where the name begins."""
    words = lexicon()
    if name in words.function or name in words.drugs or name in words.medical:
        return False
    if name in EPONYMS and not _cued(text, start):
        return False
    if count > 1:
        return not all(part in words.common for part in name.split()) or _cued(text, start)
    if name in words.given or name in words.surnames:
        return True  # a person or a place: an identifier in both cases
    if name in words.words:
        return name not in words.common and _cued(text, start)
    return True


def _cued(text: str, start: int) -> bool:
    """Say whether a cue stands before a place."""
    if text[start - 1 : start] != " ":
        return False
    lead = before(text, start, 40)
    return _CUED.search(lead, max(0, len(lead) - _LONGEST_CUE)) is not None


@lru_cache(maxsize=1 << 14)
def _unlisted_word(word: str) -> bool:
    words = lexicon()
    key = plain(word).rstrip(".")
    return key not in words.regions and key not in words.words and not key.endswith("'s")
