"""Reviews and commits killed at random moments: what was acknowledged is there afterwards.

``pytest -m proof tests/review/test_review_kills.py`` kills 500 times and prints its figures.
"""

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from review_samples import NOON, REVIEWER, SITE, Template, Time, folder_bytes, open_ward

from openmed_agent.store import open_store
from openmed_agent.workflows.approval_file import read_approval_file, write_approval_file
from openmed_agent.workflows.finalize import finalize, recover
from openmed_agent.workflows.review import start_review
from openmed_agent.workflows.verify import verify_bundle

CHILD = Path(__file__).with_name("review_child.py")
SEED = 20260302


def kill_after(seconds: float, *arguments: str) -> list[str]:
    """Start the child, kill it a while after its first word, and return the lines it acknowledged."""
    child = subprocess.Popen([sys.executable, str(CHILD), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stderr is not None
    first = child.stdout.readline()
    time.sleep(seconds)
    child.send_signal(signal.SIGKILL)
    rest, errors = child.communicate(timeout=60)
    assert errors == b""
    assert child.returncode in {0, -signal.SIGKILL}
    return [line for line in (first + rest).decode().splitlines(keepends=True) if line.endswith("\n")]


def review_killed(folder: Path, template: Template, seconds: float) -> int:
    """Kill a review and check that every decision it acknowledged counts; return how many there were."""
    ward = open_ward(folder, template)
    ward.store.close()
    lines = kill_after(seconds, "review", str(ward.home), ward.draft.draft_id, "20")
    acknowledged = [line.split() for line in lines if line.startswith("decided")]
    revisions = [int(line.split()[1]) for line in lines if line.startswith("revision")]
    with open_store(ward.home, custody="file", clock=Time()) as store:
        history: dict[tuple[int, str], list[bytes]] = {}
        for revision in store.drafts.revisions(ward.draft.draft_id):
            for record in store.decisions.history(ward.draft.draft_id, revision, REVIEWER):
                history.setdefault((revision, record.item), []).append(record.document)
        for _, revision, item, number in acknowledged:
            reason = f'"reason":"round {number}"'.encode()
            assert any(reason in document for document in history[int(revision), item])
        assert store.drafts.revisions(ward.draft.draft_id)[-1] >= max(revisions, default=1)
        session = start_review(store, ward.draft.draft_id, REVIEWER, made="interactive", now=NOON)
        assert len(session.undecided()) + len(session.decisions()) == len(session.draft.items)
        assert store.audit.verify().ok
    return len(acknowledged)


def commit_killed(folder: Path, template: Template, seconds: float) -> str:
    """Kill a commit, recover, and return how it ended."""
    ward = open_ward(folder, template)
    token = ward.sign(ward.reviewed())
    write_approval_file(folder / "token", token)
    expected = ward.artifacts(ward.draft)
    ward.store.close()
    arguments = ["finalize", str(ward.home), str(folder / "token")]
    child = subprocess.Popen([sys.executable, str(CHILD), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    # The store is open once the lock of finalizers exists; before that there is nothing to interrupt.
    deadline = time.monotonic() + 60
    while not (ward.home / "finalize.lock").exists() and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.0005)
    time.sleep(seconds)
    child.send_signal(signal.SIGKILL)
    said, errors = child.communicate(timeout=60)
    assert errors == b""
    destination = ward.out / "bundle"
    assert destination.exists() or b"committed" not in said
    with open_store(ward.home, custody="file", clock=Time()) as store:
        recover(store, home=ward.home)
        state = store.approvals.get(token.statement.nonce).state
        assert destination.exists() == (state == "committed")
        if state == "signed":
            finalize(store, read_approval_file(folder / "token"), home=ward.home, now=NOON, policy=SITE)
    assert [path.name for path in ward.out.iterdir()] == ["bundle"]
    written = folder_bytes(destination)
    assert {name: written[name] for name in expected} == expected
    assert verify_bundle(destination, {}).ok
    return "acknowledged" if b"committed" in said else state


def kill(tmp_path: Path, template: Template, *, reviews: int, commits: int) -> None:
    chance = random.Random(SEED)
    decisions = 0
    for number in range(reviews):
        folder = tmp_path / f"review-{number}"
        decisions += review_killed(folder, template, chance.uniform(0, 0.4))
        shutil.rmtree(folder)
    ends: dict[str, int] = {}
    for number in range(commits):
        folder = tmp_path / f"commit-{number}"
        end = commit_killed(folder, template, chance.uniform(0, 0.06))
        ends[end] = ends.get(end, 0) + 1
        shutil.rmtree(folder)
    print(f"\n{reviews} reviews killed, {decisions} acknowledged decisions, 0 lost; {commits} commits killed: {ends}")
    assert decisions > reviews


@pytest.mark.slow
def test_no_acknowledged_decision_is_lost(tmp_path: Path, template: Template) -> None:
    kill(tmp_path, template, reviews=10, commits=10)


@pytest.mark.proof
@pytest.mark.timeout(7200)
def test_none_is_lost_in_five_hundred_kills(tmp_path: Path, template: Template) -> None:
    kill(tmp_path, template, reviews=300, commits=200)
