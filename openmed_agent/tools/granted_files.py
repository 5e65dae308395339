"""The folders that a session may touch, and every path resolved against them.

A path is taken apart as text and then walked folder by folder with descriptors, none of which follows a symbolic
link. So neither a link nor a folder that is swapped for one while a tool runs can lead out of what was granted.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from openmed_agent.errors import InputError, NotPermittedError, UnavailableError
from openmed_agent.settings.paths import Paths
from openmed_agent.text.terminal import terminal_safe
from openmed_agent.tools.refused_files import is_refused_name

_LONGEST_PATH: Final = 4000
_LONGEST_NAME: Final = 255
_FOLDER: Final = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
# No waiting on a pipe that stands in for a file, and no terminal taken over.
_FILE: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
)
_OF_THE_SYSTEM: Final = tuple(Path(name) for name in ("/proc", "/sys", "/dev"))
_REMEDY: Final = "Name a file in a granted folder; list_files shows them."


@dataclass(frozen=True, slots=True)
class OpenParent:
    """The open folder that holds the entry ``name``; ``path`` is the whole path."""

    descriptor: int
    name: str
    path: Path

    def status(self) -> os.stat_result | None:
        """Return what stands there, a link itself and not what it points to; None where nothing does."""
        try:
            return os.stat(self.name, dir_fd=self.descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return None
        except OSError:
            raise InputError("The path cannot be looked at.", remedy=_REMEDY) from None


@dataclass(frozen=True, slots=True)
class GrantedFiles:
    """Granted folders (absolute, resolved) and folders that are never granted, such as the store's own."""

    roots: tuple[Path, ...]
    refused: tuple[Path, ...]

    def resolve(self, path: str | Path, *, for_writing: bool) -> Path:
        """Return the absolute path that ``path`` means; a relative one begins in the first granted folder.

        To read, there is a file or folder; to write, there is a plain file or nothing, in a folder that exists.

        Raises:
            InputError: it is no path, or nothing of that kind stands there.
            NotPermittedError: it lies outside of the granted folders or passes a link, or may not be touched.

        """
        with self.open_parent(path, for_writing=for_writing) as parent:
            status = parent.status()
            if status is None and not for_writing:
                raise _missing()
            if status is not None and not (stat.S_ISDIR(status.st_mode) and not for_writing):
                check_plain_file(status)
            return parent.path

    def read(self, path: str | Path, *, limit: int) -> bytes:
        """Return the bytes of a plain file, at most ``limit`` + 1 of them.

        Raises:
            InputError, NotPermittedError: as ``resolve``; or it is no plain file, or cannot be read.

        """
        with self.open_parent(path, for_writing=False) as parent:
            status = parent.status()
            if status is None:
                raise _missing()
            check_plain_file(status)
            try:
                descriptor = os.open(parent.name, _FILE, dir_fd=parent.descriptor)
            except OSError as error:
                raise _failure(error) from None
            with os.fdopen(descriptor, "rb") as file:
                check_plain_file(os.fstat(file.fileno()))
                try:
                    return file.read(limit + 1)
                except OSError as error:
                    raise _failure(error) from None

    @contextmanager
    def open_folder(self, path: str | Path) -> Iterator[tuple[int, Path]]:
        """Open a granted folder or one below it; yield its descriptor and its path.

        Raises:
            InputError, NotPermittedError: as ``resolve``; or it is no folder.

        """
        with self.open_parent(path, for_writing=False) as parent:
            descriptor = _step(parent.descriptor, parent.name, os.O_RDONLY)
            try:
                self._check_identity(descriptor)
                yield descriptor, parent.path
            finally:
                os.close(descriptor)

    @contextmanager
    def open_parent(self, path: str | Path, *, for_writing: bool) -> Iterator[OpenParent]:
        """Open the folder that holds what ``path`` names, without following a symbolic link anywhere.

        Raises:
            InputError: it is no path, or a folder on the way does not exist.
            NotPermittedError: it lies outside of the granted folders, passes a link, or may not be touched.
            UnavailableError: this system cannot walk a path by descriptors.

        """
        if os.open not in os.supports_dir_fd:
            raise UnavailableError("Files cannot be opened safely on this system yet.")
        whole = self._located(_checked_text(path, for_writing=for_writing), for_writing=for_writing)
        *folders, name = whole.parts[1:] or (".",)
        descriptor = os.open("/", _FOLDER | os.O_RDONLY)
        try:
            for part in folders:
                inner = _step(descriptor, part)
                os.close(descriptor)
                descriptor = inner
                self._check_identity(descriptor)
            yield OpenParent(descriptor, name, whole)
        finally:
            os.close(descriptor)

    def _located(self, text: str, *, for_writing: bool) -> Path:
        """Return the absolute path, with ``.`` and ``..`` taken out as text: no link is followed below a root."""
        if not self.roots:
            raise NotPermittedError("No folder is granted to this session.", remedy="Grant one to work on files.")
        normal = Path("/" + os.path.normpath(self.roots[0] / text).lstrip("/"))
        located = self._below_a_root(normal)
        if located is None:
            raise NotPermittedError("The path lies outside of the granted folders.", remedy=_REMEDY)
        root, below = located
        if any(is_refused_name(part, for_writing=for_writing) for part in below):
            raise NotPermittedError(
                "Files of that name or place are not for tools."
                if not for_writing
                else "Hidden files, instruction files and files of credentials are not written by tools.",
                remedy="Choose another file.",
            )
        if for_writing and not below:
            raise InputError("The path names a folder.", remedy="Name a file in it.")
        return root.joinpath(*below)

    def _below_a_root(self, path: Path) -> tuple[Path, tuple[str, ...]] | None:
        for root in self.roots:
            if path.is_relative_to(root):
                return root, path.relative_to(root).parts
        # A person may name a granted folder by a link to it, as /tmp on macOS.
        for above in path.parents:
            real = Path(os.path.realpath(above))
            if real in self.roots:
                return real, path.relative_to(above).parts
        return None

    def is_refused_folder(self, descriptor: int) -> bool:
        """Return whether an open folder is one that no tool enters, by whatever path or mount it was reached."""
        here = _identity(os.fstat(descriptor))
        for folder in (*self.refused, *_OF_THE_SYSTEM):
            with suppress(OSError):  # one that does not exist cannot be entered
                if _identity(folder.stat()) == here:
                    return True
        return False

    def _check_identity(self, descriptor: int) -> None:
        if self.is_refused_folder(descriptor):
            raise NotPermittedError("That folder is not for tools.", remedy=_REMEDY)


