"""Services that fail in every way: one sentence, status 5, no draft; and addresses that must not be used."""

import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from command_line import Machine, assert_refused, summary_arguments
from stub_service import Answer, Sent, stub_service

HEALTH = {
    "inference": {"status": "ok", "service": "stub", "version": "1", "capabilities": ["assertions"]},
    "codes": {"status": "ok", "service": "stub", "version": "1", "capabilities": ["icd10cm", "rxnorm"], "releases": []},
}
VARIABLE = {"inference": "OPENMED_INFERENCE_URL", "codes": "OPENMED_MED_CODES_API_URL"}
PLANTED = "Quintanilla"

FAULTS: dict[str, Answer] = {
    "500": Answer(500, json.dumps({"error": {"code": "internal_error", "message": PLANTED}}).encode()),
    "500-html": Answer(500, f"<html>{PLANTED}</html>".encode(), {"content-type": "text/html"}),
    "404": Answer(404, b'{"detail":"Not Found"}'),
    "html": Answer(200, f"<html><body>Sign in, {PLANTED}</body></html>".encode(), {"content-type": "text/html"}),
    "object": Answer(200, b"{}"),
    "list": Answer(200, b"[]"),
    "null": Answer(200, b"null"),
    "empty": Answer(200, b""),
    "no-content": Answer(204, b""),
    "truncated": Answer(200, b'{"text": "Marisol Quintanilla", "entities": [{"te'),
    "cut": Answer(200, b'{"status": "ok", "text": "x", "entities": []}' + b" " * 500, cut_after=20),
    "not-utf-8": Answer(200, b'{"text": "\xff\xfe", "entities": []}'),
    "401": Answer(401, json.dumps({"error": {"code": "invalid_credentials", "message": PLANTED}}).encode()),
    "403": Answer(403, b""),
    "escape": Answer(418, json.dumps({"error": {"code": "\x1b]52;c;eA==\x07\u202e", "message": "x"}}).encode()),
    "redirect": Answer(307, b"", {"location": "http://127.0.0.1:9/elsewhere"}),
    "closes": Answer(close_at_once=True),
}


def failing(plane: str, fault: Answer, *, healthy: bool) -> Callable[[Sent, int], Answer]:
    """Answer with `fault`, at every route or at every one but /health."""

    def answer(sent: Sent, _: int) -> Answer:
        if healthy and sent.path == "/health":
            return Answer(200, json.dumps(HEALTH[plane]).encode(), {"content-type": "application/json"})
        return fault

    return answer


SHORT = "Patient: Marisol Quintanilla\n\nPROBLEMS\n1. Gout\n\nMEDICATIONS\n- Metformin 500 mg BID\n"


