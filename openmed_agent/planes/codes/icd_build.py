"""Write the index of ICD-10-CM: ``python -m openmed_agent.planes.codes.icd_build FILE``.

It runs in a process of its own, which takes the source package's memory with it when it ends, and reports on
standard output, one ``done total`` a line. The file is complete once the process has ended with 0.
"""

import csv
import gc
import json
import os
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from openmed_agent.planes.codes.icd_source import SourceConcept, read_concepts
from openmed_agent.planes.codes.icd_words import Words, extended_words, title_words

SCHEMA: Final = 6
TERMS_FILE: Final = Path(__file__).with_name("data") / "icd10cm_terms.csv"
_INITIAL_ENCOUNTER: Final = "A"
_RESIDUAL: Final = ("0", "9")
_REPORT_EVERY: Final = 5_000
_TABLES: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE concept (
    id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, plain TEXT NOT NULL, display TEXT NOT NULL,
    kind TEXT NOT NULL, parent INTEGER, billable INTEGER NOT NULL, notes TEXT NOT NULL, sevenths TEXT NOT NULL,
    plain_case INTEGER);
CREATE TABLE entry (
    id INTEGER PRIMARY KEY, concept INTEGER NOT NULL, title INTEGER NOT NULL, essential TEXT NOT NULL,
    minor TEXT NOT NULL, negated TEXT NOT NULL, free TEXT NOT NULL);
CREATE VIRTUAL TABLE words USING fts5(essential, minor, negated, free, content='entry', content_rowid='id',
    tokenize='ascii', detail='none', columnsize=0);
