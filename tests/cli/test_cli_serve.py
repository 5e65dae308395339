import os
import signal
import socket
import stat
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from command_line import Machine, assert_refused

KEY = "an-invented-key-0123456789"
ANY = "0.0.0.0"  # noqa: S104 - with a key


def key_file(folder: Path, content: str = KEY, mode: int = 0o600) -> Path:
    file = folder / "key.txt"
    file.write_text(content + "\n", encoding="utf-8")
    file.chmod(mode)
    return file


def origin_of(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        assert line.startswith("openmed: ")
        if " on http://" in line:
            return line.split(" on ")[1].split(", ")[0].split(". ")[0].strip()
    raise AssertionError(process.wait())


def stop(process: subprocess.Popen[str], how: signal.Signals = signal.SIGINT) -> None:
    """Stop a service as Ctrl+C does and check that it ends soon and without a word about a fault."""
    began = time.monotonic()
    process.send_signal(how)
    stdout, stderr = process.communicate(timeout=20)
    assert time.monotonic() - began < 3
    assert process.returncode in {0, 130, -how}, stderr
    assert "Traceback" not in stderr
    assert stdout == ""


def test_inference_is_served_on_loopback_without_a_key_and_ends_on_ctrl_c(bare: Machine) -> None:
    process = bare.start("serve", "inference", "--port", "0")
    origin = origin_of(process)
    try:
        assert origin.startswith("http://127.0.0.1:")
        with httpx.Client(base_url=origin, trust_env=False) as client:
            health = client.get("/health").json()
            assert health["status"] == "ok"
            assert "assertions" in health["capabilities"]
            text = "  No chest pain. Gout.\n"
            reply = client.post("/analyze", json={"text": text, "model_name": "disease_detection_superclinical"}).json()
            for entity in reply["entities"]:
                assert reply["text"][entity["start"] : entity["end"]] == entity["text"]
            assert {entity["text"] for entity in reply["entities"]} >= {"chest pain", "Gout"}
            assert client.post("/analyze", json={"text": text, "surprise": 1}).status_code == 422
            assert client.get("/docs").status_code == 404
    finally:
        stop(process)
    assert not (bare.home / "sessions").exists()


def test_codes_are_served_with_the_key_in_all_three_headers(machine: Machine, indexed: Path) -> None:
    file = key_file(machine.folder)
    process = machine.start("serve", "codes", "--port", "0", "--api-key-file", str(file), OPENMED_HOME=str(indexed))
    origin = origin_of(process)
    try:
        with httpx.Client(base_url=origin, trust_env=False) as client:
            for headers in (
                {"X-API-Key": KEY},
                {"Authorization": f"ApiKey {KEY}"},
                {"Authorization": f"Bearer {KEY}"},
            ):
                assert client.get("/v1/icd10cm/I10", headers=headers).json()["code"] == "I10"
            for headers in ({}, {"X-API-Key": KEY[:-1]}, {"X-API-Key": KEY + "x"}, {"Authorization": f"Basic {KEY}"}):
                refused = client.get("/v1/icd10cm/I10", headers=headers)
                assert refused.status_code == 401
                assert refused.json()["error"]["code"] in {"authentication_required", "invalid_credentials"}
                assert KEY not in refused.text
            assert client.get("/health").status_code == 200
        argv = Path(f"/proc/{process.pid}/cmdline")
        assert not argv.exists() or KEY.encode() not in argv.read_bytes()
    finally:
        stop(process, signal.SIGTERM)


def test_another_address_needs_a_key(bare: Machine) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1", "example.org", ""):  # noqa: S104 - it must be refused
        outcome = bare.openmed("serve", "inference", "--host", host, "--port", "0", timeout=30)
        assert_refused(outcome, 2, "--api-key-file")


def test_another_address_with_a_key_is_served(bare: Machine) -> None:
    file = key_file(bare.folder)
    process = bare.start("serve", "inference", "--host", ANY, "--port", "0", "--api-key-file", str(file))
    try:
        port = origin_of(process).rpartition(":")[2]
        refused = httpx.get(f"http://127.0.0.1:{port}/v1", trust_env=False)
        assert refused.status_code == 401
    finally:
        stop(process)


def test_a_key_file_that_protects_nothing_is_refused(bare: Machine) -> None:
    def asked(file: str | Path) -> None:
        outcome = bare.openmed("serve", "inference", "--port", "0", "--api-key-file", file, timeout=30)
        assert_refused(outcome, 3, "key file")
        assert KEY not in outcome.stderr

    asked("missing")
    asked(bare.folder)
    for content in ("", "short", "has a space in its middle", "not-ascii-\u00e9-0123456789", f"{KEY}\n{KEY}"):
        asked(key_file(bare.folder, content))
    for mode in (0o644, 0o640, 0o604, 0o602):
        file = key_file(bare.folder, mode=mode)
        asked(file)
        assert stat.S_IMODE(file.stat().st_mode) == mode
    (bare.folder / "binary").write_bytes(b"\xff\xfe" * 20)
    asked("binary")
    os.mkfifo(bare.folder / "pipe", 0o600)
    asked("pipe")


@pytest.mark.parametrize("plane", ["inference", "codes"])
def test_a_port_that_is_taken_is_said_before_any_work(bare: Machine, plane: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert_refused(bare.openmed("serve", plane, "--port", str(port), timeout=30), 5, str(port))
    assert not bare.home.exists()


def test_an_address_that_is_not_ours_is_said(bare: Machine) -> None:
    file = key_file(bare.folder)
    for host in ("192.0.2.1", "no-such-host.invalid", "\x1b[31m", "a" * 300, "."):
        outcome = bare.openmed("serve", "inference", "--host", host, "--port", "0", "--api-key-file", file, timeout=60)
        assert outcome.status in {2, 3, 5}
        assert_refused(outcome, outcome.status)


def test_ctrl_c_while_an_index_is_built_ends_cleanly_and_leaves_nothing_half(bare: Machine) -> None:
    process = bare.start("serve", "codes", "--port", "0")
    assert process.stderr is not None
    assert "Indexing" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert stderr.splitlines() == ["openmed: Interrupted."]
    assert [path.name for path in bare.home.rglob("*.sqlite")] == []
    assert bare.leftovers() == []
