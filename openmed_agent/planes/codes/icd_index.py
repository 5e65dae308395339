"""The index of ICD-10-CM on the disk: made once, verified whenever it is opened, read by many.

A folder holds ``icd10cm.json``, written last, which names the index file and its digest. Without it, or where
the digest differs, there is no index, and one is built. A folder that can only be read serves an index that is
there. Any number of processes may start on an empty folder: one builds, the others wait.
"""

import datetime as dt
import hashlib
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final, Protocol
from uuid import uuid4

from filelock import FileLock
from pydantic import BaseModel, ConfigDict, ValidationError

from openmed_agent.errors import UnavailableError
from openmed_agent.planes.codes import icd_validity
from openmed_agent.planes.codes.contract import Release
from openmed_agent.planes.codes.icd_build import SCHEMA
from openmed_agent.planes.codes.progress import Progress, ProgressCallback

VERSION: Final = "FY2026 (April 1, 2026)"
SOURCE: Final = "CDC/NCHS and CMS, public domain; as carried by simple-icd-10-cm 1.5.0 (MIT)"
IN_FORCE_FROM: Final = dt.date(2026, 4, 1)
IN_FORCE_UNTIL: Final = dt.date(2026, 9, 30)
WHAT: Final = "Indexing ICD-10-CM"
_MANIFEST: Final = "icd10cm.json"
_LOCK: Final = "icd10cm.lock"


class OpenIndex(Protocol):
    """An index of one release of ICD-10-CM that can be read: the packaged one, or one that a person installed."""

    @property
    def release(self) -> Release:
        """The release that is indexed."""

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection."""


class _Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_number: int
    version: str
    file: str
    digest: str
    concepts: int


class IcdIndex:
    """An open index; connections are read-only and one a thread."""

    def __init__(self, path: Path, concepts: int) -> None:
        self._concepts = concepts
        self._address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._local = threading.local()

    @property
    def release(self) -> Release:
        """Return what is indexed, and whether its time is over today."""
        return Release(
            system="icd10cm",
            version=VERSION,
            source=SOURCE,
            complete=True,
            concepts=self._concepts,
            stale=staleness(dt.datetime.now(tz=dt.UTC).date()),
        )

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._address, uri=True)
            self._local.connection = connection
        return connection


def in_force(date: dt.date) -> bool:
    """Return whether this release, with its titles, is that of ``date``."""
    return IN_FORCE_FROM <= date <= IN_FORCE_UNTIL


def staleness(today: dt.date) -> str | None:
    """Return what is wrong with using this release on ``today``, or None."""
    if today <= IN_FORCE_UNTIL:
        return None
    begins = IN_FORCE_UNTIL + dt.timedelta(days=1)
    ended = f"This release ended on {IN_FORCE_UNTIL}; {icd_validity.fiscal_year(begins)} is in force since {begins}."
    if today <= icd_validity.LAST_DAY:
        return f"{ended} Validation for a date knows its codes, without their titles."
    return f"{ended} The codes of {icd_validity.fiscal_year(today)} are not known here."


def ensure_index(folder: Path, progress: ProgressCallback) -> IcdIndex:
    """Return the verified index in ``folder``, building it first where it is missing or damaged.

    Raises:
        UnavailableError: there is none and none could be built.

    """
    found = _open(folder)
    if found is not None:
        return found
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(folder / _LOCK):
            found = _open(folder)
            if found is None:
                _build(folder, progress)
                found = _open(folder)
    except OSError as error:
        raise UnavailableError(
            f"The ICD-10-CM index cannot be written ({os.strerror(error.errno or 0)}).",
            remedy="Free space, or make the index folder writable for the first start.",
        ) from error
    if found is None:
        raise UnavailableError(
            "The ICD-10-CM index did not verify after it was built.", remedy="Check the disk, then try again."
        )
    return found


def _open(folder: Path) -> IcdIndex | None:
    try:
        manifest = _Manifest.model_validate_json((folder / _MANIFEST).read_bytes())
        path = folder / Path(manifest.file).name
        current = (manifest.schema_number, manifest.version) == (SCHEMA, VERSION)
        if not current or _digest(path) != manifest.digest:
            return None
    except (OSError, ValidationError):
        return None
    return IcdIndex(path, manifest.concepts)


def _build(folder: Path, progress: ProgressCallback) -> None:
    temporary = folder / f".icd10cm-{uuid4().hex}.building"
    try:
        _run_builder(temporary, progress)
        digest = _digest(temporary)
        name = f"icd10cm-{digest[7:23]}.sqlite"
        manifest = _Manifest(
            schema_number=SCHEMA, version=VERSION, file=name, digest=digest, concepts=_count(temporary)
        )
        temporary.replace(folder / name)
        _write_synced(folder / f"{_MANIFEST}.new", manifest.model_dump_json(indent=1).encode())
        (folder / f"{_MANIFEST}.new").replace(folder / _MANIFEST)
        _sync_folder(folder)
        _remove_others(folder, name)
    finally:
        temporary.unlink(missing_ok=True)


def _run_builder(target: Path, progress: ProgressCallback) -> None:
    command = [sys.executable, "-P", "-m", "openmed_agent.planes.codes.icd_build", str(target)]
    with subprocess.Popen(  # noqa: S603 - fixed arguments and a path of our own, no shell
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        for line in process.stdout:
            done, _, total = line.strip().partition(" ")
            progress(Progress(int(done), int(total), WHAT))
    if process.returncode != 0:
        raise UnavailableError(
            "The ICD-10-CM index could not be built.",
            remedy="Check that the disk has 100 MB free and that 'simple-icd-10-cm' is installed.",
        )


def _count(path: Path) -> int:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        return int(connection.execute("SELECT count(*) FROM concept WHERE billable").fetchone()[0])
    finally:
        connection.close()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_others(folder: Path, kept: str) -> None:
    """Remove indexes of older releases and what killed builders left; a reader keeps its open file."""
    for path in [*folder.glob("icd10cm-*.sqlite"), *folder.glob(".icd10cm-*.building*")]:
        if path.name != kept:
            path.unlink(missing_ok=True)
