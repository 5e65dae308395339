"""Invented records that several tests of the store use."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from openmed_agent.secrets.custody import recorded_custody
from openmed_agent.store import DraftRecord, Store, open_store
from openmed_agent.store.description import load_key, read_description
from openmed_agent.store.layout import StoreLayout
from openmed_agent.store.schema import MIGRATIONS

NOON = datetime(2026, 3, 4, 12, 0, 0, 123456, tzinfo=UTC)
RECORDS_OF_MAKING = len(MIGRATIONS)  # a new store records each step of its schema
CHART = b"Ms. Zora Quillfeather, MRN 99-4417-Q, denies chest pain."


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def draft(draft_id: str = "d-one", revision: int = 1, document: bytes = b"{}") -> DraftRecord:
    return DraftRecord(
        draft_id=draft_id,
        revision=revision,
        workflow="chart_summary",
        workflow_version="1.0.0",
        created=NOON,
        expires=NOON + timedelta(hours=24),
        payload_digest=digest(document),
        document=document,
    )


def open_with_file(root: Path) -> Store:
    return open_store(root, custody="file")


def add_reviewer(store: Store, name: str = "Dr. Ada Example") -> None:
    store.reviewers.add(name, "ed25519:" + name.encode().hex(), b"p" * 32, b"w" * 64, NOON)


def sign(store: Store, nonce: str, draft_id: str = "d-one", revision: int = 1) -> None:
    store.approvals.record_signed(
        nonce, draft_id, revision, b"statement", b"s" * 64, NOON, NOON + timedelta(minutes=10)
    )


def key_of(root: Path) -> bytes:
    layout = StoreLayout(root)
    description = read_description(layout.description)
    assert description is not None
    return load_key(description, recorded_custody("file", folder=layout.sessions, passphrase=None))
