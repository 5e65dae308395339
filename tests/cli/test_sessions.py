"""`openmed session`: what is kept is listed, shown, found, taken along and deleted."""

import contextlib
import json
import os
import pty
import stat
import subprocess
from pathlib import Path

import pytest
from command_line import SCRIPT, Machine, assert_refused
from test_cli_processes import plain
from test_cli_terminal import HOSTILE

from openmed_agent.runtime.events import Answered, BaseEvent, ToolEnded, TurnEnded, TurnStarted, write_event
from openmed_agent.store import SessionRecord, open_store
from openmed_agent.store.vault import VaultEntry

PASSPHRASE = "four invented words here"
ASKED = "What ails Zora Quillfeather?"


def started(text: str) -> TurnStarted:
    return TurnStarted(
        turn=1, shown=text, local_text=text, model="m", host="localhost", phi_mode="deid", agent_mode="clinical"
    )


def conversation(text: str = "") -> list[tuple[BaseEvent, str]]:
    """Return events with what can be searched of each."""
    answer = Answered(model_text="[PERSON_1] has gout.", shown=f"She has gout.{text}", finish="stop")
    tool = ToolEnded(
        call_id="c", tool="read_file", outcome="done", local_text="x", title=f"Read note.txt{text}", seconds=0.1
    )
    end = TurnEnded(turn=1, outcome="limit", exit_status=7, shown="The limit of turns is reached.")
    asked = started(ASKED + text)
    return [(asked, asked.shown), (tool, tool.title), (answer, answer.shown), (end, "")]


def keep(machine: Machine, title: str = "Gout", text: str = "", phi_mode: str = "deid") -> str:
    with open_store(machine.home, custody="file") as store:
        session = store.sessions.create(phi_mode=phi_mode, agent_mode="clinical", model="m", title=title).session_id
        for number, (event, searchable) in enumerate(conversation(text)):
            store.sessions.append(session, event.type, write_event(event), expected=number, searchable=searchable)
        store.sessions.vault(session).add([VaultEntry("[PERSON_1]", "Zora Quillfeather", "PERSON", 1)])
    return session


def kept_in(machine: Machine) -> dict[str, SessionRecord]:
    """Return what the store holds, without the time that a process of the command takes."""
    with open_store(machine.home, custody="file") as store:
        return {one.session_id: one for one in store.sessions.list()}


def with_passphrase(machine: Machine, *arguments: str, passphrase: str = PASSPHRASE) -> tuple[int, str, str]:
    """Run a command that reads the passphrase from standard input."""
    outcome = machine.openmed(*arguments, "--passphrase-fd", "0", stdin=passphrase + "\n")
    return outcome.status, outcome.stdout, outcome.stderr


