"""The rows of a release on their way into an index, in a file from which an interrupted installation goes on.

Reading a release gives the same rows in the same order every time. They are counted, and committed in batches
together with that count; whoever reads the same release again, as its digest says, skips what is already there.
The index itself is made from the finished stage in one go, so that it does not depend on interruptions.
"""

import sqlite3
from collections import defaultdict
from pathlib import Path
from typing import Final

CHECKPOINT_ROWS: Final = 50_000
_SETTINGS: Final = "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000;"

Row = tuple[str | int | None, ...]


class Stage:
    """The staged rows of one release; the caller holds the lock of its system.

    ``key`` says which rows these are: the digest of the release and the version of whoever reads it.
    """

    def __init__(self, path: Path, key: str, tables: str) -> None:
        self.path = path
        self._connection, self.kept = _opened(path, key, tables)
        self._seen = 0
        self._waiting: dict[str, list[Row]] = defaultdict(list)

    def add(self, table: str, row: Row) -> None:
        """Add a row, or skip it where an earlier run has committed it."""
        self._seen += 1
        if self._seen <= self.kept:
            return
        self._waiting[table].append(row)
        if self._seen % CHECKPOINT_ROWS == 0:
            self._commit(self._seen)

    def complete(self, indexes: str) -> None:
        """Commit what is left, with the ``indexes`` that finishing needs, and close the file."""
        self._commit(max(self._seen, self.kept))
        self._connection.executescript(indexes)
        self._connection.close()

    def close(self) -> None:
        """Close the file; what is committed stays."""
        self._connection.close()

    def _commit(self, seen: int) -> None:
        self._connection.execute("BEGIN")
        for table, rows in self._waiting.items():
            places = ",".join("?" * len(rows[0]))
            self._connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608 - names of ours
        self._connection.execute("UPDATE checkpoint SET seen = ?", (seen,))
        self._connection.execute("COMMIT")
        self._waiting.clear()


def remove_stage(path: Path) -> None:
    """Remove a stage and its journal, the journal first: alone it would be played into a later file of that name."""
    path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def _opened(path: Path, key: str, tables: str) -> tuple[sqlite3.Connection, int]:
    """Return the stage and how many of its rows are committed; one of another key, or damaged, is begun anew."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        held = connection.execute("SELECT key, seen FROM checkpoint").fetchone()
        if held[0] == key and connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok":
            connection.executescript(_SETTINGS)
            return connection, int(held[1])
    except (sqlite3.DatabaseError, TypeError):
        pass  # a new file, or one that a crash left half written
    connection.close()
    remove_stage(path)
    return _begun(path, key, tables), 0


def _begun(path: Path, key: str, tables: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.executescript(_SETTINGS)
        connection.executescript(f"BEGIN; {tables} CREATE TABLE checkpoint (key TEXT NOT NULL, seen INTEGER NOT NULL);")
        connection.execute("INSERT INTO checkpoint VALUES (?, 0)", (key,))
        connection.execute("COMMIT")
    except sqlite3.Error:
        connection.close()
        remove_stage(path)
        raise
    return connection
