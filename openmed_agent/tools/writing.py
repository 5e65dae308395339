"""Writes a file whole or not at all, into a folder that stays the same one while the file is written."""

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.tools.granted_files import GrantedFiles, OpenParent, check_plain_file
from openmed_agent.workflows.bundle import MANIFEST

_MODE: Final = 0o600
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_SIGNED: Final = b'"openmed.manifest/1"'
_MOST_OF_A_MANIFEST: Final = 4 * 1024 * 1024


def write_file(files: GrantedFiles, path: str | Path, content: bytes, *, replacing: bytes | None) -> Path:
    """Write ``content`` and return where; durable when this returns.

    ``replacing`` is what the file holds now, as the person saw it; None where there must be no file yet. A file that
    changed meanwhile stays as it is.

    Raises:
        InputError: there is a file, or none, or another one than expected; or the disk refuses.
        NotPermittedError: the path may not be written, or lies in a signed bundle.

    """
    with files.open_parent(path, for_writing=True) as parent:
        _check_unsigned(parent)
        _check_expected(parent, replacing)
        beside = f".openmed-{secrets.token_hex(8)}"
        try:
            mode = _MODE if replacing is None else _mode_of(parent)
            _stage(parent, beside, content, mode)
            if replacing is None:  # a link fails where the name was taken meanwhile, unlike a rename
                os.link(beside, parent.name, src_dir_fd=parent.descriptor, dst_dir_fd=parent.descriptor)
            else:
                _check_expected(parent, replacing)
                os.rename(beside, parent.name, src_dir_fd=parent.descriptor, dst_dir_fd=parent.descriptor)
        except FileExistsError:
            raise _exists() from None
        except OSError as error:
            raise _failure(error) from None
        finally:
            with suppress(OSError):
                os.unlink(beside, dir_fd=parent.descriptor)
        _sync_folder(parent)
        return parent.path


def _stage(parent: OpenParent, name: str, content: bytes, mode: int) -> None:
    descriptor = os.open(name, _NEW, mode, dir_fd=parent.descriptor)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _check_expected(parent: OpenParent, replacing: bytes | None) -> None:
    status = parent.status()
    if status is None:
        if replacing is not None:
            raise InputError("The file is no longer there.", remedy="Read the folder again.")
        return
    check_plain_file(status)
    if replacing is None:
        raise _exists()
    if _read(parent, parent.name, len(replacing)) != replacing:
        raise InputError("The file changed since it was read.", remedy="Read it again and repeat the change.")


def _check_unsigned(parent: OpenParent) -> None:
    """Refuse a folder that holds a bundle: what was signed is never touched."""
    try:
        found = _read(parent, MANIFEST, _MOST_OF_A_MANIFEST)
    except OSError:
        return
    if _SIGNED in found:
        raise NotPermittedError("The folder holds a signed bundle, which nothing changes.", remedy="Choose another.")


def _read(parent: OpenParent, name: str, limit: int) -> bytes:
    """Return the bytes of a plain file in the folder, at most ``limit`` + 1 of them."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    descriptor = os.open(name, flags, dir_fd=parent.descriptor)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return b""
        return file.read(limit + 1)


def _mode_of(parent: OpenParent) -> int:
    status = parent.status()
    return _MODE if status is None else stat.S_IMODE(status.st_mode) & 0o666


def _sync_folder(parent: OpenParent) -> None:
    """Make the new name durable; the parent was opened to pass through, which cannot be synchronised."""
    descriptor = os.open(".", os.O_RDONLY | getattr(os, "O_CLOEXEC", 0), dir_fd=parent.descriptor)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _exists() -> InputError:
    return InputError("The file exists already.", remedy="Choose another name, or say that it is to be replaced.")


def _failure(error: OSError) -> InputError:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return InputError("The disk is full, so nothing was written.", remedy="Free some space.")
        case errno.EROFS | errno.EACCES | errno.EPERM:
            return InputError("The folder cannot be written.", remedy="Choose another folder.")
        case _:
            return InputError("The file cannot be written.", remedy="Check the disk.")
