"""Values for the slots of the layouts: identifiers of many countries, with the check digits they really have."""

import random
import string
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Final

from pii_documents.numbers import NUMBERS
from pii_notes.people import People, Places

Piece = tuple[str, str | None]
"""Characters, and the type of identifier they are, None for none."""

_FILE: Final = Path(__file__).parent / "words.txt"
_SIGNS: Final = {
    "#": string.digits,
    "@": string.ascii_uppercase,
    "&": string.ascii_lowercase,
    "~": string.ascii_lowercase + string.digits,
    "$": string.ascii_uppercase + string.digits,
    "`": string.ascii_letters + string.digits,
    "%": "0123456789abcdef",
}
_FIRST_MOMENT: Final = datetime(1948, 1, 1)  # noqa: DTZ001 - invented moments have no zone
_SECONDS: Final = 76 * 365 * 86_400
_COUNTRIES: Final = ("us", "uk", "ca", "au", "in", "de", "fr", "it", "es")
_REGIONS: Final = {"ca": ("ON", "BC", "QC"), "au": ("NSW", "VIC", "QLD")}
_CHOICES: Final = {
    "phone": ("cadphone", "ukphone", "euphone", "asiaphone"),
    "ip": ("ipfour", "ipfour", "ipsix"),
    "crypto": ("bitcoin", "ethereum"),
    "cardnumber": ("card", "card", "invalidcard"),
}
"""Slot -> the slots of which one is drawn."""
_STYLES: Final = {
    "date": "datestyle",
    "stamp": "stampstyle",
    "month": "monthstyle",
    "isodate": "isostyle",
    "usdate": "usstyle",
}
_GERMAN_STREETS: Final = ("Linden", "Garten", "Schiller", "Bahnhof", "Berg")
_SECRET: Final = string.ascii_letters + string.digits + "!#%&*+-_?@"
_OFTEN: Final = 0.5
_IN_A_FLAT: Final = 0.3


@cache
def _sections() -> dict[str, tuple[str | None, tuple[str, ...]]]:
    """Return section -> the type of its values, and its entries."""
    sections: dict[str, tuple[str | None, tuple[str, ...]]] = {}
    title, kind, entries = "", None, []
    for line in [*_FILE.read_text("utf-8").splitlines(), "[end]"]:
        if line.startswith("["):
            sections[title] = kind, tuple(entries)
            title, _, named = line.strip("[]").partition(" ")
            kind, entries = named or None, []
        elif not line.startswith("# "):
            entries.append(line)
    return sections


def _entries(section: str) -> tuple[str, ...]:
    return _sections()[section][1]


