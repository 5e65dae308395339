"""The releases that are installed: what the folder ``releases`` of the index folder holds, and how it changes.

Each system has one list, ``SYSTEM.json``, the release that is served first. It names index files that are never
changed once they have their name. Whoever reads needs neither lock nor write access; whoever changes holds the
system's lock, puts new files in place first, then replaces the list, then removes what no list names.
"""

import hashlib
import os
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from openmed_agent.errors import InputError, UnavailableError
from openmed_agent.planes.codes.contract import Release
from openmed_agent.planes.codes.releases.archive import shown
from openmed_agent.planes.codes.releases.stage import remove_stage
from openmed_agent.planes.codes.releases.systems import SYSTEMS, System

SCHEMA: Final = 2
_DISK_ERRORS: Final = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
)


class InstalledRelease(BaseModel):
    """One release with its index file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: System
    version: str
    source: str
    complete: bool
    concepts: int
    installed: AwareDatetime
    file: str = Field(pattern=r"^[a-z0-9]+-[0-9a-f]{16}\.sqlite$")
    bytes_: int = Field(alias="bytes")
    digest: str
    schema_number: int

    @property
    def release(self) -> Release:
        """The release as the service names it."""
        return Release(
            system=self.system,
            version=self.version,
            source=self.source,
            complete=self.complete,
            concepts=self.concepts,
        )


class _ReleaseList(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    releases: tuple[InstalledRelease, ...]


def releases_folder(index_folder: Path) -> Path:
    """Return where releases lie."""
    return index_folder / "releases"


def list_path(index_folder: Path, system: System) -> Path:
    """Return the list of installed releases of ``system``."""
    return releases_folder(index_folder) / f"{system}.json"


def stage_path(folder: Path, system: System) -> Path:
    """Return the file in the releases ``folder`` from which an interrupted installation goes on."""
    return folder / f".{system}.stage"


def installed_releases(index_folder: Path, system: System) -> tuple[InstalledRelease, ...]:
    """Return the installed releases of ``system``, the served one first.

    Raises:
        UnavailableError: the list is damaged or cannot be read.

    """
    try:
        content = list_path(index_folder, system).read_bytes()
        return _ReleaseList.model_validate_json(content).releases
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except (OSError, ValidationError):
        raise UnavailableError(
            f"The list of installed {SYSTEMS[system].title} releases cannot be read.",
            remedy=f"Install it again: '{SYSTEMS[system].command(system)}'.",
        ) from None


def held_releases(index_folder: Path, system: System | None = None) -> tuple[tuple[InstalledRelease, bool], ...]:
    """Return installed releases, of one system or of all, each with whether it is the one that is served.

    Raises:
        UnavailableError: a list is damaged or cannot be read.

    """
    return tuple(
        (release, place == 0)
        for name in SYSTEMS
        if system in {None, name}
        for place, release in enumerate(installed_releases(index_folder, name))
    )


def fault(index_folder: Path, release: InstalledRelease) -> str | None:
    """Return what is wrong with the index file of ``release``, or None; reads the whole file."""
    if release.schema_number != SCHEMA:
        return "it was built by another version of this program"
    path = releases_folder(index_folder) / release.file
    try:
        if digest(path) != release.digest:
            return "its index file is damaged"
    except OSError as error:
        return f"its index file cannot be read ({os.strerror(error.errno or 0).lower()})"
    return None


def remove_releases(index_folder: Path, system: System, version: str | None) -> tuple[InstalledRelease, ...]:
    """Remove one release, or all of the system, and return what was removed.

    Raises:
        InputError: that release is not installed.
        UnavailableError: the folder cannot be changed.

    """
    if not releases_folder(index_folder).is_dir():
        raise _not_there(system, version, ())
    with changing(index_folder, system):
        held = installed_releases(index_folder, system)
        remove_stage(stage_path(releases_folder(index_folder), system))
        removed = tuple(release for release in held if version in {None, release.version})
        if not removed:
            raise _not_there(system, version, held)
        _replace_list(index_folder, system, [release for release in held if release not in removed])
    return removed


def add_release(index_folder: Path, built: Path, release: InstalledRelease) -> None:
    """Serve ``release`` from now on, its index file being ``built``; the caller holds the lock.

    The same version is replaced; other versions stay, behind it.
    """
    built.replace(releases_folder(index_folder) / release.file)
    try:
        held = installed_releases(index_folder, release.system)
    except UnavailableError:
        held = ()  # a damaged list is replaced by one that is sound
    others = [other for other in held if other.version != release.version]
    _replace_list(index_folder, release.system, [release, *others])


@contextmanager
def changing(index_folder: Path, system: System) -> Iterator[Path]:
    """Hold the system's lock; yield the releases folder, free of unfinished indexes of a killed process.

    Raises:
        UnavailableError: another process holds it, or the folder cannot be written.

    """
    folder = releases_folder(index_folder)
    title = SYSTEMS[system].title
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(folder / f"{system}.lock", timeout=0):
            _remove_unfinished(folder, system)
            yield folder
    except Timeout:
        raise UnavailableError(
            f"Another process is changing {title} right now.", remedy="Wait until it has ended, then try again."
        ) from None
    except (OSError, sqlite3.OperationalError) as error:
        if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF not in _DISK_ERRORS:
            raise
        raise UnavailableError(
            f"The {title} index cannot be written ({_reason(error)}).",
            remedy="Free space, or make the folder of code indexes writable; what was installed before is unchanged.",
        ) from None


def digest(path: Path) -> str:
    """Return the digest of a file as it lies on the disk."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _replace_list(index_folder: Path, system: System, releases: Sequence[InstalledRelease]) -> None:
    folder = releases_folder(index_folder)
    content = _ReleaseList(releases=tuple(releases)).model_dump_json(indent=1, by_alias=True).encode()
    fresh = folder / f".{system}.json.building"
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(folder)  # index files have their names before a list has them
    fresh.replace(list_path(index_folder, system))
    _sync_folder(folder)
    kept = {release.file for release in releases}
    for path in folder.glob(f"{system}-*.sqlite"):
        if path.name not in kept:
            path.unlink(missing_ok=True)


def _remove_unfinished(folder: Path, system: System) -> None:
    for path in folder.glob(f".{system}.*building*"):
        path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(error: OSError | sqlite3.OperationalError) -> str:
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno).lower()
    return "the disk is full" if "full" in str(error) else "the disk refuses"


def _not_there(system: System, version: str | None, held: Sequence[InstalledRelease]) -> InputError:
    title = SYSTEMS[system].title
    if not held or version is None:
        return InputError(f"{title} is not installed.", remedy="See 'openmed codes list'.")
    versions = ", ".join(release.version for release in held)
    return InputError(f"{title} {shown(version)} is not installed.", remedy=f"Installed: {versions}.")