def refused_folders(paths: Paths) -> tuple[Path, ...]:
    """Return the folders of this program, which no session may be granted: store, settings and cache."""
    return (paths.root, paths.configuration, paths.cache)


def check_plain_file(status: os.stat_result) -> None:
    """Check that this is a regular file that has no other name.

    Raises:
        InputError: it is a folder.
        NotPermittedError: it is a link, a device, a pipe, or has a second name somewhere else.

    """
    if stat.S_ISDIR(status.st_mode):
        raise InputError("The path names a folder.", remedy="Name a file in it.")
    if stat.S_ISLNK(status.st_mode):
        raise _link()
    if not stat.S_ISREG(status.st_mode):
        raise NotPermittedError("The path names a device or a pipe, not a file.", remedy=_REMEDY)
    if status.st_nlink > 1:
        raise NotPermittedError(
            "The file has a second name (a hard link), which may lie outside of the granted folders.",
            remedy="Copy it to a file of its own.",
        )


def _checked_text(path: str | Path, *, for_writing: bool) -> str:
    text = str(path)
    if not text.strip() or "\x00" in text:
        raise InputError("That is not a path.", remedy=_REMEDY)
    try:
        long = len(os.fsencode(text)) > _LONGEST_PATH
        long = long or any(len(os.fsencode(part)) > _LONGEST_NAME for part in text.split("/"))
    except UnicodeEncodeError:
        raise InputError("That is not a path.", remedy=_REMEDY) from None
    if long:
        raise InputError("The path is too long.", remedy=_REMEDY)
    if for_writing and terminal_safe(text, single_line=True) != text:
        raise InputError("A name with control or invisible characters is not written.", remedy="Choose a plain name.")
    return text


def _step(descriptor: int, part: str, access: int = getattr(os, "O_PATH", os.O_RDONLY)) -> int:
    """Return the descriptor of the folder ``part``; passing through needs no right to list it."""
    try:
        return os.open(part, _FOLDER | access, dir_fd=descriptor)
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENOTDIR} and _is_link(descriptor, part):
            raise _link() from None
        raise _failure(error) from None


def _is_link(descriptor: int, part: str) -> bool:
    try:
        return stat.S_ISLNK(os.stat(part, dir_fd=descriptor, follow_symlinks=False).st_mode)
    except OSError:
        return False


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _link() -> NotPermittedError:
    return NotPermittedError("The path passes a symbolic link, which tools do not follow.", remedy=_REMEDY)


def _missing() -> InputError:
    return InputError("There is no such file.", remedy=_REMEDY)


def _failure(error: OSError) -> InputError | NotPermittedError:
    match error.errno:
        case errno.ENOENT:
            return _missing()
        case errno.ELOOP:
            return _link()
        case errno.ENOTDIR:
            return InputError("A part of the path is not a folder.", remedy=_REMEDY)
        case errno.EACCES | errno.EPERM:
            return InputError("The file is closed to you.", remedy="Give yourself the right to read it.")
        case _:
            return InputError("The file cannot be opened.", remedy="Check the path and the disk.")
