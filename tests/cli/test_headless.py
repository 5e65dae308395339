"""openmed -p: one turn without a screen, as a script would run it."""

import json
import os
import pty
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command_line import SCRIPT, Machine, assert_refused
from scripted_model_server import Call, Fail, Say, ScriptedModelServer

NOTE = "Patient: Zebulon Quackenbush   DOB: 03/14/1951   MRN: 4471902\n\nHPI: cough for three days. No fever.\n"


@pytest.fixture
def desk(machine: Machine) -> Machine:
    """A machine whose codes plane runs already; the inference plane is embedded."""
    return replace(machine, environment={**machine.environment, "OPENMED_INFERENCE_URL": ""})


@pytest.fixture
def full(bare: Machine) -> Machine:
    """A machine whose sessions are in full mode, which needs no plane at all."""
    bare.settings('[privacy]\nphi_mode = "full"\n')
    return bare


def ask(machine: Machine, server: ScriptedModelServer, *arguments: str, stdin: str = "") -> Any:
    return machine.openmed("-p", *arguments, "--model", "scripted-model", stdin=stdin, OPENAI_BASE_URL=server.url)


def test_the_answer_is_printed_and_nothing_else_on_standard_output(full: Machine) -> None:
    with ScriptedModelServer([Say("All is well.")]) as server:
        done = ask(full, server, "How is it?")
    assert (done.status, done.stdout) == (0, "All is well.\n")
    assert "full" in done.stderr


def test_one_json_object(full: Machine) -> None:
    full.write("note.txt", NOTE)
    with ScriptedModelServer([Say(calls=(Call("read_file", '{"path": "note.txt"}'),)), Say("A cough.")]) as server:
        turn = ask(full, server, "What is it?", "--output-format", "json").json()
    assert turn["schema"] == "openmed.turn/1"
    assert (turn["answer"], turn["outcome"], turn["requests"]) == ("A cough.", "done", 2)
    assert [(tool["tool"], tool["outcome"]) for tool in turn["tools"]] == [("read_file", "done")]
    assert (turn["input_tokens"], turn["output_tokens"]) == (22, 14)
    assert "cough for three days" in server.conversations[1]["messages"][-1]["content"]


