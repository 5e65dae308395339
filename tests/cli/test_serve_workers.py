"""`openmed serve --workers` and the end of a service: nothing dropped, nobody left behind."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from command_line import Machine, assert_refused

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

NOTE = {"text": "Margaret Connell has COPD.", "method": "hash", "scope": "patient-1"}
LONG = {"text": "Has COPD and dyspnea on stairs. " * 4_000, "model_name": "disease_detection_superclinical"}


def served(machine: Machine, plane: str, *arguments: str) -> tuple[subprocess.Popen[str], str]:
    process = machine.start("serve", plane, "--port", "0", *arguments)
    assert process.stderr is not None
    for line in process.stderr:
        if " on http://" in line:
            return process, line.split(" on ")[1].split(", ")[0].split(". ")[0].strip()
    raise AssertionError(process.wait())


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    text = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="utf-8")
    return [int(word) for word in text.split()]


def wait_for(origin: str) -> None:
    for _ in range(300):
        try:
            httpx.get(f"{origin}/health", trust_env=False, timeout=5).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("nobody answers")


def gone(processes: list[int], *, seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not any(Path(f"/proc/{process}").exists() for process in processes):
            return True
        time.sleep(0.05)
    return False


def test_workers_share_port_and_surrogates_and_one_that_dies_is_replaced(bare: Machine) -> None:
    process, origin = served(bare, "inference", "--workers", "2")
    try:
        wait_for(origin)
        first = workers_of(process)
        assert len(first) == 2
        hashed = set()
        for _ in range(12):  # a connection each, so that both workers are asked
            hashed.add(httpx.post(f"{origin}/pii/deidentify", json=NOTE, trust_env=False).json()["deidentified_text"])
        assert len(hashed) == 1
        os.kill(first[0], signal.SIGKILL)
        for _ in range(100):
            now = workers_of(process)
            if len(now) == 2 and first[0] not in now:
                break
            time.sleep(0.05)
        assert len(now) == 2
        assert now != first
        wait_for(origin)
        assert httpx.post(f"{origin}/pii/deidentify", json=NOTE, trust_env=False).json()["deidentified_text"] in hashed
    finally:
        process.terminate()
        _, stderr = process.communicate(timeout=30)
    assert process.returncode == 0
    assert stderr.splitlines() == ["openmed: A process that serves inference stopped and was started again."]
    assert gone(now)


@pytest.mark.proof
def test_codes_are_served_by_several_processes(bare: Machine, indexed: Path) -> None:
    arguments = ("serve", "codes", "--port", "0", "--workers", "2")
    process = bare.start(*arguments, OPENMED_HOME=str(indexed))
    try:
        assert process.stderr is not None
        origin = process.stderr.readline().split(" on ")[1].split(", ")[0].strip()
        wait_for(origin)
        assert httpx.get(f"{origin}/v1/icd10cm/I10", trust_env=False).json()["code"] == "I10"
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 130


@pytest.mark.parametrize("count", ["1", "2"])
def test_sigterm_lets_a_running_request_finish_and_takes_no_new_one(bare: Machine, count: str) -> None:
    process, origin = served(bare, "inference", "--workers", count)
    replies: list[httpx.Response] = []
    try:
        wait_for(origin)
        asked = threading.Thread(
            target=lambda: replies.append(httpx.post(f"{origin}/analyze", json=LONG, trust_env=False, timeout=60))
        )
        asked.start()
        time.sleep(0.2)
    finally:
        process.terminate()
    asked.join(timeout=60)
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert [reply.status_code for reply in replies] == [200]
    assert len(replies[0].json()["entities"]) == 8_000
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{origin}/health", trust_env=False)


def test_a_killed_service_leaves_no_worker_behind(bare: Machine) -> None:
    process, origin = served(bare, "inference", "--workers", "2")
    wait_for(origin)
    workers = workers_of(process)
    process.kill()
    process.communicate()
    assert len(workers) == 2
    assert gone(workers)


def test_the_key_is_needed_of_every_worker_and_in_no_command_line(bare: Machine) -> None:
    key = bare.write("key", "an-invented-key-0123456789\n")
    key.chmod(0o600)
    process, origin = served(bare, "inference", "--workers", "2", "--api-key-file", "key")
    try:
        wait_for(origin)
        for _ in range(6):
            assert httpx.post(f"{origin}/pii/deidentify", json=NOTE, trust_env=False).status_code == 401
        for worker in workers_of(process):
            for name in ("cmdline", "environ"):
                assert b"an-invented-key" not in Path(f"/proc/{worker}/{name}").read_bytes()
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.mark.parametrize("count", ["0", "two"])
def test_a_number_of_workers_is_a_number(bare: Machine, count: str) -> None:
    assert_refused(bare.openmed("serve", "inference", "--workers", count), 2)


def test_more_requests_than_a_process_holds_are_told_to_come_back(bare: Machine) -> None:
    process, origin = served(bare, "inference")
    host, port = origin.removeprefix("http://").split(":")
    waiting: list[socket.socket] = []
    try:
        wait_for(origin)
        head = b"POST /analyze HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\nContent-Type: application/json\r\n\r\n{"
        for _ in range(128):
            one = socket.create_connection((host, int(port)))
            one.sendall(head)
            waiting.append(one)
        for _ in range(50):
            refused = httpx.post(f"{origin}/analyze", json={"text": "COPD"}, trust_env=False)
            if refused.status_code == 503:
                break
            time.sleep(0.05)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert refused.json()["error"]["code"] == "backpressure"
        assert httpx.get(f"{origin}/health", trust_env=False).status_code == 200
        waiting.pop().close()
        for _ in range(50):
            taken = httpx.post(f"{origin}/analyze", json={"text": "COPD"}, trust_env=False)
            if taken.status_code == 200:
                break
            time.sleep(0.05)
        assert taken.status_code == 200
    finally:
        for one in waiting:
            one.close()
        process.terminate()
        process.communicate(timeout=30)
