"""Write the index of one RxNorm release from RXNCONSO, RXNREL and RXNSAT.

Kept is what RxNorm itself says (SAB=RXNORM): concepts with their term type, their names, the relations between
concepts, and attributes such as NDC; and of WHO's classification (SAB=ATC) the classes and which ingredient is in
them. Names of the other source vocabularies, most of them licensed, are only counted.
"""

import re
import sqlite3
from pathlib import Path
from typing import Final

from openmed_agent.errors import InputError
from openmed_agent.planes.codes.releases.archive import ReleaseFiles, shown
from openmed_agent.planes.codes.releases.rows import pipe_rows
from openmed_agent.planes.codes.releases.stage import Stage
from openmed_agent.planes.codes.rxnorm_graph import GENERAL_TO_SPECIFIC, TERM_TYPES
from openmed_agent.planes.codes.rxnorm_names import drug_words

_CONSO_COLUMNS, _REL_COLUMNS, _SAT_COLUMNS = 18, 16, 13
_OPEN_SOURCES: Final = frozenset({"RXNORM", "MTHSPL", "CVX", "ATC"})
_ATC_CODE: Final = re.compile(r"[A-Z](\d\d([A-Z]([A-Z](\d\d)?)?)?)?")
_NAME: Final = re.compile(r"RxNorm_(full|weekly)(_prescribe)?_(\d{2})(\d{2})(\d{4})", re.IGNORECASE)
_README: Final = re.compile(r"readme.*?(\d{2})(\d{2})(\d{4}).*", re.IGNORECASE)
_PROPERTY: Final = re.compile(r"NDC|RX[A-Z_]{1,40}|ORIG_[A-Z_]{1,40}|UNII_CODE|ATC")
STAGE_TABLES: Final = """
CREATE TABLE concept (rxcui INTEGER NOT NULL, name TEXT NOT NULL, tty TEXT NOT NULL, suppress TEXT NOT NULL);
CREATE TABLE synonym (rxcui INTEGER NOT NULL, name TEXT NOT NULL, tty TEXT NOT NULL);
CREATE TABLE relation (one INTEGER NOT NULL, other INTEGER NOT NULL);
CREATE TABLE property (rxcui INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL);
CREATE TABLE class (code TEXT NOT NULL, name TEXT NOT NULL, rxcui INTEGER NOT NULL);
"""
_STAGE_INDEXES: Final = "CREATE INDEX IF NOT EXISTS synonym_rxcui ON synonym(rxcui);"
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
CREATE TABLE class (code TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE member (rxcui INTEGER NOT NULL, code TEXT NOT NULL, PRIMARY KEY (rxcui, code)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(said, content='', tokenize='ascii', detail='none', columnsize=0);
CREATE VIRTUAL TABLE counted USING fts5vocab(words, row);
CREATE VIRTUAL TABLE vocabulary USING fts5(word, frequency UNINDEXED, tokenize='trigram', detail='none');
CREATE TEMP TABLE allowed (general TEXT, specific TEXT);
"""
_FINISH: Final = (
    # an RXCUI with a suppressed and a current name of its own keeps the current one
    """INSERT INTO concept SELECT rxcui, name, tty, suppress, '', brand_words(name, tty) FROM stage.concept
    WHERE true ORDER BY rowid
    ON CONFLICT (rxcui) DO UPDATE SET name = excluded.name, tty = excluded.tty, suppress = excluded.suppress,
    brand = excluded.brand WHERE concept.suppress <> 'N' AND excluded.suppress = 'N'""",
    """INSERT OR IGNORE INTO link SELECT r.one, r.other FROM stage.relation AS r
    JOIN concept AS g ON g.rxcui = r.one JOIN concept AS s ON s.rxcui = r.other
    JOIN allowed AS a ON a.general = g.tty AND a.specific = s.tty""",
    "INSERT OR IGNORE INTO property SELECT rxcui, name, value FROM stage.property ORDER BY rxcui, name, value",
    """UPDATE concept SET synonym = coalesce(
        (SELECT min(s.name) FROM stage.synonym AS s WHERE s.rxcui = concept.rxcui AND s.tty IN ('SY', 'TMSY')), '')""",
    "INSERT OR IGNORE INTO name SELECT lower(s.name), s.rxcui FROM stage.synonym AS s JOIN concept USING (rxcui)",
    "INSERT OR IGNORE INTO name SELECT lower(name), rxcui FROM concept WHERE suppress = 'N'",
    "INSERT OR IGNORE INTO class SELECT code, name FROM stage.class WHERE length(code) < 7 ORDER BY code, name",
    """INSERT OR IGNORE INTO member SELECT rxcui, code FROM stage.class WHERE length(code) = 7
    ORDER BY rxcui, code""",
    "INSERT INTO words (rowid, said) SELECT rxcui, substances(name) FROM concept WHERE suppress = 'N'",
    "INSERT INTO vocabulary (word, frequency) SELECT term, doc FROM counted WHERE length(term) BETWEEN 4 AND 40",
    "CREATE INDEX link_specific ON link(specific)",
    "CREATE INDEX property_value ON property(value) WHERE name = 'NDC'",
    "INSERT INTO words(words) VALUES ('optimize')",
    "INSERT INTO vocabulary(vocabulary) VALUES ('optimize')",
    "DROP TABLE counted",
)


class RxNormWriter:
    """Takes the rows of a release into ``stage``, then writes the index ``target``, which must not exist."""

    def __init__(self, target: Path, stage: Stage) -> None:
        self._target = target
        self._stage = stage
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
        self._stage.complete(_STAGE_INDEXES)
        connection = sqlite3.connect(self._target.resolve().as_uri(), isolation_level=None, uri=True)
        try:
            count = self._write(connection)
        finally:
            connection.close()
        if count == 0:
            raise InputError(
                f"{shown(source)} holds no RxNorm concept.", remedy="Check that this is the whole release."
            )
        return count

    def _write(self, connection: sqlite3.Connection) -> int:
        connection.execute("ATTACH ? AS stage", (f"{self._stage.path.resolve().as_uri()}?mode=ro",))
        connection.executescript(_TABLES)
        connection.create_function("substances", 1, _substances, deterministic=True)
        connection.create_function("brand_words", 2, _brand, deterministic=True)
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO allowed VALUES (?,?)", GENERAL_TO_SPECIFIC)
        for statement in _FINISH:
            connection.execute(statement)
        count = int(connection.execute("SELECT count(*) FROM concept WHERE suppress = 'N'").fetchone()[0])
        connection.execute("COMMIT")
        return count

    def _read_names(self, files: ReleaseFiles, name: str) -> None:
        for row in pipe_rows(files, name, _CONSO_COLUMNS):
            source, tty, text, suppress = row[11], row[12], row[14], row[16]
            self._sources.add(source)
            if row[1] != "ENG":
                continue
            if source == "ATC" and suppress != "O" and _ATC_CODE.fullmatch(row[13]):
                self._stage.add("class", (row[13], text, _rxcui(row[0], name)))
            if source != "RXNORM":
                continue
            if tty in TERM_TYPES:
                self._stage.add("concept", (_rxcui(row[0], name), text, tty, suppress))
            elif suppress == "N":
                self._stage.add("synonym", (_rxcui(row[0], name), text, tty))

    def _read_relations(self, files: ReleaseFiles, name: str) -> None:
        for row in pipe_rows(files, name, _REL_COLUMNS):
            # every relation is there in both directions, and the term types tell which is the general one
            if row[10] == "RXNORM" and row[0] and row[4] and row[14] != "O":
                self._stage.add("relation", (_rxcui(row[0], name), _rxcui(row[4], name)))

    def _read_attributes(self, files: ReleaseFiles, name: str) -> None:
        for row in pipe_rows(files, name, _SAT_COLUMNS):
            if row[9] == "RXNORM" and row[11] in {"N", ""} and _PROPERTY.fullmatch(row[8]):
                self._stage.add("property", (_rxcui(row[0], name), row[8], row[10]))


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
