"""Values for the slots of the templates."""

import random
import string
from datetime import date, timedelta
from pathlib import Path

from pii_notes.people import People, Places
from pii_notes.wording import words

Piece = tuple[str, str | None]
"""Characters, and the type of identifier they are, None for none."""

_TERMS = Path(__file__).parents[2] / "openmed_agent/planes/inference/entities/data"
_FILES = {"dx": "problems.txt", "drug": "medications.txt", "anat": "anatomy.txt"}
_EPONYMS = Path(__file__).parents[2] / "openmed_agent/planes/inference/pii/data/vocabulary.txt"
_CASED = frozenset({"dx", "drug", "proc"})
_FIRST_DAY = date(1935, 1, 1)
_DAYS = 33_000
_NUMBERS = {
    "date": "DATE", "wd": "DATE", "phone": "CONTACT", "fax": "CONTACT", "email": "CONTACT", "url": "CONTACT",
    "mrn": "ID", "ssn": "ID", "acct": "ID", "plan": "ID", "lic": "ID", "plate": "ID", "dev": "ID", "id": "ID",
    "npi": "ID", "ip": "ID", "zip": "ZIP", "initials": "NAME",
    "pobox": "STREET",
}  # fmt: skip


def _terms(file: str) -> list[str]:
    text = (_TERMS / file).read_text("utf-8")
    return [t.strip() for line in text.splitlines() if not line.startswith("#") for t in line.split(",") if t.strip()]


def _eponyms() -> list[str]:
    text = _EPONYMS.read_text("utf-8")
    return [word.capitalize() for word in text[text.index("[eponyms]") :].split("\n\n")[0].split()[1:]]


class Values:
    """Makes one value a slot."""

    def __init__(self, source: random.Random, people: People, places: Places) -> None:
        self._random, self._people, self._places = source, people, places
        self._terms = {slot: _terms(file) for slot, file in _FILES.items()}
        self._terms["eponym"] = [*words("eponym"), *_eponyms()]

    def pieces(self, slot: str) -> list[Piece]:
        """Return the pieces of one slot's value; KeyError for an unknown slot."""
        match slot:
            case "name":
                return self._name()
            case "lf":
                return self._last_first()
            case "first":
                return [(self._people.first(), "NAME")]
            case "last" | "last1":
                return [(self._people.last(), "NAME")]
            case "init":
                return [(self._filled("initials"), "NAME")]
            case "mi":
                return [(self._letter(), "NAME")]
            case "city" | "county":
                return [(self._places.city(), "PLACE")]
            case "org":
                return [(self._places.organization(), "ORG")]
            case "street":
                return [(self._street(), "STREET")]
        return [(self._value(slot), _NUMBERS.get(slot))]

    def _name(self) -> list[Piece]:
        first, last = self._people.first(), self._people.last()
        space: Piece = (" ", None)
        match self._random.choices("1.m i", (77, 10, 5, 5, 3))[0]:
            case ".":
                return [(first, "NAME"), space, (self._letter(), "NAME"), (". ", None), (last, "NAME")]
            case " ":
                return [(first, "NAME"), space, (self._letter(), "NAME"), space, (last, "NAME")]
            case "m":
                return [(first, "NAME"), space, (self._people.first(), "NAME"), space, (last, "NAME")]
            case "i":
                return [(first[0], "NAME"), (". ", None), (last, "NAME")]
        return [(first, "NAME"), space, (last, "NAME")]

    def _last_first(self) -> list[Piece]:
        last, first = self._people.last(), self._people.first()
        if self._random.choice([True, False]):
            last, first = last.upper(), first.upper()
        return [(last, "NAME"), (self._random.choice([", ", ", ", ","]), None), (first, "NAME")]

    def _letter(self) -> str:
        return self._random.choice(string.ascii_uppercase)

    def _street(self) -> str:
        choice = self._random.choice
        name = choice([choice(words("street_name")), self._people.last().split()[-1]])
        way, kind = choice(words("street_way")), choice(words("street_kind"))
        return f"{self._random.randint(1, 9999)} {way}{name} {kind}{self._filled('unit')}"

    def _filled(self, slot: str) -> str:
        """Return an entry of a section with a random digit for # and a capital for @."""
        pattern = self._random.choice(words(slot))
        return "".join(
            str(self._random.randrange(10)) if c == "#" else self._letter() if c == "@" else c for c in pattern
        )

    def _value(self, slot: str) -> str:
        match slot:
            case "date":
                day = _FIRST_DAY + timedelta(days=self._random.randrange(_DAYS))
                return day.strftime(self._random.choice(words("date_format")))
            case "email":
                name = "".join(c for c in self._people.last().lower() if c.isascii() and c.isalpha())
                return f"{self._letter().lower()}{name}@{self._random.choice(words('mailbox'))}"
            case "dose":
                return f"{self._random.choice(words('amount'))} mg{self._random.choice(words('frequency'))}"
            case "he2":
                return self._random.choice(["He", "She"])
            case "his":
                return self._random.choice(["his", "her"])
        value = self._random.choice(self._terms[slot]) if slot in self._terms else self._filled(slot)
        capital = slot in _CASED and self._random.choices([True, False], (3, 7))[0]
        return value[0].upper() + value[1:] if capital else value
