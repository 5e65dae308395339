from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from session_samples import add, documents, make_session, rows_of
from store_samples import key_of, open_with_file

from openmed_agent.errors import InputError
from openmed_agent.store import Store
from openmed_agent.store.session_records import ForkPoint
from openmed_agent.store.sessions import LONGEST_TITLE


def test_a_fork_begins_with_its_parents_events_and_goes_its_own_way(store: Store) -> None:
    parent = make_session(store, "The parent")
    add(store, parent, "one", "two", "three")
    fork = store.sessions.fork(parent, 2)
    assert fork.parent == ForkPoint(parent, 2)
    modes = (fork.phi_mode, fork.agent_mode, fork.model)
    assert (fork.title, *modes) == ("Fork of The parent", "deid", "clinical", "some-model")
    add(store, fork.session_id, "third of the fork")
    add(store, parent, "four")
    assert documents(store, fork.session_id) == ["one", "two", "third of the fork"]
    assert documents(store, parent) == ["one", "two", "three", "four"]
    assert store.sessions.get(fork.session_id).parent == ForkPoint(parent, 2)


def test_every_fork_has_a_title_of_its_own(store: Store) -> None:
    parent = make_session(store, "Knee pain")
    first, second = store.sessions.fork(parent), store.sessions.fork(parent)
    of_a_fork = store.sessions.fork(first.session_id)
    assert [one.title for one in (first, second, of_a_fork)] == [
        "Fork of Knee pain",
        "Fork 2 of Knee pain",
        "Fork 3 of Knee pain",
    ]
    store.sessions.rename(second.session_id, "Another way")
    assert store.sessions.fork(parent).title == "Fork 2 of Knee pain"
    assert store.sessions.get(parent).title == "Knee pain"


def test_forks_of_the_longest_titles_differ_too_and_none_comes_of_none(store: Store) -> None:
    parent = make_session(store, "x" * LONGEST_TITLE)
    titles = {store.sessions.fork(parent).title for _ in range(12)}
    assert len(titles) == 12
    assert max(len(title) for title in titles) == LONGEST_TITLE
    assert store.sessions.fork(make_session(store, "")).title == ""


def test_a_fork_is_made_only_where_its_parent_has_been(store: Store) -> None:
    parent = make_session(store)
    add(store, parent, "one")
    for point in (-1, 2, 10**30):
        with pytest.raises(InputError, match="has events 1 to 1"):
            store.sessions.fork(parent, point)
    assert documents(store, store.sessions.fork(parent, 0).session_id) == []
    assert len(store.sessions.list()) == 2


def test_a_fork_keeps_what_it_shows_when_its_parent_goes(store: Store, root: Path) -> None:
    parent = make_session(store)
    add(store, parent, "one")
    early = store.sessions.keep_result(parent, "early result")
    add(store, parent, "two, which names the early result")
    late = store.sessions.keep_result(parent, "late result")
    add(store, parent, "three, which names the late result")
    fork = store.sessions.fork(parent, 2).session_id
    deletion = store.sessions.delete(parent)
    assert (deletion.shared, deletion.erased) == (2, True)
    assert documents(store, fork) == ["one", "two, which names the early result"]
    assert store.sessions.result(fork, early) == "early result"
    with pytest.raises(InputError):
        store.sessions.result(fork, late)
    key = key_of(root)
    assert [rows_of(root, key, table) for table in ("events", "event_texts", "results")] == [2, 2, 1]
    assert store.sessions.delete(fork).shared == 0
    assert [rows_of(root, key, table) for table in ("events", "event_texts", "results", "logs")] == [0, 0, 0, 0]


def test_deleting_a_fork_leaves_its_parent_alone(store: Store) -> None:
    parent = make_session(store)
    add(store, parent, "one", "two")
    fork = store.sessions.fork(parent).session_id
    add(store, fork, "three")
    assert store.sessions.delete(fork).shared == 2
    assert documents(store, parent) == ["one", "two"]


def test_a_long_line_of_forks_is_read_through(store: Store) -> None:
    session = make_session(store)
    for number in range(60):
        add(store, session, f"event {number}")
        session = store.sessions.fork(session).session_id
    assert documents(store, session) == [f"event {number}" for number in range(60)]
    backwards = [event.sequence for event in store.sessions.events(session, limit=5, backwards=True)]
    assert backwards == [60, 59, 58, 57, 56]


class SessionMachine(RuleBasedStateMachine):
    """Any order of appending, forking and deleting leaves what a dictionary of lists would hold."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.root = Path(self.folder.name) / "openmed"
        self.store = open_with_file(self.root)
        self.key = key_of(self.root)
        self.logs: dict[str, list[str]] = {}
        self.results: dict[str, list[tuple[int, str]]] = {}
        self.number = 0

    def pick(self, choice: int) -> str:
        return list(self.logs)[choice % len(self.logs)]

    @rule()
    def create(self) -> None:
        session = make_session(self.store)
        self.logs[session], self.results[session] = [], []

    @precondition(lambda self: self.logs)
    @rule(choice=st.integers(0, 9), count=st.integers(1, 3))
    def append(self, choice: int, count: int) -> None:
        session = self.pick(choice)
        for _ in range(count):
            self.number += 1
            add(self.store, session, f"event {self.number}")
            self.logs[session].append(f"event {self.number}")

    @precondition(lambda self: self.logs)
    @rule(choice=st.integers(0, 9))
    def keep_result(self, choice: int) -> None:
        session = self.pick(choice)
        handle = self.store.sessions.keep_result(session, f"result of {len(self.logs[session])}")
        add(self.store, session, f"names {handle}")
        self.results[session].append((len(self.logs[session]), handle))
        self.logs[session].append(f"names {handle}")

    @precondition(lambda self: self.logs)
    @rule(choice=st.integers(0, 9), share=st.floats(0, 1))
    def fork(self, choice: int, share: float) -> None:
        parent = self.pick(choice)
        at = round(share * len(self.logs[parent]))
        fork = self.store.sessions.fork(parent, at).session_id
        self.logs[fork] = self.logs[parent][:at]
        self.results[fork] = [one for one in self.results[parent] if one[0] < at]

    @precondition(lambda self: self.logs)
    @rule(choice=st.integers(0, 9))
    def delete(self, choice: int) -> None:
        session = self.pick(choice)
        assert self.store.sessions.delete(session).erased
        del self.logs[session], self.results[session]

    @invariant()
    def the_store_holds_the_lists(self) -> None:
        assert {one.session_id for one in self.store.sessions.list()} == set(self.logs)
        for session, log in self.logs.items():
            assert documents(self.store, session) == log
            assert self.store.sessions.last_sequence(session) == len(log)
            assert [e.sequence for e in self.store.sessions.events(session, backwards=True)] == list(
                range(len(log), 0, -1)
            )
            for written, handle in self.results[session]:
                assert self.store.sessions.result(session, handle) == f"result of {written}"
        shown = {text for log in self.logs.values() for text in log}
        assert rows_of(self.root, self.key, "events") == len(shown)  # nothing that no session shows
        assert rows_of(self.root, self.key, "event_texts") == len(shown)
        assert len(self.store.sessions.search("event OR names", limit=10_000)) == 0
        spoken = {text for text in shown if text.startswith("event")}
        assert len(self.store.sessions.search("event", limit=10_000)) == len(spoken)
        assert self.store.audit.verify().ok

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


TestSessionMachine = SessionMachine.TestCase
TestSessionMachine.settings = settings(max_examples=12, stateful_step_count=20, deadline=None)
