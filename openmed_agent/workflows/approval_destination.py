"""The destination of a bundle: one absolute path, reached without following a symbolic link.

The path is walked folder by folder from the root with descriptors, and what follows works relative to the
last descriptor. So a folder that is swapped for a link, before or in between, cannot redirect anything.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from openmed_agent.errors import InputError, NotPermittedError, UnavailableError
from openmed_agent.store.layout import StoreLayout
from openmed_agent.text.terminal import terminal_safe

_LONGEST_PATH: Final = 4000
_LONGEST_NAME: Final = 200  # leaves room beside it, and for other systems
_FOLDER: Final = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
# Passing through a folder needs no right to list it; Linux alone can ask for no more than that.
_THROUGH: Final = _FOLDER | getattr(os, "O_PATH", os.O_RDONLY)


@dataclass(frozen=True, slots=True)
class Parent:
    """The open folder in which the destination ``name`` lies."""

    descriptor: int
    name: str
    path: str

    def holds(self, name: str) -> bool:
        """Return whether anything has this name in the folder, a dangling link too."""
        try:
            os.stat(name, dir_fd=self.descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True


def resolve_destination(path: Path) -> str:
    """Return the absolute destination that a person means by a path, with the links on its way resolved.

    To be called once, before signing: the reviewer sees and signs the result, and from then on no link is
    followed any more.

    Raises:
        InputError: its folder does not exist, or it has no name of its own.

    """
    try:
        absolute = path.expanduser().absolute()
        folder = absolute.parent.resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        raise InputError("The folder of the destination does not exist.", remedy=_REMEDY) from None
    destination = str(folder / absolute.name)
    check_destination_text(destination)
    return destination


def checked_destination(path: Path, *, home: Path) -> str:
    """Return the absolute path of a folder that does not exist yet, the links on the way to it resolved.

    ``home`` is the folder of the store. As for ``resolve_destination``: to be called before signing.

    Raises:
        InputError: the destination cannot be used: see ``check_destination``.
        NotPermittedError: it lies in the folder of the store.

    """
    try:
        destination = str(path.expanduser().parent.resolve() / path.name)
    except (OSError, RuntimeError, ValueError):
        raise InputError("The destination is not a path.", remedy="Name a folder that does not exist.") from None
    check_destination(destination, home=home)
    return destination


def check_destination_text(text: str) -> tuple[str, ...]:
    """Return the names on the way to an absolute destination, its own last.

    Raises:
        InputError: the path is relative, the root, too long, or holds ``..`` or a control character.

    """
    if not text.startswith("/") or text == "/":
        raise InputError("The destination is not an absolute path of a new folder.", remedy=_REMEDY)
    parts = tuple(text[1:].split("/"))
    if any(part in {"", ".", ".."} for part in parts):
        raise InputError("The destination has an empty part or one that is . or .., so it is refused.", remedy=_REMEDY)
    if terminal_safe(text, single_line=True) != text:
        raise InputError("The destination holds control or invisible characters.", remedy=_REMEDY)
    if len(os.fsencode(text)) > _LONGEST_PATH or any(len(os.fsencode(part)) > _LONGEST_NAME for part in parts):
        raise InputError("The destination is too long.", remedy=_REMEDY)
    return parts


def check_destination(text: str, *, home: Path) -> None:
    """Check that a bundle may be written to a destination, as things are now.

    Raises:
        InputError: the path is no destination: see ``check_destination_text`` and ``open_parent``; or
            something is there already, or its folder cannot be written.
        NotPermittedError: it lies in ``home``, the folder of the store.

    """
    with open_parent(text, home=home) as parent:
        check_free(parent)


def check_free(parent: Parent) -> None:
    """Check that nothing has the destination's name yet and that its folder can be written.

    Raises:
        InputError: otherwise.

    """
    if parent.holds(parent.name):
        raise InputError(
            f"{_shown(parent.path)}/{_shown(parent.name)} exists already.",
            remedy="Name a folder that does not exist.",
        )
    if not os.access(".", os.W_OK | os.X_OK, dir_fd=parent.descriptor):
        raise InputError(f"{_shown(parent.path)} cannot be written.", remedy="Choose another folder.")


@contextmanager
def open_parent(text: str, *, home: Path) -> Iterator[Parent]:
    """Open the folder in which the destination lies, without following a symbolic link anywhere.

    Raises:
        InputError: a part of the path is missing, no folder, a symbolic link, or closed to this user.
        NotPermittedError: the folder is ``home`` or one of the store's folders, or lies in one.
        UnavailableError: this system cannot walk a path by descriptors.

    """
    if os.open not in os.supports_dir_fd or os.rename not in os.supports_dir_fd:
        raise UnavailableError("Bundles cannot be written safely on this system yet.")
    parts = check_destination_text(text)
    forbidden = _store_folders(home)
    descriptor = os.open("/", _THROUGH)
    try:
        for number, part in enumerate(parts[:-1], start=1):
            here = "/" + "/".join(parts[:number])
            descriptor = _step(descriptor, part, here, last=number == len(parts) - 1)
            if _identity(os.fstat(descriptor)) in forbidden:
                raise NotPermittedError("The destination lies in the folder of the store.", remedy=_REMEDY)
        if len(parts) == 1:
            descriptor = _step(descriptor, ".", "/", last=True)
        yield Parent(descriptor=descriptor, name=parts[-1], path="/" + "/".join(parts[:-1]))
    finally:
        with suppress(OSError):
            os.close(descriptor)


def _step(descriptor: int, part: str, here: str, *, last: bool) -> int:
    """Return the descriptor of the folder ``part`` and close the one it lies in."""
    try:
        inner = os.open(part, _FOLDER | os.O_RDONLY if last else _THROUGH, dir_fd=descriptor)
    except OSError as error:
        raise _step_failure(error, descriptor, part, _shown(here)) from None
    os.close(descriptor)
    return inner


def _step_failure(error: OSError, descriptor: int, part: str, here: str) -> InputError:
    match error.errno:
        case errno.ENOENT:
            return InputError(f"There is no folder {here}.", remedy="Make it, or choose another destination.")
        case errno.ELOOP | errno.ENOTDIR:
            if _is_link(descriptor, part):
                return InputError(
                    f"{here} is a symbolic link, which a destination may not pass.",
                    remedy="Give the path that it points to.",
                )
            return InputError(f"{here} is not a folder.", remedy=_REMEDY)
        case errno.EACCES | errno.EPERM:
            return InputError(f"{here} is closed to you.", remedy="Choose another folder.")
        case _:
            name = errno.errorcode.get(error.errno or 0, "unknown error")
            return InputError(f"{here} cannot be opened ({name}).", remedy="Check the disk and try again.")


def _is_link(descriptor: int, part: str) -> bool:
    try:
        os.readlink(part, dir_fd=descriptor)
    except OSError:
        return False
    return True


def _store_folders(home: Path) -> frozenset[tuple[int, int]]:
    """Return what tells the store's folders from all others, by whatever path or mount they are reached."""
    layout = StoreLayout(home)
    found = set()
    for folder in (home, layout.sessions, layout.backups, layout.audit):
        with suppress(OSError):  # one that does not exist cannot be passed
            found.add(_identity(folder.stat()))
    return frozenset(found)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _shown(path: str) -> str:
    return terminal_safe(path, single_line=True)


_REMEDY: Final = "Give the absolute path of a folder that does not exist yet."
