"""Opening a store, and making one where there is none.

A new store is made in an order that a crash can interrupt anywhere: description, key, audit head, then the
empty database. So a database always has its key and its head; where one of them is missing from an existing
database something was lost, and that is an error, never a reason for a new key.
"""

import secrets
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from openmed_agent.errors import StoreError
from openmed_agent.secrets.custody import (
    AskPassphrase,
    CustodyMode,
    choose_custody,
    key_files,
    recorded_custody,
)
from openmed_agent.secrets.private_files import check_own_folder, create_empty_file, make_private_folder
from openmed_agent.secrets.system_keyring import KEY_BYTES
from openmed_agent.store.audit import AuditTrail
from openmed_agent.store.database import Database
from openmed_agent.store.description import (
    StoreDescription,
    check_key,
    derive,
    key_check,
    load_key,
    read_description,
    write_description,
)
from openmed_agent.store.head import AuditHead
from openmed_agent.store.layout import StoreLayout
from openmed_agent.store.locking import exclusive
from openmed_agent.store.migrating import migrate, schema_version
from openmed_agent.store.schema import SCHEMA_VERSION
from openmed_agent.store.store import Store
from openmed_agent.store.times import utc_now

_SETUP_SECONDS = 120.0


def open_store(
    root: Path,
    *,
    custody: CustodyMode = "auto",
    passphrase: AskPassphrase | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Store:
    """Open the store below root, and make it where there is none.

    `custody` counts when the store is made; an existing one keeps the custody it was made with.
    `passphrase` is called with a prompt and returns what the person typed.

    Raises:
        StoreError: the store or its key cannot be had; the message says why and the remedy the way out.

    """
    layout = StoreLayout(root)
    check_own_folder(root)
    for folder in (layout.sessions, layout.audit):
        make_private_folder(folder)
    key, description, notice = _key(layout, custody, passphrase)
    database, store = _connected(layout, key, description, notice=notice, clock=clock)
    try:
        _bring_up_to_date(database, store.audit, layout)
        store.sessions.erase()  # where a deletion was interrupted
    except BaseException:
        database.close()
        raise
    return store


def _connected(
    layout: StoreLayout,
    key: bytes,
    description: StoreDescription,
    *,
    notice: str | None,
    clock: Callable[[], datetime],
) -> tuple[Database, Store]:
    """Return a connection of the calling thread, and the store on it."""
    head = AuditHead(layout.head, key, description.store_id)
    surrogate_key = derive(key, description.store_id, purpose="openmed.surrogates/1", length=KEY_BYTES)
    database = Database(layout.database, key)
    try:
        store = Store(
            database,
            head,
            layout,
            store_id=description.store_id,
            surrogate_key=surrogate_key,
            custody=description.custody,
            notice=notice,
            clock=clock,
            connect=lambda: _connected(layout, key, description, notice=None, clock=clock)[1],
        )
    except BaseException:
        database.close()
        raise
    return database, store


def _key(
    layout: StoreLayout, mode: CustodyMode, passphrase: AskPassphrase | None
) -> tuple[bytes, StoreDescription, str | None]:
    """Return the key, the description, and the notice where the store was made just now."""
    if not layout.database.exists():
        with exclusive(layout.setup_lock, seconds=_SETUP_SECONDS):
            if not layout.database.exists():
                return _make(layout, mode, passphrase)
    description = read_description(layout.description)
    if description is None:
        raise StoreError(
            f"The database exists, but {layout.description} is missing.", remedy="Restore it from a backup."
        )
    custody = recorded_custody(description.custody, folder=layout.sessions, passphrase=passphrase)
    return load_key(description, custody), description, None


def _make(
    layout: StoreLayout, mode: CustodyMode, passphrase: AskPassphrase | None
) -> tuple[bytes, StoreDescription, str | None]:
    """Make key, head and an empty database, or go on where a crash interrupted that."""
    description = read_description(layout.description)
    if description is None and (left := (*key_files(layout.sessions), *_existing(layout.head))):
        raise StoreError(
            f"The database and its description are gone, but {left[0]} is still there.",
            remedy="Restore them from a backup, or move it away to start with an empty store.",
        )
    if description is not None:
        custody = recorded_custody(description.custody, folder=layout.sessions, passphrase=passphrase)
        found = custody.get(description.store_id)
        if found is not None:
            return _begin(layout, check_key(found, description), description, custody.notice)
        if layout.head.exists():
            raise StoreError(
                "The store's database and key are gone, but its audit head is still there.",
                remedy=f"Restore them from a backup, or move {layout.root} away to start anew.",
            )
    custody = choose_custody(mode, folder=layout.sessions, passphrase=passphrase)
    key, store_id = secrets.token_bytes(KEY_BYTES), str(uuid.uuid4())
    description = StoreDescription(store_id=store_id, custody=custody.kind, key_check=key_check(key, store_id))
    write_description(layout.description, description)
    custody.put(store_id, key)
    return _begin(layout, key, description, custody.notice)


def _begin(
    layout: StoreLayout, key: bytes, description: StoreDescription, notice: str | None
) -> tuple[bytes, StoreDescription, str | None]:
    head = AuditHead(layout.head, key, description.store_id)
    if layout.head.exists() and head.read().sequence > 0:
        raise StoreError(
            f"The database {layout.database} is gone, but its audit head is still there.",
            remedy=f"Restore the database from a backup, or move {layout.root} away to start anew.",
        )
    head.begin()
    create_empty_file(layout.database)
    return key, description, notice


def _bring_up_to_date(database: Database, audit: AuditTrail, layout: StoreLayout) -> None:
    if schema_version(database) != SCHEMA_VERSION:
        with exclusive(layout.setup_lock, seconds=_SETUP_SECONDS):
            migrate(database, audit, layout)


def _existing(path: Path) -> tuple[Path, ...]:
    return (path,) if path.exists() else ()
