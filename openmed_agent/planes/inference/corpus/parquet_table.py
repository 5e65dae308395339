"""A Parquet file of which one column is the text; needs the extra ``parquet``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from openmed_agent.errors import InputError, UnavailableError
from openmed_agent.planes.inference.corpus.files import digest_of
from openmed_agent.planes.inference.corpus.records import Outcome, Problem, Record, Survey

_ROWS_READ: Final = 256
_BYTES_A_ROW_GROUP: Final = 16 * 1024 * 1024


class ParquetTable:
    """A null text stays null; that of a failed record becomes null. Schema and metadata are kept."""

    def __init__(self, file: Path, *, column: str, scope_column: str | None) -> None:
        self._file = file
        self._column = column
        self._scope_column = scope_column

    def survey(self) -> Survey:
        """Return digest and number of rows.

        Raises:
            InputError: it is not Parquet, or a column is missing or holds no text.
            UnavailableError: pyarrow is not installed.

        """
        with self._opened() as table:
            rows = int(table.metadata.num_rows)
        return Survey(digest_of(self._file), rows)

    def records(self) -> Iterator[Record]:
        """Yield the text of every row."""
        columns = [self._column] if self._scope_column is None else [self._column, self._scope_column]
        number = 0
        with self._opened() as table:
            for batch in table.iter_batches(batch_size=_ROWS_READ, columns=columns):
                texts = batch.column(self._column).to_pylist()
                scopes = batch.column(self._scope_column).to_pylist() if self._scope_column else None
                for at, text in enumerate(texts):
                    number += 1
                    if scopes is None:
                        yield Record(number, text)
                        continue
                    known = scopes[at] is not None and str(scopes[at]).strip() != ""
                    scope = str(scopes[at]) if known else None
                    yield Record(number, text, scope=scope, problem=None if known else Problem.NO_SCOPE)

    def write(self, outcomes: Iterator[Outcome], target: Path) -> None:
        """Write the rows anew, in row groups of about 16 MB."""
        import pyarrow as pa  # noqa: PLC0415 - an extra
        import pyarrow.parquet as pq  # noqa: PLC0415

        with self._opened() as table:
            schema = table.schema_arrow
            at = schema.get_field_index(self._column)
            with pq.ParquetWriter(target, schema) as writer:
                waiting: list[pa.RecordBatch] = []
                for batch in table.iter_batches(batch_size=_ROWS_READ):
                    texts = [next(outcomes).text for _ in range(batch.num_rows)]
                    waiting.append(batch.set_column(at, schema.field(at), pa.array(texts, schema.field(at).type)))
                    if sum(one.nbytes for one in waiting) > _BYTES_A_ROW_GROUP:
                        writer.write_table(pa.Table.from_batches(waiting, schema))
                        waiting.clear()
                if waiting:
                    writer.write_table(pa.Table.from_batches(waiting, schema))

    def _opened(self) -> Any:  # noqa: ANN401 - pyarrow has no types of its own
        try:
            import pyarrow as pa  # noqa: PLC0415 - an extra
            import pyarrow.parquet as pq  # noqa: PLC0415
        except ImportError:
            raise UnavailableError(
                "Parquet needs the package pyarrow.", remedy="Install openmed-agent with the extra 'parquet'."
            ) from None
        try:
            table = pq.ParquetFile(self._file)
        except (pa.ArrowException, OSError):
            raise InputError("The file cannot be read as Parquet.", remedy="Check the path and --format.") from None
        for column in filter(None, (self._column, self._scope_column)):
            if table.schema_arrow.get_field_index(column) < 0:
                raise InputError("The Parquet file has no such column.", remedy="Check --column.")
        kind = table.schema_arrow.field(self._column).type
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            raise InputError("That column of the Parquet file holds no text.", remedy="Check --column.")
        return table
