"""Real processes: starts that race, and kills at any moment."""

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from store_samples import CHART, RECORDS_OF_MAKING, add_reviewer, digest, draft, open_with_file

from openmed_agent.errors import InputError

CHILD = str(Path(__file__).with_name("store_child.py"))


def tracing() -> str | None:
    """Return strace where it is installed and the machine lets it trace."""
    strace = shutil.which("strace")
    works = strace and subprocess.run([strace, "true"], capture_output=True, check=False).returncode == 0
    return strace if works else None


STRACE = tracing()
NEEDS_STRACE = pytest.mark.skipif(STRACE is None, reason="strace is missing or may not trace (make system)")
# A sample on every run, every single call in the long sweep.
SAMPLE = pytest.param(3, marks=pytest.mark.slow, id="sample")
EVERY = pytest.param(1, marks=pytest.mark.proof, id="every call")


@pytest.mark.slow
def test_sixteen_processes_that_start_at_once_on_nothing_all_succeed(tmp_path: Path) -> None:
    for attempt in range(4):
        root = tmp_path / f"home-{attempt}" / "openmed"
        started = [
            subprocess.Popen(
                [sys.executable, CHILD, "start", str(root), str(number)], stderr=subprocess.PIPE, text=True
            )
            for number in range(16)
        ]
        errors = [one.communicate(timeout=120)[1] for one in started]
        assert errors == [""] * 16
        assert [one.returncode for one in started] == [0] * 16
        with open_with_file(root) as store:
            assert {one.draft_id for one in store.drafts.list()} == {f"draft-{n}" for n in range(16)}
            report = store.audit.verify()
            assert (report.ok, report.records) == (True, 16 + RECORDS_OF_MAKING)


