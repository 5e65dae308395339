"""Bringing a database to the newest schema, with an encrypted copy made first."""

import re
from collections.abc import Sequence

from openmed_agent.errors import StoreError
from openmed_agent.secrets.private_files import (
    create_empty_file,
    make_private_folder,
    publish_private_file,
    sync_file,
)
from openmed_agent.store.audit import AuditTrail
from openmed_agent.store.database import Database
from openmed_agent.store.layout import StoreLayout
from openmed_agent.store.schema import MIGRATIONS, Migration
from openmed_agent.store.times import time_text, utc_now

ACTOR = "openmed"


def schema_version(database: Database) -> int:
    """Return the version of the database's schema, 0 for an empty one."""
    return int(database.read("PRAGMA user_version")[0][0])


def migrate(
    database: Database,
    audit: AuditTrail,
    layout: StoreLayout,
    migrations: Sequence[Migration] = MIGRATIONS,
) -> None:
    """Apply the migrations that are missing; the caller holds the set-up lock.

    Raises:
        StoreError: the schema is newer than this version knows, or a migration failed; each is applied whole
            or not at all.

    """
    version = schema_version(database)
    newest = migrations[-1].version
    if version > newest:
        raise StoreError(
            f"The store has schema {version}, and this version of openmed knows no schema above {newest}.",
            remedy="Use the newer version of openmed that made it.",
        )
    if version == newest:
        return
    if version == 0:
        database.use_write_ahead_log()
    else:
        _back_up(database, layout, version)
    for migration in migrations:
        if migration.version > version:
            _apply(database, audit, migration)


def _apply(database: Database, audit: AuditTrail, migration: Migration) -> None:
    with database.transaction():
        for statement in migration.statements:
            database.write(statement)
        database.write(f"PRAGMA user_version = {migration.version}")
        audit.append(ACTOR, "store.migrated", "store", {"schema": migration.version})


def _back_up(database: Database, layout: StoreLayout, version: int) -> None:
    make_private_folder(layout.backups)
    moment = re.sub(r"[^0-9TZ]", "", time_text(utc_now()))
    backup = layout.backups / f"openmed-schema{version}-{moment}.db"
    unfinished = backup.with_name("unfinished.db")
    unfinished.unlink(missing_ok=True)
    create_empty_file(unfinished)
    database.copy_to(unfinished)
    sync_file(unfinished)
    publish_private_file(unfinished, backup)
