"""The commit, interrupted at every system call: killed there, or told that the disk failed or is full.

After each, recovery must end with nothing or with the whole bundle, never with two, and what was acknowledged
must hold. ``pytest -m proof tests/review/test_finalize_faults.py`` runs the whole sweep and prints its figures.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from review_child import MARK
from review_samples import NOON, SITE, Template, Time, folder_bytes, open_ward

from openmed_agent.errors import OpenMedError
from openmed_agent.store import open_store
from openmed_agent.workflows.approval_file import read_approval_file, write_approval_file
from openmed_agent.workflows.finalize import finalize, recover
from openmed_agent.workflows.verify import verify_bundle

CHILD = Path(__file__).with_name("review_child.py")
STRACE = shutil.which("strace")
# What makes, fills, names, removes or synchronises files, and what looks at them.
CHANGING = (
    *("openat", "open", "write", "pwrite64", "ftruncate", "fsync", "fdatasync"),
    *("rename", "renameat", "renameat2", "mkdir", "mkdirat", "unlink", "unlinkat", "rmdir"),
)
LOOKING = (
    *("read", "pread64", "close", "fcntl", "flock", "newfstatat", "fstat", "getdents64"),
    *("access", "faccessat", "faccessat2"),
)
FAULTS = ("signal=SIGKILL", "error=EIO", "error=ENOSPC")
_STATUSES = {0, 3, 4, 6, -signal.SIGKILL, 128 + signal.SIGKILL}

needs_strace = pytest.mark.skipif(STRACE is None, reason="strace is not installed: run make system")


@dataclass(frozen=True)
class Scene:
    """A signed draft, restored to the same place before each fault; paths are part of what is signed."""

    folder: Path
    pristine: Path
    token: Path
    expected: dict[str, bytes]

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def restore(self) -> None:
        shutil.rmtree(self.folder)
        shutil.copytree(self.pristine, self.folder)

    def run(self, *tracing: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
        return subprocess.run(
            [*tracing, sys.executable, str(CHILD), "finalize", str(self.home), str(self.token)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture
def scene(tmp_path: Path, template: Template) -> Scene:
    ward = open_ward(tmp_path / "scene", template)
    with ward.store:
        token = ward.sign(ward.reviewed())
        write_approval_file(tmp_path / "token", token)
    shutil.copytree(ward.home.parent, tmp_path / "pristine")
    with open_store(ward.home, custody="file", clock=Time()) as store:
        expected = folder_bytes(finalize(store, token, home=ward.home, now=NOON, policy=SITE).destination)
    return Scene(tmp_path / "scene", tmp_path / "pristine", tmp_path / "token", expected)


def calls(scene: Scene, log: Path) -> dict[str, range]:
    """Return which call of each kind, counted from the start of the process, belongs to the commit."""
    assert STRACE is not None
    scene.restore()
    names = ",".join(f"?{name}" for name in (*CHANGING, *LOOKING))
    done = scene.run(STRACE, "-f", "-o", str(log), "-e", f"trace={names}")
    assert (done.returncode, done.stderr) == (0, "")
    before: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for line in log.read_text().splitlines():
        if MARK in line:
            before = total.copy()
        found = re.match(r"\d+ +([a-z0-9_]+)\(", line)
        if found:
            total[found[1]] += 1
    assert before
    return {name: range(before[name] + 1, total[name] + 1) for name in total if total[name] > before[name]}


def interrupt_and_recover(scene: Scene, name: str, number: int, fault: str) -> str:
    """Interrupt the commit at one call, check what recovery makes of it, and return how it ended."""
    assert STRACE is not None
    scene.restore()
    where = f"{name} {number} {fault}"
    done = scene.run(
        STRACE, "-f", "-o", "/dev/null", "-e", f"trace={name}", "-e", f"inject={name}:{fault}:when={number}"
    )
    assert done.returncode in _STATUSES, (where, done.returncode, done.stderr)
    assert "Traceback" not in done.stderr, (where, done.stderr)
    acknowledged = "committed" in done.stdout
    destination = scene.out / "bundle"
    if destination.exists():
        assert folder_bytes(destination) == scene.expected, where
    assert destination.exists() or not acknowledged, where
    with open_store(scene.home, custody="file", clock=Time()) as store:
        states = [one.state for one in recover(store, home=scene.home)]
        assert store.approvals.unfinished() == (), (where, states)
        token = read_approval_file(scene.token)
        state = store.approvals.get(token.statement.nonce).state
        # Nobody was in the way, so nothing needs to be given up.
        assert state in {"signed", "committed"}, where
        assert destination.exists() == (state == "committed"), where
        assert {one.name for one in scene.out.iterdir()} <= {"bundle"}, where
        if state == "signed":
            finalize(store, token, home=scene.home, now=NOON, policy=SITE)
        else:
            with pytest.raises(OpenMedError):
                finalize(store, token, home=scene.home, now=NOON, policy=SITE)
        assert store.audit.verify().ok, where
    assert [one.name for one in scene.out.iterdir()] == ["bundle"], where
    assert folder_bytes(destination) == scene.expected, where
    assert verify_bundle(destination, {}).ok, where
    return "acknowledged" if acknowledged else states[0] if states else state


@pytest.mark.system
@pytest.mark.slow
@needs_strace
def test_a_sample_of_interrupted_commits_ends_with_nothing_or_the_whole_bundle(scene: Scene, tmp_path: Path) -> None:
    found = calls(scene, tmp_path / "log")
    points = [(name, number, fault) for name in CHANGING for number in found.get(name, ()) for fault in FAULTS]
    assert len(points) > 150
    # The rename and what surrounds it always, and an even sample of the rest.
    always = [point for point in points if point[0] in {"renameat2", "renameat", "mkdirat"}]
    for name, number, fault in [*always, *points[::12]]:
        interrupt_and_recover(scene, name, number, fault)


@pytest.mark.system
@needs_strace
@pytest.mark.parametrize("error", ["ENOSYS", "EINVAL"])
def test_a_system_without_renameat2_gets_its_bundle_all_the_same(scene: Scene, error: str) -> None:
    assert STRACE is not None
    scene.restore()
    done = scene.run(STRACE, "-f", "-o", "/dev/null", "-e", "trace=renameat2", "-e", f"inject=renameat2:error={error}")
    assert (done.returncode, done.stderr) == (0, "")
    assert folder_bytes(scene.out / "bundle") == scene.expected


@pytest.mark.proof
@pytest.mark.system
@pytest.mark.timeout(7200)
@needs_strace
def test_every_interrupted_commit_ends_with_nothing_or_the_whole_bundle(scene: Scene, tmp_path: Path) -> None:
    found = calls(scene, tmp_path / "log")
    ends: Counter[tuple[str, str]] = Counter()
    failures: list[str] = []
    for name, numbers in sorted(found.items()):
        for number in numbers:
            for fault in FAULTS:
                try:
                    ends[fault, interrupt_and_recover(scene, name, number, fault)] += 1
                except AssertionError as failure:
                    failures.append(f"{name} {number} {fault}: {failure}")
    print(f"\n{sum(ends.values())} interruptions at {sum(len(numbers) for numbers in found.values())} system calls")
    for (fault, end), count in sorted(ends.items()):
        print(f"  {fault}: {end} {count}")
    print("\n".join(failures))
    assert failures == []
