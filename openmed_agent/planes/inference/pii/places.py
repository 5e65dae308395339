"""Cities and counties; a state or country alone is not an identifier."""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.lexicon import lexicon, plain
from openmed_agent.planes.inference.pii.patterns import before, holds
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
_WORD: Final = r"[^\W\d_a-z][\w'.-]{1,24}"
_CITY: Final = rf"((?:{_WORD} ){{0,3}}?{_WORD})"
_STATE_AFTER: Final = re.compile(rf",\s{{1,3}}{_STATE}\b(?:,?\s{{1,4}}(\d{{5}}(?:-\d{{4}})?)\b)?")
_COMMA: Final = re.compile(r",(?=\s{1,3}[A-Z])")
_CITY_BEFORE: Final = re.compile(rf"(?<![\w-]){_CITY}$")
_ZIP: Final = re.compile(r"\d(?<=\s\d)\d{4}(?:-\d{4})?\b")
_CITY_STATE_BEFORE: Final = re.compile(rf"(?:(?<![\w-]){_CITY}\s{{1,2}})?\b{_STATE},?\s{{1,4}}$")
_LOWER_STATE: Final = r"(?:ma|ny|ca|tx|fl|il|pa|oh|ga|nc|mi|nj|va|wa|az|tn|mo|md|wi|mn|co|al|sc|ky|ct|ut|ks|nv)"
_LOWER_CITY_STATE_BEFORE: Final = re.compile(rf"\b([a-z]{{3,20}}(?: [a-z]{{3,20}})?),? {_LOWER_STATE} $")
_ANY_STATE_BEFORE: Final = re.compile(rf"\b{_STATE},?\s{{1,4}}$| {_LOWER_STATE} $")
_LONGEST_STATE: Final = 24  # with what stands between it and a postal code
_NEAR: Final = 110
_COUNTY_NEEDS: Final = ("county", "parish", "township", "borough")
_COUNTY: Final = re.compile(rf"\b((?:{_WORD} ){{1,3}}(?:County|Parish|Township|Borough))\b|\b([Cc]ounty of {_WORD})")
_RUN: Final = re.compile(rf"[^\W\d_a-z](?<![\w-][^\W\d_a-z])[\w'.-]{{1,24}}(?: (?:de |of |la )?{_WORD}){{0,3}}")
_CUED: Final = re.compile(
    r"(?:\b(?:lives?|lived|living|resid(?:es|ed|ing)|moved|moving|from|born|raised|grew up|travell?(?:ed|s"
    r"|ing)?|trip|visit(?:ed|ing)?|flew|returned|back"
    r"|near|outside|originally|native|transferred|relocated|stationed|vacation(?:ing)?|home|drive|driving"
    r"|went|city|town|hometown|birthplace)\b[^.;]{0,18}"
    r"|\b(?:in|near|at|to|from|of|outside|city|town|hometown|birthplace):?) $"
)
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
    for code in _ZIP.finditer(text):
        if _ANY_STATE_BEFORE.search(text[max(0, code.start() - _LONGEST_STATE) : code.start()]) is None:
            continue
        begin = max(0, code.start() - _NEAR)
        lead = text[begin : code.start()]
        place, confidence = _CITY_STATE_BEFORE.search(lead), 0.9
        if place is None:
            place, confidence = _LOWER_CITY_STATE_BEFORE.search(lead), 0.75
        if place is None:
            continue
        yield PiiFinding(*code.span(), "zipcode", 0.9, (SOURCE,))
        if place[1]:
            yield from _city(begin + place.start(1), place[1], confidence)


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
        run, start = match.group(), match.start()
        pieces = run.split(" ")
        if any(map(_begins_city, pieces)):
            yield from _in_run(text, start, pieces)
        lead = text[max(0, start - _LONGEST_STRONG_END) : start]
        led = lead.lower().rstrip(" :").endswith(_STRONG_ENDS)
        if led and _STRONG_CUE.search(before(text, start, 50)) and _unlisted(run):
            yield PiiFinding(*match.span(), "city", 0.6, (SOURCE,))


def _in_run(text: str, start: int, pieces: Sequence[str]) -> Iterator[PiiFinding]:
    """Yield the cities of the list in a run of words that begins at `start`."""
    words = lexicon()
    index = 0
    while index < len(pieces):
        taken = 1
        if _begins_city(pieces[index]):
            for count in range(min(_LONGEST, len(pieces) - index), 0, -1):
                written = " ".join(pieces[index : index + count])
                if text.startswith(" wort", start + len(written)):  # St. John's wort
                    break
                name = plain(written).rstrip(".")
                if name not in words.cities or name in words.regions:
                    continue
                site = _SITE.match(text, start + len(written)) is not None
                if site or _believed(name, before(text, start, 40), count):
                    yield PiiFinding(start, start + len(name), "city", 0.6, (SOURCE,))
                    taken = count
                    break
        start += sum(map(len, pieces[index : index + taken])) + taken
        index += taken


@lru_cache(maxsize=1 << 14)
def _begins_city(word: str) -> bool:
    return plain(word).rstrip(".") in _first_words()


@cache
def _first_words() -> frozenset[str]:
    return frozenset(city.split(" ", maxsplit=1)[0].rstrip(".") for city in lexicon().cities) | lexicon().cities


def _believed(name: str, lead: str, count: int) -> bool:
    words = lexicon()
    if name in words.function or name in words.drugs or name in words.medical:
        return False
    if name in EPONYMS and _CUED.search(lead) is None:
        return False
    if count > 1:
        return not all(part in words.common for part in name.split()) or _CUED.search(lead) is not None
    if name in words.given or name in words.surnames:
        return True  # a person or a place: an identifier in both cases
    if name in words.words:
        return _CUED.search(lead) is not None and name not in words.common
    return True


def _unlisted(name: str) -> bool:
    words = lexicon()
    first = plain(name.split(" ", maxsplit=1)[0]).rstrip(".")
    key = plain(name)
    return (
        key not in words.regions
        and first not in words.regions
        and first not in words.words
        and not first.endswith("'s")
    )