class Values:
    """Makes one value a slot; a slot that ends in a digit keeps its value until `forget`."""

    def __init__(self, source: random.Random, chosen: Callable[[str], bool]) -> None:
        self._random = source
        self._people = People(source, chosen)
        self._places = Places(source, chosen, self._people)
        self._kept: dict[str, list[Piece]] = {}
        self._makers: dict[str, Callable[[], list[Piece]]] = {
            "name": self._name,
            "first": lambda: [(self._people.first(), "NAME")],
            "last": lambda: [(self._people.last(), "NAME")],
            "initial": lambda: [(source.choice(string.ascii_uppercase), "NAME")],
            "city": lambda: [(self._places.city(), "PLACE")],
            "street": lambda: [(self._street("us"), "STREET")],
            "firm": lambda: [(self._firm(), "ORG")],
            "email": lambda: [(f"{self._username()}@{source.choice(_entries('mailhost'))}", "CONTACT")],
            "username": lambda: [(self._username(), "ID")],
            "password": lambda: [(self._secret(), "ID")],
            "coordinates": lambda: [(self._coordinates(), "PLACE")],
            "machine": lambda: [(self._machine_readable(), "ID")],
            "address": lambda: self._address(source.choice(_COUNTRIES)),
            **{f"{country}address": partial(self._address, country) for country in _COUNTRIES},
            **{slot: partial(self._moment, styles) for slot, styles in _STYLES.items()},
        }

    def forget(self) -> None:
        """Begin a new document."""
        self._kept = {}

    def pieces(self, slot: str) -> list[Piece]:
        """Return the pieces of one slot's value; KeyError for an unknown slot."""
        if not slot[-1].isdigit():
            return self._made(slot)
        if slot not in self._kept:
            self._kept[slot] = self._made(slot.rstrip(string.digits))
        return self._kept[slot]

    def _made(self, slot: str) -> list[Piece]:
        if slot in self._makers:
            return self._makers[slot]()
        if slot in NUMBERS:
            return [(NUMBERS[slot](self._random), "ID")]
        if slot in _CHOICES:
            return self._made(self._random.choice(_CHOICES[slot]))
        kind, entries = _sections()[slot]
        return [(self._filled(self._random.choice(entries)), kind)]

    def _filled(self, form: str) -> str:
        return "".join(self._random.choice(_SIGNS[c]) if c in _SIGNS else c for c in form)

    def _name(self) -> list[Piece]:
        space: Piece = (" ", None)
        first: Piece = (self._people.first(), "NAME")
        last: Piece = (self._people.last(), "NAME")
        match self._random.choices("fmi", (75, 12, 13))[0]:
            case "m":
                return [first, space, (self._people.first(), "NAME"), space, last]
            case "i":
                return [first, space, (self._random.choice(string.ascii_uppercase), "NAME"), (". ", None), last]
        return [first, space, last]

    def _firm(self) -> str:
        form = self._random.choice(_entries("firm"))
        while "{s}" in form:
            form = form.replace("{s}", self._people.last().split()[-1], 1)
        return form

    def _street(self, country: str) -> str:
        number, choice = self._random.randint(1, 260), self._random.choice
        match country:
            case "de":
                return f"{choice(_GERMAN_STREETS)}{choice(_entries('destreet'))} {number}"
            case "fr":
                return f"{number} {choice(_entries('frstreet'))}"
            case "it" | "es":
                return f"{choice(_entries(country + 'street'))} {number}"
            case "in":
                return f"{number}, {choice(_entries('instreet'))}"
        name = choice([*_entries("house"), self._people.last().split()[-1]])
        kind = choice(_entries("usstreet" if country == "us" else "ukstreet"))
        unit = self._filled(choice(_entries("unit"))) if self._random.random() < _IN_A_FLAT else ""
        return f"{unit}{number} {name} {kind}"

    def _address(self, country: str) -> list[Piece]:
        comma: Piece = (", ", None)
        street: Piece = (self._street(country), "STREET")
        city = self._made("city")[0]
        match country:
            case "us" | "ca" | "au":
                region = self._random.choice(_REGIONS.get(country, _entries("st")))
                before = " " if country == "au" else ", "
                return [street, comma, city, (f"{before}{region} ", None), *self._made(country + "zip")]
            case "de" | "fr" | "it" | "es":
                return [street, comma, *self._made("euzip"), (" ", None), city]
        gap = " " if country == "uk" else " - "
        return [street, comma, city, (gap, None), *self._made(country + "zip")]

    def _moment(self, styles: str) -> list[Piece]:
        moment = _FIRST_MOMENT + timedelta(seconds=self._random.randrange(_SECONDS))
        style = self._random.choice(_entries(styles))
        day = moment.day
        ending = "th" if day in range(11, 14) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
        return [(moment.strftime(style.replace("{o}", f"{day}{ending}")), "DATE")]

    def _username(self) -> str:
        first, last = (_bare(name) for name in (self._people.first(), self._people.last()))
        number = self._random.randint(1, 99)
        forms = [f"{first}.{last}", f"{first[0]}{last}", f"{last}{number}", f"{first}_{last}", f"{first}{number}"]
        return self._random.choice(forms)

    def _secret(self) -> str:
        if self._random.random() < _OFTEN:
            word = self._people.last().split()[-1]
            return f"{word}{self._random.choice('!@#_')}{self._random.randint(10, 2030)}"
        return "".join(self._random.choice(_SECRET) for _ in range(self._random.randint(9, 14)))

    def _coordinates(self) -> str:
        north, east = self._random.uniform(-60, 60), self._random.uniform(-170, 170)
        digits = self._random.choice((4, 5, 6))
        return self._random.choice((f"{north:.{digits}f}, {east:.{digits}f}", f"{north:.{digits}f},{east:.{digits}f}"))

    def _machine_readable(self) -> str:
        """Return the first line of the machine-readable zone of a passport (ICAO 9303)."""
        last, first = (_bare(name).upper() for name in (self._people.last(), self._people.first()))
        country = self._random.choice(_entries("countrycode"))
        return f"P<{country}{last}<<{first}".ljust(44, "<")[:44]


def _bare(name: str) -> str:
    return "".join(c for c in name.lower() if c.isascii() and c.isalpha()) or "x"
