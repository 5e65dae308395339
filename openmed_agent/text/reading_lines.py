"""The lines in which a source is put before a reader: its own, or, for JSON on one long line, broken up and indented.

Lines are ranges of code points of the text itself, so a place in the text is a place in a line; nothing is rewritten.
Time is linear in the text, whatever it holds.
"""

import re
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\],]', re.DOTALL)
_LONG: Final = 200  # code points a line on average, from which JSON is broken up
_SHORT: Final = 72  # a list or object of plain values up to this length stays on one line
_STEP: Final = 2
_DEEPEST: Final = 24  # cells; what lies deeper is not moved further


@dataclass(frozen=True, slots=True)
class ReadingLine:
    """Code points ``[start, end)`` of a text, to be moved right by ``indent`` cells; an empty line has none."""

    start: int
    end: int
    indent: int = 0


def own_lines(text: str) -> tuple[ReadingLine, ...]:
    """Return the lines of the text without their ends; a newline at the very end does not begin another one."""
    lines: list[ReadingLine] = []
    start = 0
    for line in text.removesuffix("\n").split("\n"):
        lines.append(ReadingLine(start, start + len(line.removesuffix("\r"))))
        start += len(line) + 1
    return tuple(lines)


def is_hard_to_read(text: str) -> bool:
    """Return whether JSON was written on so few lines that it must be broken up to be read."""
    return len(text) > _LONG * (text.count("\n") + 1)


def json_lines(text: str) -> tuple[ReadingLine, ...]:
    """Return lines that break after each member; text that is no whole JSON is broken up as far as it goes."""
    kept = _on_one_line(text)
    lines: list[ReadingLine] = []
    depth = start = skip_until = 0

    def end_line(end: int) -> None:
        nonlocal start
        first, last = _trimmed(text, start, end)
        if first < last:
            lines.append(ReadingLine(first, last, min(_DEEPEST, depth * _STEP)))
        start = end

    for match in _TOKEN.finditer(text):
        if match.start() < skip_until or match.end() - match.start() > 1 or match.group() == '"':
            continue
        match match.group():
            case "{" | "[" if match.start() in kept:
                skip_until = kept[match.start()]
            case "{" | "[":
                end_line(match.end())
                depth += 1
            case "}" | "]":
                end_line(match.start())
                depth = max(0, depth - 1)
            case ",":
                end_line(match.end())
    end_line(len(text))
    return tuple(lines)


def _on_one_line(text: str) -> dict[int, int]:
    """Return where short lists and objects without another inside begin and end."""
    found: dict[int, int] = {}
    open_at = -1  # of the innermost one that has had no other inside so far
    for match in _TOKEN.finditer(text):
        match match.group():
            case "{" | "[":
                open_at = match.start()
            case "}" | "]":
                if open_at >= 0 and match.end() - open_at <= _SHORT:
                    found[open_at] = match.end()
                open_at = -1
    return found


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in " \t\r\n":
        start += 1
    while end > start and text[end - 1] in " \t\r\n":
        end -= 1
    return start, end
