"""Write the index of one release of a terminology: codes, titles, synonyms, hierarchy, words.

Rows come in the order of the release's files and are staged as they come: a synonym may precede its concept.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from openmed_agent.errors import InputError
from openmed_agent.planes.codes.releases.archive import shown
from openmed_agent.planes.codes.releases.stage import Stage
from openmed_agent.planes.codes.releases.term_words import term_words

UNRANKED: Final = 1_000_000
_TAG: Final = re.compile(r"\(([^()]{1,60})\)$")
STAGE_TABLES: Final = """
CREATE TABLE concept (
    id INTEGER PRIMARY KEY, code TEXT NOT NULL, display TEXT NOT NULL, kind TEXT NOT NULL, billable INTEGER NOT NULL,
    rank INTEGER NOT NULL, details TEXT NOT NULL);
CREATE TABLE name (code TEXT NOT NULL, kind INTEGER NOT NULL, term TEXT NOT NULL, identifier INTEGER);
CREATE TABLE parent (child TEXT NOT NULL, parent TEXT NOT NULL);
CREATE TABLE preferred (identifier INTEGER NOT NULL);
"""
_STAGE_INDEXES: Final = """
CREATE INDEX IF NOT EXISTS name_code ON name(code);
CREATE INDEX IF NOT EXISTS preferred_identifier ON preferred(identifier);
"""
_TABLES: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -32000;
CREATE TABLE concept (
    id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, plain TEXT NOT NULL, display TEXT NOT NULL,
    kind TEXT NOT NULL, billable INTEGER NOT NULL, rank INTEGER NOT NULL, details TEXT NOT NULL);
CREATE TABLE link (child INTEGER NOT NULL, parent INTEGER NOT NULL, PRIMARY KEY (child, parent)) WITHOUT ROWID;
CREATE TABLE entry (
    id INTEGER PRIMARY KEY, concept INTEGER NOT NULL, kind INTEGER NOT NULL, said TEXT NOT NULL, term TEXT NOT NULL);
CREATE VIRTUAL TABLE words USING fts5(said, content='entry', content_rowid='id', tokenize='ascii', detail='none',
    columnsize=0);
CREATE VIRTUAL TABLE counted USING fts5vocab(words, row);
CREATE VIRTUAL TABLE vocabulary USING fts5(word, frequency UNINDEXED, tokenize='trigram', detail='none');
"""
_CONCEPTS: Final = """
INSERT INTO concept SELECT id, code, plain_code(code), display, kind, billable, rank, details
FROM stage.concept ORDER BY id
"""
_FINISH: Final = (
    """INSERT INTO entry (concept, kind, said, term)
    SELECT concept, min(kind), said, term FROM (
        SELECT c.id AS concept, CASE n.kind WHEN 3 THEN 1 ELSE n.kind END AS kind,
            comparable_words(n.term) AS said, n.term AS term, c.rank AS rank
        FROM stage.name AS n JOIN concept AS c ON c.code = n.code
        UNION ALL SELECT id, 0, comparable_words(display), display, rank FROM concept)
    WHERE said <> '' GROUP BY concept, said
    ORDER BY length(said) - length(replace(said, ' ', '')), rank, concept""",
    "INSERT INTO words(words) VALUES ('rebuild')",
    "INSERT INTO vocabulary (word, frequency) SELECT term, doc FROM counted WHERE length(term) BETWEEN 4 AND 40",
    """INSERT OR IGNORE INTO link SELECT c.id, p.id FROM stage.parent AS s
    JOIN concept AS c ON c.code = s.child JOIN concept AS p ON p.code = s.parent WHERE c.id <> p.id""",
    "CREATE INDEX link_parent ON link(parent)",
    "CREATE INDEX concept_plain ON concept(plain)",
    "CREATE INDEX entry_concept ON entry(concept)",
    "INSERT INTO words(words) VALUES ('optimize')",
    "INSERT INTO vocabulary(vocabulary) VALUES ('optimize')",
    "DROP TABLE counted",
)

TITLE, SYNONYM, RELATED = 0, 1, 2
"""Kinds of a term: the concept's title, another name for the same, or words that are only found by."""
FULLY_SPECIFIED = 3
"""Kind of a staged name that is fully specified; in the index it is a synonym."""


def plain_code(code: str) -> str:
    """Return a code without dots and outer spaces in capitals, for comparison."""
    return code.strip().upper().replace(".", "")


class TermIndexWriter:
    """Takes the rows of a release into ``stage``, then writes the index ``target``, which must not exist."""

    def __init__(self, target: Path, stage: Stage, source: str) -> None:
        self._target = target
        self._stage = stage
        self._source = source
        self._titles: tuple[str, ...] = ()

    def add(
        self,
        code: str,
        display: str,
        *,
        kind: str = "",
        billable: bool = False,
        rank: int = UNRANKED,
        details: Mapping[str, str | list[str]] | None = None,
    ) -> None:
        """Add a concept; empty details are left out."""
        kept = {name: value for name, value in (details or {}).items() if value}
        text = json.dumps(kept, ensure_ascii=False) if kept else ""
        self._stage.add("concept", (None, code, display, kind, billable, rank, text))

    def add_name(self, code: str, term: str, kind: int, identifier: int | None = None) -> None:
        """Add another term of a concept."""
        self._stage.add("name", (code, kind, term, identifier))

    def add_parent(self, child: str, parent: str) -> None:
        """Say that ``child`` stands below ``parent``; either may come later, or never."""
        self._stage.add("parent", (child, parent))

    def prefer(self, identifier: int) -> None:
        """Say that the term with this identifier is preferred."""
        self._stage.add("preferred", (identifier,))

    def choose_titles(self, statements: Iterable[str]) -> None:
        """Say by which SQL titles and kinds of concepts are chosen among their names, once all are there."""
        self._titles = tuple(statements)

    def finish(self) -> int:
        """Write the index and return its number of concepts.

        Raises:
            InputError: there is none, or a code comes twice.

        """
        self._stage.complete(_STAGE_INDEXES)
        connection = sqlite3.connect(self._target.resolve().as_uri(), isolation_level=None, uri=True)
        try:
            return self._write(connection)
        finally:
            connection.close()

    def _write(self, connection: sqlite3.Connection) -> int:
        connection.execute("ATTACH ? AS stage", (f"{self._stage.path.resolve().as_uri()}?mode=ro",))
        connection.executescript(_TABLES)
        connection.create_function("plain_code", 1, plain_code, deterministic=True)
        connection.create_function("semantic_tag", 1, _semantic_tag, deterministic=True)
        connection.create_function("comparable_words", 1, lambda text: " ".join(term_words(text)), deterministic=True)
        connection.execute("BEGIN")
        try:
            connection.execute(_CONCEPTS)
        except sqlite3.IntegrityError:
            raise InputError(
                f"{shown(self._source)} has the same code twice.",
                remedy="Hand over one release only; nothing was changed.",
            ) from None
        for statement in (*self._titles, *_FINISH):
            connection.execute(statement)
        count = int(connection.execute("SELECT count(*) FROM concept").fetchone()[0])
        connection.execute("COMMIT")
        if count == 0:
            raise InputError(f"{shown(self._source)} holds no code.", remedy="Check that this is the whole release.")
        return count


def _semantic_tag(term: str) -> str:
    """Return what stands in the last parentheses of a fully specified name of SNOMED CT."""
    found = _TAG.search(term)
    return found.group(1) if found else ""
