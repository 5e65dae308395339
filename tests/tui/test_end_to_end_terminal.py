"""The real program in a real terminal: first run, a turn with a question, interrupt, resume, resizing, death, crash."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripted_model_server import Call, Reply, Say, ScriptedModelServer
from terminal_driver import (
    HAS_TMUX,
    OPENMED,
    PtyTerminal,
    TmuxTerminal,
    command_line,
    descendants,
    environment,
    installation,
    is_running,
    wait_until,
)

from openmed_agent.tui.conversation.permission_panel import QUIET_SECONDS

needs_tmux = pytest.mark.skipif(not HAS_TMUX, reason="tmux is not installed; make system installs it")
pytestmark = pytest.mark.system

PROMPT = "Ask, or type"
SLOW = Say("One two three four five six seven eight nine ten. " * 200, piece=10, pause_seconds=0.05)


class Machine:
    """An installation, a folder, and a model that says what a test scripts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.replies: list[Reply] = []
        self.server = ScriptedModelServer(lambda _: self.replies.pop(0))

    def terminal(self, *arguments: str, size: tuple[int, int] = (100, 30), **more: str) -> TmuxTerminal:
        command = (OPENMED, "--model", "scripted-model", *arguments)
        variables = environment(self.folder / "o", OPENAI_BASE_URL=self.server.url, **more)
        return TmuxTerminal(command, variables, folder=self.folder, size=size)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    one = Machine(tmp_path)
    with one.server:
        yield one


def working(terminal: TmuxTerminal) -> list[int]:
    return [pid for pid in terminal.pids if "openmed_agent.workbench" in command_line(pid)]


@needs_tmux
def test_the_first_run_can_be_skipped_contacts_nobody_and_is_not_shown_again(machine: Machine) -> None:
    installation(machine.folder / "o", setup_seen=False)
    with machine.terminal() as terminal:
        terminal.wait_for("First steps", "^S skip")
        assert machine.server.requests == []
        terminal.keys("C-s")
        terminal.wait_for(PROMPT)
        terminal.keys("C-q")
        assert terminal.wait_for_end() == 0
    with machine.terminal() as terminal:
        terminal.wait_for(PROMPT)
        terminal.settle(1)
        assert "First steps" not in terminal.screen()


@needs_tmux
def test_a_conversation_as_a_person_has_it(machine: Machine) -> None:
    """Ask, answer a tool's question, interrupt, resize in mid-stream, lose the process, leave and resume."""
    installation(machine.folder / "o")
    write = Call("write_file", '{"path": "plan.txt", "content": "Rest."}')
    machine.replies = [Say("I write it down.", calls=(write,)), Say("It is written.")]
    with machine.terminal() as terminal:
        terminal.wait_for(PROMPT)
        terminal.type("Write the plan.")
        terminal.keys("Enter")
        terminal.wait_for("write_file", "once")
        assert not (machine.folder / "plan.txt").exists()
        while "allow once" in terminal.screen():  # a key that comes too early does nothing
            terminal.type("y")
            terminal.settle(QUIET_SECONDS + 0.3)  # and begins the wait anew
        terminal.wait_for("It is written.")
        assert (machine.folder / "plan.txt").read_text() == "Rest."

        machine.replies = [SLOW]
        terminal.type("Count.")
        terminal.keys("Enter")
        terminal.wait_for("One two three", "esc interrupt")
        for size in ((80, 24), (60, 18), (120, 40), (100, 30)):
            terminal.resize(*size)
            terminal.wait_for("three four")
            assert all(len(line) <= size[0] for line in terminal.screen().splitlines())
        terminal.keys("Escape")
        terminal.wait_for("nterrupted", seconds=5)

        (worker,) = working(terminal)
        os.kill(worker, signal.SIGKILL)
        machine.replies = [Say("All is well again.")]
        terminal.type("Are you there?")
        terminal.wait_for("Are you there?")
        terminal.keys("Enter")
        terminal.wait_for("All is well again.")
        assert working(terminal) != [worker]
        below = terminal.pids[1:]
        terminal.keys("C-q")
        assert terminal.wait_for_end() == 0
        wait_until(lambda: not any(is_running(pid) and "openmed" in command_line(pid) for pid in below))
    machine.replies = [Say("Yes, since the beginning.")]
    with machine.terminal("--continue") as terminal:
        terminal.wait_for("All is well again.", "Are you there?")
        terminal.type("Do you remember?")
        terminal.keys("Enter")
        terminal.wait_for("Yes, since the beginning.")
        messages = str(machine.server.conversations[-1]["messages"])
        assert "Write the plan." in messages


