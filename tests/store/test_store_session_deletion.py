"""A deleted session is gone from the file, not only from what is asked of it."""

from pathlib import Path

import pytest
from session_samples import add, decrypted_pages, documents, make_session
from store_samples import key_of, open_with_file

from openmed_agent.errors import InputError, StoreError
from openmed_agent.store import Store
from openmed_agent.store.database import Database
from openmed_agent.store.layout import StoreLayout
from openmed_agent.store.vault import VaultEntry

# Words that begin like no other, so that the index's compression of beginnings leaves them readable.
WORDS = ("qzvdocument", "jqxsearchable", "xkwresult", "vvjtitle", "zzgoriginal", "wqpoldtitle")


def fill(store: Store) -> str:
    document, searchable, result, title, original, old_title = WORDS
    session = make_session(store, f"About {old_title}")
    store.sessions.rename(session, f"About {title}")
    for number in range(80):
        said = f"{searchable} {searchable[3:]}{number} word{number}" if number in {3, 70} else f"word{number} " * 20
        text = f'{{"shown":"{document if number in {5, 60} else number}"}}'
        store.sessions.append(session, "answered", text.encode() * 30, expected=number, searchable=said)
    store.sessions.keep_result(session, f"{result} " * 5_000)  # on pages of its own
    vault = store.sessions.vault(session)
    vault.load()
    vault.add([VaultEntry("[PERSON_1]", original, "name", 1)])
    return session


def readable(root: Path) -> set[str]:
    pages = decrypted_pages(root, key_of(root))
    return {word for word in WORDS if word.encode() in pages}


def test_nothing_of_a_deleted_session_is_left_on_any_page(store: Store, root: Path) -> None:
    other = make_session(store)
    add(store, other, *(f"another text {number}" for number in range(40)))
    session = fill(store)
    assert readable(root) == set(WORDS)  # the look itself works
    assert store.sessions.delete(session).erased
    assert readable(root) == set()
    assert StoreLayout(root).database.with_name("openmed.db-wal").stat().st_size < 5 * 4096  # the marker is unset in it
    assert len(documents(store, other)) == 40
    assert [hit.sequence for hit in store.sessions.search("text 7")] == [8]
    with pytest.raises(InputError, match="No session has this id"):
        store.sessions.get(session)
    assert store.sessions.list(query=WORDS[1]) == ()
    assert store.audit.verify().ok


def test_the_tail_that_no_fork_shows_is_gone_and_the_rest_is_not(store: Store, root: Path) -> None:
    session = fill(store)
    fork = store.sessions.fork(session, 10).session_id
    assert store.sessions.delete(session).shared == 10
    # Events 6 and 4 are in the fork, and its vault is a copy; the result was kept after event 80.
    assert readable(root) == {"qzvdocument", "jqxsearchable", "vvjtitle", "zzgoriginal"}
    assert [hit.sequence for hit in store.sessions.search("jqxsearchable")] == [4]
    store.sessions.delete(fork)
    assert readable(root) == set()


def test_while_another_process_reads_an_older_state_the_next_opening_overwrites(store: Store, root: Path) -> None:
    session = fill(store)
    with Database(StoreLayout(root).database, key_of(root)) as reader, reader.snapshot():
        reader.read("SELECT count(*) FROM events")
        deletion = store.sessions.delete(session)
        assert not deletion.erased
        assert readable(root)
        with open_with_file(root) as beside:  # does not wait for the reader
            assert beside.sessions.list() == ()
    assert readable(root)
    with open_with_file(root) as again:
        assert again.audit.verify().ok
    assert readable(root) == set()


def test_a_session_in_which_a_process_works_is_not_deleted(store: Store, root: Path) -> None:
    session = fill(store)
    with open_with_file(root) as other, other.sessions.lease(session):
        with pytest.raises(StoreError, match="in use in another window or process"):
            store.sessions.delete(session)
        assert len(documents(store, session)) == 80
    store.sessions.delete(session)
    assert list(StoreLayout(root).leases.iterdir()) == []
