"""An installed index as the service reads it: verified once, read-only, one connection a thread."""

import sqlite3
import threading
from pathlib import Path

from openmed_agent.errors import UnavailableError
from openmed_agent.planes.codes.contract import Release
from openmed_agent.planes.codes.releases.catalog import InstalledRelease, fault, releases_folder
from openmed_agent.planes.codes.releases.systems import SYSTEMS, System


class IndexFile:
    """The index of one release.

    The digest is checked at the first use, not at the start: reading a large file takes a second, and most
    starts never use it.
    """

    def __init__(self, index_folder: Path, installed: InstalledRelease) -> None:
        self.release: Release = installed.release
        self.system: System = installed.system
        self._index_folder = index_folder
        self._installed = installed
        path = releases_folder(index_folder) / installed.file
        self._address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._local = threading.local()
        self._lock = threading.Lock()
        self._verified = False

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection.

        Raises:
            UnavailableError: the file is missing or damaged.

        """
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            self._verify()
            connection = sqlite3.connect(self._address, uri=True)
            self._local.connection = connection
        return connection

    def _verify(self) -> None:
        with self._lock:
            if self._verified:
                return
            wrong = fault(self._index_folder, self._installed)
            if wrong is not None:
                system = SYSTEMS[self._installed.system]
                raise UnavailableError(
                    f"{system.title} {self._installed.version} cannot be used: {wrong}.",
                    remedy=f"Install it again: '{system.command(self._installed.system)}'.",
                )
            self._verified = True
