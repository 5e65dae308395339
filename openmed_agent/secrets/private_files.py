"""Files and folders that only their owner may read, written whole or not at all.

A file is staged beside its destination, synchronised to the disk and renamed, so that a crash or a full
disk leaves the former file or the new one. Writers of one file must exclude each other by a lock of their
own: the staging name is fixed, so that a crash never leaves more than one stray file.
"""

import contextlib
import errno
import os
import stat
import sys
from pathlib import Path

from openmed_agent.errors import StoreError

_POSIX = os.name == "posix"
_FOLDER_MODE = 0o700
_FILE_MODE = 0o600
_OTHERS = 0o077
_OTHERS_WRITE = 0o022
_LARGEST = 1 << 20


def make_private_folder(folder: Path) -> None:
    """Make a folder (mode 0700) and what is missing above it; tighten it when it exists.

    Raises:
        StoreError: it cannot be made, or belongs to another user.

    """
    try:
        folder.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
        if not _POSIX:
            return
        status = folder.stat()
        if status.st_uid != os.geteuid():
            raise StoreError(f"The folder {folder} belongs to another user.", remedy="Choose another OPENMED_HOME.")
        if status.st_mode & _OTHERS:
            folder.chmod(_FOLDER_MODE)
    except OSError as error:
        raise storage_failure(error, folder) from error


def check_own_folder(folder: Path) -> None:
    """Check that nobody else can put another file in the place of one in a folder; a missing one passes.

    Raises:
        StoreError: it belongs to another user, or others may write to it.

    """
    try:
        status = folder.stat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise storage_failure(error, folder) from error
    if not _POSIX:
        return
    if status.st_uid != os.geteuid():
        raise StoreError(f"The folder {folder} belongs to another user.", remedy="Choose another OPENMED_HOME.")
    if stat.S_ISDIR(status.st_mode) and status.st_mode & _OTHERS_WRITE:
        raise StoreError(f"The folder {folder} can be changed by other users.", remedy=f"Close it: chmod 700 {folder}")


def create_empty_file(path: Path) -> None:
    """Create an empty private file; do nothing where the file exists."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _FILE_MODE))
        sync_folder(path.parent)
    except FileExistsError:
        return
    except OSError as error:
        raise storage_failure(error, path) from error


def write_private_file(path: Path, content: bytes) -> None:
    """Write a private file whole and durably, in the place of a former one.

    Raises:
        StoreError: the disk is full, the folder read-only or the like; a former file is then unchanged.

    """
    publish_private_file(stage_private_file(path, content), path)


def stage_private_file(path: Path, content: bytes) -> Path:
    """Write content durably beside path, ready to be published, and return where it is."""
    staged = path.with_name(path.name + ".new")
    try:
        staged.unlink(missing_ok=True)
        descriptor = os.open(staged, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _no_follow(), _FILE_MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            _sync(file.fileno())
    except OSError as error:
        with contextlib.suppress(OSError):
            staged.unlink(missing_ok=True)
        raise storage_failure(error, path) from error
    return staged


def publish_private_file(staged: Path, path: Path) -> None:
    """Rename a staged file to its place, durably."""
    try:
        staged.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise storage_failure(error, path) from error


def read_private_file(path: Path) -> bytes | None:
    """Return what a private file holds, or None where there is none.

    Raises:
        StoreError: it is a symbolic link or no plain file, belongs to someone else, is open to other users,
            is implausibly large, or cannot be read.

    """
    try:
        # Not to wait for ever on a pipe that stands in for the file.
        descriptor = os.open(path, os.O_RDONLY | _no_follow() | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return None
    except OSError as error:
        if path.is_symlink():
            raise StoreError(f"{path} is a symbolic link.", remedy="Put the file itself in its place.") from error
        raise storage_failure(error, path) from error
    try:
        _check_private(os.fstat(descriptor), path)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read()
    except OSError as error:
        raise storage_failure(error, path) from error
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Make what another library wrote into a file durable."""
    try:
        with path.open("rb+") as file:
            _sync(file.fileno())
    except OSError as error:
        raise storage_failure(error, path) from error


def sync_folder(folder: Path) -> None:
    """Make renames and new names in a folder durable; a folder cannot be synchronised on Windows."""
    if not _POSIX:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def storage_failure(error: OSError, path: Path) -> StoreError:
    """Return the sentence and the way out for a failed access to path."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return StoreError(f"The disk is full at {path}.", remedy="Free some space and try again.")
        case errno.EROFS:
            return StoreError(
                f"{path} is on a read-only disk.",
                remedy="Make it writable, or set OPENMED_HOME to another folder.",
            )
        case errno.EACCES | errno.EPERM:
            return StoreError(
                f"There is no permission to use {path}.",
                remedy="Make it writable for you, or set OPENMED_HOME to another folder.",
            )
        case errno.ENOTDIR | errno.EEXIST:
            return StoreError(
                f"A file is where a folder should be, at {path}.",
                remedy="Move it away, or set OPENMED_HOME to another folder.",
            )
        case _:
            name = errno.errorcode.get(error.errno or 0, "an unknown error")
            return StoreError(f"The disk failed at {path} ({name}).", remedy="Check the disk and try again.")


def _check_private(status: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise StoreError(f"{path} is not a plain file.", remedy="Move it away and restore the file.")
    if status.st_size > _LARGEST:
        raise StoreError(f"{path} is too large for what it should hold.", remedy="Restore it from a backup.")
    if not _POSIX:
        return
    if status.st_uid != os.geteuid():
        raise StoreError(f"{path} belongs to another user.", remedy=f"Make it yours: chown {os.geteuid()} {path}")
    if status.st_mode & _OTHERS:
        raise StoreError(f"{path} is open to other users.", remedy=f"Close it: chmod 600 {path}")


def _no_follow() -> int:
    return int(getattr(os, "O_NOFOLLOW", 0))


def _sync(descriptor: int) -> None:
    """Reach the disk itself: fsync on macOS stops at the drive's cache."""
    if sys.platform == "darwin":
        import fcntl  # noqa: PLC0415 - exists on POSIX only

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)
