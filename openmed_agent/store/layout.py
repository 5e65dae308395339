"""Where the parts of a store lie below its root."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class StoreLayout:
    """The paths of one store. The audit head is kept apart from the database that it vouches for."""

    root: Path

    @property
    def sessions(self) -> Path:
        """The folder of the database, its key file and its description."""
        return self.root / "sessions"

    @property
    def database(self) -> Path:
        """The encrypted database."""
        return self.sessions / "openmed.db"

    @property
    def description(self) -> Path:
        """The plaintext description: which store this is and how its key is kept."""
        return self.sessions / "store.json"

    @property
    def backups(self) -> Path:
        """The encrypted copies made before a migration."""
        return self.sessions / "backups"

    @property
    def setup_lock(self) -> Path:
        """The lock around the making of key and schema."""
        return self.sessions / "setup.lock"

    @property
    def leases(self) -> Path:
        """The locks of the sessions that a process is working in."""
        return self.sessions / "leases"

    @property
    def audit(self) -> Path:
        """The folder of the signed head of the audit chain."""
        return self.root / "audit"

    @property
    def head(self) -> Path:
        """The signed head of the audit chain."""
        return self.audit / "head.json"

    @property
    def head_lock(self) -> Path:
        """The lock around commits that move the head."""
        return self.audit / "head.lock"
