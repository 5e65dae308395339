"""What stands for whom: the surrogates of a session and the identifiers they replace, in the encrypted store."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from openmed_agent.store.database import Database
from openmed_agent.store.session_records import WentOnElsewhereError


@dataclass(frozen=True, slots=True)
class VaultEntry:
    """A surrogate and what it stands for; entries of one `entity` are spellings of the same person, place or number."""

    surrogate: str = field(repr=False)
    original: str = field(repr=False)
    kind: str = field(repr=False)
    entity: int = field(repr=False)


class VaultRecords:
    """The entries of one vault, as they were read and added to here.

    Two that know different entries could give one surrogate to two people, so what another process added must be
    loaded first.
    """

    def __init__(self, database: Database, vault_id: str) -> None:
        self._database = database
        self._vault_id = vault_id
        self._known = 0

    def load(self) -> tuple[VaultEntry, ...]:
        """Return all entries in the order in which they were added."""
        rows = self._database.read(
            "SELECT surrogate, original, kind, entity FROM vault_entries WHERE vault_id = ? ORDER BY position",
            self._vault_id,
        )
        self._known = len(rows)
        return tuple(
            VaultEntry(_text(surrogate), _text(original), kind, entity) for surrogate, original, kind, entity in rows
        )

    def add(self, entries: Sequence[VaultEntry]) -> None:
        """Add entries, durably and whole.

        Raises:
            WentOnElsewhereError: entries were added that were not loaded here; nothing was added.

        """
        with self._database.transaction():
            [(last,)] = self._database.read(
                "SELECT coalesce(max(position), 0) FROM vault_entries WHERE vault_id = ?", self._vault_id
            )
            if last != self._known:
                raise WentOnElsewhereError
            for position, entry in enumerate(entries, start=last + 1):
                self._database.write(
                    "INSERT INTO vault_entries (vault_id, position, surrogate, original, kind, entity) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    self._vault_id,
                    position,
                    text_bytes(entry.surrogate),
                    text_bytes(entry.original),
                    entry.kind,
                    entry.entity,
                )
        self._known = last + len(entries)


def copy_vault(database: Database, vault_id: str, copy_id: str) -> None:
    """Give a fork the entries of its parent, in the caller's transaction.

    A vault of its own: parent and fork may go on at the same time, and must not give one surrogate to two people.
    """
    database.write(
        "INSERT INTO vault_entries (vault_id, position, surrogate, original, kind, entity) "
        "SELECT ?, position, surrogate, original, kind, entity FROM vault_entries WHERE vault_id = ?",
        copy_id,
        vault_id,
    )


def text_bytes(text: str) -> bytes:
    """Return text as it is kept: exactly, also where it holds what UTF-8 does not."""
    return text.encode("utf-8", "surrogatepass")


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogatepass")
