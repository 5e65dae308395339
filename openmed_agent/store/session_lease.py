"""Who works in a session: one process at a time, and a dead one not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from openmed_agent.errors import StoreError
from openmed_agent.secrets.private_files import make_private_folder
from openmed_agent.store.locking import exclusive

_SYSTEM_LOCKS: Final = Path("/proc/locks")
_ENDING: Final = ".lock"
_DEVICE_AND_INODE: Final = 2


@contextmanager
def session_lease(folder: Path, session_id: str) -> Iterator[None]:
    """Hold a session while the block runs. The system releases it however the process ends.

    Raises:
        StoreError: another process, or another place in this one, holds it.

    """
    make_private_folder(folder)
    busy = StoreError(
        "The session is in use in another window or process.",
        remedy="Go on there or end it, or fork the session: openmed session fork ID",
    )
    with exclusive(folder / f"{session_id}{_ENDING}", seconds=0, busy=busy):
        yield


def held_sessions(folder: Path) -> frozenset[str]:
    """Return the ids of sessions that a process holds, where the system lists its locks (Linux); takes no lock.

    It is for a list that people read; what may be done is decided by the lease itself.
    """
    try:
        listed = _SYSTEM_LOCKS.read_text(encoding="ascii", errors="replace").splitlines()
        leases = [(one.inode(), one.name) for one in os.scandir(folder) if one.name.endswith(_ENDING)]
    except OSError:
        return frozenset()
    locked = {_inode(line) for line in listed}
    return frozenset(name.removesuffix(_ENDING) for inode, name in leases if inode in locked)


def _inode(line: str) -> int | None:
    """Return the inode of a line such as ``1: FLOCK ADVISORY WRITE 815 08:01:4711 0 EOF``; None for any other lock."""
    words = line.split()
    if words[1:2] != ["FLOCK"]:
        return None
    number = next((word.rpartition(":")[2] for word in words[4:] if word.count(":") == _DEVICE_AND_INODE), "")
    return int(number) if number.isdecimal() else None
