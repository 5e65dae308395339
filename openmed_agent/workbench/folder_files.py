"""The files that a prompt may name: those of the granted folders that tools may read.

Where a folder is under git, what git ignores is left out. Git is asked with everything off that a folder's own
configuration could make it run.
"""

import asyncio
import os
import stat
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from openmed_agent.errors import OpenMedError
from openmed_agent.text.fuzzy import ranked
from openmed_agent.text.mentions import mention_of
from openmed_agent.tools.files import walk_folder
from openmed_agent.tools.granted_files import GrantedFiles
from openmed_agent.tools.refused_files import is_refused_name

MOST_FILES: Final = 5_000
_LOOKED_AT: Final = 40_000
_WALK_SECONDS: Final = 2.0
_GIT_SECONDS: Final = 2.0
_GIT_BYTES: Final = 8 << 20
_FRESH_SECONDS: Final = 10.0
_GIT: Final = (
    "git",
    *("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.untrackedCache=false"),
    *("ls-files", "-z", "--cached", "--others", "--exclude-standard"),
)


@dataclass(frozen=True, slots=True)
class Listing:
    """Paths as a prompt names them, in order; ``more`` where there was too much to look at."""

    paths: tuple[str, ...] = field(repr=False)
    more: bool


class FolderFiles:
    """Finds files by parts of their names; looks at the disk again when what it knows is older than ten seconds."""

    def __init__(self, files: GrantedFiles) -> None:
        self._files = files
        self._listing = Listing((), more=False)
        self._listed_at: float | None = None
        self._looking = asyncio.Lock()

    async def find(self, query: str, limit: int) -> Listing:
        """Return the files whose names fit a query, the best first; without a query the ones least deep."""
        async with self._looking:
            if self._listed_at is None or time.monotonic() - self._listed_at > _FRESH_SECONDS:
                self._listing = await self._look()
                self._listed_at = time.monotonic()
        known = self._listing
        found = await asyncio.to_thread(ranked, query, known.paths, str, limit=limit) if query else known.paths[:limit]
        return Listing(tuple(found), known.more)

    async def _look(self) -> Listing:
        paths: list[str] = []
        more = False
        for number, root in enumerate(self._files.roots):
            names = await _git_names(root)
            found, cut = await asyncio.to_thread(self._below, root, names)
            paths += (str(one.relative_to(root)) if number == 0 else str(one) for one in found)
            more |= cut
        named = [path for path in dict.fromkeys(paths) if mention_of(path) is not None]
        named.sort(key=lambda path: (path.count("/"), path.casefold()))
        return Listing(tuple(named[:MOST_FILES]), more or len(named) > MOST_FILES)

    def _below(self, root: Path, names: tuple[str, ...]) -> tuple[list[Path], bool]:
        """Return the files below a granted folder, and whether there are more than were looked at."""
        if not names:
            return _until_late(_readable(walk_folder(self._files, root)))
        closed = tuple(os.path.realpath(folder) for folder in self._files.refused)
        return _until_late(_plain(root, names, closed))


def _readable(entries: Iterable[object]) -> Iterator[Path | None]:
    """Yield the paths of a walk; a folder that cannot be opened holds nothing to name."""
    try:
        for entry in entries:
            yield getattr(entry, "path", None)
    except OpenMedError:
        return


def _plain(root: Path, names: tuple[str, ...], closed: tuple[str, ...]) -> Iterator[Path | None]:
    """Yield the files that git knows, None for each that tools do not read."""
    for name in names:
        path = root / name
        yield path if _is_for_tools(name) and not _is_below(str(path), closed) and _is_plain(path) else None


def _until_late(entries: Iterator[Path | None]) -> tuple[list[Path], bool]:
    ends = time.monotonic() + _WALK_SECONDS
    found: list[Path] = []
    for entry in islice(entries, _LOOKED_AT):
        if entry is not None:
            found.append(entry)
        if len(found) >= MOST_FILES or time.monotonic() > ends:
            return found, True
    return found, next(entries, None) is not None


def _is_for_tools(name: str) -> bool:
    return not any(part.startswith(".") or is_refused_name(part, for_writing=False) for part in name.split("/"))


def _is_below(path: str, folders: tuple[str, ...]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)


def _is_plain(path: Path) -> bool:
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_nlink == 1


async def _git_names(root: Path) -> tuple[str, ...]:
    """Return what git does not ignore below a folder; nothing where it is not under git, or git is not there."""
    try:
        process = await asyncio.create_subprocess_exec(
            *_GIT,
            cwd=root,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", os.defpath), **_QUIET_GIT},
            start_new_session=True,
        )
    except OSError:
        return ()
    try:
        async with asyncio.timeout(_GIT_SECONDS):
            output = await _read(process.stdout)
            whole = await process.wait() == 0
    except TimeoutError:
        whole, output = False, b""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    names = output.decode("utf-8", "surrogateescape").split("\0")[:-1]
    return tuple(name for name in names if not name.endswith("/")) if whole else ()


async def _read(stream: asyncio.StreamReader | None) -> bytes:
    content = bytearray()
    while stream is not None and len(content) <= _GIT_BYTES and (piece := await stream.read(1 << 16)):
        content += piece
    return bytes(content)


_QUIET_GIT: Final = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
