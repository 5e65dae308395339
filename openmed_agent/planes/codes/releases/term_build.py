"""Write the index of one release of a terminology: codes, titles, synonyms, hierarchy, words.

Rows come in the order of the release's files and go to the disk as they come: a synonym may precede its
concept. What is only needed while building lies in a second file that is thrown away.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from openmed_agent.errors import InputError
from openmed_agent.planes.codes.releases.archive import shown
from openmed_agent.planes.codes.releases.term_words import term_words

UNRANKED: Final = 1_000_000
_BATCH: Final = 10_000
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
CREATE TABLE stage.name (code TEXT NOT NULL, kind INTEGER NOT NULL, term TEXT NOT NULL, identifier INTEGER);
CREATE TABLE stage.parent (child TEXT NOT NULL, parent TEXT NOT NULL);
"""
_FINISH: Final = (
    "INSERT INTO stage.name SELECT code, 0, display, NULL FROM concept",
    """INSERT INTO entry (concept, kind, said, term)
    SELECT concept, min(kind), said, term FROM (
        SELECT c.id AS concept, n.kind AS kind, comparable_words(n.term) AS said, n.term AS term, c.rank AS rank
        FROM stage.name AS n JOIN concept AS c ON c.code = n.code)
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


def plain_code(code: str) -> str:
    """Return a code without dots and outer spaces in capitals, for comparison."""
    return code.strip().upper().replace(".", "")


class TermIndexWriter:
    """Writes to ``target``, which must not exist; ``stage`` is a file of its own beside it."""

    def __init__(self, target: Path, stage: Path, source: str) -> None:
        self.connection = sqlite3.connect(target, isolation_level=None)
        self._source = source
        self._concepts: list[tuple[object, ...]] = []
        self._names: list[tuple[object, ...]] = []
        self._parents: list[tuple[str, str]] = []
        self.connection.execute("ATTACH ? AS stage", (str(stage),))
        self.connection.executescript("PRAGMA stage.journal_mode = OFF; PRAGMA stage.synchronous = OFF;" + _TABLES)
        self.connection.create_function(
            "comparable_words", 1, lambda text: " ".join(term_words(text)), deterministic=True
        )
        self.connection.execute("BEGIN")

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
        self._concepts.append((code, plain_code(code), display, kind, billable, rank, text))
        if len(self._concepts) >= _BATCH:
            self._flush()

    def add_name(self, code: str, term: str, kind: int, identifier: int | None = None) -> None:
        """Add another term of a concept."""
        self._names.append((code, kind, term, identifier))
        if len(self._names) >= _BATCH:
            self._flush()

    def add_parent(self, child: str, parent: str) -> None:
        """Say that ``child`` stands below ``parent``; either may come later, or never."""
        self._parents.append((child, parent))
        if len(self._parents) >= _BATCH:
            self._flush()

    def run(self, statements: Iterable[str]) -> None:
        """Run SQL over what was added so far."""
        self._flush()
        for statement in statements:
            self.connection.execute(statement)

    def finish(self) -> int:
        """Complete the index and return its number of concepts.

        Raises:
            InputError: there is none.

        """
        self.run(_FINISH)
        count = int(self.connection.execute("SELECT count(*) FROM concept").fetchone()[0])
        self.connection.execute("COMMIT")
        if count == 0:
            raise InputError(f"{shown(self._source)} holds no code.", remedy="Check that this is the whole release.")
        return count

    def close(self) -> None:
        """Close the files, finished or not."""
        self.connection.close()

    def _flush(self) -> None:
        try:
            self.connection.executemany(
                "INSERT INTO concept (code, plain, display, kind, billable, rank, details) VALUES (?,?,?,?,?,?,?)",
                self._concepts,
            )
        except sqlite3.IntegrityError:
            raise InputError(
                f"{shown(self._source)} has the same code twice.",
                remedy="Hand over one release only; nothing was changed.",
            ) from None
        self.connection.executemany("INSERT INTO stage.name VALUES (?,?,?,?)", self._names)
        self.connection.executemany("INSERT INTO stage.parent VALUES (?,?)", self._parents)
        self._concepts.clear()
        self._names.clear()
        self._parents.clear()
