from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from session_samples import add, documents, make_session, new_session
from store_samples import RECORDS_OF_MAKING, key_of, open_with_file

from openmed_agent.errors import InputError, StoreError
from openmed_agent.store import Store, WentOnElsewhereError, open_store
from openmed_agent.store.database import Database
from openmed_agent.store.event_logs import LARGEST_DOCUMENT
from openmed_agent.store.layout import StoreLayout
from openmed_agent.store.vault import VaultEntry


def test_a_session_comes_back_as_it_was_made(store: Store, root: Path) -> None:
    made = new_session(store, "Knee pain, Ms. Quillfeather")
    assert made.parent is None
    assert len(made.session_id) == 32
    with open_with_file(root) as again:
        assert again.sessions.get(made.session_id) == made
        assert again.sessions.get(made.session_id[:12]) == made


def test_a_start_of_an_id_must_name_one_session(store: Store) -> None:
    ids = [make_session(store) for _ in range(40)]
    starts = [one[0] for one in ids]
    shared = max(set(starts), key=starts.count)  # of forty ids at least three begin alike
    with pytest.raises(InputError, match=f"{starts.count(shared)} sessions begin with this id"):
        store.sessions.get(shared)
    for unknown in ("", "nothing", "%", "\0", "\ud800", "a" * 10_000, ids[0] + "0"):
        with pytest.raises(InputError, match="No session has this id"):
            store.sessions.get(unknown)


def test_a_title_is_one_line_of_at_most_200_characters(store: Store) -> None:
    session = make_session(store, "two\nlines\tand \ud800 more")
    assert store.sessions.get(session).title == "two lines and ? more"
    assert store.sessions.rename(session, "x" * 500).title == "x" * 200
    assert store.sessions.get(session).title == "x" * 200


def test_modes_change_one_by_one(store: Store) -> None:
    session = make_session(store)
    changed = store.sessions.change_modes(session, agent_mode="plan")
    assert (changed.phi_mode, changed.agent_mode, changed.model) == ("deid", "plan", "some-model")
    changed = store.sessions.change_modes(session, phi_mode="strict", model="other")
    assert (changed.phi_mode, changed.agent_mode, changed.model) == ("strict", "plan", "other")
    assert store.sessions.get(session) == changed


def test_the_session_last_used_is_listed_first(tmp_path: Path) -> None:
    now = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)

    def clock() -> datetime:
        nonlocal now
        now += timedelta(seconds=1)
        return now

    with open_store(tmp_path / "openmed", custody="file", clock=clock) as store:
        first, second = make_session(store, "first"), make_session(store, "second")
        assert [one.title for one in store.sessions.list()] == ["second", "first"]
        add(store, first, "hello")
        assert [one.title for one in store.sessions.list()] == ["first", "second"]
        assert [one.title for one in store.sessions.list(limit=1)] == ["first"]
        assert store.sessions.get(first).updated > store.sessions.get(second).updated


def test_the_session_to_go_on_with_is_the_last_one_that_holds_something(store: Store) -> None:
    assert store.sessions.last_used() is None
    used = make_session(store, "used")
    assert store.sessions.last_used() is None
    add(store, used, "one")
    for _ in range(25):
        make_session(store)
    found = store.sessions.last_used()
    assert found is not None
    assert found.session_id == used


def test_events_are_numbered_from_one_and_come_in_order(store: Store, root: Path) -> None:
    session = make_session(store)
    sent = [f'{{"n":{number}}}'.encode() for number in range(600)]  # more than two pages
    with store.transaction():
        for number, document in enumerate(sent):
            assert store.sessions.append(session, "answered", document, expected=number) == number + 1
    with open_with_file(root) as again:
        found = list(again.sessions.events(session))
    assert [event.sequence for event in found] == list(range(1, 601))
    assert [event.document for event in found] == sent
    assert {event.kind for event in found} == {"answered"}
    assert store.sessions.last_sequence(session) == 600


def test_a_page_from_the_end_and_the_one_before_it(store: Store) -> None:
    session = make_session(store)
    add(store, session, *(str(number) for number in range(1, 31)))

    def page(before: int | None) -> list[int]:
        return [one.sequence for one in store.sessions.events(session, before=before, limit=10, backwards=True)]

    assert page(None) == list(range(30, 20, -1))
    assert page(21) == list(range(20, 10, -1))
    assert page(1) == []
    assert [one.sequence for one in store.sessions.events(session, after=27)] == [28, 29, 30]
    assert [one.sequence for one in store.sessions.events(session, 5, 2, before=8)] == [6, 7]
    assert list(store.sessions.events(session, after=30)) == []
    assert list(store.sessions.events(session, limit=0)) == []


