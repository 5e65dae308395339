"""`openmed --screen-reader` on a bare pty: plain lines, typed answers, nothing that acts on a terminal."""

import os
import re
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripted_model_server import Call, Reply, Say, ScriptedModelServer
from terminal_driver import OPENMED, PtyTerminal, descendants, environment, installation, is_running, wait_until

from openmed_agent.store.opening import open_store

YOU = "\nYou: "
SLOW = Say("One two three four five six seven eight. " * 200, piece=8, pause_seconds=0.02)


class Listener:
    """A person who listens, and a model that says what a test scripts."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self.home = home
        self.replies: list[Reply] = []
        self.server = ScriptedModelServer(lambda _: self.replies.pop(0))

    def talk(self, *arguments: str, **variables: str) -> PtyTerminal:
        command = (OPENMED, "--screen-reader", "--model", "scripted-model", *arguments)
        own = environment(self.home, OPENAI_BASE_URL=self.server.url, **variables)
        return PtyTerminal(command, own, folder=self.folder)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installation(tmp_path_factory.mktemp("home") / "o")


@pytest.fixture
def listener(tmp_path: Path, home: Path) -> Iterator[Listener]:
    one = Listener(tmp_path, home)
    with one.server:
        yield one


def said(terminal: PtyTerminal, text: str, *then: str) -> str:
    """Type a line and wait for what is said on it and for the next prompt; return all of it."""
    since = len(terminal.written)
    terminal.send(f"{text}\r")
    for wanted in (*then, YOU):
        terminal.wait_for(wanted.replace("\n", "\r\n"), since=since + len(text))
    while not terminal.text(since).endswith("You: "):  # a session that is read out has lines that begin so
        terminal.wait_for(b"You: ", since=len(terminal.written))
    return terminal.text(since)


def asked(terminal: PtyTerminal, text: str, question: str) -> None:
    """Type a line and wait for a question."""
    since = len(terminal.written)
    terminal.send(f"{text}\r")
    terminal.wait_for(question, since=since)


def test_a_turn_with_a_tool_a_question_and_sentences(listener: Listener) -> None:
    long = "Your plan is written down now and nothing else was changed. You can read it whenever you like to. Rest."
    write = Call("write_file", '{"path": "plan.txt", "content": "Rest."}')
    listener.replies = [Say("I write it.", calls=(write,)), Say(long, piece=3)]
    with listener.talk() as terminal:
        terminal.wait_for("You: ")
        assert "PHI mode full" in terminal.text()
        assert "Model: scripted-model at 127.0.0.1" in terminal.text()
        terminal.send("Write the plan.\r")
        terminal.wait_for("Question: Allow it?")
        assert "Permission: write_file" in terminal.text()
        assert not (listener.folder / "plan.txt").exists()
        since = len(terminal.written)
        terminal.send("maybe\r")
        terminal.wait_for("no answer to the question", since=since)
        terminal.wait_for("Question: Allow it?", since=since)
        assert not (listener.folder / "plan.txt").exists()
        said(terminal, "yes", "Tool write_file: done")
        told = terminal.text()
        assert "\r\nAnswer: I write it.\r\n" in told
        assert "\r\nAnswer: Your plan is written down now and nothing else was changed.\r\n" in told
        assert "\r\nYou can read it whenever you like to. Rest.\r\n" in told
        assert (listener.folder / "plan.txt").read_text() == "Rest."
        terminal.send("/quit\r")
        assert terminal.wait_for_end() == 0
        assert "Goodbye" in terminal.text()
        assert b"\x1b" not in terminal.written


def test_ctrl_c_interrupts_the_turn_and_never_ends_the_program(listener: Listener) -> None:
    listener.replies = [
        Say("One two three four five six seven eight. " * 200, piece=8, pause_seconds=0.02),
        Say("Yes."),
    ]
    with listener.talk() as terminal:
        terminal.wait_for("You: ")
        terminal.drain(0.3)  # nobody is faster
        terminal.send("\x03")
        terminal.wait_for("Nothing runs.")
        terminal.send("Count.\r")
        terminal.wait_for("Answer: One two")
        since = len(terminal.written)
        terminal.send("\x03")
        terminal.wait_for("Interrupted.", since=since, seconds=5)
        terminal.wait_for("You: ", since=since)
        assert "Answer: Yes." in said(terminal, "Are you there?", "Answer: ")
        terminal.send("\x04")
        assert terminal.wait_for_end() == 0


def test_a_no_is_handed_on_with_its_reason_and_what_was_typed_before_answers_nothing(listener: Listener) -> None:
    write = Call("write_file", '{"path": "plan.txt", "content": "Rest."}')
    listener.replies = [Say("I think about it. " * 10, piece=4, pause_seconds=0.02, calls=(write,)), Say("Well.")]
    with listener.talk() as terminal:
        terminal.wait_for("You: ")
        terminal.send("Write it.\r")
        terminal.wait_for("Answer: ")
        terminal.send("yes\r")
        terminal.wait_for("Question: Allow it?")
        terminal.drain(0.3)
        assert not (listener.folder / "plan.txt").exists()
        said(terminal, "no She asked me not to.", "Answer: Well.")
        assert "She asked me not to." in str(listener.server.conversations[1]["messages"][-1])
        assert not (listener.folder / "plan.txt").exists()


def test_modes_sessions_resume_undo_and_help(listener: Listener) -> None:
    listener.replies = [Say("First answer."), Say("Second answer.")]
    with listener.talk() as terminal:
        terminal.wait_for("You: ")
        assert "Help: Ctrl+C interrupts a turn" in said(terminal, "/help")
        assert "There is no command /nothing here" in said(terminal, "/nothing")
        assert "PHI mode deid: Identifiers are replaced" in said(terminal, "/phi")
        assert "PHI mode: strict." in said(terminal, "/phi strict")
        asked(terminal, "/phi full", "Type yes to change")
        assert "PHI mode: strict stays." in said(terminal, "no")
        asked(terminal, "/phi full", "full instead of strict? Type yes to change")
        assert "PHI mode: full." in said(terminal, "yes")
        said(terminal, "The purple question?", "Answer: First answer.")
        assert "Undone:" in said(terminal, "/undo")
        said(terminal, "The second\\\r thing?", "Answer: Second answer.")
        assert "purple" not in str(listener.server.conversations[-1]["messages"])
        assert "Session 1: The purple question?" in said(terminal, "/sessions purple")
        assert "You: The purple question?" in said(terminal, "/resume 1", "Answer: Second answer.")
        assert "Drafts: none." in said(terminal, "/drafts")
        assert "Session: new" in said(terminal, "/new")
        terminal.send("\x04")
        assert terminal.wait_for_end() == 0
    with open_store(listener.home, custody="file") as store:
        store.sessions.create(phi_mode="full", agent_mode="clinical", model="scripted-model")
    with listener.talk("--continue") as terminal:
        terminal.wait_for("Answer: Second answer.")


def test_untrusted_text_cannot_act_on_the_terminal_and_a_dead_process_is_said(listener: Listener) -> None:
    evil = "\x1b]0;owned\x07 \x1b[2J \u202e evil \x9b31m"
    listener.replies = [Say(evil), Say("x", piece=1, pause_seconds=30), Say("Back.")]
    with listener.talk(NO_COLOR="1") as terminal:
        terminal.wait_for("You: ")
        said(terminal, "Do evil.", "Answer: ")
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", terminal.text())
        terminal.send("Hang.\r")
        terminal.wait_for("Hang.")
        wait_until(lambda: terminal.read(0) is not None and len(listener.server.conversations) == 2)
        worker = next(pid for pid in descendants(terminal.pid) if pid != terminal.pid)
        since = len(terminal.written)
        subprocess.run(("kill", "-9", str(worker)), check=True)
        terminal.wait_for("Error: The working process ended", since=since)
        terminal.wait_for("You: ", since=since)
        said(terminal, "Again.", "Answer: Back.")
        below = list(descendants(terminal.pid))
        subprocess.run(("kill", "-9", str(terminal.pid)), check=True)
        wait_until(lambda: terminal.ended and not any(is_running(pid) for pid in below))


def test_a_signal_at_the_prompt_gives_the_terminal_back(listener: Listener) -> None:
    with listener.talk() as terminal:
        before = termios.tcgetattr(terminal._terminal)[:4]
        terminal.wait_for("You: ")
        terminal.drain(0.3)
        assert termios.tcgetattr(terminal._terminal)[:4] != before
        below = list(descendants(terminal.pid))
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.wait_for_end() == 143
        assert termios.tcgetattr(terminal._terminal)[:4] == before
        assert "openmed: " not in terminal.text()
        wait_until(lambda: not any(is_running(pid) for pid in below))


def test_a_terminal_that_can_show_nothing_gets_plain_lines_and_a_sentence(home: Path, tmp_path: Path) -> None:
    with PtyTerminal((OPENMED,), environment(home, TERM="dumb"), folder=tmp_path) as terminal:
        terminal.wait_for("You: ")
        assert "cannot show the screen" in terminal.text()
        assert b"\x1b" not in terminal.written
        terminal.send("\x04")
        assert terminal.wait_for_end() == 0


def test_without_a_terminal_it_is_refused(home: Path, tmp_path: Path) -> None:
    command = (OPENMED, "--screen-reader")
    given = {"env": environment(home), "cwd": tmp_path, "input": "", "text": True}
    done = subprocess.run(command, capture_output=True, check=False, **given)  # type: ignore[call-overload]
    assert (done.returncode, done.stdout) == (2, "")
    assert "--screen-reader needs -p or a terminal" in done.stderr


def test_it_loads_nothing_of_textual() -> None:
    script = "import sys, openmed_agent.tui.linear.launch; print(*sys.modules)"
    done = subprocess.run((sys.executable, "-c", script), capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "openmed_agent.tui.linear.face" in loaded
    assert not [name for name in loaded if name.partition(".")[0] in ("textual", "rich", "httpx", "openai")]
