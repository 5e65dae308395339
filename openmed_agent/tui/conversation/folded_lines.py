"""Very long lines of a prompt, folded into a mark while they are edited.

A field wraps the whole line at every key: one of 200,000 characters would cost a quarter of a second each time.
"""

import re
from typing import Final

_LONGEST: Final = 5_000
_MARK: Final = re.compile(r"\u27e6line of [\d,]+ characters, (\d+)\u27e7")


class FoldedLines:
    """The lines that were folded in one field."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def fold(self, text: str) -> str:
        """Return the text with a mark for each very long line, which says how long it is and which one."""
        if len(text) <= _LONGEST:
            return text
        return "\n".join(self._folded(line) for line in text.split("\n"))

    def unfold(self, text: str) -> str:
        """Return the text with the lines that its marks stand for; a mark that was edited is text."""
        return _MARK.sub(self._line, text) if self._lines else text

    def _folded(self, line: str) -> str:
        if len(line) <= _LONGEST:
            return line
        self._lines.append(line)
        return f"\u27e6line of {len(line):,} characters, {len(self._lines)}\u27e7"

    def _line(self, mark: re.Match[str]) -> str:
        number = int(mark[1])
        if not 1 <= number <= len(self._lines):
            return mark.group()
        line = self._lines[number - 1]
        return line if mark.group() == f"\u27e6line of {len(line):,} characters, {number}\u27e7" else mark.group()
