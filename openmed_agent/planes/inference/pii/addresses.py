"""Street addresses, and the towns and postal codes that belong to them."""

import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.planes.inference.pii import postal
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.keywords import keys, words_shown
from openmed_agent.planes.inference.pii.lexicon import lexicon, plain
from openmed_agent.planes.inference.pii.patterns import holds, outline, parts_around, within
from openmed_agent.planes.inference.pii.postal import SOURCE, UNIT
from openmed_agent.planes.inference.pii.vocabulary import ABBREVIATIONS, BRANDS, EPONYMS, NOT_STREET, STATES

_KINDS_OF_STREET: Final = (
    "street st avenue ave av road rd boulevard blvd lane ln drive dr court ct circle cir place pl terrace ter way"
    " parkway pkwy highway hwy square sq trail trl turnpike tpke loop alley crescent cres close row walk plaza pike"
    " expressway route rte run ridge path commons crossing bend cove point hill heights green gardens mews grove"
    " esplanade quay parade nagar marg colony chowk bazaar vihar enclave"
)


def _one_of(words: str) -> str:
    """Return an expression for one of the words, to be read without regard to size, that a first letter leads into.

    A letter of fixed size is looked at before an alternative is tried, which leaves most of them out.
    """
    tails: dict[str, list[str]] = {}
    for word in words.split():
        tails.setdefault(word[0], []).append(word[1:])
    sizes = {head: head + head.upper() + "\u017f" * (head == "s") for head in tails}
    return "(?:" + "|".join(f"(?-i:[{sizes[head]}])(?:{'|'.join(tails[head])})" for head in tails) + ")"


