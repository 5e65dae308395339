"""Write the index of one RxNorm release from RXNCONSO, RXNREL and RXNSAT.

Kept is what RxNorm itself says (SAB=RXNORM): concepts with their term type, their names, the relations between
concepts, and attributes such as NDC. Names of the source vocabularies, most of them licensed, are only counted.
"""

import re
import sqlite3
from pathlib import Path
from typing import Final

from openmed_agent.errors import InputError
from openmed_agent.planes.codes.releases.archive import ReleaseFiles, shown
from openmed_agent.planes.codes.releases.rows import pipe_rows
from openmed_agent.planes.codes.rxnorm_graph import GENERAL_TO_SPECIFIC, TERM_TYPES
from openmed_agent.planes.codes.rxnorm_names import drug_words

_CONSO_COLUMNS, _REL_COLUMNS, _SAT_COLUMNS = 18, 16, 13
_BATCH: Final = 10_000
_OPEN_SOURCES: Final = frozenset({"RXNORM", "MTHSPL", "CVX", "ATC"})
_NAME: Final = re.compile(r"RxNorm_(full|weekly)(_prescribe)?_(\d{2})(\d{2})(\d{4})", re.IGNORECASE)
_README: Final = re.compile(r"readme.*?(\d{2})(\d{2})(\d{4}).*", re.IGNORECASE)
_PROPERTY: Final = re.compile(r"NDC|RX[A-Z_]{1,40}|ORIG_[A-Z_]{1,40}|UNII_CODE|ATC")
_TABLES: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -32000;
CREATE TABLE concept (
    rxcui INTEGER PRIMARY KEY, name TEXT NOT NULL, tty TEXT NOT NULL, suppress TEXT NOT NULL, synonym TEXT NOT NULL,
    brand TEXT NOT NULL);
