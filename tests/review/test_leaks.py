"""A passphrase, a token and a patient's name go where they belong and nowhere else.

A process does everything once and crashes at the end. Every byte that it wrote, to any file, pipe or terminal, is
read back from a trace of its system calls, so that a file which was removed again counts too.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from review_samples import PATIENT

from openmed_agent.workflows.approval import encode

CHILD = Path(__file__).with_name("review_child.py")
CHART = "Warfarin 5 mg PO daily"  # an evidence quote, which the signed draft carries
PLANTED = "plover glacier 58 trombone kelp"
STRACE = shutil.which("strace")
CALLS = "execve,write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,mmap"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path


def run_whole(work: Path, *tracing: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*tracing, sys.executable, str(CHILD), "whole", str(work / "home"), str(work)],
        input=PLANTED + "\n",
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        env={**os.environ, "TMPDIR": str(work / "tmp"), "PYTHONFAULTHANDLER": "1"},
    )


def secrets_of(work: Path) -> dict[str, str]:
    token = (work / "approval").read_text().strip()
    statement, signature = token.rsplit(".", 2)[1:]
    return {"passphrase": PLANTED, "statement": statement, "signature": signature, "patient": PATIENT, "chart": CHART}


@pytest.mark.slow
def test_nothing_leaks_to_the_screen_or_to_a_file(work: Path) -> None:
    (work / "tmp").mkdir()
    done = run_whole(work)
    assert "committed" in done.stdout
    assert "RuntimeError" in done.stderr
    assert "wrong passphrase" in done.stderr
    secrets = secrets_of(work)
    for name, secret in secrets.items():
        assert secret not in done.stdout + done.stderr, name
    # FHIR has the signature in base64, which is the same text when it needs neither + nor /.
    belongs = {
        "signature": {"approval", "manifest.json", "provenance.fhir.json"},
        "statement": {"approval"},
        "chart": {"decisions.json"},
    }
    files = [path for path in work.rglob("*") if path.is_file()]
    assert len(files) > 8
    for path in files:
        content = path.read_bytes()
        in_bundle = path.parent == work / "out" / "bundle"
        for name, secret in secrets.items():
            forms = (
                secret.encode(),
                secret.encode("utf-16-le"),
                secret.encode().hex().encode(),
                encode(secret.encode()).encode(),
            )
            if any(form in content for form in forms):
                assert path.name in belongs.get(name, set()), (name, path)
                assert in_bundle or path == work / "approval"
    assert secrets["statement"].encode() in (work / "approval").read_bytes()


@pytest.mark.system
@pytest.mark.slow
@pytest.mark.skipif(STRACE is None, reason="strace is not installed: run make system")
def test_nothing_leaks_through_any_system_call(work: Path) -> None:
    (work / "tmp").mkdir()
    assert STRACE is not None
    log = work / "trace"
    done = run_whole(work, STRACE, "-f", "-v", "-y", "-s", "1000000", "-o", str(log), "-e", f"trace={CALLS}")
    assert "committed" in done.stdout
    secrets = secrets_of(work)
    seen: dict[str, set[str]] = {name: set() for name in secrets}
    for line in log.read_text(errors="replace").splitlines():
        target = re.match(r"\d+ +(\w+)\((?:\d+<([^>]*)>)?", line)
        for name, secret in secrets.items():
            if secret in line:
                assert target is not None, line[:200]
                seen[name].add(Path(target[2] or target[1]).name)
    assert seen["passphrase"] == set()
    assert seen["statement"] == {"approval"}
    # FHIR has the signature in base64, which is the same text when it needs neither + nor /.
    assert seen["signature"] - {"provenance.fhir.json"} == {"approval", "manifest.json"}
    assert seen["patient"] == set()  # the name is in the source, which stays in the store
    assert seen["chart"] == {"decisions.json"}
