"""A text file with one record a line."""

from collections.abc import Iterator
from pathlib import Path

from openmed_agent.planes.inference.corpus.files import digest_of, lines_of
from openmed_agent.planes.inference.corpus.records import MAXIMUM_RECORD_BYTES, Outcome, Problem, Record, Survey


class TextLines:
    """Blank lines are no records and stay as they are; the line of a failed record is empty in the output."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def survey(self) -> Survey:
        """Return digest and number of records."""
        return Survey(digest_of(self._file), sum(1 for _ in self.records()))

    def records(self) -> Iterator[Record]:
        """Yield every line that is not blank, without its end."""
        number = 0
        for line in self._lines():
            if line is not None and not line.strip():
                continue
            number += 1
            yield _record(number, line)

    def write(self, outcomes: Iterator[Outcome], target: Path) -> None:
        """Write the lines anew, each with the end it had."""
        with target.open("wb") as stream:
            for line in self._lines():
                if line is not None and not line.strip():
                    stream.write(line)
                    continue
                stream.write((next(outcomes).text or "").encode() + _end(line))

    def _lines(self) -> Iterator[bytes | None]:
        return lines_of(self._file, limit=MAXIMUM_RECORD_BYTES + 2)


def _record(number: int, line: bytes | None) -> Record:
    if line is None:
        return Record(number, None, problem=Problem.TOO_LARGE)
    try:
        return Record(number, line[: len(line) - len(_end(line))].decode())
    except UnicodeDecodeError:
        return Record(number, None, problem=Problem.NOT_UTF8)


def _end(line: bytes | None) -> bytes:
    if line is None:
        return b"\n"
    return b"\r\n" if line.endswith(b"\r\n") else line[-1:] if line.endswith(b"\n") else b""
