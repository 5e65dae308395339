"""`openmed deid-batch --scheduler`: a cluster gives the bytes of one process, even when a worker is killed."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import Machine, assert_refused

from openmed_agent.errors import UsageError
from openmed_agent.planes.inference.corpus.cluster import checked_address

distributed = pytest.importorskip("distributed")

KEY = "an-invented-key-0123456789-0123456789"
OPTIONS = ("--method", "replace", "--surrogate-key-file", "key")


@pytest.fixture
def corpus(bare: Machine) -> bytes:
    """Write a corpus and a key; return what one process makes of it."""
    names = ("Margaret Connell", "Anil Deshpande", "Zuzzanka Okafor")
    lines = [{"text": f"{names[n % 3]} was seen on 03/{n % 28 + 1:02}/2024, MRN {88231907 + n}."} for n in range(320)]
    bare.write("in.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    bare.write("key", KEY).chmod(0o600)
    assert bare.openmed("deid-batch", "in.jsonl", "--out", "whole.jsonl", *OPTIONS).status == 0
    return (bare.folder / "whole.jsonl").read_bytes()


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers, each a process of its own; yields the address and the workers."""
    file = folder / "scheduler.json"
    log = (folder / "cluster.log").open("wb")
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    quiet: dict[str, Any] = {"stdout": log, "stderr": log, "cwd": folder}
    started = [subprocess.Popen([*dask, "--no-dashboard", "--scheduler-file", str(file)], **quiet)]
    try:
        for _ in range(320):
            if file.exists() and file.read_text(encoding="utf-8").strip().endswith("}"):
                break
            time.sleep(0.05)
        address = json.loads(file.read_text(encoding="utf-8"))["address"]
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--host", "127.0.0.1", "--no-nanny"]
        options = ["--nthreads", "1", "--no-dashboard", "--local-directory", str(folder / "scratch")]
        started += [subprocess.Popen([*worker, *options], **quiet) for _ in range(2)]
        with distributed.Client(address, timeout=30, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
        yield address, started[1:]
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()
        log.close()


@pytest.mark.proof
def test_a_local_cluster_of_two_workers_gives_the_bytes_of_one_process(bare: Machine, corpus: bytes) -> None:
    arguments = ("--scheduler", "local", "--processes", "2")
    outcome = bare.openmed("deid-batch", "in.jsonl", "--out", "out.jsonl", *OPTIONS, *arguments)
    assert outcome.status == 0, outcome.stderr
    assert len(outcome.stderr.splitlines()) == 1, outcome.stderr
    assert (bare.folder / "out.jsonl").read_bytes() == corpus


def test_a_worker_killed_in_the_middle_changes_nothing(bare: Machine, corpus: bytes, tmp_path: Path) -> None:
    with cluster(tmp_path) as (address, workers):
        process = bare.start("deid-batch", "in.jsonl", "--out", "out.jsonl", *OPTIONS, "--scheduler", address)
        journal = bare.folder / "out.jsonl.partial" / "journal.jsonl"
        while process.poll() is None:
            if journal.exists() and journal.read_bytes().count(b"\n") >= 64:
                break
            time.sleep(0.01)
        assert not (bare.folder / "out.jsonl").exists(), "it is still at work"
        os.kill(workers[0].pid, signal.SIGKILL)
        _, stderr = process.communicate(timeout=120)
        assert process.returncode == 0, stderr
    assert (bare.folder / "out.jsonl").read_bytes() == corpus
    said = stderr + (tmp_path / "cluster.log").read_text(encoding="utf-8", errors="replace")
    assert not [secret for secret in ("Margaret", "Connell", "Okafor", "8823", KEY) if secret in said]


@pytest.mark.proof
def test_a_cluster_that_does_not_answer_is_said(bare: Machine) -> None:
    bare.write("in.jsonl", '{"text": "Fine."}\n')
    arguments = ("deid-batch", "in.jsonl", "--out", "out.jsonl", "--scheduler")
    assert_refused(bare.openmed(*arguments, "tcp://127.0.0.1:1"), 5, "does not answer")


@pytest.mark.parametrize("address", ["tcp://192.0.2.1:8786", "tcp://example.org:8786", "tcp://[2001:db8::1]:8786"])
def test_text_goes_to_another_machine_over_tls_only(address: str) -> None:
    with pytest.raises(UsageError, match="TLS"):
        checked_address(address)
    assert checked_address(address.replace("tcp", "tls")).startswith("tls:")


@pytest.mark.parametrize(
    "address",
    ["", "here", "tcp://127.0.0.1", "http://127.0.0.1:80", "tls://a:b", "inproc://x", "tcp://[::1", "tls://u@h:1"],
)
def test_what_is_no_address_is_said(address: str) -> None:
    with pytest.raises(UsageError, match="--scheduler"):
        checked_address(address)