@pytest.mark.parametrize("plane", ["inference", "codes"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_service_that_fails_ends_a_command_with_status_5(machine: Machine, plane: str, fault: str) -> None:
    machine.write("note.txt", SHORT)
    command = ["extract", "note.txt", "--json"] if plane == "inference" else ["codes", "search", "gout", "--json"]
    with stub_service(failing(plane, FAULTS[fault], healthy=True)) as stub:
        outcome = machine.openmed(*command, **{VARIABLE[plane]: stub.origin})
    assert_refused(outcome, 5, plane)
    assert PLANTED not in outcome.stderr
    assert stub.sent


@pytest.mark.parametrize("plane", ["inference", "codes"])
@pytest.mark.parametrize("fault", ["500", "html", "object", "cut", "401", "closes"])
def test_a_service_that_fails_ends_a_run_without_a_draft(machine: Machine, plane: str, fault: str) -> None:
    machine.write("note.txt", SHORT)
    with stub_service(failing(plane, FAULTS[fault], healthy=True)) as stub:
        outcome = machine.openmed(*summary_arguments("note.txt"), "--json", **{VARIABLE[plane]: stub.origin})
    assert_refused(outcome, 5, plane)
    assert PLANTED not in outcome.stderr
    assert machine.openmed("drafts", "--json").json() == []


@pytest.mark.parametrize("plane", ["inference", "codes"])
def test_a_service_whose_health_is_broken_ends_the_run(machine: Machine, plane: str) -> None:
    for fault in ("html", "object", "401"):
        with stub_service(failing(plane, FAULTS[fault], healthy=False)) as stub:
            outcome = machine.openmed(*summary_arguments("note.txt"), **{VARIABLE[plane]: stub.origin})
        assert_refused(outcome, 5, plane)


@pytest.mark.parametrize("plane", ["inference", "codes"])
def test_a_slow_service_is_given_up_at_the_deadline(machine: Machine, plane: str) -> None:
    machine.settings(f"[{plane}]\ntimeout_seconds = 1\n")
    with stub_service(failing(plane, Answer(200, b"{}", delay=20), healthy=True)) as stub:
        began = time.monotonic()
        outcome = machine.openmed(*summary_arguments("note.txt"), **{VARIABLE[plane]: stub.origin})
    assert_refused(outcome, 5, plane, "within 1 seconds")
    assert time.monotonic() - began < 12


@pytest.mark.parametrize("place", [(0, 10_000_000), (-1, 4), (5, 5), (9, 3), (0, 4)])
def test_offsets_that_do_not_fit_are_an_error(machine: Machine, place: tuple[int, int]) -> None:
    def answer(sent: Sent, _: int) -> Answer:
        if sent.path == "/health":
            return Answer(200, json.dumps(HEALTH["inference"]).encode())
        text = json.loads(sent.body)["text"]
        entity = {"text": "gout", "label": "DISEASE", "confidence": 0.9, "start": place[0], "end": place[1]}
        reply = {"text": text, "entities": [entity], "model_name": "m", "timestamp": "t", "processing_time": 0.1}
        return Answer(200, json.dumps(reply).encode())

    with stub_service(answer) as stub:
        outcome = machine.openmed(*summary_arguments("note.txt"), OPENMED_INFERENCE_URL=stub.origin)
    assert_refused(outcome, 5, "inference")
    assert machine.openmed("drafts", "--json").json() == []


def test_a_service_that_is_not_there_is_said(machine: Machine) -> None:
    for command in (summary_arguments("note.txt"), ["extract", "note.txt"], ["deid", "note.txt", "--out", "new.txt"]):
        assert_refused(machine.openmed(*command, OPENMED_INFERENCE_URL="http://127.0.0.1:9"), 5, "reached")
    assert_refused(machine.openmed("codes", "search", "gout", OPENMED_MED_CODES_API_URL="http://127.0.0.1:9"), 5)
    assert not (machine.folder / "new.txt").exists()


def test_a_service_behind_a_key_refuses_and_then_accepts(machine: Machine, tmp_path: Path) -> None:
    key = "a-key-of-more-than-16"
    file = tmp_path / "key"
    file.write_text(key, encoding="utf-8")
    file.chmod(0o600)
    with served(machine, "inference", "--api-key-file", str(file)) as origin:
        for wrong in ("", "not-the-right-key"):
            outcome = machine.openmed(
                "extract", "note.txt", OPENMED_INFERENCE_URL=origin, OPENMED_INFERENCE_API_KEY=wrong
            )
            assert_refused(outcome, 5, "refused the key", "OPENMED_INFERENCE_API_KEY")
            assert "not-the-right-key" not in outcome.stderr
        asked = machine.openmed("extract", "note.txt", OPENMED_INFERENCE_URL=origin, OPENMED_INFERENCE_API_KEY=key)
        assert asked.status == 0


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("http://192.0.2.7:8601", 4),
        ("http://inference.example.org", 4),
        ("http://localhost.example.org", 4),
        ("http://0.0.0.0:8601", 4),
        ("http://127.0.0.1@example.org", 3),
        ("http://user:secret@127.0.0.1:8601", 3),
        ("https://user@inference.example.org", 3),
        ("https://inference.example.org/?key=secret", 3),
        ("ftp://127.0.0.1", 3),
        ("file:///etc/passwd", 3),
        ("127.0.0.1:8601", 3),
        ("http://", 3),
        ("http://[::1", 3),
        ("http://127.0.0.1:port", 3),
        ("http://127.0.0.1:99999", 3),
        ("\x1b[31mhttp://127.0.0.1", 3),
    ],
)
def test_an_address_that_must_not_be_used_is_refused(machine: Machine, address: str, status: int) -> None:
    outcome = machine.openmed("extract", "note.txt", OPENMED_INFERENCE_URL=address)
    assert_refused(outcome, status)
    assert "secret" not in outcome.stderr