@pytest.mark.slow
def test_no_acknowledged_decision_is_lost_to_a_kill(root: Path) -> None:
    with open_with_file(root) as store:
        store.drafts.add(draft(), {})
        add_reviewer(store)
    chance = random.Random(20260304)
    acknowledged: set[str] = set()
    first = 0
    for _ in range(12):
        writer = subprocess.Popen(
            [sys.executable, CHILD, "decide", str(root), str(first)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        acknowledged.add(f"item-{writer.stdout.readline().strip()}")
        time.sleep(chance.uniform(0, 0.15))
        writer.send_signal(signal.SIGKILL)
        rest, _ = writer.communicate(timeout=30)
        acknowledged.update(f"item-{line}" for line in rest.splitlines(keepends=True) if line.endswith("\n"))
        acknowledged = {item.strip() for item in acknowledged}
        first += 10_000
        with open_with_file(root) as store:
            kept = {one.item for one in store.decisions.all("d-one", 1, "Dr. Ada Example")}
            assert acknowledged <= kept
            assert store.audit.verify().ok
            assert store.audit.verify().records == RECORDS_OF_MAKING + 2 + len(kept)
    assert len(acknowledged) > 12


SWEPT = ("fsync", "fdatasync", "rename", "pwrite64", "unlink", "write", "ftruncate", "openat")


@pytest.mark.system
@NEEDS_STRACE
@pytest.mark.parametrize("step", [SAMPLE, EVERY])
@pytest.mark.parametrize("fault", ["signal=SIGKILL", "error=EIO", "error=ENOSPC"])
def test_a_commit_that_fails_at_any_system_call_is_whole_or_nothing(tmp_path: Path, fault: str, step: int) -> None:
    """Sweep the calls that touch the store's own files, from opening it to closing it."""
    assert STRACE is not None
    original = tmp_path / "original"
    with open_with_file(original) as store:
        store.drafts.add(draft(), {})
    outcomes = {"nothing": 0, "whole": 0}
    for call in SWEPT:
        shutil.rmtree(tmp_path / "swept", ignore_errors=True)
        shutil.copytree(original, tmp_path / "swept")
        # An error that is tolerated leaves the run successful, so the calls of a clean run bound the sweep.
        for number in range(1, count_calls(call, tmp_path / "swept") + 1, step):
            root = tmp_path / "swept"
            shutil.rmtree(root, ignore_errors=True)
            shutil.copytree(original, root)
            paths = [flag for path in watched(root) for flag in ("-P", str(path))]
            done = subprocess.run(
                [STRACE, "-f", "-qq", "-o", "/dev/null", *paths, "-e", f"trace={call}", "-e",
                 f"inject={call}:{fault}:when={number}", sys.executable, CHILD, "draft_once", str(root)],
                capture_output=True, text=True, check=False, timeout=60,
            )  # fmt: skip
            with open_with_file(root) as store:
                try:
                    store.drafts.get("d-new")
                    there = True
                    assert store.drafts.blob(digest(CHART)) == CHART
                except InputError:
                    there = False
                    assert store.drafts.blob_digests("d-new", 1) == ()
                report = store.audit.verify()
                assert report.ok, (call, number, report)
                assert report.records == RECORDS_OF_MAKING + 1 + there
            if "acknowledged" in done.stdout:
                assert there, (call, number)
            outcomes["whole" if there else "nothing"] += 1
            assert done.returncode in {0, 6, -9, 137}, (call, number, done.stderr)
            assert (done.returncode == 0) == ("acknowledged" in done.stdout) or fault.startswith("signal")
    print(f"{fault}: {outcomes}")
    assert outcomes["nothing"]
    assert outcomes["whole"]


def count_calls(call: str, root: Path) -> int:
    """Return how often adding one draft makes this call on the files of the store."""
    assert STRACE is not None
    trace = root.with_name("trace")
    paths = [flag for path in watched(root) for flag in ("-P", str(path))]
    subprocess.run(
        [STRACE, "-f", "-qq", "-o", str(trace), *paths, "-e", f"trace={call}",
         sys.executable, CHILD, "draft_once", str(root)],
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    return sum(f" {call}(" in line for line in trace.read_text().splitlines())


def watched(root: Path) -> list[Path]:
    sessions, audit = root / "sessions", root / "audit"
    return [
        *(sessions / name for name in ("openmed.db", "openmed.db-wal", "openmed.db-shm", "openmed.key")),
        *(audit / name for name in ("head.json", "head.json.new", "head.lock")),
        sessions,
        audit,
    ]


@pytest.mark.system
@NEEDS_STRACE
@pytest.mark.parametrize("step", [SAMPLE, EVERY])
def test_a_first_start_killed_at_any_system_call_is_followed_by_a_good_one(tmp_path: Path, step: int) -> None:
    assert STRACE is not None
    kills = 0
    for call in ("fsync", "rename", "mkdir", "openat", "unlink", "write", "pwrite64", "flock"):
        for number in range(1, 200, step):
            root = tmp_path / "swept" / "openmed"
            shutil.rmtree(root.parent, ignore_errors=True)
            files = (
                root / "sessions" / name
                for name in ("store.json", "store.json.new", "openmed.key", "openmed.key.new", "setup.lock")
            )
            paths = [flag for path in (root, *files, *watched(root)) for flag in ("-P", str(path))]
            done = subprocess.run(
                [STRACE, "-f", "-qq", "-o", "/dev/null", *paths, "-e", f"trace={call}", "-e",
                 f"inject={call}:signal=SIGKILL:when={number}", sys.executable, CHILD, "start", str(root), "first"],
                capture_output=True, text=True, check=False, timeout=60,
            )  # fmt: skip
            killed = done.returncode != 0
            with open_with_file(root) as store:
                store.drafts.add(draft("draft-second"), {})
                assert store.audit.verify().ok, (call, number)
                if not killed:
                    assert store.drafts.get("draft-first") == draft("draft-first")
            if not killed:
                break
            kills += 1
    print(f"first start: {kills} kills")
    assert kills > 15
