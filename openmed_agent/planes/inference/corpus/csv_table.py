"""A CSV file with a header, of which one column is the text; the values of all others stay as they are.

Bytes that are not UTF-8 pass through the other columns unchanged. The file's delimiter, line ends and byte order mark
are kept; cells are quoted where they need it.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from openmed_agent.errors import InputError
from openmed_agent.planes.inference.corpus.files import digest_of
from openmed_agent.planes.inference.corpus.records import MAXIMUM_RECORD_BYTES, Outcome, Problem, Record, Survey

if TYPE_CHECKING:
    from _csv import Reader

_MAXIMUM_CELL: Final = 4 * MAXIMUM_RECORD_BYTES
_BYTE_ORDER_MARK: Final = "\ufeff"


class CsvTable:
    """Empty lines stay. A row with another number of cells than the header comes out with all of them empty."""

    def __init__(self, file: Path, *, column: str, scope_column: str | None, delimiter: str) -> None:
        self._file = file
        self._column = column
        self._scope_column = scope_column
        self._delimiter = delimiter

    def survey(self) -> Survey:
        """Return digest and number of records.

        Raises:
            InputError: it is not CSV, or a column is missing.

        """
        return Survey(digest_of(self._file), sum(1 for _ in self.records()))

    def records(self) -> Iterator[Record]:
        """Yield the text of every row below the header."""
        with self._opened() as (_, rows):
            header = next(rows, [])
            text_at = self._place(header, self._column)
            scope_at = None if self._scope_column is None else self._place(header, self._scope_column)
            number = 0
            for row in _checked(rows):
                if row:
                    number += 1
                    yield _record(number, row, width=len(header), text_at=text_at, scope_at=scope_at)

    def write(self, outcomes: Iterator[Outcome], target: Path) -> None:
        """Write the rows anew."""
        with (
            self._opened() as (mark, rows),
            target.open("w", encoding="utf-8", errors="surrogateescape", newline="") as stream,
        ):
            stream.write(mark)
            writer = csv.writer(stream, delimiter=self._delimiter, lineterminator=self._line_end())
            header = next(rows, [])
            text_at = self._place(header, self._column)
            writer.writerow(header)
            for row in _checked(rows):
                if not row:
                    writer.writerow(row)
                    continue
                text = next(outcomes).text or ""
                whole = len(row) == len(header)
                writer.writerow([*row[:text_at], text, *row[text_at + 1 :]] if whole else [""] * len(header))

    @contextmanager
    def _opened(self) -> Iterator[tuple[str, "Reader"]]:
        before = csv.field_size_limit(_MAXIMUM_CELL)
        try:
            with self._file.open(encoding="utf-8", errors="surrogateescape", newline="") as stream:
                mark = _byte_order_mark(stream)
                yield mark, csv.reader(stream, delimiter=self._delimiter, strict=True)
        finally:
            csv.field_size_limit(before)

    def _place(self, header: list[str], column: str) -> int:
        match header.count(column):
            case 1:
                return header.index(column)
            case 0:
                raise InputError("The header of the CSV file has no such column.", remedy="Check --column.")
            case _:
                raise InputError("The header of the CSV file has that column twice.", remedy="Rename one of them.")

    def _line_end(self) -> str:
        with self._file.open("rb") as stream:
            first = stream.readline(_MAXIMUM_CELL)
        return "\r\n" if first.endswith(b"\r\n") else "\n"


def _byte_order_mark(stream: TextIO) -> str:
    if stream.read(1) == _BYTE_ORDER_MARK:
        return _BYTE_ORDER_MARK
    stream.seek(0)
    return ""


def _checked(rows: "Reader") -> Iterator[list[str]]:
    try:
        yield from rows
    except csv.Error:
        raise InputError(
            f"The CSV file cannot be read at line {rows.line_num}: its quotes do not match, or a cell is too large.",
            remedy="Check --delimiter, or export the file again.",
        ) from None


def _record(number: int, row: list[str], *, width: int, text_at: int, scope_at: int | None) -> Record:
    if len(row) != width:
        return Record(number, None, problem=Problem.MALFORMED)
    text = row[text_at]
    try:
        text.encode()
    except UnicodeEncodeError:
        return Record(number, None, problem=Problem.NOT_UTF8)
    if scope_at is None:
        return Record(number, text)
    scope = row[scope_at]
    return Record(number, text, scope=scope, problem=None if scope.strip() else Problem.NO_SCOPE)
