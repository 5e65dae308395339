"""Invented sessions, and a look at what really is in the store's files."""

from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from openmed_agent.store import SessionRecord, Store
from openmed_agent.store.database import Database
from openmed_agent.store.layout import StoreLayout

_PAGE = 4096
_IV = 16
_RESERVED = 80  # SQLCipher 4: the page's IV and its HMAC-SHA512
_WAL_HEADER = 32
_FRAME_HEADER = 24


def make_session(store: Store, title: str = "A session") -> str:
    return new_session(store, title).session_id


def new_session(store: Store, title: str = "A session") -> SessionRecord:
    return store.sessions.create(phi_mode="deid", agent_mode="clinical", model="some-model", title=title)


def add(store: Store, session: str, *texts: str, kind: str = "answered") -> None:
    """Append one event a text, which can be searched."""
    for text in texts:
        last = store.sessions.last_sequence(session)
        store.sessions.append(session, kind, text.encode(), expected=last, searchable=text)


def documents(store: Store, session: str) -> list[str]:
    return [event.document.decode() for event in store.sessions.events(session)]


def decrypted_pages(root: Path, key: bytes) -> bytes:
    """Return every page of the database and of its log in the clear, also those that nothing refers to any more."""
    layout = StoreLayout(root)
    content = layout.database.read_bytes()
    pages = [content[start : start + _PAGE] for start in range(0, len(content), _PAGE)]
    wal = layout.database.with_name("openmed.db-wal")
    if wal.exists():
        frames = wal.read_bytes()[_WAL_HEADER:]
        size = _FRAME_HEADER + _PAGE
        pages += [frames[start + _FRAME_HEADER : start + size] for start in range(0, len(frames), size)]
    # The first page begins with the salt, in the clear.
    return b"".join(_decrypted(page, skip, key) for page in pages for skip in (0, 16) if len(page) == _PAGE)


def _decrypted(page: bytes, skip: int, key: bytes) -> bytes:
    end = _PAGE - _RESERVED
    decryptor = Cipher(algorithms.AES256(key), modes.CBC(page[end : end + _IV])).decryptor()
    return decryptor.update(page[skip:end]) + decryptor.finalize()


def rows_of(root: Path, key: bytes, table: str) -> int:
    with Database(StoreLayout(root).database, key) as database:
        return int(database.read(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608 - our own table