def test_an_event_is_appended_only_after_the_last_one_that_its_writer_knows(store: Store, root: Path) -> None:
    session = make_session(store)
    add(store, session, "one")
    with open_with_file(root) as other:
        add(other, session, "two")
    for stale in (0, 1, 3, -1):
        with pytest.raises(WentOnElsewhereError, match="went on in another window or process"):
            store.sessions.append(session, "answered", b"three", expected=stale)
    assert documents(store, session) == ["one", "two"]
    assert store.sessions.append(session, "answered", b"three", expected=2) == 3


def test_what_cannot_be_appended_leaves_nothing(store: Store) -> None:
    session = make_session(store)
    with pytest.raises(InputError, match="32 MiB"):
        store.sessions.append(session, "answered", b"x" * (LARGEST_DOCUMENT + 1), expected=0)
    with pytest.raises(ValueError, match="plain word"):
        store.sessions.append(session, "Ms. Quillfeather", b"{}", expected=0)
    with pytest.raises(InputError, match="No session"):
        store.sessions.append("0" * 32, "answered", b"{}", expected=0)
    with pytest.raises(InputError, match="No session"):
        store.sessions.events("0" * 32)
    assert store.sessions.last_sequence(session) == 0
    assert store.sessions.append(session, "answered", b"{}", expected=0, searchable="lone \ud800 surrogate") == 1


def test_the_database_itself_keeps_events_as_they_are(store: Store, root: Path) -> None:
    session = make_session(store)
    add(store, session, "one", "two")
    store.sessions.keep_result(session, "long")
    store.sessions.vault(session).add([VaultEntry("[PERSON_1]", "Zora Quillfeather", "PERSON", 1)])
    forbidden = (
        "UPDATE events SET document = x'00'",
        "DELETE FROM events",
        "DELETE FROM events WHERE sequence = 2",
        "INSERT INTO events (log, sequence, kind, appended, document) VALUES (1, 4, 'answered', '', x'00')",
        "INSERT INTO events (log, sequence, kind, appended, document) VALUES (1, 2, 'answered', '', x'00')",
        "UPDATE results SET content = x'00'",
        "DELETE FROM results",
        "UPDATE event_texts SET text = 'other'",
        "UPDATE vault_entries SET original = x'00'",
        "DELETE FROM vault_entries",
        "UPDATE logs SET base_sequence = 1",
        "UPDATE sessions SET log = 2",
        "UPDATE sessions SET vault_id = 'other'",
    )
    with Database(StoreLayout(root).database, key_of(root)) as database:
        for statement in forbidden:
            with pytest.raises(StoreError, match="refused a change"), database.transaction():
                database.write(statement)
    assert documents(store, session) == ["one", "two"]


def test_results_are_read_again_by_their_handle_and_by_no_other_session(store: Store) -> None:
    session, other = make_session(store), make_session(store)
    text = "é" * 1000 + "\ud800\r\n\0"
    handle = store.sessions.keep_result(session, text)
    assert store.sessions.result(session, handle) == text
    assert store.sessions.keep_result(session, text) != handle
    for where, what in ((other, handle), (session, "result-0"), (session, "")):
        with pytest.raises(InputError, match="no result with this handle"):
            store.sessions.result(where, what)
    with pytest.raises(InputError, match="No session"):
        store.sessions.keep_result("0" * 32, "text")


def test_making_and_deleting_are_audited_by_ids_and_appending_is_not(store: Store) -> None:
    session = make_session(store, "Ms. Quillfeather")
    add(store, session, "one", "two")
    fork = store.sessions.fork(session, 1).session_id
    store.sessions.rename(session, "Other")
    store.sessions.delete(session)
    records = list(store.audit.records())[RECORDS_OF_MAKING:]
    assert [(one.act, one.subject) for one in records] == [
        ("session.created", session),
        ("session.created", fork),
        ("session.deleted", session),
    ]
    assert records[1].details == f'{{"parent":"{session}","sequence":1}}'
    assert "Quillfeather" not in str(records)
    assert store.audit.verify().ok


ANOTHER = (
    "INSERT INTO sessions SELECT 'ffff', 2, title, created, updated, phi_mode, agent_mode, model, 'v', NULL, NULL "
    "FROM sessions"
)


@pytest.mark.parametrize("change", ["DELETE FROM sessions", ANOTHER], ids=["gone", "another one"])
def test_a_session_that_the_chain_does_not_know_of_or_misses_is_noticed(store: Store, root: Path, change: str) -> None:
    make_session(store)
    with Database(StoreLayout(root).database, key_of(root)) as database, database.transaction():
        database.write("INSERT INTO logs (base, base_sequence) VALUES (NULL, 0)")
        database.write(change)
    assert store.audit.verify().problems == ("The sessions are not the ones that the audit chain records.",)


def test_no_text_of_a_session_shows_in_what_python_prints_of_it(store: Store) -> None:
    session = new_session(store, "Quillfeather")
    add(store, session.session_id, "Quillfeather")
    printed = repr((session, list(store.sessions.events(session.session_id)), store.sessions.search("Quillfeather")))
    assert "uillfeather" not in printed
