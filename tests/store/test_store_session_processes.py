"""Sessions under real processes: kills at any moment, two writers, leases, and a disk that fails."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from session_samples import add, decrypted_pages, documents, make_session
from store_samples import key_of, open_with_file
from test_store_processes import NEEDS_STRACE, STRACE, SWEPT, watched

from openmed_agent.errors import InputError, StoreError
from openmed_agent.store import Store
from openmed_agent.store.database import Database
from openmed_agent.store.layout import StoreLayout

CHILD = str(Path(__file__).with_name("session_child.py"))
Message = dict[str, Any]


def start(act: str, root: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, CHILD, act, str(root), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def messages(printed: str) -> list[Message]:
    """Return what a process acknowledged; a line that a kill cut off is none."""
    return [json.loads(line) for line in printed.splitlines(keepends=True) if line.endswith("\n")]


class Acknowledged:
    """What processes were told is done, and what they had begun."""

    def __init__(self) -> None:
        self.logs: dict[str, list[str]] = {}
        self.deleting: set[str] = set()
        self.deleted: set[str] = set()

    def follow(self, said: list[Message]) -> None:
        for one in said:
            session = one["session"]
            match one["act"]:
                case "create":
                    self.logs[session] = []
                case "append":
                    assert one["sequence"] == len(self.logs[session]) + 1
                    self.logs[session].append(one["text"])
                case "fork":
                    self.logs[session] = self.logs[one["parent"]][: one["at"]]
                case "will delete":
                    self.deleting.add(session)
                case "delete":
                    self.deleted.add(session)
                    del self.logs[session]

    def check(self, store: Store, root: Path) -> None:
        """Check the store against this after a kill, and take in the one act that was done and not said."""
        found = {one.session_id: documents(store, one.session_id) for one in store.sessions.list()}
        assert not self.deleted & found.keys()
        gone = self.logs.keys() - found.keys()
        unsaid = found.keys() - self.logs.keys()
        assert gone <= self.deleting, "a session is lost"
        longer = [session for session, log in self.logs.items() if session in found and found[session] != log]
        for session in longer:
            assert found[session][:-1] == self.logs[session], "an event is lost or changed"
            assert found[session][-1].startswith(f"{session} {len(found[session])}")
        assert len(gone) + len(unsaid) + len(longer) <= 1, "more than one act was done and not said"
        for session in unsaid:  # made or forked at the last moment
            parent = store.sessions.get(session).parent
            assert found[session] == ([] if parent is None else found[parent.session_id][: parent.sequence])
        for log in found.values():
            for text in log:
                if "result-" in text:
                    shown, _, handle = text.rpartition(" ")
                    holder = next(one for one, texts in found.items() if text in texts)
                    assert store.sessions.result(holder, handle) == f"result {shown}"
        self.logs, self.deleting = found, set()
        check_tables(root, shown={text for log in found.values() for text in log})


def check_tables(root: Path, shown: set[str]) -> None:
    with Database(StoreLayout(root).database, key_of(root)) as database:
        assert database.read("PRAGMA integrity_check") == [("ok",)]
        assert database.read("PRAGMA foreign_key_check") == []
        kept = [bytes(row[0]).decode() for row in database.read("SELECT document FROM events")]
        assert sorted(kept) == sorted(shown)  # every event once, and none that no session shows
        assert database.read("SELECT count(*) FROM event_texts") == [(len(shown),)]
        assert database.read("SELECT 1 FROM unerased") == []
        with database.transaction():
            database.write("INSERT INTO event_search (event_search, rank) VALUES ('integrity-check', 1)")


@pytest.mark.parametrize(
    "kills",
    [pytest.param(25, marks=pytest.mark.slow, id="25"), pytest.param(1000, marks=pytest.mark.proof, id="1000")],
)
@pytest.mark.timeout(7200)
def test_no_acknowledged_act_is_lost_to_a_kill_and_nothing_is_half_done(root: Path, kills: int) -> None:
    open_with_file(root).close()
    chance = random.Random(20261122)
    acknowledged = Acknowledged()
    interrupted = 0
    for attempt in range(kills):
        with start("live", root, str(attempt)) as worker:
            assert worker.stdout is not None
            assert worker.stderr is not None
            first = worker.stdout.readline()
            time.sleep(chance.uniform(0, 0.25))
            worker.send_signal(signal.SIGKILL)
            printed = first + worker.stdout.read()  # communicate() would lose what is buffered after the first line
            assert worker.stderr.read() == ""
        acknowledged.follow(messages(printed))
        interrupted += bool(acknowledged.deleting - acknowledged.deleted)
        with open_with_file(root) as store:
            acknowledged.check(store, root)
            assert store.audit.verify().ok
            for session in list(acknowledged.logs)[:2]:
                with store.sessions.lease(session):  # the dead hold nothing
                    pass
    print(f"{kills} kills, {interrupted} of them while deleting; {len(acknowledged.deleted)} sessions were deleted")
    assert acknowledged.deleted


def test_of_two_processes_in_one_session_each_keeps_its_events_whole_and_in_order(root: Path) -> None:
    with open_with_file(root) as store:
        session = make_session(store)
    racers = [start("race", root, session, name, "60") for name in ("left", "right")]
    for racer in racers:
        assert racer.stdout is not None
        assert json.loads(racer.stdout.readline()) == {"act": "ready"}
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    said = [messages(racer.communicate(timeout=120)[0]) for racer in racers]
    acknowledged = {one["sequence"]: one["text"] for of_one in said for one in of_one if one["act"] == "append"}
    refused = sum(of_one[-1]["refused"] for of_one in said)
    with open_with_file(root) as store:
        kept = {event.sequence: event.document.decode() for event in store.sessions.events(session)}
    assert kept == acknowledged
    assert sorted(kept) == list(range(1, 121))
    for name in ("left", "right"):
        assert [text for _, text in sorted(kept.items()) if text.startswith(name)] == [f"{name} {n}" for n in range(60)]
    print(f"{refused} appends were refused since the session had gone on")


def test_a_lease_is_one_processs_until_it_dies_however_it_does(store: Store, root: Path) -> None:
    session, other = make_session(store), make_session(store)
    holder = start("hold", root, session)
    assert holder.stdout is not None
    beside = json.loads(holder.stdout.readline())["beside"]
    try:
        with pytest.raises(StoreError, match="in use in another window or process"), store.sessions.lease(session):
            raise AssertionError("two hold it")
        with store.sessions.lease(other):  # sessions are held one by one
            pass
        holder.send_signal(signal.SIGKILL)
        holder.communicate(timeout=30)
        os.kill(beside, 0)  # what the holder started lives on, and holds nothing
        with store.sessions.lease(session):
            pass
    finally:
        os.kill(beside, signal.SIGKILL)


def test_a_lease_is_not_taken_twice_in_one_process_and_is_free_after_an_error(store: Store) -> None:
    session = make_session(store)
    with store.sessions.lease(session), pytest.raises(StoreError, match="in use"), store.sessions.lease(session):
        raise AssertionError("held twice")
    with pytest.raises(RuntimeError), store.sessions.lease(session):
        raise RuntimeError
    with store.sessions.lease(session):
        pass


@pytest.mark.system
@NEEDS_STRACE
@pytest.mark.parametrize(
    ("fault", "step"),
    [
        pytest.param("error=EIO", 31, marks=pytest.mark.slow, id="EIO, a sample"),
        pytest.param("error=ENOSPC", 31, marks=pytest.mark.slow, id="ENOSPC, a sample"),
        *(pytest.param(fault, 1, marks=pytest.mark.proof) for fault in ("signal=SIGKILL", "error=EIO", "error=ENOSPC")),
    ],
)
@pytest.mark.timeout(7200)
def test_an_append_and_a_deletion_on_a_failing_disk_are_whole_or_nothing(tmp_path: Path, fault: str, step: int) -> None:
    original, root = tmp_path / "original", tmp_path / "swept"
    with open_with_file(original) as store:
        session, deleted = make_session(store), make_session(store)
        add(store, session, "old")
        add(store, deleted, "qzvsecret")
    outcomes: dict[tuple[bool, bool], int] = {}
    copy(original, root)
    counts = count_calls(root, session, deleted)
    for call in SWEPT:
        for number in range(1, counts[call] + 1, step):
            copy(original, root)
            done = traced(root, ["-o", "/dev/null", "-e", f"trace={call}", "-e",
                                 f"inject={call}:{fault}:when={number}"], session, deleted)  # fmt: skip
            said = {one["act"] for one in messages(done.stdout)}
            with open_with_file(root) as store:
                log = documents(store, session)
                there = {one.session_id for one in store.sessions.list()}
                assert store.audit.verify().ok, (call, number)
            assert log in (["old"], ["old", "new"]), (call, number)
            assert session in there
            gone = deleted not in there
            if not gone:
                with open_with_file(root) as store:
                    assert documents(store, deleted) == ["qzvsecret"], (call, number)
            else:  # whatever interrupted the overwriting, the opening has gone on with it
                assert b"qzvsecret" not in decrypted_pages(root, key_of(root)), (call, number)
            assert "append" not in said or log == ["old", "new"], (call, number)
            assert "delete" not in said or gone, (call, number)
            assert done.returncode in {0, 6, -9, 137}, (call, number, done.stderr)
            outcomes[log == ["old", "new"], gone] = outcomes.get((log == ["old", "new"], gone), 0) + 1
    print(f"{fault}: {outcomes}")
    assert outcomes.keys() >= {(False, False), (True, True)}


def copy(original: Path, root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(original, root)


def traced(root: Path, options: list[str], session: str, deleted: str) -> subprocess.CompletedProcess[str]:
    assert STRACE is not None
    paths = [flag for path in watched(root) for flag in ("-P", str(path))]
    return subprocess.run(
        [STRACE, "-f", "-qq", *paths, *options, sys.executable, CHILD, "change", str(root), session, deleted],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def count_calls(root: Path, session: str, deleted: str) -> dict[str, int]:
    """Return how often a run without a fault makes each call on the files of the store."""
    trace = root.with_name("trace")
    options = ["-o", str(trace), "-e", f"trace={','.join(SWEPT)}"]
    assert traced(root, options, session, deleted).returncode == 0
    lines = trace.read_text().splitlines()
    return {call: sum(f" {call}(" in line for line in lines) for call in SWEPT}


def test_what_is_no_session_has_no_lease_and_makes_no_file(store: Store, root: Path) -> None:
    session = make_session(store)
    for name in ("../../elsewhere", "", session[:8], "0" * 32):
        with pytest.raises(InputError, match="No session"):
            store.sessions.lease(name)
    assert not StoreLayout(root).leases.exists()
    assert list(root.parent.iterdir()) == [root]


def test_a_deleted_session_stays_unknown_to_who_had_it_open(store: Store, root: Path) -> None:
    session = make_session(store)
    add(store, session, "one")
    with open_with_file(root) as other:
        other.sessions.delete(session)
    with pytest.raises(InputError, match="No session"):
        store.sessions.append(session, "answered", b"two", expected=1)
    with pytest.raises(InputError, match="No session"):
        list(store.sessions.events(session))
