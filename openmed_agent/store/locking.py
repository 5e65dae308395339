"""A lock between processes, which the system releases when its holder dies."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from openmed_agent.errors import StoreError
from openmed_agent.secrets.private_files import storage_failure

_POLL_SECONDS = 0.005


@contextmanager
def exclusive(path: Path, *, seconds: float, busy: StoreError | None = None) -> Iterator[None]:
    """Hold the lock file at path while the block runs; not re-entrant.

    Raises:
        StoreError: another process held it for longer than the seconds given (`busy`, where one is given), or it
            cannot be made.

    """
    # A soft lock would outlive a killed holder, so a disk without flock is an error.
    lock = FileLock(path, timeout=seconds, mode=0o600, poll_interval=_POLL_SECONDS, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout as error:
        held = StoreError("Another process is holding the store.", remedy="Let it finish and try again.")
        raise busy or held from error
    except (OSError, NotImplementedError) as error:
        raise storage_failure(OSError(getattr(error, "errno", None), "lock"), path) from error
    try:
        yield
    finally:
        lock.release()