_SUFFIX: Final = _one_of(_KINDS_OF_STREET)
_STREET_WORDS: Final = keys(_KINDS_OF_STREET)
_NAMED_WORDS: Final = keys("address addr lives living located resides residing residence mailed")
_PREFIX_WORDS: Final = keys(
    "rua rue via viale calle avenida av piazza piazzetta plaza strada straße ul ulica camino chemin boulevard place"
    " corso vicolo largo travessa praça quinta carrera paseo allée impasse quai route cours rúa jalan jl"
)
_HUNGARIAN_WORDS: Final = keys("u utca út útja tér krt fasor sétány")
_WORDS: Final = postal.WORDS | _STREET_WORDS | _NAMED_WORDS | _PREFIX_WORDS | _HUNGARIAN_WORDS
_NUMBER: Final = r"\d{1,6}(?:-\d{1,5})?[A-Za-z]?"
_STREET: Final = re.compile(
    rf"\d(?<![\w./%-]\d)\d{{0,5}}+(?:[-/]\d{{1,5}})?[A-Za-z]?,?[ \t]{{1,2}}(?:{_NUMBER}[ \t])?"
    rf"(?:(?:[NSEW]|[NS][EW])\.?\s|(?:North|South|East"
    rf"|West)(?:east|west)?\s)?"
    rf"((?:(?:[^\W\d_][\w'.-]{{0,24}}+|\d{{1,3}}(?:st|nd|rd|th))\s){{1,4}}?){_SUFFIX}\b\.?(?:\s(?:[NSEW]"
    rf"|[NS][EW])\b\.?)?{UNIT}",
    re.IGNORECASE,
)
_PREFIXED: Final = re.compile(
    r"(?:Rua|Rue|Via|Viale|Calle|Avenida|Av\.|Piazza"
    r"|Piazzetta|Plaza|Strada|Straße|ul\.|Ulica|Camino|Chemin|Boulevard|Place|Corso"
    r"|Vicolo|Largo|Travessa|Praça|Quinta|Carrera|Paseo|Allée|Impasse|Quai|Route|Cours|Calle|Rúa|Jalan|Jl\.)"
    r"(?:\s(?:de|del|della|des|du|da|do|dos|das|la|le|les|los|las|di|el|al|y|e|d')){0,3}"
    r"(?:\s[^\W\d_][\w'.-]{1,24}|\s[^\W\d_][\w'.-]{0,24}\sde){1,5}(?:,?\s"
    r"(?:n[°º.]\s?)?\d{1,5}[A-Za-z]?\b)?"
)
_NUMBER_BEFORE: Final = re.compile(r"(?:(?<![\w])\d{1,6}\s)?(?:\d{1,5}[A-Za-z]?,?\s)?\Z")
_JOINED: Final = re.compile(
    r"(?:(?<![\w])\d{3,6}\s)?\b[^\W\d_a-z][\w.-]{2,30}(?:stra(?:ss|ß)e|str\.|gasse|weg|platz|allee|gatan"
    r"|gata|vägen|väg|vej|veien|gade|gate|vegur|katu|tie|kuja|straat|laan|gracht|plein|utca|út|tér|utja"
    r"|körút|ulica|ulice|caddesi|sokak|puistikko|polku)"
    r"\s\d{1,5}[A-Za-z]?\b\.?" + UNIT,
)
_HUNGARIAN: Final = re.compile(
    r"\b[^\W\d_a-z][\w.-]{2,30}(?:\s[\w.-]{2,20}){0,2}\s(?:u\.|utca|út|útja|tér|krt\.|fasor|sétány"
    r"|dűlő)\s?\d{1,5}\.?"
)
_NAMED: Final = re.compile(
    r"(?-i:[AaLlRrMm])(?<!\w.)(?:(?<=a)ddr(?:ess(?: is)?)?|(?<=l)(?:iv(?:es|ing)|ocated) at"
    r"|(?<=r)esid(?:(?:es|ing) at|ence)|(?<=m)ailed to)\s?[:=]?\s{1,6}"
    r"(\d{1,6}[A-Za-z]?(?:-\d{1,5})?\s(?:[^\W\d_][\w'.-]{0,24}[ ]?){1,4}\d{0,5})",
    re.IGNORECASE,
)
_HOUSE_LAST: Final = re.compile(
    r"(?:^ {0,8}|(?<![\w./%-])\d{2,6} )((?:[^\W\d_a-z][^\W\d_A-Z][\w'.-]{1,24} ){1,3})\d{1,4}[A-Za-z]?\b"
    r"(?= ?(?:[Aa]pt|[Ss]uite|,|\n|$))",
    re.MULTILINE,
)
_APART: Final = r"[\s,;>?]{1,16}"  # between the lines of an address, quoted ones too
_MORE_UNIT: Final = re.compile(rf"{_APART}(?:Apt|Suite|Ste|Unit|Apartment)\.? ?#?[\w-]{{1,6}}", re.IGNORECASE)
_TOWN: Final = re.compile(
    rf"{_APART}([^\W\d_a-z][\w'.()-]{{1,24}}(?: (?:[^\W\d_a-z]|na|am|de|la|del|upon|nad)[\w'.()-]{{0,24}}){{0,3}})"
)
_CODE: Final = re.compile(rf"{_APART}(?:[A-Z]{{1,3}}|nan)\b(?![.'])")
_COUNTRY: Final = re.compile(rf"{_APART}([^\W\d_a-z]\w{{2,15}}(?: [^\W\d_a-z]\w{{2,15}}){{0,2}}(?: \(\w{{3,15}}\))?)")
_POST_CODE: Final = re.compile(rf"{_APART}(\d{{3}} \d{{2}}|\d{{4,6}}(?:-\d{{4}})?)\b(?![/.-]\d)")
_UNLISTED_COUNTRIES: Final = frozenset({"greenlander", "cyprus (greek)", "czech republic", "uk", "usa"})
_POST_CODE_CITY: Final = re.compile(
    r"(\d(?<![\w.-]\d)(?:\d{3,4}|\d\d \d{2}|\d-\d{3}))\s+(?=[A-ZÅÄÖØÆÁÉÍÓÚÜÝŠŽČ]{4,}\b)"
)

