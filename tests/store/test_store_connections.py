"""The same store on two connections of one process, as a long act in a thread of its own needs it."""

import threading
from pathlib import Path

import pytest
from session_samples import add, documents, make_session

from openmed_agent.errors import StoreError
from openmed_agent.store import Store, open_store


def in_a_thread(work: object) -> None:
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()  # type: ignore[operator]
        except BaseException as error:  # noqa: BLE001 - raised again below
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def test_a_thread_has_the_store_on_a_connection_of_its_own(store: Store) -> None:
    session = make_session(store)
    add(store, session, "one")

    def work() -> None:
        with store.connect() as other:
            assert (other.store_id, other.surrogate_key, other.custody) == (
                store.store_id,
                store.surrogate_key,
                store.custody,
            )
            assert documents(other, session) == ["one"]
            add(other, session, "two")

    in_a_thread(work)
    assert documents(store, session) == ["one", "two"]
    assert store.audit.verify().ok


def test_the_passphrase_is_asked_for_once(tmp_path: Path) -> None:
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return "correct horse battery"

    with open_store(tmp_path / "o", custody="passphrase", passphrase=answer) as store:
        count = len(asked)

        def work() -> None:
            with store.connect() as other:
                make_session(other, "of the other")

        in_a_thread(work)
        assert len(asked) == count
        assert [one.title for one in store.sessions.list()] == ["of the other"]


def test_a_transaction_of_one_is_not_seen_by_the_other_before_it_ends(store: Store) -> None:
    with store.transaction():
        make_session(store, "unfinished")

        def work() -> None:
            with store.connect() as other:
                assert other.sessions.list() == ()

        in_a_thread(work)
    assert len(store.sessions.list()) == 1


def test_a_store_that_is_gone_is_a_sentence(store: Store, root: Path) -> None:
    (root / "sessions").rename(root / "moved")
    with pytest.raises(StoreError):
        store.connect().sessions.list()