CREATE TABLE vocabulary (word TEXT PRIMARY KEY, frequency INTEGER NOT NULL) WITHOUT ROWID;
"""
_INDEXES: Final = """
CREATE INDEX concept_plain ON concept(plain);
CREATE INDEX concept_parent ON concept(parent);
INSERT INTO words(words) VALUES ('optimize');
"""

_Entry = tuple[int, bool, Words]


def build(target: Path, report: Callable[[int, int], None]) -> None:
    """Write the index of the packaged release to ``target``, which must not exist, and sync it to the disk."""
    report(0, 0)
    write_index(list(read_concepts()), target, report)


def write_index(concepts: list[SourceConcept], target: Path, report: Callable[[int, int], None]) -> None:
    """Write the index of these concepts, in the order of the classification, and sync it to the disk."""
    identifiers = {concept.code: number for number, concept in enumerate(concepts, start=1)}
    connection = sqlite3.connect(target)
    try:
        connection.executescript(_TABLES)
        entries = _entries(concepts, identifiers, report)
        plain_cases = _plain_cases(concepts, identifiers, entries)
        connection.executemany(
            "INSERT INTO concept VALUES (?,?,?,?,?,?,?,?,?,?)",
            (_concept_row(concept, identifiers, plain_cases) for concept in concepts),
        )
        entries.sort(key=lambda entry: _rarity(entry, concepts))
        connection.executemany("INSERT INTO entry VALUES (?,?,?,?,?,?,?)", _entry_rows(entries))
        connection.execute("INSERT INTO words(words) VALUES ('rebuild')")
        connection.executemany("INSERT INTO vocabulary VALUES (?,?)", _vocabulary(entries).items())
        connection.executescript(_INDEXES)
        connection.commit()
    finally:
        connection.close()
    with target.open("rb") as file:
        os.fsync(file.fileno())
    report(len(concepts), len(concepts))


def _concept_row(
    concept: SourceConcept, identifiers: Mapping[str, int], plain_cases: Mapping[int, int]
) -> tuple[object, ...]:
    identifier = identifiers[concept.code]
    names = (
        "includes", "inclusion_terms", "excludes1", "excludes2",
        "code_first", "use_additional", "code_also", "notes",
    )  # fmt: skip
    notes = {name: getattr(concept, name) for name in names if getattr(concept, name)}
    return (
        identifier,
        concept.code,
        concept.code.replace(".", ""),
        concept.display,
        concept.kind,
        identifiers.get(concept.parent),
        concept.billable,
        json.dumps(notes) if notes else "",
        json.dumps(concept.seventh_characters) if concept.seventh_characters else "",
        plain_cases.get(identifier),
    )


def _entries(
    concepts: list[SourceConcept], identifiers: Mapping[str, int], report: Callable[[int, int], None]
) -> list[_Entry]:
    """Return what can be searched: titles of coded concepts, their inclusion terms and includes notes."""
    entries: list[_Entry] = []
    for number, concept in enumerate(concepts):
        if number % _REPORT_EVERY == 0:
            report(number, len(concepts))
        if concept.kind in {"chapter", "block"}:
            continue
        identifier = identifiers[concept.code]
        entries.append((identifier, True, _concept_words(concept, concepts, identifiers)))
        terms = (*concept.inclusion_terms, *_inherited_terms(concept, concepts, identifiers))
        entries.extend((identifier, False, title_words(term)) for term in terms)
        entries.extend((identifier, False, title_words(term)) for term in concept.includes)
    return [entry for entry in entries if entry[2].essential or entry[2].free]


def _inherited_terms(
    concept: SourceConcept, concepts: list[SourceConcept], identifiers: Mapping[str, int]
) -> Iterable[str]:
    """Yield the other names of the concept above with what this title adds to the title above, such as the side.

    "Conjunctival hemorrhage" is also called subconjunctival; so is "Conjunctival hemorrhage, right eye".
    """
    above = concepts[identifiers[concept.parent] - 1] if concept.parent else None
    if above is None or concept.kind == "extension" or not above.inclusion_terms:
        return
    added = concept.display.removeprefix(above.display)
    if added != concept.display and added.startswith(","):
        yield from (f"{term}{added}" for term in above.inclusion_terms)


def _concept_words(concept: SourceConcept, concepts: list[SourceConcept], identifiers: Mapping[str, int]) -> Words:
    if concept.kind != "extension":
        return title_words(concept.display)
    base = concepts[identifiers[concept.parent] - 1].display
    plain = concept.code.endswith(_INITIAL_ENCOUNTER)
    return extended_words(title_words(base), concept.display.removeprefix(base), plain=plain)


def _plain_cases(
    concepts: list[SourceConcept], identifiers: Mapping[str, int], entries: list[_Entry]
) -> dict[int, int]:
    """Return, per category, the billable code below it whose title adds only the words of the plain case.

    Where no code does, it is the one directly below whose last character, 9 or 0, and title say "unspecified"; or
    else the one whose title is "Other" with the title of the category, where the alphabetic index leads too.
    A category is left out where neither is there, or where two are equally: nothing is chosen by chance.
    """
    titles = {identifier: words for identifier, is_title, words in entries if is_title}
    found: dict[int, list[int]] = {}
    for concept in concepts:
        identifier = identifiers[concept.code]
        if not concept.billable or concept.kind == "extension":
            continue
        essential = set(titles[identifier].essential)
        parent = identifiers.get(concept.parent)
        while parent in titles:
            if set(titles[parent].essential) == essential:
                found.setdefault(parent, []).append(identifier)
            parent = identifiers.get(concepts[parent - 1].parent)
    unspecified = {
        category: [code for code in codes if "nspecified" in concepts[code - 1].display] or codes
        for category, codes in found.items()
    }
    plain = {category: codes[0] for category, codes in unspecified.items() if len(codes) == 1}
    return {**_residual(concepts, identifiers), **plain}


def _residual(concepts: list[SourceConcept], identifiers: Mapping[str, int]) -> dict[int, int]:
    found: dict[int, list[int]] = {}
    for concept in concepts:
        says_nothing = concept.code.endswith(_RESIDUAL) and "unspecified" in concept.display
        if concept.billable and concept.kind == "subcategory" and says_nothing and concept.parent:
            found.setdefault(identifiers[concept.parent], []).append(identifiers[concept.code])
    only = {category: codes[0] for category, codes in found.items() if len(codes) == 1}
    return {**_others(concepts, identifiers), **only}


def _others(concepts: list[SourceConcept], identifiers: Mapping[str, int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for concept in concepts:
        if concept.billable and concept.kind == "subcategory" and concept.parent:
            above = concepts[identifiers[concept.parent] - 1].display
            if concept.display == f"Other {above[:1].lower()}{above[1:]}":
                found[identifiers[concept.parent]] = identifiers[concept.code]
    return found


def _rarity(entry: _Entry, concepts: list[SourceConcept]) -> tuple[int, int, int, int]:
    """Return the order of entries on the disk: the general before the specific, so that few need to be read."""
    identifier, is_title, words = entry
    is_extension = concepts[identifier - 1].kind == "extension"
    return (is_extension, 3 * len(words.essential) + len(words.minor) + len(words.negated), not is_title, identifier)


def _entry_rows(entries: Iterable[_Entry]) -> Iterable[tuple[object, ...]]:
    for number, (identifier, is_title, words) in enumerate(entries, start=1):
        texts = (" ".join(part) for part in (words.essential, words.minor, words.negated, words.free))
        yield (number, identifier, is_title, *texts)


def _vocabulary(entries: Iterable[_Entry]) -> Counter[str]:
    frequencies: Counter[str] = Counter()
    for _, _, words in entries:
        frequencies.update(words.essential + words.minor + words.negated + words.free)
    return frequencies


def read_terms() -> list[tuple[str, str, str, bool]]:
    """Return our table of abbreviations and everyday terms: term, kind, value, ambiguous.

    Kind ``phrase``: the value replaces the term inside a query. Kind ``code``: the whole term means this code.
    """
    with TERMS_FILE.open(encoding="utf-8", newline="") as file:
        return [(row["term"], row["kind"], row["value"], row["ambiguous"] == "yes") for row in csv.DictReader(file)]


def main() -> int:
    """Build to the path of the command line."""
    gc.disable()  # a million small objects and no cycles: collecting doubles the time
    build(Path(sys.argv[1]), lambda done, total: print(done, total, flush=True))  # noqa: T201 - the protocol
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
