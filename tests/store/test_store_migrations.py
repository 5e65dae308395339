from pathlib import Path

import pytest
from session_samples import add, make_session
from store_samples import CHART, digest, draft, key_of, open_with_file

from openmed_agent.errors import StoreError
from openmed_agent.secrets.custody import recorded_custody
from openmed_agent.secrets.private_files import create_empty_file, make_private_folder
from openmed_agent.store import Store
from openmed_agent.store.audit import AuditTrail
from openmed_agent.store.database import Database
from openmed_agent.store.description import StoreDescription, key_check, read_description, write_description
from openmed_agent.store.drafts import Drafts
from openmed_agent.store.head import AuditHead
from openmed_agent.store.layout import StoreLayout
from openmed_agent.store.migrating import migrate, schema_version
from openmed_agent.store.schema import MIGRATIONS, SCHEMA_VERSION, Migration
from openmed_agent.store.times import utc_now

NEXT = SCHEMA_VERSION + 1
GOOD = Migration(NEXT, ("CREATE TABLE later (name TEXT PRIMARY KEY) STRICT",))
BAD = Migration(NEXT + 1, ("CREATE TABLE latest (id INTEGER) STRICT", "INSERT INTO no_such_table VALUES (1)"))


@pytest.fixture
def old(root: Path) -> tuple[StoreLayout, bytes]:
    with open_with_file(root) as store:
        store.drafts.add(draft(document=CHART), {digest(CHART): CHART})
    return StoreLayout(root), key_of(root)


def trail(layout: StoreLayout, key: bytes, database: Database) -> AuditTrail:
    description = read_description(layout.description)
    assert description is not None
    head = AuditHead(layout.head, key, description.store_id)
    return AuditTrail(database, head, lock=layout.head_lock, clock=utc_now)


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [one.version for one in MIGRATIONS] == list(range(1, SCHEMA_VERSION + 1))


def test_a_migration_keeps_what_there_was_and_makes_an_encrypted_copy_first(
    old: tuple[StoreLayout, bytes],
) -> None:
    layout, key = old
    with Database(layout.database, key) as database:
        audit = trail(layout, key, database)
        migrate(database, audit, layout, (*MIGRATIONS, GOOD))
        assert schema_version(database) == NEXT
        assert database.read("SELECT document FROM drafts") == [(CHART,)]
        assert database.read("SELECT * FROM later") == []
        assert [record.act for record in audit.records()][-1] == "store.migrated"
        assert audit.verify().ok
        migrate(database, audit, layout, (*MIGRATIONS, GOOD))  # nothing more to do
    [backup] = layout.backups.iterdir()
    assert backup.stat().st_mode & 0o777 == 0o600
    assert CHART not in backup.read_bytes()
    with Database(backup, key) as database:
        assert schema_version(database) == SCHEMA_VERSION
        assert database.read("SELECT document FROM drafts") == [(CHART,)]


def test_a_migration_that_fails_is_undone_and_the_one_before_it_stays(
    old: tuple[StoreLayout, bytes],
) -> None:
    layout, key = old
    with Database(layout.database, key) as database:
        audit = trail(layout, key, database)
        with pytest.raises(StoreError):
            migrate(database, audit, layout, (*MIGRATIONS, GOOD, BAD))
        assert schema_version(database) == NEXT
        tables = {row[0] for row in database.read("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        assert "later" in tables
        assert "latest" not in tables
        assert audit.verify().ok


def test_a_store_of_the_schema_before_sessions_is_opened_with_all_it_held(root: Path) -> None:
    layout = make_store_before_sessions(root)
    key = key_of(root)
    with open_with_file(root) as store:
        assert store.drafts.get("d-one").document == CHART
        assert store.drafts.blob(digest(CHART)) == CHART
        session = make_session(store)
        add(store, session, "hello")
        assert [hit.sequence for hit in store.sessions.search("hello")] == [1]
        assert [record.act for record in store.audit.records()] == [
            "store.migrated",
            "store.migrated",
            "draft.added",
            "store.migrated",
            "session.created",
        ]
        assert store.audit.verify().ok
    [backup] = layout.backups.iterdir()
    assert backup.name.startswith("openmed-schema2-")
    with Database(backup, key) as database:
        assert schema_version(database) == 2
        assert database.read("SELECT document FROM drafts") == [(CHART,)]


def make_store_before_sessions(root: Path) -> StoreLayout:
    """Make what version 2 of the schema left on the disk, with a draft in it."""
    layout, key, store_id = StoreLayout(root), bytes(range(32)), "00000000-0000-4000-8000-000000000000"
    for folder in (layout.sessions, layout.audit):
        make_private_folder(folder)
    write_description(
        layout.description, StoreDescription(store_id=store_id, custody="file", key_check=key_check(key, store_id))
    )
    recorded_custody("file", folder=layout.sessions, passphrase=None).put(store_id, key)
    AuditHead(layout.head, key, store_id).begin()
    create_empty_file(layout.database)
    with Database(layout.database, key) as database:
        audit = trail(layout, key, database)
        migrate(database, audit, layout, MIGRATIONS[:2])
        Drafts(database, audit).add(draft(document=CHART), {digest(CHART): CHART})
    return layout


def test_an_unfinished_copy_of_a_killed_migration_does_not_stop_the_next(
    old: tuple[StoreLayout, bytes],
) -> None:
    layout, key = old
    layout.backups.mkdir()
    (layout.backups / "unfinished.db").write_bytes(b"half a copy")
    with Database(layout.database, key) as database:
        migrate(database, trail(layout, key, database), layout, (*MIGRATIONS, GOOD))
    assert [path.name.startswith(f"openmed-schema{SCHEMA_VERSION}-") for path in layout.backups.iterdir()] == [True]


def test_a_rolled_back_database_is_not_migrated(old: tuple[StoreLayout, bytes]) -> None:
    layout, key = old
    older = layout.database.read_bytes()
    with open_with_file(layout.root) as store:
        store.drafts.add(draft("d-new"), {})
    layout.database.write_bytes(older)
    with Database(layout.database, key) as database:
        with pytest.raises(StoreError, match="Nothing was written"):
            migrate(database, trail(layout, key, database), layout, (*MIGRATIONS, GOOD))
        assert schema_version(database) == SCHEMA_VERSION


def test_a_write_outside_a_transaction_is_a_mistake_of_ours(store: Store, root: Path) -> None:
    with Database(StoreLayout(root).database, key_of(root)) as database, pytest.raises(RuntimeError):
        database.write("DELETE FROM drafts")
    assert store.audit.verify().ok
