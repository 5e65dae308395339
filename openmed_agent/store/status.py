"""What can be said about a store without changing or making anything: for `openmed doctor`."""

from dataclasses import dataclass
from pathlib import Path

from openmed_agent.errors import StoreError
from openmed_agent.secrets.custody import CustodyKind, key_files, recorded_custody
from openmed_agent.secrets.system_keyring import NoKeyring, find_keyring
from openmed_agent.store.database import Database
from openmed_agent.store.description import StoreDescription, load_key, read_description
from openmed_agent.store.head import AuditHead
from openmed_agent.store.layout import StoreLayout
from openmed_agent.store.migrating import schema_version


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """The state of a store. Clauses and sentences are for a person to read.

    `schema` is None where the database cannot be read without asking for a passphrase, or at all; `problem`
    says what is wrong, or is None.
    """

    exists: bool
    database: Path
    store_id: str | None
    custody: CustodyKind | None
    keyring: str | None
    no_keyring: str | None
    schema: int | None
    problem: str | None


def store_status(root: Path) -> StoreStatus:
    """Look at the store below root; nothing is made and nobody is prompted."""
    layout = StoreLayout(root)
    keyring, no_keyring = _keyring()
    description: StoreDescription | None = None
    schema: int | None = None
    problem: str | None = None
    exists = False
    try:
        exists = layout.database.is_file()
        description = read_description(layout.description)
        if exists and description is None:
            problem = f"The database exists, but {layout.description} is missing."
        elif exists and description is not None:
            schema = _schema(layout, description)
            if schema == 0 and _is_lost(layout, description):
                problem = f"The database {layout.database} is empty, but what belongs to it is still there."
        elif _is_lost(layout, description):
            problem = f"The database {layout.database} is gone, but what belongs to it is still there."
    except StoreError as error:
        problem = str(error)
    except OSError as error:
        problem = f"{layout.root} cannot be read ({type(error).__name__})."
    return StoreStatus(
        exists=exists,
        database=layout.database,
        store_id=description.store_id if description else None,
        custody=description.custody if description else None,
        keyring=keyring,
        no_keyring=no_keyring,
        schema=schema,
        problem=problem,
    )


def _keyring() -> tuple[str | None, str | None]:
    """Return the name of the usable keyring, or else why there is none."""
    try:
        found = find_keyring()
    except StoreError as error:
        return None, error.message
    if isinstance(found, NoKeyring):
        return None, found.reason
    return found.name, None


def _is_lost(layout: StoreLayout, description: StoreDescription | None) -> bool:
    """Return whether a database that held records is missing; one that was never finished is not lost."""
    if description is None:
        return bool(key_files(layout.sessions)) or layout.head.exists()
    if description.custody == "passphrase" or not layout.head.exists():
        return False
    custody = recorded_custody(description.custody, folder=layout.sessions, passphrase=None)
    head = AuditHead(layout.head, load_key(description, custody), description.store_id)
    return head.read().sequence > 0


def _schema(layout: StoreLayout, description: StoreDescription) -> int | None:
    if description.custody == "passphrase":
        return None
    custody = recorded_custody(description.custody, folder=layout.sessions, passphrase=None)
    with Database(layout.database, load_key(description, custody), read_only=True) as database:
        return schema_version(database)
