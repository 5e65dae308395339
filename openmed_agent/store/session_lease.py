"""Who works in a session: one process at a time, and a dead one not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openmed_agent.errors import StoreError
from openmed_agent.secrets.private_files import make_private_folder
from openmed_agent.store.locking import exclusive


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
    with exclusive(folder / f"{session_id}.lock", seconds=0, busy=busy):
        yield