CREATE TABLE name (plain TEXT NOT NULL, rxcui INTEGER NOT NULL, PRIMARY KEY (plain, rxcui)) WITHOUT ROWID;
CREATE TABLE link (general INTEGER NOT NULL, specific INTEGER NOT NULL, PRIMARY KEY (general, specific)) WITHOUT ROWID;
CREATE TABLE property (rxcui INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (rxcui, name, value)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(said, content='', tokenize='ascii', detail='none', columnsize=0);
CREATE VIRTUAL TABLE counted USING fts5vocab(words, row);
CREATE VIRTUAL TABLE vocabulary USING fts5(word, frequency UNINDEXED, tokenize='trigram', detail='none');
CREATE TABLE stage.relation (one INTEGER NOT NULL, other INTEGER NOT NULL);
CREATE TABLE stage.synonym (rxcui INTEGER NOT NULL, name TEXT NOT NULL, tty TEXT NOT NULL);
"""
_LINK: Final = """
INSERT OR IGNORE INTO link SELECT r.one, r.other FROM stage.relation AS r
JOIN concept AS g ON g.rxcui = r.one JOIN concept AS s ON s.rxcui = r.other
JOIN stage.allowed AS a ON a.general = g.tty AND a.specific = s.tty
"""
_FINISH: Final = (
    "CREATE INDEX stage.synonym_rxcui ON synonym(rxcui)",
    """UPDATE concept SET synonym = coalesce(
        (SELECT min(s.name) FROM stage.synonym AS s WHERE s.rxcui = concept.rxcui AND s.tty IN ('SY', 'TMSY')), '')""",
    "INSERT OR IGNORE INTO name SELECT lower(s.name), s.rxcui FROM stage.synonym AS s JOIN concept USING (rxcui)",
    "INSERT OR IGNORE INTO name SELECT lower(name), rxcui FROM concept WHERE suppress = 'N'",
    "INSERT INTO words (rowid, said) SELECT rxcui, substances(name) FROM concept WHERE suppress = 'N'",
    "INSERT INTO vocabulary (word, frequency) SELECT term, doc FROM counted WHERE length(term) BETWEEN 4 AND 40",
    "CREATE INDEX link_specific ON link(specific)",
    "CREATE INDEX property_value ON property(value) WHERE name = 'NDC'",
    "INSERT INTO words(words) VALUES ('optimize')",
    "INSERT INTO vocabulary(vocabulary) VALUES ('optimize')",
    "DROP TABLE counted",
)


class RxNormWriter:
    """Writes to ``target``, which must not exist; ``stage`` is a file of its own beside it."""

    def __init__(self, target: Path, stage: Path) -> None:
        self._connection = sqlite3.connect(target, isolation_level=None)
        self._connection.execute("ATTACH ? AS stage", (str(stage),))
        self._connection.executescript("PRAGMA stage.journal_mode = OFF; PRAGMA stage.synchronous = OFF;" + _TABLES)
        self._connection.create_function("substances", 1, _substances, deterministic=True)
        self._connection.execute("BEGIN")
        self._sources: set[str] = set()

    def read(self, files: ReleaseFiles) -> str:
        """Read the three files; return the version that the release states.

        Raises:
            InputError: a file is missing or departs from the layout.

        """
        if files.is_plain_file:
            raise InputError(f"{shown(files.name)} is one file.", remedy="Hand over the zip or folder of the release.")
        conso, relations, attributes = (
            files.require(re.compile(rf"{name}\.RRF", re.IGNORECASE), f"{name}.RRF")
            for name in ("RXNCONSO", "RXNREL", "RXNSAT")
        )
        files.expect([conso, relations, attributes])
        self._read_names(files, conso)
        self._read_relations(files, relations)
        self._read_attributes(files, attributes)
        return _version(files, conso)

    def is_complete(self, file_name: str) -> bool:
        """Return whether this is the full release: by its name, and by vocabularies that only the full one has."""
        named = _NAME.match(file_name)
        is_full = named is not None and named.group(1).lower() == "full" and named.group(2) is None
        return is_full and bool(self._sources - _OPEN_SOURCES)

    def finish(self, source: str) -> int:
        """Complete the index and return its number of concepts that are not suppressed.

        Raises:
            InputError: there is none.

        """
        self._connection.execute("CREATE TABLE stage.allowed (general TEXT, specific TEXT)")
        self._connection.executemany("INSERT INTO stage.allowed VALUES (?,?)", GENERAL_TO_SPECIFIC)
        self._connection.execute(_LINK)
        for statement in _FINISH:
            self._connection.execute(statement)
        count = int(self._connection.execute("SELECT count(*) FROM concept WHERE suppress = 'N'").fetchone()[0])
        self._connection.execute("COMMIT")
        if count == 0:
            raise InputError(
                f"{shown(source)} holds no RxNorm concept.", remedy="Check that this is the whole release."
            )
        return count

    def close(self) -> None:
        """Close the files, finished or not."""
        self._connection.close()

    def _read_names(self, files: ReleaseFiles, name: str) -> None:
        concepts: list[tuple[object, ...]] = []
        synonyms: list[tuple[int, str, str]] = []
        for row in pipe_rows(files, name, _CONSO_COLUMNS):
            self._sources.add(row[11])
            if row[11] != "RXNORM" or row[1] != "ENG":
                continue
            rxcui = _rxcui(row[0], name)
            tty, text, suppress = row[12], row[14], row[16]
            if tty in TERM_TYPES:
                concepts.append((rxcui, text, tty, suppress, "", _brand(text, tty)))
            elif suppress == "N":
                synonyms.append((rxcui, text, tty))
            if len(concepts) >= _BATCH or len(synonyms) >= _BATCH:
                self._store(concepts, synonyms)
        self._store(concepts, synonyms)

    def _store(self, concepts: list[tuple[object, ...]], synonyms: list[tuple[int, str, str]]) -> None:
        # an RXCUI with a suppressed and a current name of its own keeps the current one
        self._connection.executemany(
            "INSERT INTO concept VALUES (?,?,?,?,?,?) ON CONFLICT (rxcui) DO UPDATE SET name = excluded.name, "
            "tty = excluded.tty, suppress = excluded.suppress, brand = excluded.brand "
            "WHERE concept.suppress <> 'N' AND excluded.suppress = 'N'",
            concepts,
        )
        self._connection.executemany("INSERT INTO stage.synonym VALUES (?,?,?)", synonyms)
        concepts.clear()
        synonyms.clear()

    def _read_relations(self, files: ReleaseFiles, name: str) -> None:
        batch: list[tuple[int, int]] = []
        for row in pipe_rows(files, name, _REL_COLUMNS):
            # every relation is there in both directions, and the term types tell which is the general one
            if row[10] == "RXNORM" and row[0] and row[4] and row[14] != "O":
                batch.append((_rxcui(row[0], name), _rxcui(row[4], name)))
            if len(batch) >= _BATCH:
                self._connection.executemany("INSERT INTO stage.relation VALUES (?,?)", batch)
                batch.clear()
        self._connection.executemany("INSERT INTO stage.relation VALUES (?,?)", batch)

    def _read_attributes(self, files: ReleaseFiles, name: str) -> None:
        batch: list[tuple[int, str, str]] = []
        for row in pipe_rows(files, name, _SAT_COLUMNS):
            if row[9] == "RXNORM" and row[11] in {"N", ""} and _PROPERTY.fullmatch(row[8]):
                batch.append((_rxcui(row[0], name), row[8], row[10]))
            if len(batch) >= _BATCH:
                self._connection.executemany("INSERT OR IGNORE INTO property VALUES (?,?,?)", batch)
                batch.clear()
        self._connection.executemany("INSERT OR IGNORE INTO property VALUES (?,?,?)", batch)


def _rxcui(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 10):  # noqa: PLR2004 - RxNav's own bound
        raise InputError(f"{shown(name)} has an RXCUI that is no number.", remedy="Download the release again.")
    return int(text)


def _brand(name: str, tty: str) -> str:
    """Return the words of the brand, which names of branded drugs have in brackets at their end."""
    if tty == "BN":
        return _substances(name)
    return _substances(name[name.rindex("[") :]) if name.endswith("]") and "[" in name else ""


def _substances(name: str) -> str:
    return " ".join(sorted(drug_words(name).substances))


def _version(files: ReleaseFiles, conso: str) -> str:
    stated = _NAME.match(files.name)
    if stated:
        month, day, year = stated.groups()[2:]
        return f"{year}-{month}-{day}"
    for name in files.names:
        found = _README.search(name.rpartition("/")[2])
        if found:
            return f"{found.group(3)}-{found.group(1)}-{found.group(2)}"
    date = files.modified(conso)
    return "" if date is None else f"{date[0]:04}-{date[1]:02}-{date[2]:02}"
