"""What a paste or a drop becomes: text as it is, except that paths of files become mentions."""

import shlex
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from openmed_agent.text.mentions import mention_of

_LONGEST_DROP: Final = 8_000
_MOST_FILES: Final = 50


def pasted_text(text: str, folder: Path) -> str:
    """Return what to insert for a paste; line ends become newlines. ``folder`` is where relative paths begin.

    A terminal pastes dropped files as their paths: quoted, with backslashes, or as ``file://`` addresses. A paste is
    one of those only where every word of it is a path.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    mentions = _mentions(lines.strip(), folder)
    return f"{' '.join(mentions)} " if mentions else lines


def _mentions(text: str, folder: Path) -> tuple[str, ...]:
    if not text or len(text) > _LONGEST_DROP or text.count("\n") >= _MOST_FILES:
        return ()
    paths = [_path(word) for line in text.split("\n") for word in _words(line)]
    mentions = [None if path is None else mention_of(_shortened(path, folder)) for path in paths]
    return tuple(one for one in mentions if one) if all(mentions) else ()


def _words(line: str) -> list[str]:
    """Return the words of a line as a shell reads them; a line of a file:// address or a bare path is one word."""
    if line.startswith("/") and " " in line and "\\" not in line and not any(mark in line for mark in "'\""):
        parts = line.split(" ")
        return parts if all(part.startswith("/") for part in parts) else [line]
    try:
        return shlex.split(line, comments=False)
    except ValueError:
        return [line]


def _path(word: str) -> str | None:
    """Return the path that a word is, or None. ``/help`` is a command, and ``/`` alone is no file."""
    if word.startswith("file://"):
        place = word.removeprefix("file://").removeprefix("localhost")
        return unquote(place) if place.startswith("/") else None
    if word.startswith("~/"):
        return str(Path(word).expanduser())
    return word if word.startswith("/") and word.count("/") > 1 and not word.startswith("//") else None


def _shortened(path: str, folder: Path) -> str:
    below = Path(path)
    return str(below.relative_to(folder)) if below.is_relative_to(folder) and below != folder else path
