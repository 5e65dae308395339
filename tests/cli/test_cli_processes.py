"""Many processes at once, streams that close, signals, and terminals of all kinds."""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import EXAMPLES, SCRIPT, Machine, assert_refused, summary_arguments
from stub_service import Answer, stub_service


@pytest.mark.slow
def test_ten_first_runs_at_once_all_succeed(bare: Machine, planes: dict[str, str]) -> None:
    started = replace(bare, environment=dict(planes))
    note = EXAMPLES / "progress_note.txt"
    with ThreadPoolExecutor(10) as pool:
        drafts = list(pool.map(lambda _: started.summary(note), range(10)))
    assert len({draft["draft_id"] for draft in drafts}) == 10
    assert len({draft["payload_digest"] for draft in drafts}) == 1
    listed = started.openmed("drafts", "--json").json()
    assert {draft["draft_id"] for draft in listed} == {draft["draft_id"] for draft in drafts}
    assert started.leftovers() == []


@pytest.mark.slow
def test_four_first_runs_at_once_with_an_empty_cache_and_embedded_services(bare: Machine) -> None:
    note = EXAMPLES / "progress_note.txt"
    with ThreadPoolExecutor(4) as pool:
        drafts = list(pool.map(lambda _: bare.summary(note), range(4)))
    assert len({draft["payload_digest"] for draft in drafts}) == 1
    assert len(bare.openmed("drafts", "--json").json()) == 4
    assert len(list((bare.home / "cache").rglob("*.sqlite"))) == 1
    assert bare.leftovers() == []