def in_terminal(machine: Machine, key: bytes, *arguments: str) -> tuple[int, str]:
    """Run a command on a terminal and press a key once it asks; returns its status and what the terminal received."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [SCRIPT, *arguments],
        cwd=machine.folder,
        env=machine.variables(TERM="xterm-256color"),
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
    )
    os.close(follower)
    received = b""
    with contextlib.suppress(OSError):  # Linux says so when the last writer has gone
        while part := os.read(leader, 65536):
            received += part
            if "›".encode() in part:
                os.write(leader, key)
    os.close(leader)
    return process.wait(timeout=30), received.decode()


@pytest.fixture
def kept(bare: Machine) -> tuple[Machine, str]:
    return bare, keep(bare)


def test_sessions_are_listed_and_shown(kept: tuple[Machine, str]) -> None:
    machine, session = kept
    listed = machine.openmed("session", "list", "--json").json()
    assert [(one["session_id"], one["title"], one["events"]) for one in listed] == [(session, "Gout", 4)]
    assert "Gout" in machine.openmed("session", "list").stdout
    shown = machine.openmed("session", "show", session[:10]).stdout
    for said in (ASKED, "She has gout.", "Read note.txt", "The limit of turns is reached."):
        assert said in shown
    whole = machine.openmed("session", "show", session, "--json").json()
    assert [one["kind"] for one in whole["log"]] == ["turn_started", "tool_ended", "answered", "turn_ended"]
    assert whole["log"][0]["event"]["shown"] == ASKED


def test_a_machine_without_sessions_says_so(bare: Machine) -> None:
    listed = bare.openmed("session", "list")
    assert (listed.status, listed.stdout) == (0, "")
    assert "There are no sessions yet." in listed.stderr
    assert bare.openmed("session", "list", "--json").json() == []
    assert_refused(bare.openmed("session", "show", "abc"), 3, "No session has this id")


def test_search_finds_what_was_said(kept: tuple[Machine, str]) -> None:
    machine, _ = kept
    other = keep(machine, "Another", " with colchicine")
    hits = machine.openmed("session", "search", "colchic*", "--json").json()
    assert [(hit["session_id"], hit["sequence"]) for hit in hits] == [(other, 3), (other, 2), (other, 1)]
    assert "colchicine" in machine.openmed("session", "search", '"with colchicine"').stdout
    assert machine.openmed("session", "search", 'nothing" OR *').status == 1
    listed = machine.openmed("session", "list", "--search", "colchicine", "--json").json()
    assert [one["session_id"] for one in listed] == [other]
    assert_refused(machine.openmed("session", "search", "x", "--limit", "0"), 2, "from 1 to 1000")


def test_a_title_and_a_text_that_act_on_a_terminal_are_shown_safely(bare: Machine) -> None:
    session = keep(bare, HOSTILE, HOSTILE)
    for arguments in (("list",), ("show", session), ("search", "gout"), ("show", session, "--json")):
        shown = bare.openmed("session", *arguments)  # every call checks both streams
        assert shown.status == 0
        assert "[bold]" in "".join(shown.stdout.split())


def test_rename_and_fork(kept: tuple[Machine, str]) -> None:
    machine, session = kept
    assert machine.openmed("session", "rename", session, "Her knee").status == 0
    fork = machine.openmed("session", "fork", session[:8], "--at", "2").stdout.strip()
    listed = {one["session_id"]: one for one in machine.openmed("session", "list", "--json").json()}
    assert (listed[session]["title"], listed[fork]["title"]) == ("Her knee", "Fork of Her knee")
    assert listed[fork]["parent"] == {"session_id": session, "sequence": 2}
    assert listed[fork]["events"] == 2
    assert_refused(machine.openmed("session", "fork", session, "--at", "5"), 3, "has events 1 to 4")
    assert_refused(machine.openmed("session", "fork", session, "--at", "-1"), 2)
    assert_refused(machine.openmed("session", "rename", session, " "), 2)


def test_a_session_is_deleted_only_when_that_was_meant(kept: tuple[Machine, str]) -> None:
    machine, session = kept
    assert_refused(machine.openmed("session", "delete", session), 2, "--yes")
    assert list(kept_in(machine)) == [session]
    deleted = machine.openmed("session", "delete", session[:8], "--yes")
    assert deleted.status == 0
    assert "Backups" in deleted.stderr
    assert kept_in(machine) == {}


def test_on_a_terminal_a_deletion_is_asked_about(kept: tuple[Machine, str]) -> None:
    machine, session = kept
    status, received = in_terminal(machine, b"q", "session", "delete", session)
    assert status == 4
    assert "“Gout” with 4 events for good?" in " ".join(plain(received).split())
    assert list(kept_in(machine)) == [session]
    status, _ = in_terminal(machine, b"y", "session", "delete", session)
    assert status == 0
    assert kept_in(machine) == {}


def test_a_deletion_says_what_stays_in_a_fork(kept: tuple[Machine, str]) -> None:
    machine, session = kept
    machine.openmed("session", "fork", session, "--at", "1")
    deleted = machine.openmed("session", "delete", session, "--yes")
    assert "Its first 1 event remain in other sessions" in deleted.stderr


def test_an_export_under_a_passphrase_is_read_on_another_machine_only_with_it(
    kept: tuple[Machine, str], tmp_path: Path
) -> None:
    machine, session = kept
    file = machine.folder / "gout.session"
    status, _, said = with_passphrase(machine, "session", "export", session, "--out", str(file))
    assert status == 0, said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = file.read_bytes()
    assert b"Quillfeather" not in content
    assert b"gout" not in content
    assert_refused(machine.openmed("session", "export", session, "--out", str(file), "--plain"), 3, "exists already")
    other = Machine(tmp_path / "other", machine.folder)
    status, _, said = with_passphrase(other, "session", "import", str(file), passphrase="another passphrase")
    assert (status, "passphrase is wrong" in said) == (3, True)
    assert_refused(other.openmed("session", "import", str(file)), 2, "--passphrase-fd")
    assert kept_in(other) == {}
    status, printed, said = with_passphrase(other, "session", "import", str(file))
    assert status == 0, said
    made = printed.strip()
    assert made != session
    with (
        open_store(machine.home, custody="file") as here,
        open_store(other.home, custody="file") as there,
    ):
        assert list(there.sessions.events(made)) == list(here.sessions.events(session))
        entries = there.sessions.vault(made).load()
    assert [(one.surrogate, one.original) for one in entries] == [("[PERSON_1]", "Zora Quillfeather")]


def test_a_plain_export_is_said_to_be_readable_and_comes_back(kept: tuple[Machine, str]) -> None:
    machine, session = kept
    exported = machine.openmed("session", "export", session, "--out", "plain.jsonl", "--plain")
    assert exported.status == 0
    assert "in the clear" in exported.stderr
    lines = [json.loads(line) for line in (machine.folder / "plain.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["type"] for line in lines] == ["session", "identifier", *["event"] * 4, "end"]
    assert json.loads(lines[2]["document"])["shown"] == ASKED
    assert stat.S_IMODE((machine.folder / "plain.jsonl").stat().st_mode) == 0o600
    assert machine.openmed("session", "import", "plain.jsonl").status == 0
    assert len(kept_in(machine)) == 2
    refused = with_passphrase(machine, "session", "import", "plain.jsonl")
    assert (refused[0], "not under a passphrase" in refused[2]) == (2, True)


def test_an_imported_session_gets_no_wider_phi_mode_than_this_machines_own(bare: Machine) -> None:
    wide, strict = keep(bare, phi_mode="full"), keep(bare, phi_mode="strict")
    for session, expected in ((wide, "deid"), (strict, "strict")):
        file = f"{expected}.jsonl"
        with open_store(bare.home, custody="file") as store:
            bare.write(file, b"".join(store.sessions.export(session, plain=True)))
        made = bare.openmed("session", "import", file).stdout.strip()
        assert kept_in(bare)[made].phi_mode == expected


def test_files_that_are_no_session_are_refused(kept: tuple[Machine, str]) -> None:
    machine, session = kept
    with open_store(machine.home, custody="file") as store:
        good = b"".join(store.sessions.export(session, plain=True)).decode()
    machine.write("note.txt", "PROBLEMS\n1. Gout of Zora Quillfeather\n")
    machine.write("agent.jsonl", good.replace('"agent_mode":"clinical"', '"agent_mode":"root"', 1))
    machine.write("event.jsonl", good.replace("turn_started", "turn_startled"))
    machine.write("kind.jsonl", good.replace('"kind":"PERSON"', '"kind":"HERO"'))
    os.mkfifo(machine.folder / "pipe")
    for name in ("note.txt", "agent.jsonl", "event.jsonl", "kind.jsonl", "pipe"):
        outcome = machine.openmed("session", "import", name)
        assert_refused(outcome, 3)
        assert "Quillfeather" not in outcome.stderr
    assert list(kept_in(machine)) == [session]


def test_an_export_that_cannot_be_written_leaves_nothing(kept: tuple[Machine, str]) -> None:
    machine, session = kept
    nowhere = machine.openmed("session", "export", session, "--out", "missing/x", "--plain")
    assert (nowhere.status, "cannot be written" in nowhere.stderr) == (3, True)
    status, _, said = with_passphrase(machine, "session", "export", session, "--out", "x", passphrase="short")
    assert (status, "shorter than 12" in said) == (3, True)
    assert_refused(machine.openmed("session", "export", session, "--out", "x"), 2, "--passphrase-fd")
    assert machine.leftovers() == []
    assert not (machine.folder / "x").exists()
