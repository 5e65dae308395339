"""The files of a release as a person has them: a zip, a folder with its content, or one plain file.

Nothing is ever unpacked to the disk, and no member is held in memory: bytes are read in pieces. A zip that is
damaged, encrypted, swollen beyond reason or whose members point outside of it is refused before it is read.
"""

import hashlib
import lzma
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Final, Self

from openmed_agent.errors import InputError
from openmed_agent.planes.codes.progress import Progress, ProgressCallback
from openmed_agent.text.terminal import terminal_safe

CHUNK_BYTES: Final = 1 << 20
_MOST_MEMBERS: Final = 50_000
_MOST_BYTES: Final = 30 * 1024**3
_MOST_TIMES_LARGER: Final = 200
_SMALL_BYTES: Final = 16 * 1024**2
_ENCRYPTED: Final = 0x1
_UNSOUND: Final = (  # what the standard library raises on archives that are damaged or made to harm
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, LookupError, ValueError, RuntimeError,
)  # fmt: skip
_DAMAGED: Final = "Download or copy the release again; nothing was changed."
_LAYOUT: Final = "Hand over the release as its publisher distributes it; nothing was changed."


class ReleaseFiles(AbstractContextManager["ReleaseFiles"]):
    """The named files of one release; ``name`` is the file or folder name that the person gave."""

    def __init__(self, path: Path, progress: ProgressCallback, what: str) -> None:
        self.name = path.name
        self._path = path
        self._progress = progress
        self._what = what
        self._stack = ExitStack()
        self._archive: zipfile.ZipFile | None = None
        self._sizes: dict[str, int] = {}
        self._done = 0
        self._total = 0

    def __enter__(self) -> Self:
        """Open the release.

        Raises:
            InputError: it is not there, cannot be read, or is no sound archive.

        """
        try:
            with ExitStack() as opened:
                self._open_release(opened)
                self._stack = opened.pop_all()
        except _UNSOUND:
            raise self.damaged() from None
        except OSError as error:
            reason = os.strerror(error.errno).lower() if error.errno else "it cannot be opened"
            raise InputError(f"{shown(str(self._path))} cannot be read ({reason}).", remedy="Check the path.") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the archive."""
        self._stack.close()

    def _open_release(self, opened: ExitStack) -> None:
        if self._path.is_dir():
            self._sizes = _folder_sizes(self._path)
        elif _is_archive(self._path):
            self._archive = opened.enter_context(zipfile.ZipFile(self._path))
            self._sizes = _archive_sizes(self._archive, self.name)
        else:
            self._sizes = {self._path.name: self._path.stat().st_size}

    @property
    def names(self) -> tuple[str, ...]:
        """Every file, as a path with ``/`` below the top of the release."""
        return tuple(self._sizes)

    @property
    def is_plain_file(self) -> bool:
        """Whether the release is one file that is no archive; its name then proves nothing."""
        return self._archive is None and not self._path.is_dir()

    def find(self, pattern: re.Pattern[str]) -> str | None:
        """Return the file whose own name fits ``pattern``, that nearest to the top if several do."""
        found = [name for name in self._sizes if pattern.fullmatch(PurePosixPath(name).name)]
        return min(found, key=lambda name: (name.count("/"), name), default=None)

    def require(self, pattern: re.Pattern[str], called: str) -> str:
        """Return ``find(pattern)``.

        Raises:
            InputError: no file fits; ``called`` says what is missing.

        """
        found = self.find(pattern)
        if found is None:
            raise InputError(f"{shown(self.name)} holds no {called}.", remedy=_LAYOUT)
        return found

    def expect(self, names: Sequence[str]) -> None:
        """Say which files will be read, so that progress has an end."""
        self._total = sum(self._sizes[name] for name in names)

    def report(self, step: Progress) -> None:
        """Report progress beyond reading to whoever watches."""
        self._progress(step)

    def reading(self, what: str) -> None:
        """Say as what the progress of reading is reported from now on."""
        self._what = what

    def digest(self) -> str:
        """Return a digest of all that the release holds: of the one file, or of every file of the folder.

        Raises:
            InputError: a file cannot be read.

        """
        names = sorted(self._sizes) if self._path.is_dir() else [""]
        found = hashlib.sha256()
        for name in names:
            path = self._path / name if name else self._path
            try:
                with path.open("rb") as file:
                    content = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError as error:
                raise _unreadable(name or self.name, error) from None
            found.update(f"{name}\0{content}\n".encode("utf-8", "surrogateescape"))
        return found.hexdigest()

    def modified(self, name: str) -> tuple[int, int, int] | None:
        """Return year, month and day that the archive records for a member; None outside of an archive."""
        return None if self._archive is None else self._archive.getinfo(name).date_time[:3]

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the content in pieces of about 1 MB, and report progress.

        Raises:
            InputError: the content is damaged.

        """
        try:
            file = self._stack.enter_context(self._open(name))  # closed with the release, whoever stops reading
            while chunk := file.read(CHUNK_BYTES):
                self._done += len(chunk)
                self._progress(Progress(min(self._done, self._total), self._total, self._what))
                yield chunk
        except _UNSOUND:
            raise self.damaged() from None
        except OSError as error:
            raise _unreadable(name, error) from None

    def damaged(self) -> InputError:
        """Return the error of an archive that is truncated or changed."""
        return InputError(f"{shown(self.name)} is not a sound zip archive.", remedy=_DAMAGED)

    def _open(self, name: str) -> IO[bytes]:
        if self._archive is not None:
            return self._archive.open(name)
        return (self._path / name if self._path.is_dir() else self._path).open("rb")


def shown(name: str) -> str:
    """Return a file or member name for an error message."""
    return terminal_safe(name, single_line=True)


def _unreadable(name: str, error: OSError) -> InputError:
    reason = os.strerror(error.errno).lower() if error.errno else "read failed"
    return InputError(f"{shown(name)} cannot be read ({reason}).", remedy=_DAMAGED)


def _is_archive(path: Path) -> bool:
    """Return whether the file is meant as a zip, by its name or by its first bytes."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise InputError(f"{shown(str(path))} is not a file.", remedy="Name a zip, a folder or a plain file.")
    with path.open("rb") as file:
        return file.read(4).startswith(b"PK") or path.suffix.lower() == ".zip"


def _folder_sizes(folder: Path) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place) / name
            if path.is_file():
                sizes[path.relative_to(folder).as_posix()] = path.stat().st_size
            if len(sizes) > _MOST_MEMBERS:
                raise InputError(f"{shown(folder.name)} holds too many files.", remedy="Name the release's own folder.")
    return dict(sorted(sizes.items()))


def _archive_sizes(archive: zipfile.ZipFile, name: str) -> dict[str, int]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > _MOST_MEMBERS or sum(member.file_size for member in members) > _MOST_BYTES:
        raise InputError(f"{shown(name)} would unpack to far more than any release.", remedy=_DAMAGED)
    for member in members:
        parts = PurePosixPath(member.filename.replace("\\", "/")).parts
        if ".." in parts or member.filename.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", member.filename):
            raise InputError(f"{shown(name)} has a member that points outside of it.", remedy=_DAMAGED)
        if member.flag_bits & _ENCRYPTED:
            raise InputError(f"{shown(name)} is protected by a password.", remedy="Hand over an open archive.")
        if member.file_size > _SMALL_BYTES and member.file_size > _MOST_TIMES_LARGER * member.compress_size:
            raise InputError(f"{shown(name)} would unpack to far more than any release.", remedy=_DAMAGED)
    return {member.filename: member.file_size for member in members}