_HOUSE_NUMBER: Final = re.compile(r"\d[A-Za-z]?(?=,?\s)")
_UNIT_BEFORE: Final = re.compile(
    r"(?<!\w)(?:Flat|Unit|Block|Apt|Apartment|Suite|House|Villa|Shop|Plot|Room|Door)\b\.? ?(?:No\.? ?)?"
    r"#?[A-Z]?\d{0,4}[A-Z]?(?:, ?|/| )$",
    re.IGNORECASE,
)
_LONGEST_UNIT: Final = 24
_FRENCH: Final = re.compile(
    r"\d(?<![\w./-]\d)\d{0,3}+(?: ?(?:bis|ter|[A-D]))?,?"
    r" (?:rue|avenue|boulevard|bd|chemin|allée|impasse|quai|cours|place)"
    r"(?: (?:de|du|des|la|le|les|d'|l'|et|aux?)){0,3}(?: ?[^\W\d_a-z][\w'-]{1,24}){1,3}"
)
_GERMAN: Final = re.compile(
    r"[^\W\d_a-z](?<!\w.)[\w-]{2,24} (?:Straße|Strasse|Str\.|Allee|Platz|Weg)"
    r" \d{1,4} ?[a-z]?\b"
)
_GERMAN_ENDS: Final = ("Straße", "Strasse", "Str.", "Platz", "Allee", "Weg")
_GERMAN_PLACE: Final = re.compile(
    r"[AIUZ](?<!\w.)(?:(?<=A)(?:m|n der|uf der)|(?<=I)m|(?<=U)nter den|(?<=Z)u[rm])"
    r" [A-ZÄÖÜ][\w-]{2,24} \d{1,4} ?[a-z]?(?=[,;]? \d{5} )"
)
_CODE_BEFORE_TOWN: Final = re.compile(
    rf"{_APART}((?:[A-Z]{{1,2}}-)?\d{{4,5}}(?: [A-Z]{{2}}(?= ))?|\d{{3}} \d{{2}}|\d\d-\d{{3}})(?= [^\W\d_a-z])"
)
_NAMED_NEEDS: Final = ("address", "addr", "lives at", "living at", "located at", "resid", "mailed to")
_BEFORE_NUMBER: Final = re.compile(r"\s(?=\d)")
_LAST_NUMBER: Final = re.compile(r" \d{1,4}[A-Za-z]?\b(?= ?(?:[Aa]pt|[Ss]uite|,|\n|$))")
_NAME_BEFORE: Final = re.compile(r"[^\W\d_a-z][^\W\d_A-Z][\w'.-]{1,24}\Z")
_LONGEST_WORD: Final = 26
_LONGEST_LINE: Final = 100
_LONGEST_NUMBER: Final = 20
_PREFIX: Final = re.compile(
    r"[RVCAPSuUTLQJIB](?<!\w[A-Za-z])(?:u[ae]|ia|alle|venida|v\.|iazz|laza|trada|traße|l\.|lica|amino|hemin|oulevard"
    r"|lace|orso|icolo|argo|ravessa|raça|uinta|arrera|aseo|llée|mpasse|uai|oute|ours|úa|alan)"
)
_PREFIXED_NEEDS: Final = (
    "rua ", "rue ", "via ", "viale ", "calle ", "avenida ", "av. ", "piazz", "plaza ", "strada ", "straße ", "ul. ",
    "ulica ", "camino ", "chemin ", "boulevard ", "place ", "corso ", "vicolo ", "largo ", "travessa ", "praça ",
    "quinta ", "carrera ", "paseo ", "allée ", "impasse ", "quai ", "route ", "cours ", "rúa ", "jalan ", "jl. ",
)  # fmt: skip
_JOINED_NEEDS: Final = (
    "strass", "straß", "str.", "gasse ", "weg ", "platz ", "allee ", "gatan ", "gata ", "vägen ", "väg ", "vej ",
    "veien ", "gade ", "gate ", "vegur ", "katu ", "tie ", "kuja ", "straat ", "laan ", "gracht ", "plein ", "utca ",
    "út ", "tér ", "utja ", "körút ", "ulica ", "ulice ", "caddesi ", "sokak ", "puistikko ", "polku ",
)  # fmt: skip
_JOINED_ENDS: Final = (
    "strasse", "straße", "str.", "gasse", "weg", "platz", "allee", "gatan", "gata", "vägen", "väg", "vej", "veien",
    "gade", "gate", "vegur", "katu", "tie", "kuja", "straat", "laan", "gracht", "plein", "utca", "út", "tér", "utja",
    "körút", "ulica", "ulice", "caddesi", "sokak", "puistikko", "polku",
)  # fmt: skip
_JOINED_OUTLINE: Final = re.compile(
    rb"0(?<=\s0)(?<=(?:"
    + b"|".join(re.escape(outline(end[-4:])).rjust(4, b".") for end in (*_JOINED_ENDS, *_GERMAN_ENDS))
    + rb")\s0)"
)
_FRENCH_OUTLINE: Final = re.compile(
    rb"0(?=[ ,Abt])(?: ?(?:bis|ter|A))?,? (?:rue|avenue|boulevard|bd|chemin|all.e|impasse|quai|cours|place)"
)
_LAST_OUTLINE: Final = re.compile(rb" 0{1,4}[Aa-z]?(?= ?(?:[Aa]pt|[As]uite|,|\n|$))")
_POST_CODE_OUTLINE: Final = re.compile(rb"00\s+[A?\xc0-\xde]{4}")
_HUNGARIAN_NEEDS: Final = (" u. ", " utca", " út", " tér", " krt.", " fasor", " sétány", " dűlő")