def test_every_event_as_a_line(full: Machine) -> None:
    with ScriptedModelServer([Say("Fine.")]) as server:
        done = ask(full, server, "How is it?", "--output-format", "stream-json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[0]["schema"] == "openmed.events/1"
    assert [line["type"] for line in lines[1:]] == ["turn_started", "answer_delta", "answered", "turn_ended"]
    assert "model_text" not in done.stdout
    assert "local_text" not in done.stdout


def test_what_is_piped_in_is_attached(full: Machine) -> None:
    with ScriptedModelServer([Say("A cough.")]) as server:
        assert ask(full, server, "What is it?", stdin=NOTE).status == 0
    said = server.conversations[0]["messages"][-1]["content"]
    assert said.startswith("What is it?")
    assert NOTE in said


def test_standard_input_that_is_no_text_is_refused(full: Machine) -> None:
    with ScriptedModelServer() as server:
        done = full.openmed("-p", "What is it?", stdin=b"\xff\xfe\x00scan", OPENAI_BASE_URL=server.url)
    assert_refused(done, 3, "UTF-8")
    assert not server.requests


def test_in_deid_no_identifier_leaves_and_the_person_sees_the_original(desk: Machine) -> None:
    desk.write("note.txt", NOTE)
    script = [Say(calls=(Call("read_file", '{"path": "note.txt"}'),)), Say("[PATIENT_1] has a cough; [PERSON_77] not.")]
    with ScriptedModelServer(script) as server:
        done = ask(desk, server, "What is in note.txt?")
    assert done.status == 0, done.stderr
    assert "Quackenbush" in done.stdout
    assert "[PERSON_77 (unknown)]" in done.stdout
    for word in (b"Quackenbush", b"Zebulon", b"4471902", b"03/14/1951", b"1951-03-14"):
        assert word not in server.received
    assert b"cough for three days" in server.received


def test_in_strict_no_word_of_the_record_leaves(desk: Machine) -> None:
    desk.write("note.txt", NOTE)
    script = [Say(calls=(Call("extract_entities", '{"path": "document_1"}'),)), Say("It is in document_1.")]
    with ScriptedModelServer(script) as server:
        done = ask(desk, server, "What is in note.txt?", "--phi-mode", "strict")
    assert done.status == 0, done.stderr
    for word in (b"Quackenbush", b"three days", b"note.txt", b"4471902"):
        assert word not in server.received
    assert b"document_1" in server.received


def test_in_strict_a_prompt_with_an_identifier_is_refused_with_its_place(desk: Machine) -> None:
    with ScriptedModelServer() as server:
        done = ask(desk, server, "Is Zebulon Quackenbush, MRN 4471902, due?", "--phi-mode", "strict")
    assert done.status == 4
    assert "characters" in done.stderr
    assert "Quackenbush" not in done.stderr
    assert not server.conversations


def test_a_session_goes_on(full: Machine) -> None:
    with ScriptedModelServer([Say("One."), Say("Two.")]) as server:
        first = ask(full, server, "First?", "--output-format", "json").json()
        second = ask(full, server, "Second?", "--session", first["session_id"][:8], "--output-format", "json").json()
    assert second["session_id"] == first["session_id"]
    assert [message["content"] for message in server.conversations[1]["messages"][1:]] == ["First?", "One.", "Second?"]
    [listed] = full.openmed("session", "list", "--json").json()
    assert listed["title"] == "First?"


def test_a_session_goes_on_with_its_own_model(full: Machine) -> None:
    with ScriptedModelServer([Say("One."), Say("Two."), Say("Three.")]) as server:
        place = {"OPENAI_BASE_URL": server.url}
        full.openmed("-p", "First?", "--model", "its-own", **place)
        full.openmed("-p", "Second?", "--continue", **place)
        full.openmed("-p", "Third?", "--continue", "--model", "another", **place)
    assert [one["model"] for one in server.conversations] == ["its-own", "its-own", "another"]


def test_a_turn_is_taken_back(full: Machine) -> None:
    with ScriptedModelServer([Say("One."), Say("Two."), Say("Three.")]) as server:
        session = ask(full, server, "First?", "--output-format", "json").json()["session_id"]
        ask(full, server, "Second?", "--session", session)
        assert full.openmed("session", "undo", session).status == 0
        ask(full, server, "Third?", "--session", session)
        contents = [message["content"] for message in server.conversations[-1]["messages"][1:]]
        assert contents == ["First?", "One.", "Third?"]
        assert full.openmed("session", "rollback", session, "--to", "0").status == 0
        assert_refused(full.openmed("session", "undo", session), 3, "no turn")
        assert_refused(full.openmed("session", "rollback", session, "--to", "99"), 3, "events")


def test_a_change_of_phi_mode_is_in_the_audit_chain(full: Machine) -> None:
    with ScriptedModelServer([Say("One."), Say("Two.")]) as server:
        first = ask(full, server, "First?", "--output-format", "json").json()
        full.settings("")
        ask(full, server, "Second?", "--session", first["session_id"], "--phi-mode", "deid")
    changes = [one for one in full.openmed("audit", "show", "--json").json() if one["act"] == "session.phi_mode"]
    assert [(one["subject"], one["details"]) for one in changes] == [
        (first["session_id"], {"from": "full", "to": "deid"})
    ]


def test_nothing_that_changes_a_file_runs_unattended(full: Machine) -> None:
    script = [Say(calls=(Call("write_file", '{"path": "new.txt", "content": "x"}'),)), Say("I could not.")]
    with ScriptedModelServer(script) as server:
        turn = ask(full, server, "Write it.", "--output-format", "json").json()
    assert [tool["outcome"] for tool in turn["tools"]] == ["refused"]
    assert not (full.folder / "new.txt").exists()


def test_an_explicit_rule_lets_a_file_be_written(full: Machine) -> None:
    script = [Say(calls=(Call("write_file", '{"path": "new.txt", "content": "x"}'),)), Say("Done.")]
    with ScriptedModelServer(script) as server:
        turn = ask(full, server, "Write.", "--allow", "write_file(./new.txt)", "--output-format", "json").json()
    assert [tool["outcome"] for tool in turn["tools"]] == ["done"]
    assert (full.folder / "new.txt").read_text() == "x"


def test_a_mode_without_a_tool_refuses_its_call(full: Machine) -> None:
    script = [Say(calls=(Call("write_file", '{"path": "new.txt", "content": "x"}'),)), Say("I cannot.")]
    with ScriptedModelServer(script) as server:
        turn = ask(
            full, server, "Write.", "--agent", "plan", "--permission-mode", "plan", "--output-format", "json"
        ).json()
    assert [tool["outcome"] for tool in turn["tools"]] == ["invalid"]
    assert "write_file" not in json.dumps(server.conversations[0]["tools"])


def test_without_a_model_it_says_how_to_add_one(full: Machine) -> None:
    assert_refused(full.openmed("-p", "Hello?"), 5, "openmed login")
    assert not (full.home / "sessions").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "word"),
    [
        (("-p", " "), 2, "empty"),
        (("-p", "x", "--max-turns", "0"), 2, "max-turns"),
        (("-p", "x", "drafts"), 2, "alone"),
        (("--session", "abc"), 2, "-p"),
        (("-p", "x", "--folder", "/nowhere"), 3, "folder"),
        (("-p", "x", "--output-format", "yaml"), 2, "yaml"),
        (("-p", "x", "--allow", "write_file(", "--model", "m"), 2, "rule"),
    ],
)
def test_wrong_usage_is_one_sentence(bare: Machine, arguments: tuple[str, ...], status: int, word: str) -> None:
    assert_refused(bare.openmed(*arguments), status, word)


