"""One connection to the encrypted database: how it is opened, its transactions and its failures."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlcipher3 import dbapi2

from openmed_agent.errors import StoreError

BUSY_SECONDS = 10.0
_RETRY_SECONDS = 0.02
_PRIMARY_CODE = 0xFF

Value = str | int | bytes | None
Row = tuple[Any, ...]
CommitGuard = Callable[[], AbstractContextManager[None]]


class Database:
    """An open SQLCipher database with its key set; used by the thread that opened it."""

    def __init__(self, path: Path, key: bytes, *, read_only: bool = False) -> None:
        """Open the file at path; nothing is read yet, so a wrong key shows at the first statement."""
        self._path = path
        self._guard: CommitGuard = nullcontext
        self._closed = False
        mode = _read_only_mode(path) if read_only else "mode=rw"
        with self._failures():
            self._connection = dbapi2.connect(
                f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None, timeout=BUSY_SECONDS
            )
            try:
                self._configure(key)
            except BaseException:
                self._connection.close()
                raise

    def _configure(self, key: bytes) -> None:
        for statement in (
            "PRAGMA cipher_log_level = NONE",  # before the key: SQLCipher writes its errors to stderr
            f"PRAGMA key = \"x'{key.hex()}'\"",
            "PRAGMA synchronous = FULL",
            "PRAGMA fullfsync = ON",  # macOS: reach the disk, not the drive's cache
            "PRAGMA checkpoint_fullfsync = ON",
            "PRAGMA secure_delete = ON",
            "PRAGMA foreign_keys = ON",
            "PRAGMA temp_store = MEMORY",  # a temporary file would be plaintext
            "PRAGMA trusted_schema = OFF",
        ):
            self._connection.execute(statement).fetchall()

    def guard_commits(self, guard: CommitGuard) -> None:
        """Enter the guard around every COMMIT; an error it raises on entry rolls the transaction back."""
        self._guard = guard

    def read(self, statement: str, *values: Value) -> list[Row]:
        """Run a query and return its rows."""
        return self._patiently(statement, values)

    def write(self, statement: str, *values: Value) -> None:
        """Run a statement that changes something, inside a transaction."""
        if not self._connection.in_transaction:
            raise RuntimeError("a write needs a transaction")
        with self._failures():
            self._connection.execute(statement, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block as one transaction; inside another, as a part that fails or succeeds whole.

        When it returns, what was written is on the disk. The write lock is taken at the start, so what the
        block reads cannot be changed by another process before it commits.
        """
        if self._connection.in_transaction:
            with self._savepoint():
                yield
            return
        self._patiently("BEGIN IMMEDIATE", ())
        try:
            yield
            with self._guard(), self._failures():
                self._connection.execute("COMMIT")
        except BaseException:
            self._rollback()
            raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Run a block of reads on one state of the database, which other processes cannot change in between."""
        if self._connection.in_transaction:
            yield
            return
        self._patiently("BEGIN DEFERRED", ())
        try:
            yield
        finally:
            self._rollback()

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        self.write("SAVEPOINT part")
        try:
            yield
        except BaseException:
            # A full disk may have ended the whole transaction already.
            if self._connection.in_transaction:
                self.write("ROLLBACK TO part")
                self.write("RELEASE part")
            raise
        self.write("RELEASE part")

    def use_write_ahead_log(self) -> None:
        """Set the journal mode, which the file remembers; needs to be alone."""
        if self._patiently("PRAGMA journal_mode = WAL", ()) != [("wal",)]:
            raise StoreError(
                f"The disk under {self._path.parent} cannot hold the store.",
                remedy="Set OPENMED_HOME to a folder on a local disk.",
            )

    def copy_to(self, path: Path) -> None:
        """Write an encrypted copy with the same key to an empty or missing file."""
        self._patiently("VACUUM INTO ?", (str(path),))

    def overwrite_deleted(self, *, seconds: float) -> bool:
        """Write the file anew without anything that was deleted, and empty its log.

        Returns False where another process is in the way for longer than that, or the disk is: then the file is as it
        was, or the log still holds an older state.
        """
        self._wait_for_others(seconds)
        try:
            # The first checkpoint puts zeros over deleted content in its old place, before the file gets shorter.
            if not self._empties_log():
                return False
            self._connection.execute("VACUUM").fetchall()
            return self._empties_log()
        except dbapi2.Error:
            return False
        finally:
            self._wait_for_others(BUSY_SECONDS)

    def _wait_for_others(self, seconds: float) -> None:
        self._connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}").fetchall()

    def _empties_log(self) -> bool:
        return bool(self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)

    def close(self) -> None:
        """Close the connection; what was not committed is rolled back. A second time does nothing."""
        if self._closed:
            return
        self._closed = True
        self._rollback()
        self._connection.close()

    def __enter__(self) -> Self:
        """Return the database; it closes with the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the database."""
        self.close()

    def _rollback(self) -> None:
        if self._connection.in_transaction:
            with self._failures():
                self._connection.execute("ROLLBACK")

    def _patiently(self, statement: str, values: tuple[Value, ...]) -> list[Row]:
        """Run a statement, again while others keep the database busy.

        SQLite's own busy timeout does not cover every wait: recovery of a log and a change of the journal
        mode fail at once.
        """
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                rows: list[Row] = self._connection.execute(statement, values).fetchall()
            except dbapi2.Error as error:
                if not _is_busy(error) or time.monotonic() > deadline or self._connection.in_transaction:
                    raise database_failure(error, self._path) from error
                time.sleep(_RETRY_SECONDS)
            else:
                return rows

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except dbapi2.Error as error:
            raise database_failure(error, self._path) from error


def database_failure(error: dbapi2.Error, path: Path) -> StoreError:
    """Return the sentence and the way out for an error of the database."""
    match getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE:
        case dbapi2.SQLITE_BUSY | dbapi2.SQLITE_LOCKED:
            return StoreError(
                "The store is locked by another process.", remedy="Let it finish or end it, and try again."
            )
        case dbapi2.SQLITE_FULL:
            return StoreError(f"The disk is full at {path}.", remedy="Free some space and try again.")
        case dbapi2.SQLITE_READONLY | dbapi2.SQLITE_CANTOPEN | dbapi2.SQLITE_PERM:
            return StoreError(
                f"The store {path} cannot be written.",
                remedy="Make its folder writable for you, or set OPENMED_HOME to another folder.",
            )
        case dbapi2.SQLITE_NOTADB | dbapi2.SQLITE_CORRUPT:
            return StoreError(
                f"The store {path} is damaged or not a store at all.",
                remedy="Move it away and restore it from a backup.",
            )
        case dbapi2.SQLITE_IOERR:
            return StoreError(
                f"The disk failed or is full at {path}.",
                remedy="Check the disk and its space, and try again.",
            )
        case _:
            name = getattr(error, "sqlite_errorname", type(error).__name__)
            return StoreError(f"The store {path} refused a change ({name}).", remedy="Run: openmed doctor")


def _is_busy(error: dbapi2.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE in {dbapi2.SQLITE_BUSY, dbapi2.SQLITE_LOCKED}


def _read_only_mode(path: Path) -> str:
    """Return how to open without making a file: without a log there is nothing but the file to read."""
    has_log = path.with_name(path.name + "-wal").exists()
    return "mode=ro" if has_log else "mode=ro&immutable=1"