def find(text: str, lowered: str) -> Iterator[PiiFinding]:
    """Yield addresses and the parts of them that stand alone, in a reading of a text."""
    shown = words_shown(text, _WORDS)
    outlined = outline(text)
    for start, end, confidence in (*_streets(text, outlined, shown), *_foreign_streets(text, lowered, outlined, shown)):
        yield PiiFinding(start, end, "street_address", confidence, (SOURCE,))
        yield from _continued(text, end)
    if not shown.isdisjoint(_NAMED_WORDS) and holds(lowered, _NAMED_NEEDS):
        for match in _NAMED.finditer(text):
            start, end = match.span(1)
            yield PiiFinding(start, start + len(text[start:end].rstrip()), "street_address", 0.6, (SOURCE,))
    if _POST_CODE_OUTLINE.search(outlined):
        for match in within(text, _POST_CODE_CITY, parts_around(text, _HOUSE_NUMBER, left=4, right=40)):
            if text[match.start() - 1 : match.start()] in {"\n", ","} or match.start() == 0:
                yield PiiFinding(match.start(1), match.end(1), "zipcode", 0.5, (SOURCE,))
    yield from postal.find(text, lowered, outlined, shown)


def _streets(text: str, outlined: bytes, shown: frozenset[bytes]) -> Iterator[tuple[int, int, float]]:
    if not shown.isdisjoint(_STREET_WORDS):
        for match in within(text, _STREET, parts_around(text, _HOUSE_NUMBER, left=12, right=120)):
            if _is_street(match[1], match.group()):
                yield _unit_start(text, match.start()), match.end(), 0.85
    for match in _houses_last(text, outlined):
        if not any(_known_word(word) or plain(word) in EPONYMS for word in match[1].split()):
            yield *match.span(), 0.6


def _foreign_streets(
    text: str, lowered: str, outlined: bytes, shown: frozenset[bytes]
) -> Iterator[tuple[int, int, float]]:
    if _FRENCH_OUTLINE.search(outlined):
        for match in _FRENCH.finditer(text):
            yield *match.span(), 0.75
    if b" 00000 " in outlined:
        for match in _GERMAN_PLACE.finditer(text):
            yield *match.span(), 0.7
    if not shown.isdisjoint(_PREFIX_WORDS) and holds(lowered, _PREFIXED_NEEDS):
        yield from _prefixed(text)
    if _JOINED_OUTLINE.search(outlined) and holds(lowered, _JOINED_NEEDS):
        if _ends_before_number(text, _JOINED_ENDS):
            yield from _with_digit(_JOINED.finditer(text), 0.75)
        if _ends_before_number(text, _GERMAN_ENDS):
            yield from _with_digit(_GERMAN.finditer(text), 0.75)
    if (not shown.isdisjoint(_HUNGARIAN_WORDS) or "dűlő" in lowered) and holds(lowered, _HUNGARIAN_NEEDS):
        yield from _with_digit(_HUNGARIAN.finditer(text), 0.7)


def _prefixed(text: str) -> Iterator[tuple[int, int, float]]:
    """Yield streets that begin with their kind or with a number before it."""
    last = 0
    for prefix in _PREFIX.finditer(text):
        match = _PREFIXED.match(text, prefix.start()) if prefix.start() >= last else None
        if match is None:
            continue
        number = _NUMBER_BEFORE.search(text, max(last, prefix.start() - _LONGEST_NUMBER), prefix.start())
        start, last = number.start() if number else prefix.start(), match.end()
        if any(character.isdigit() for character in text[start:last]):
            yield start, last, 0.75


