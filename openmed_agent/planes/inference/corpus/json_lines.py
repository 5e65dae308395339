"""A file of JSON objects, one a line, of which one field is the text.

Only the characters of that field change; everything else of a line stays as it was written.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from openmed_agent.errors import InputError
from openmed_agent.planes.inference.corpus.files import digest_of, lines_of
from openmed_agent.planes.inference.corpus.records import MAXIMUM_RECORD_BYTES, Outcome, Problem, Record, Survey
from openmed_agent.text.json_spans import JsonNumber, JsonObject, JsonString, parse_json

_MAXIMUM_LINE: Final = 8 * MAXIMUM_RECORD_BYTES


@dataclass(frozen=True, slots=True)
class _Line:
    """A line with what stands before and after the value of the text field."""

    record: Record
    before: str = "null"
    after: str = ""


class JsonLines:
    """Blank lines stay. A line that is no such object is ``null`` in the output; a failed record's text is ``null``."""

    def __init__(self, file: Path, *, column: str, scope_column: str | None) -> None:
        self._file = file
        self._column = column
        self._scope_column = scope_column

    def survey(self) -> Survey:
        """Return digest and number of records."""
        return Survey(digest_of(self._file), sum(1 for line in self._lines() if line is None or line.strip()))

    def records(self) -> Iterator[Record]:
        """Yield the text field of every line that is not blank."""
        number = 0
        for line in self._lines():
            if line is None or line.strip():
                number += 1
                yield self._read(number, line).record

    def write(self, outcomes: Iterator[Outcome], target: Path) -> None:
        """Write the lines anew, each ended by a line feed."""
        with target.open("wb") as stream:
            for line in self._lines():
                if line is not None and not line.strip():
                    stream.write(line)
                    continue
                outcome = next(outcomes)
                read = self._read(outcome.record, line)
                value = json.dumps(outcome.text, ensure_ascii=False) if read.before != "null" else ""
                stream.write(f"{read.before}{value}{read.after}\n".encode())

    def _lines(self) -> Iterator[bytes | None]:
        return lines_of(self._file, limit=_MAXIMUM_LINE)

    def _read(self, number: int, line: bytes | None) -> _Line:
        if line is None:
            return _Line(Record(number, None, problem=Problem.TOO_LARGE))
        try:
            text = line.decode().removesuffix("\n")
            parsed = parse_json(text)
        except UnicodeDecodeError:
            return _Line(Record(number, None, problem=Problem.NOT_UTF8))
        except InputError:
            return _Line(Record(number, None, problem=Problem.MALFORMED))
        if not isinstance(parsed, JsonObject):
            return _Line(Record(number, None, problem=Problem.MALFORMED))
        value = parsed.members.get(self._column)
        if not isinstance(value, JsonString):
            return _Line(Record(number, None, problem=Problem.NO_TEXT))
        scope = self._scope(parsed)
        problem = Problem.NO_SCOPE if self._scope_column is not None and scope is None else None
        record = Record(number, value.value, scope=scope, problem=problem)
        return _Line(record, before=text[: value.start - 1], after=text[value.end + 1 :])

    def _scope(self, parsed: JsonObject) -> str | None:
        if self._scope_column is None:
            return None
        match parsed.members.get(self._scope_column):
            case JsonString(value=value) if value.strip():
                return value
            case JsonNumber(text=text):
                return text
            case _:
                return None