def test_a_redirect_is_not_followed(machine: Machine) -> None:
    with stub_service(lambda *_: Answer(200, b"{}")) as elsewhere:
        target = {"location": f"{elsewhere.origin}/analyze"}
        with stub_service(failing("inference", Answer(307, b"", target), healthy=True)) as stub:
            outcome = machine.openmed("extract", "note.txt", OPENMED_INFERENCE_URL=stub.origin)
        assert_refused(outcome, 5, "307")
        assert elsewhere.sent == []


def proxied(proxy: str) -> dict[str, str]:
    names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    return {name: proxy for upper in names for name in (upper, upper.lower())}


def test_a_proxy_variable_changes_nothing_and_the_proxy_hears_nothing(machine: Machine) -> None:
    with stub_service(lambda *_: Answer(502, b"proxied")) as proxy:
        variables = proxied(proxy.origin)
        assert machine.openmed(*summary_arguments("note.txt"), **variables).status == 0
        assert machine.openmed("codes", "show", "I10", **variables).status == 0
        assert machine.openmed("doctor", **variables).status == 0
    assert proxy.sent == []


@pytest.mark.slow
def test_a_proxy_variable_changes_nothing_for_embedded_services(embedded: Machine) -> None:
    with stub_service(lambda *_: Answer(502, b"proxied")) as proxy:
        assert embedded.openmed(*summary_arguments("note.txt"), **proxied(proxy.origin)).status == 0
    assert proxy.sent == []


class served:  # noqa: N801 - reads as a function where it is used
    """`openmed serve` for the length of a `with` block; gives its origin."""

    def __init__(self, machine: Machine, *arguments: str) -> None:
        self._process = machine.start("serve", *arguments, "--port", "0")

    def __enter__(self) -> str:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if " on http://" in line:
                return line.split(" on ")[1].split(", ")[0].split(". ")[0].strip()
        raise AssertionError(self._process.wait())

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.communicate(timeout=20)


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="finds the child through /proc")


def children(parent: int, plane: str) -> Iterator[int]:
    for folder in Path("/proc").iterdir():
        with suppress(OSError, IndexError, ValueError):
            command = (folder / "cmdline").read_bytes()
            if b"openmed_agent.planes.child\0" + plane.encode() not in command:
                continue
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                yield int(folder.name)


def is_serving(process: int) -> bool:
    """Return whether `process` listens on a socket of its own."""
    with suppress(OSError):
        own = {str(link.readlink()) for link in Path(f"/proc/{process}/fd").iterdir()}
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return any(row[3] == "0A" and f"socket:[{row[9]}]" in own for row in rows)
    return False


def long_note() -> str:
    return "PROBLEMS\n" + "".join(
        f"{number}. Gout, hypertension and chronic kidney disease stage 3a, visit {number}.\n" for number in range(600)
    )


@LINUX
@pytest.mark.slow
def test_an_embedded_service_that_is_killed_once_is_started_again_and_said(embedded: Machine) -> None:
    embedded.write("long.txt", long_note())
    process = embedded.start("extract", "long.txt", "--json")
    while not (found := [child for child in children(process.pid, "inference") if is_serving(child)]):
        assert process.poll() is None
        time.sleep(0.02)
    os.kill(found[0], signal.SIGKILL)
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 0, stderr
    assert "stopped and was started again" in stderr
    assert len(json.loads(stdout)["entities"]) >= 3 * 600


@LINUX
@pytest.mark.slow
def test_an_embedded_service_that_is_killed_every_time_ends_the_run_with_status_5(embedded: Machine) -> None:
    process = embedded.start(*summary_arguments("note.txt"))
    while process.poll() is None:
        for child in children(process.pid, "codes"):
            if is_serving(child):
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
        time.sleep(0.005)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 5, stderr
    assert stdout == ""
    assert re.search("codes service (stopped|does not start|cannot be reached)", stderr.splitlines()[-1])
    assert "Traceback" not in stderr
    assert embedded.openmed("drafts", "--json").json() == []


@LINUX
@pytest.mark.slow
def test_no_child_outlives_a_killed_parent(embedded: Machine) -> None:
    embedded.write("long.txt", long_note())
    process = embedded.start("extract", "long.txt")
    while not (found := [child for child in children(process.pid, "inference") if is_serving(child)]):
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.communicate(timeout=20)
    limit = time.monotonic() + 15
    while Path(f"/proc/{found[0]}/cmdline").exists() and Path(f"/proc/{found[0]}/cmdline").read_bytes():
        assert time.monotonic() < limit, "the child still runs"
        time.sleep(0.05)
