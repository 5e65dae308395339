"""Writes a bundle so that it is there whole or not at all.

Files are staged in a private folder beside the destination and synchronised, the manifest last; one rename
then makes the destination. All of it works relative to the descriptor of the parent folder. A rename of a
folder never replaces anything but an empty folder (POSIX), and where the system offers it not even that.
"""

import ctypes
import errno
import os
import stat
import sys
from collections.abc import Callable
from functools import cache
from typing import Final

from openmed_agent.errors import InputError
from openmed_agent.text.sources import sha256_digest
from openmed_agent.workflows.approval_destination import Parent
from openmed_agent.workflows.bundle import BundleFile

_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600
_OPEN_FOLDER: Final = (
    os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
)
_NEW_FILE: Final = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_NO_REPLACE: Final = 1  # RENAME_NOREPLACE of renameat2(2)
_UNSUPPORTED: Final = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP})
_OCCUPIED: Final = frozenset({errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR, errno.EISDIR})

RenameFunction = Callable[[int, bytes, int, bytes, int], int]


class OccupiedError(InputError):
    """Something has the destination's name, so nothing was moved there."""


def staging_name(nonce: str) -> str:
    """Return the staging folder's name for an approval; without its nonce nobody can guess it."""
    digest = sha256_digest(b"openmed.staging/1\x00" + nonce.encode()).removeprefix("sha256:")
    return f".openmed-{digest[:32]}.partial"


def write_bundle(parent: Parent, staging: str, files: tuple[BundleFile, ...]) -> None:
    """Make the destination in one step, with the files in the order given.

    Raises:
        OccupiedError: something has the destination's name.
        OSError: the disk failed or is full; the destination is whole or not there, a staging folder may be.

    """
    os.mkdir(staging, _FOLDER_MODE, dir_fd=parent.descriptor)
    folder = os.open(staging, _OPEN_FOLDER, dir_fd=parent.descriptor)
    try:
        for file in files:
            _write_file(folder, file)
        synchronise(folder)
        _move(parent, staging)
        synchronise(parent.descriptor)
        _check_same(parent, folder)
    finally:
        os.close(folder)


def remove_staging(parent: Parent, staging: str) -> None:
    """Remove a staging folder that a crash or failure left; do nothing where there is none.

    Raises:
        OSError: it cannot be removed, or is not what this program leaves.

    """
    try:
        folder = os.open(staging, _OPEN_FOLDER, dir_fd=parent.descriptor)
    except FileNotFoundError:
        return
    try:
        if hasattr(os, "geteuid") and os.fstat(folder).st_uid != os.geteuid():
            raise PermissionError(errno.EPERM, "the staging folder is another user's")
        for name in os.listdir(folder):  # noqa: PTH208 - pathlib cannot list a descriptor
            os.unlink(name, dir_fd=folder)
    finally:
        os.close(folder)
    os.rmdir(staging, dir_fd=parent.descriptor)
    synchronise(parent.descriptor)


def synchronise(descriptor: int) -> None:
    """Make a file's content or a folder's entries durable; on macOS fsync stops at the drive's cache."""
    if sys.platform == "darwin":
        import fcntl  # noqa: PLC0415 - exists on POSIX only

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)


def _write_file(folder: int, file: BundleFile) -> None:
    descriptor = os.open(file.name, _NEW_FILE, _FILE_MODE, dir_fd=folder)
    try:
        rest = memoryview(file.content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        synchronise(descriptor)
    finally:
        os.close(descriptor)


def _move(parent: Parent, staging: str) -> None:
    """Rename the staging folder to the destination, which must not exist."""
    try:
        _rename(parent.descriptor, staging, parent.name)
    except OSError as error:
        if error.errno in _OCCUPIED:
            raise OccupiedError(
                "The destination exists already, so nothing was written.",
                remedy="Sign the draft again for a folder that does not exist.",
            ) from None
        raise


def _rename(folder: int, staging: str, name: str) -> None:
    function = _rename_function()
    if function is not None:
        if function(folder, os.fsencode(staging), folder, os.fsencode(name), _NO_REPLACE) == 0:
            return
        number = ctypes.get_errno()
        if number not in _UNSUPPORTED:
            raise OSError(number, os.strerror(number))
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        # What appears in between stays: rename(2) puts a folder in the place of an empty folder only.
        os.rename(staging, name, src_dir_fd=folder, dst_dir_fd=folder)
    else:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))


@cache
def _rename_function() -> RenameFunction | None:
    """Return renameat2 of the C library (Linux, glibc 2.28 or musl 1.2.5), or None elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        function = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return None
    function.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    function.restype = ctypes.c_int
    return function


def _check_same(parent: Parent, folder: int) -> None:
    """Check that the destination is the very folder that was staged: others may write in its parent."""
    staged = os.fstat(folder)
    there = os.stat(parent.name, dir_fd=parent.descriptor, follow_symlinks=False)
    if not stat.S_ISDIR(there.st_mode) or (staged.st_dev, staged.st_ino) != (there.st_dev, there.st_ino):
        raise OSError(errno.ESTALE, "the destination is not the folder that was staged")
