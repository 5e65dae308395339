import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from store_samples import NOON, RECORDS_OF_MAKING, draft, key_of, open_with_file, sign

from openmed_agent.errors import InputError, NotPermittedError, StoreError
from openmed_agent.store import Store
from openmed_agent.store.database import Database
from openmed_agent.store.layout import StoreLayout

CHILD = str(Path(__file__).with_name("store_child.py"))
NONCES = ("n1", "n2", "n3", "n4")
DRAFTS = ("d-one", "d-two")


def test_an_approval_runs_once_through_its_states(store: Store) -> None:
    store.drafts.add(draft(), {})
    sign(store, "n1")
    signed = store.approvals.get("n1")
    assert (signed.state, signed.staging, signed.issued) == ("signed", None, NOON)
    assert store.approvals.unfinished() == ()
    begun = store.approvals.begin_finalizing("n1", "/staging")
    assert store.approvals.unfinished() == (begun,)
    assert begun.staging == "/staging"
    assert store.approvals.commit("n1").state == "committed"
    assert store.approvals.unfinished() == ()
    for again in (
        lambda: store.approvals.begin_finalizing("n1", "/staging"),
        lambda: store.approvals.commit("n1"),
        lambda: store.approvals.abandon("n1"),
    ):
        with pytest.raises(NotPermittedError):
            again()
    acts = [record.act for record in store.audit.records()][-3:]
    assert acts == ["approval.signed", "approval.finalizing", "approval.committed"]
    assert "/staging" not in "".join(record.details for record in store.audit.records())


def test_a_nonce_is_never_recorded_twice_and_an_unknown_one_never_passes(store: Store) -> None:
    store.drafts.add(draft(), {})
    sign(store, "n1")
    with pytest.raises(NotPermittedError):
        sign(store, "n1")
    with pytest.raises(NotPermittedError):
        store.approvals.get("n2")
    with pytest.raises(NotPermittedError):
        store.approvals.begin_finalizing("n2", "/staging")
    with pytest.raises(InputError):
        sign(store, "n3", revision=2)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE approvals SET state = 'signed'",
        "UPDATE approvals SET state = 'committed'",
        "UPDATE approvals SET statement = x'00', state = 'committed'",
        "UPDATE approvals SET nonce = 'n9', state = 'abandoned'",
        "UPDATE approvals SET state = 'finalizing', staging = '/x' WHERE nonce = 'n2'",
    ],
)
def test_the_database_itself_refuses_a_step_back_or_a_second_approval(store: Store, root: Path, statement: str) -> None:
    store.drafts.add(draft(), {})
    sign(store, "n1")
    sign(store, "n2")
    store.approvals.begin_finalizing("n1", "/staging")
    with (
        Database(StoreLayout(root).database, key_of(root)) as database,
        pytest.raises(StoreError),
        database.transaction(),
    ):
        database.write(statement)
    assert store.approvals.get("n1").state == "finalizing"
    assert store.approvals.get("n2").state == "signed"


class ApprovalMachine(RuleBasedStateMachine):
    """Any order of calls leaves what a dictionary of states would hold."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.root = Path(self.folder.name) / "openmed"
        self.store = open_with_file(self.root)
        for name in DRAFTS:
            self.store.drafts.add(draft(name), {})
        self.states: dict[str, str] = {}
        self.drafts: dict[str, str] = {}
        self.records = RECORDS_OF_MAKING + len(DRAFTS)

    def expect(self, call: object, *, allowed: bool) -> None:
        assert callable(call)
        if allowed:
            call()
            self.records += 1
        else:
            with pytest.raises(NotPermittedError):
                call()

    @rule(nonce=st.sampled_from(NONCES), name=st.sampled_from(DRAFTS))
    def sign(self, nonce: str, name: str) -> None:
        allowed = nonce not in self.states
        self.expect(lambda: sign(self.store, nonce, name), allowed=allowed)
        if allowed:
            self.states[nonce], self.drafts[nonce] = "signed", name

    @rule(nonce=st.sampled_from(NONCES))
    def begin(self, nonce: str) -> None:
        taken = any(
            self.drafts[one] == self.drafts.get(nonce) and state in {"finalizing", "committed"}
            for one, state in self.states.items()
        )
        allowed = self.states.get(nonce) == "signed" and not taken
        self.expect(lambda: self.store.approvals.begin_finalizing(nonce, "/staging"), allowed=allowed)
        if allowed:
            self.states[nonce] = "finalizing"

    @rule(nonce=st.sampled_from(NONCES), end=st.sampled_from(["committed", "abandoned"]))
    def end(self, nonce: str, end: str) -> None:
        allowed = self.states.get(nonce) == "finalizing"
        act = self.store.approvals.commit if end == "committed" else self.store.approvals.abandon
        self.expect(lambda: act(nonce), allowed=allowed)
        if allowed:
            self.states[nonce] = end

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = open_with_file(self.root)

    @invariant()
    def the_store_holds_the_states(self) -> None:
        found = {one.nonce: one.state for name in DRAFTS for one in self.store.approvals.of_draft(name)}
        assert found == self.states
        unfinished = {one.nonce for one in self.store.approvals.unfinished()}
        assert unfinished == {nonce for nonce, state in self.states.items() if state == "finalizing"}
        report = self.store.audit.verify()
        assert report.ok
        assert report.records == self.records

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


TestApprovalMachine = ApprovalMachine.TestCase
TestApprovalMachine.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


@pytest.mark.parametrize("same", [True, False], ids=["one approval", "two approvals of one draft"])
def test_of_many_processes_that_finalize_at_once_one_wins(root: Path, *, same: bool) -> None:
    for attempt in range(3):
        name = f"d-{attempt}"
        nonces = [f"n-{attempt}" if same else f"n-{attempt}-{number}" for number in range(6)]
        with open_with_file(root) as store:
            store.drafts.add(draft(name), {})
            for nonce in dict.fromkeys(nonces):
                sign(store, nonce, name)
        racers = [
            subprocess.Popen(
                [sys.executable, CHILD, "finalize", str(root), nonce],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for nonce in nonces
        ]
        for racer in racers:
            assert racer.stdout is not None
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("go\n")
            racer.stdin.flush()
        for racer in racers:
            racer.communicate(timeout=60)
        assert sorted(racer.returncode for racer in racers) == [0, 4, 4, 4, 4, 4]
        with open_with_file(root) as store:
            assert [one.draft_id for one in store.approvals.unfinished()] == [name]
            store.approvals.commit(store.approvals.unfinished()[0].nonce)
            assert store.audit.verify().ok


def test_the_times_of_an_approval_come_back(store: Store) -> None:
    store.drafts.add(draft(), {})
    sign(store, "n1")
    assert store.approvals.get("n1").expires == NOON + timedelta(minutes=10)