@needs_tmux
def test_the_death_of_the_working_process_in_mid_stream_is_said(machine: Machine) -> None:
    installation(machine.folder / "o")
    machine.replies = [SLOW, Say("Back again.")]
    with machine.terminal(NO_COLOR="1", size=(80, 24)) as terminal:
        terminal.wait_for(PROMPT)
        shades = {int(shade) for shade in re.findall(r"[34]8;5;(\d+)", terminal.screen(styled=True))}
        assert shades <= {0, 7, 8, 15, 16, *range(231, 256)}
        terminal.type("Count.")
        terminal.keys("Enter")
        terminal.wait_for("One two three")
        (worker,) = working(terminal)
        os.kill(worker, signal.SIGKILL)
        terminal.wait_for("working process ended", seconds=10)
        terminal.type("Go on.")
        terminal.keys("Enter")
        terminal.wait_for("Back again.")


CRASH = """
import sys
from pathlib import Path
from openmed_agent.tui.conversation.permission_panel import QUIET_SECONDS
from openmed_agent.tui import launch
from openmed_agent.tui.app import OpenMedApp
from openmed_agent.tui.options import ScreenOptions

class Crashing(OpenMedApp):
    CSS_PATH = Path(launch.__file__).with_name("app.tcss")

    def on_mount(self):
        super().on_mount()
        self.set_timer(0.5, self.crash)

    def crash(self):
        patient = "Zebulon Quackenbush"
        raise ValueError(f"no age of {patient}")

launch.OpenMedApp = Crashing
sys.exit(launch.run_screen(ScreenOptions(folder=Path.cwd())))
"""


def test_a_crash_of_the_screen_shows_one_line_and_nothing_of_a_chart(tmp_path: Path) -> None:
    variables = environment(installation(tmp_path / "o"))
    script = tmp_path / "crash.py"
    script.write_text(CRASH)
    with PtyTerminal((sys.executable, str(script)), variables, folder=tmp_path) as terminal:
        assert terminal.wait_for_end() == 1
        assert b"Zebulon" not in terminal.written
        assert b"Traceback" not in terminal.written
        left = terminal.text().rpartition("\x1b[?1049l")[2]  # the alternate screen is left, the cursor shown
        assert "fault of its own (ValueError at" in left
        assert "openmed --continue" in left
        assert "\x1b[?25h" in terminal.text()


def test_a_paste_is_text_and_the_keys_behind_it_come_after_it(machine: Machine) -> None:
    installation(machine.folder / "o")
    machine.replies = [Say("Read.")]
    variables = environment(machine.folder / "o", OPENAI_BASE_URL=machine.server.url)
    with PtyTerminal(
        (OPENMED, "--model", "scripted-model", "--phi-mode", "full"), variables, folder=machine.folder
    ) as terminal:
        terminal.wait_for("sk, or type")
        terminal.send(b"\xff\xfe")  # no UTF-8: neither text nor the end of the reader
        terminal.send("\x1b[200~first\rsafe \x1b[31mred \x1bq\x1b[201~ after\r")
        terminal.wait_for("Read.", seconds=60)
    [sent] = [
        message["content"] for message in machine.server.conversations[0]["messages"] if message["role"] == "user"
    ]
    assert sent.endswith("first\nsafe \u241b[31mred \u241bq after")


def test_a_message_waits_for_the_session_that_continue_opens(machine: Machine) -> None:
    installation(machine.folder / "o")
    machine.replies = [Say("First answer."), Say("Second answer.")]
    variables = environment(machine.folder / "o", OPENAI_BASE_URL=machine.server.url)
    for arguments, message, answer in (
        (("--phi-mode", "full"), "hello there", "First answer."),
        (("--continue",), "quick question", "Second answer."),
    ):
        command = (OPENMED, "--model", "scripted-model", *arguments)
        with PtyTerminal(command, variables, folder=machine.folder) as terminal:
            terminal.wait_for("sk, or type")
            terminal.send(f"{message}\r")  # at once: the session is not open yet
            terminal.wait_for(answer, seconds=60)
            terminal.drain(1)
            terminal.send("\x11")
            assert terminal.wait_for_end() == 0
    contents = [message["content"] for message in machine.server.conversations[-1]["messages"][1:]]
    assert contents == ["hello there", "First answer.", "quick question"]


def test_a_terminal_that_closes_ends_everything(tmp_path: Path) -> None:
    variables = environment(installation(tmp_path / "o"))
    with PtyTerminal((OPENMED,), variables, folder=tmp_path) as terminal:
        terminal.wait_for("sk, or type")
        terminal.send("a")

        def works() -> bool:
            terminal.read(0)
            return len(tuple(descendants(terminal.pid))) > 1

        wait_until(works)
        below = tuple(descendants(terminal.pid))
        os.kill(terminal.pid, signal.SIGHUP)
        wait_until(lambda: terminal.ended and not any(is_running(pid) for pid in below))


def test_without_a_terminal_the_welcome_is_printed(tmp_path: Path) -> None:
    variables = environment(installation(tmp_path / "o"))
    given = {"env": variables, "cwd": tmp_path, "text": True, "stdin": subprocess.DEVNULL}
    done = subprocess.run((OPENMED,), capture_output=True, check=True, **given)  # type: ignore[call-overload]
    assert "openmed run chart_summary" in done.stdout
    assert "\x1b" not in done.stdout
