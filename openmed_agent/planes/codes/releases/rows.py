"""Rows of a release's text files, one at a time, with every departure from the layout refused.

All layouts are UTF-8, with or without byte order mark. A message names file and line, never content.
"""

import codecs
import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from openmed_agent.errors import InputError
from openmed_agent.planes.codes.releases.archive import ReleaseFiles, shown

_LONGEST_LINE: Final = 1 << 20
_LAYOUT: Final = "Hand over the release as its publisher distributes it; nothing was changed."
_ENCODING: Final = "Hand over the UTF-8 release, or convert the file with iconv; nothing was changed."


def text_lines(files: ReleaseFiles, name: str) -> Iterator[str]:
    """Yield the lines of ``name`` with their line ends.

    Raises:
        InputError: it is not UTF-8, holds a NUL, or a line is longer than 1 MB.

    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="strict")
    rest = ""
    try:
        for chunk in files.chunks(name):
            lines = (rest + decoder.decode(chunk)).split("\n")
            rest = lines.pop()
            if len(rest) > _LONGEST_LINE or b"\0" in chunk:
                raise InputError(f"{shown(name)} is not a text file of this layout.", remedy=_LAYOUT)
            for line in lines:
                yield line + "\n"
        rest += decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise InputError(f"{shown(name)} is not UTF-8 text.", remedy=_ENCODING) from None
    if rest:
        yield rest


def pipe_rows(files: ReleaseFiles, name: str, columns: int) -> Iterator[list[str]]:
    """Yield rows of the Rich Release Format: ``columns`` fields, each ended by ``|``."""
    for number, line in enumerate(text_lines(files, name), start=1):
        row = line.rstrip("\r\n").split("|")
        if len(row) != columns + 1 or row[-1]:
            raise wrong_row(name, number, f"{columns} fields, each ended by '|'")
        yield row


def tab_rows(files: ReleaseFiles, name: str, header: Sequence[str]) -> Iterator[list[str]]:
    """Yield rows of the Release Format 2: tabs, no quoting, with exactly this header."""
    lines = text_lines(files, name)
    if next(lines, "").rstrip("\r\n").split("\t") != list(header):
        raise wrong_row(name, 1, f"the header {' '.join(header)}")
    for number, line in enumerate(lines, start=2):
        row = line.rstrip("\r\n").split("\t")
        if len(row) != len(header):
            raise wrong_row(name, number, f"{len(header)} columns")
        yield row


def table_rows(files: ReleaseFiles, name: str, required: Sequence[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield line number and row of a comma-separated table with a header that has the ``required`` columns."""
    reader = csv.reader(text_lines(files, name), strict=True)
    try:
        header = next(reader, [])
        missing = [column for column in required if column not in header]
        if missing:
            raise wrong_row(name, 1, f"the columns {', '.join(required)}")
        for row in reader:
            if len(row) != len(header):
                raise wrong_row(name, reader.line_num, f"{len(header)} columns")
            yield reader.line_num, dict(zip(header, row, strict=True))
    except csv.Error:
        raise wrong_row(name, reader.line_num, "comma-separated values") from None


def wrong_row(name: str, number: int, expected: str) -> InputError:
    """Return the error of a line that departs from the layout."""
    return InputError(f"{shown(name)}, line {number}, does not have {expected}.", remedy=_LAYOUT)