def test_a_reader_that_goes_away_is_no_fault(drafted: Machine, planes: dict[str, str]) -> None:
    identifier = drafted.openmed("drafts", "--json").json()[0]["draft_id"]
    for command in (f"show {identifier}", f"show {identifier} --json", "drafts", "--help", "codes show E11", ""):
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; '{SCRIPT}' {command} | head -c 1 >/dev/null"],
            env=drafted.variables(**planes),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.stderr == "", command
        assert done.returncode == 0, command


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_an_output_that_cannot_be_written_is_said_and_no_success(drafted: Machine, planes: dict[str, str]) -> None:
    identifier = drafted.openmed("drafts", "--json").json()[0]["draft_id"]
    for command in (
        ["show", identifier],
        ["show", identifier, "--json"],
        ["drafts"],
        ["codes", "show", "I10"],
        ["doctor"],
        ["--version"],
        ["--help"],
        [],
    ):
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                [SCRIPT, *command],
                stdout=full,
                stderr=subprocess.PIPE,
                env=drafted.variables(**planes),
                text=True,
                timeout=60,
                check=False,
            )
        assert done.returncode not in {0, 120}, (command, done.stderr)
        lines = done.stderr.splitlines()
        assert len(lines) == 1, (command, done.stderr)
        assert lines[0].startswith("openmed: ")
        assert "No space left" in lines[0]


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_cause_no_traceback(drafted: Machine, closed: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f"'{SCRIPT}' drafts {closed}"],
        env=drafted.variables(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    assert "Exception" not in done.stderr
    if closed in {"<&-", "2>&-"}:
        assert done.returncode == 0
        assert "chart_summary" in done.stdout


def test_a_terminal_language_that_knows_no_unicode_is_served(machine: Machine) -> None:
    machine.write("joyce.txt", "PROBLEMS\n1. Ménière disease\n\nMEDICATIONS\n- Metformin 500 mg PO BID – with meals\n")
    for variables in (
        {"LANG": "C"},
        {"LC_ALL": "POSIX"},
        {"LC_ALL": "C", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "ascii"},
    ):
        outcome = machine.openmed(*summary_arguments("joyce.txt"), **variables)
        assert outcome.status == 0, outcome.stderr
        assert "etformin 500 mg" in outcome.stdout
    assert machine.openmed("doctor", LC_ALL="C", PYTHONUTF8="0").status == 0


def in_terminal(
    machine: Machine, *arguments: str, columns: int = 100, timeout: float = 60, **environment: str
) -> tuple[int, str]:
    """Run a command on a terminal of its own; returns its status and all that the terminal received."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [SCRIPT, *arguments],
        cwd=machine.folder,
        env=machine.variables(**{"TERM": "xterm-256color", **environment}),
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
    )
    os.close(follower)
    received = bytearray()
    limit = time.monotonic() + timeout
    while time.monotonic() < limit:
        try:
            part = os.read(leader, 65536)
        except OSError:  # Linux says so when the last writer has gone
            break
        if not part:
            break
        received += part
    os.close(leader)
    return process.wait(timeout=10), received.decode("utf-8")


SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def plain(received: str) -> str:
    return SEQUENCE.sub("", received).replace("\r\n", "\n")


@pytest.mark.parametrize("columns", [40, 20, 100])
def test_a_narrow_terminal_gets_lines_that_fit(machine: Machine, columns: int) -> None:
    status, received = in_terminal(machine, *summary_arguments("note.txt"), columns=columns)
    assert status == 0
    text = plain(received)
    assert "Metformin" in text
    lines = [line.rpartition("\r")[2] for line in text.split("\n")]
    assert all(len(line) <= columns for line in lines), max(lines, key=len)


def test_no_color_and_a_dumb_terminal_get_no_colour(drafted: Machine) -> None:
    identifier = drafted.openmed("drafts", "--json").json()[0]["draft_id"]
    _, coloured = in_terminal(drafted, "show", identifier)
    assert re.search(r"\x1b\[[0-9;]*3[0-9]", coloured)
    _, received = in_terminal(drafted, "show", identifier, NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*(3[0-9]|9[0-7])[;m]", received)
    _, received = in_terminal(drafted, "show", identifier, TERM="dumb")
    assert "\x1b" not in received
    assert "Metformin" in received


def test_ctrl_c_during_a_run_ends_it_with_130_and_keeps_nothing(machine: Machine) -> None:
    with stub_service(lambda *_: Answer(200, b"{}", delay=60)) as stub:
        process = machine.start(*summary_arguments("note.txt"), OPENMED_INFERENCE_URL=stub.origin)
        while not stub.sent:
            assert process.poll() is None
            time.sleep(0.01)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=30)
    assert time.monotonic() - began < 5
    assert process.returncode == 130
    assert (stdout, stderr) == ("", "openmed: Interrupted.\n")
    assert machine.openmed("drafts", "--json").json() == []
    assert machine.leftovers() == []


@pytest.mark.slow
def test_ctrl_c_at_any_moment_ends_with_130_and_a_store_that_works(bare: Machine, planes: dict[str, str]) -> None:
    started = replace(bare, environment=dict(planes))
    note = EXAMPLES / "progress_note.txt"
    done = 0
    while_loading = [number * 0.0005 for number in range(12)]
    for moment in (*while_loading, *(number * 0.15 for number in range(8))):
        process = started.start(*summary_arguments(note), "--json")
        maps = Path(f"/proc/{process.pid}/maps")
        while b"pydantic_core" not in reading(maps) and process.poll() is None and maps.exists():
            time.sleep(0.001)  # Python itself is not up yet, and says so if it is interrupted
        time.sleep(moment)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=30)
        assert "Traceback" not in stderr, stderr
        assert "panicked" not in stderr, stderr
        assert process.returncode in {0, 130, -signal.SIGINT}, stderr
        if process.returncode == 0:
            assert json.loads(stdout)["schema"] == "openmed.draft/1"
            done += 1
    assert len(started.openmed("drafts", "--json").json()) >= done
    started.summary(note)


@pytest.mark.slow
def test_ctrl_c_in_a_terminal_ends_embedded_services_too(embedded: Machine) -> None:
    process = embedded.start(*summary_arguments("note.txt"))
    time.sleep(1.5)
    os.kill(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert "Traceback" not in stderr
    assert process.returncode in {0, 130}
    if sys.platform == "linux":
        time.sleep(0.3)
        left = [path for path in Path("/proc").glob("[0-9]*/environ") if str(embedded.home).encode() in reading(path)]
        assert left == []


def reading(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_two_summaries_of_nothing_at_all_are_refused_alike(machine: Machine) -> None:
    machine.write("empty.txt", "")
    with ThreadPoolExecutor(2) as pool:
        for outcome in pool.map(lambda _: machine.openmed(*summary_arguments("empty.txt")), range(2)):
            assert_refused(outcome, 3, "empty.txt")
