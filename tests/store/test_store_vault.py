from pathlib import Path

import pytest
from session_samples import make_session
from store_samples import open_with_file

from openmed_agent.errors import InputError
from openmed_agent.store import Store, WentOnElsewhereError
from openmed_agent.store.vault import VaultEntry

ZORA = VaultEntry("[PERSON_1]", "Zora Quillfeather", "name", 1)
TURNED = VaultEntry("[PERSON_1:2]", "Quillfeather, Zora", "name", 1)
STRANGE = VaultEntry("[MRN_1]", "99-4417-Q\ud800\0", "mrn", 2)


def test_entries_come_back_in_their_order(store: Store, root: Path) -> None:
    session = make_session(store)
    vault = store.sessions.vault(session)
    assert vault.load() == ()
    vault.add([ZORA, STRANGE])
    vault.add([TURNED])
    vault.add([])
    with open_with_file(root) as again:
        assert again.sessions.vault(session[:16]).load() == (ZORA, STRANGE, TURNED)


def test_one_surrogate_is_never_given_to_two_people_by_two_processes(store: Store, root: Path) -> None:
    session = make_session(store)
    here = store.sessions.vault(session)
    here.load()
    with open_with_file(root) as other:
        there = other.sessions.vault(session)
        there.load()
        there.add([ZORA])
    with pytest.raises(WentOnElsewhereError):
        here.add([VaultEntry("[PERSON_1]", "Someone Else", "name", 1)])
    assert here.load() == (ZORA,)
    here.add([TURNED])
    assert here.load() == (ZORA, TURNED)


def test_a_vault_that_was_not_loaded_takes_nothing_where_there_are_entries(store: Store) -> None:
    session = make_session(store)
    store.sessions.vault(session).add([ZORA])  # an empty one has nothing to load
    with pytest.raises(WentOnElsewhereError):
        store.sessions.vault(session).add([TURNED])


def test_a_fork_has_a_copy_so_that_both_can_go_on(store: Store) -> None:
    parent = make_session(store)
    vault = store.sessions.vault(parent)
    vault.add([ZORA])
    fork = store.sessions.fork(parent).session_id
    own = store.sessions.vault(fork)
    assert own.load() == (ZORA,)
    own.add([STRANGE])
    vault.add([TURNED])
    assert vault.load() == (ZORA, TURNED)
    store.sessions.delete(parent)
    assert own.load() == (ZORA, STRANGE)


def test_sessions_share_no_vault(store: Store) -> None:
    one, other = make_session(store), make_session(store)
    store.sessions.vault(one).add([ZORA])
    assert store.sessions.vault(other).load() == ()
    with pytest.raises(InputError, match="No session"):
        store.sessions.vault("0" * 32)


def test_an_entry_prints_nothing_of_itself() -> None:
    assert repr(ZORA) == "VaultEntry()"