def _houses_last(text: str, outlined: bytes) -> Iterator[re.Match[str]]:
    """Yield streets whose number ends a line or a part of it: "Baker Street 221"."""
    last = 0
    for place in _LAST_OUTLINE.finditer(outlined):
        begin = place.start()
        number = _LAST_NUMBER.match(text, begin)
        if number is None or _NAME_BEFORE.search(text, max(0, begin - _LONGEST_WORD), begin) is None:
            continue
        line = text.rfind("\n", max(0, begin - _LONGEST_LINE), begin) + 1
        for match in _HOUSE_LAST.finditer(text, max(last, line, begin - _LONGEST_LINE), number.end()):
            last = match.end()
            yield match


def _with_digit(matches: Iterator[re.Match[str]], confidence: float) -> Iterator[tuple[int, int, float]]:
    for match in matches:
        if any(character.isdigit() for character in match.group()):
            yield *match.span(), confidence


def _unit_start(text: str, start: int) -> int:
    """Return where the flat before a house number begins."""
    unit = _UNIT_BEFORE.search(text[max(0, start - _LONGEST_UNIT) : start])
    return start - len(unit.group()) if unit else start


def _ends_before_number(text: str, endings: tuple[str, ...]) -> bool:
    """Say whether a word with one of the endings stands before a number."""
    return any(text.endswith(endings, 0, match.start()) for match in _BEFORE_NUMBER.finditer(text))


def _continued(text: str, end: int) -> Iterator[PiiFinding]:
    """Yield the unit, town, country and postal code that follow a street, over several lines."""
    while unit := _MORE_UNIT.match(text, end):
        yield PiiFinding(end + 1, unit.end(), "street_address", 0.7, (SOURCE,))
        end = unit.end()
    if code := _CODE_BEFORE_TOWN.match(text, end):
        yield PiiFinding(*code.span(1), "zipcode", 0.7, (SOURCE,))
        end = code.end()
    town = _TOWN.match(text, end)
    if town is None:
        return
    after = _after_town(text, town.end())
    if not (after or _is_town(town[1])):
        return
    if plain(town[1]).strip() not in lexicon().regions:
        yield PiiFinding(*town.span(1), "city", 0.6, (SOURCE,))
    yield from after


def _after_town(text: str, end: int) -> list[PiiFinding]:
    """Return the country and postal code that follow a town, in either order, a code of a region passed over."""
    if code := _CODE.match(text, end):
        end = code.end()
    found = []
    for _ in range(2):
        number = _POST_CODE.match(text, end)
        country = None if number else _COUNTRY.match(text, end)
        if number:
            found.append(PiiFinding(*number.span(1), "zipcode", 0.7, (SOURCE,)))
            end = number.end()
        elif country and (size := _country(country[1])):
            found.append(PiiFinding(country.start(1), country.start(1) + size, "street_address", 0.6, (SOURCE,)))
            end = country.start(1) + size
    return found


def _country(words: str) -> int:
    """Return how many of the characters name a country, 0 for none."""
    parts = words.split(" ")
    for count in range(len(parts), 0, -1):
        name = " ".join(parts[:count])
        if plain(name) in _UNLISTED_COUNTRIES or (plain(name) in lexicon().regions and name.lower() not in STATES):
            return len(name)
    return 0


def _is_town(words: str) -> bool:
    name = plain(words).strip()
    first = name.split(" ", maxsplit=1)[0]
    return name in lexicon().cities or not (_known_word(first) or first in lexicon().given)


def _known_word(word: str) -> bool:
    key = plain(word).strip(".,")
    words = lexicon()
    return key in words.words or key in words.medical or key in words.drugs or key in ABBREVIATIONS or key in BRANDS


def _is_street(name: str, whole: str) -> bool:
    """Tell "12 Oak St" from "2 tablets by way": the words of the name must look like a name."""
    words = name.split()
    if any(plain(word) in NOT_STREET for word in words):
        return False
    if all(word[0].isupper() or word[0].isdigit() for word in words):
        return True
    # All in lower case: the street type must be unmistakable and no word a drug.
    kind = re.search(
        r"\b(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|court|parkway|pkwy)\b", whole.lower()
    )
    return kind is not None and not any(plain(word) in lexicon().drugs for word in words)
