"""Answers what the screen asks about names of files; looks at names only, never into a file."""

import asyncio
import os
from pathlib import Path
from typing import Final

from openmed_agent.text.terminal import terminal_safe
from openmed_agent.workbench.bench import Bench
from openmed_agent.workbench.handling import Handler, answered_by
from openmed_agent.workbench.requests.paths import CompletePath, PathMatches

_MOST: Final = 12
_MOST_LOOKED_AT: Final = 5_000


async def complete_path(bench: Bench, request: CompletePath) -> PathMatches:
    """Return paths that begin as asked; a folder that cannot be read has none."""
    return await asyncio.to_thread(_matches, request, bench.options.folder)


def _matches(request: CompletePath, folder: Path) -> PathMatches:
    """Return the matches. A name that a terminal cannot show as it is, is left out: it could not be typed either."""
    typed, start = os.path.split(request.beginning)
    found: list[str] = []
    try:
        with os.scandir(given_path(typed, folder) if typed else folder) as entries:
            for number, entry in enumerate(entries):
                if number >= _MOST_LOOKED_AT:
                    break
                if entry.name.startswith(start) and _is_offered(entry, request, hidden=start.startswith(".")):
                    found.append(os.path.join(typed, entry.name) + ("/" if entry.is_dir() else ""))  # noqa: PTH118
    except (OSError, ValueError):
        return PathMatches(matches=())
    found.sort()
    return PathMatches(matches=tuple(found[:_MOST]), more=len(found) > _MOST)


def given_path(text: str, folder: Path) -> Path:
    """Return the path that a person typed: ``~`` is their home, and a relative one begins at ``folder``.

    A terminal puts quotes around a path that is dropped on it; they are no part of the name.
    """
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    try:
        return folder / Path(text).expanduser()
    except RuntimeError:  # the home of a user who does not exist
        return folder / text


def _is_offered(entry: "os.DirEntry[str]", request: CompletePath, *, hidden: bool) -> bool:
    if entry.name.startswith(".") and not hidden:
        return False
    if terminal_safe(entry.name, single_line=True) != entry.name:
        return False
    return entry.is_dir() or not request.folders_only


HANDLERS: tuple[Handler, ...] = (answered_by(CompletePath, complete_path),)
