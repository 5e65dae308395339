"""Writes a result file: whole or not at all, and over another file only where that was asked for."""

import errno
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from openmed_agent.errors import InputError
from openmed_agent.text.terminal import terminal_safe


def write_new_file(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path``, as `write_new_file_of` does."""
    write_new_file_of(path, (content,))


def refuse_existing(path: Path) -> None:
    """Raise an InputError where something is at ``path`` already."""
    if os.path.lexists(path):
        shown = terminal_safe(str(path), single_line=True)
        raise InputError(f"{shown} exists already.", remedy="Choose another name; nothing was overwritten.")


def write_new_file_of(path: Path, pieces: Iterable[bytes]) -> None:
    """Write ``pieces`` one after the other to ``path``, which must not exist, with mode 0600.

    The bytes go to a private file beside it that then takes the name, so that a crash or a full disk leaves
    nothing half-written behind.

    Raises:
        InputError: the file exists, its folder does not, or the disk refuses.

    """
    refuse_existing(path)
    _write(path, pieces, replacing=False)


def write_file(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` as `write_new_file_of` does, in the place of what is there.

    Raises:
        InputError: its folder does not exist, or the disk refuses; then what was there is unchanged.

    """
    _write(path, (content,), replacing=True)


def _write(path: Path, pieces: Iterable[bytes], *, replacing: bool) -> None:
    shown = terminal_safe(str(path), single_line=True)
    beside = path.parent / f".openmed-{secrets.token_hex(8)}"
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        if replacing:
            beside.replace(path)
        else:
            os.link(beside, path)  # fails where the name was taken meanwhile, unlike a rename
    except FileExistsError:
        raise InputError(f"{shown} exists already.", remedy="Choose another name.") from None
    except OSError as error:
        raise InputError(f"{shown} cannot be written ({_reason(error)}).", remedy="Choose another name.") from None
    finally:
        with suppress(OSError):
            beside.unlink()


def _reason(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "the disk is full"
    return os.strerror(error.errno).lower() if error.errno else "unknown reason"