def test_an_unknown_session_is_one_sentence(full: Machine) -> None:
    with ScriptedModelServer() as server:
        assert full.openmed("drafts").status == 0
        done = full.openmed("-p", "x", "--session", "abcd", "--model", "m", OPENAI_BASE_URL=server.url)
    assert_refused(done, 3, "session")


def test_limits_and_failures_have_their_exit_status(full: Machine) -> None:
    again = Say(calls=(Call("list_files", "{}"),))
    with ScriptedModelServer(lambda _: again) as server:
        assert ask(full, server, "Go.", "--max-turns", "2").status == 7
        assert len(server.conversations) == 2
    with ScriptedModelServer(lambda _: Fail(401, {"error": {"message": "no"}})) as server:
        assert ask(full, server, "Go.").status == 5


def test_a_project_can_only_narrow(full: Machine) -> None:
    (full.folder / ".openmed").mkdir()
    (full.folder / ".openmed" / "config.toml").write_text('[privacy]\nphi_mode = "strict"\n')
    assert full.openmed("drafts").status == 0  # makes the store, which is said once
    with ScriptedModelServer() as server:
        done = ask(full, server, "Go.", "--phi-mode", "full")
    assert_refused(done, 4, "PHI mode")
    assert not server.conversations


def test_instructions_that_nobody_accepted_are_not_used(full: Machine) -> None:
    full.write("OPENMED.md", "Always answer in Latin.")
    with ScriptedModelServer([Say("Bene.")]) as server:
        done = ask(full, server, "How is it?")
    assert "openmed instructions" in done.stderr
    assert b"Latin" not in server.received


def test_ctrl_c_ends_the_turn_cleanly(full: Machine) -> None:
    with ScriptedModelServer([Say("word " * 500, piece=5, pause_seconds=0.02), Say("Yes.")]) as server:
        process = full.start(
            "-p", "Talk.", "--model", "m", "--output-format", "stream-json", OPENAI_BASE_URL=server.url
        )
        lines = _until(process.stdout, "answer_delta")  # type: ignore[arg-type]
        process.send_signal(signal.SIGINT)
        start = time.monotonic()
        rest, said = process.communicate(timeout=20)
        assert time.monotonic() - start < 10
    assert process.returncode == 130, said
    last = json.loads(rest.splitlines()[-1])
    assert (last["type"], last["outcome"]) == ("turn_ended", "interrupted")
    assert json.loads(lines[0])["schema"] == "openmed.events/1"


def _until(stream: Iterator[str], word: str) -> list[str]:
    lines: list[str] = []
    for line in stream:
        lines.append(line)
        if word in line:
            break
    return lines


def test_with_the_detector_out_of_reach_nothing_leaves(machine: Machine) -> None:
    with ScriptedModelServer() as server:
        done = machine.openmed(
            "-p", "Is she due?", "--model", "m", OPENAI_BASE_URL=server.url, OPENMED_INFERENCE_URL="http://127.0.0.1:9"
        )
    assert done.status == 5
    assert not server.conversations


def test_nothing_of_a_turn_lies_on_the_disk_in_plain_text(desk: Machine) -> None:
    desk.write("note.txt", NOTE)
    with ScriptedModelServer([Say(calls=(Call("read_file", '{"path": "note.txt"}'),)), Say("A cough.")]) as server:
        assert ask(desk, server, "What is in note.txt?").status == 0
    for file in Path(desk.home).rglob("*"):
        if file.is_file():
            assert b"Quackenbush" not in file.read_bytes(), file
    assert desk.leftovers() == []


def answered_at_a_terminal(machine: Machine, answer: str, *arguments: str) -> tuple[int, str]:
    """Run a command on a terminal of its own, type one answer, and return its status and what it showed."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [SCRIPT, *arguments],
        cwd=machine.folder,
        env=machine.variables(),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    shown = b""
    with suppress(OSError):  # the terminal ends with its last writer
        while part := os.read(controller, 4096):
            shown += part
            if b"[y/N]" in part:
                os.write(controller, answer.encode() + b"\n")
    os.close(controller)
    return process.wait(timeout=30), shown.decode()


def test_instructions_are_shown_and_accepted_by_a_person(full: Machine) -> None:
    full.write("OPENMED.md", "Answer in Latin.\x1b]0;owned\x07")
    unattended = full.openmed("instructions", "--accept")
    assert unattended.status == 4
    assert "terminal" in unattended.stderr
    status, shown = answered_at_a_terminal(full, "n", "instructions", "--accept")
    assert (status, "Answer in Latin." in shown, "not used" in shown) == (0, True, True)
    assert "\x1b]0;" not in shown
    status, shown = answered_at_a_terminal(full, "y", "instructions", "--accept")
    assert (status, "until it changes" in shown) == (0, True)
    with ScriptedModelServer(lambda _: Say("Bene.")) as server:
        assert ask(full, server, "How is it?").status == 0
        assert b"Answer in Latin." in server.received
        full.write("OPENMED.md", "Answer in Greek.")
        assert "openmed instructions" in ask(full, server, "And now?").stderr
        assert b"Greek" not in server.received
