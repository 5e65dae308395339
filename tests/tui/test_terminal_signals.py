"""Signals and a terminal that goes away, on a real pty: the terminal gets its modes back, and the session is kept."""

import os
import re
import signal
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripted_model_server import Say, ScriptedModelServer
from terminal_driver import (
    OPENMED,
    PtyTerminal,
    command_line,
    descendants,
    environment,
    installation,
    is_running,
    wait_until,
)

from openmed_agent.runtime.events import TurnEnded, TurnStarted, read_event
from openmed_agent.store.opening import open_store

PROMPT = "sk, or type"  # the cursor stands on its first letter
SWITCH = re.compile(r"\x1b\[\?(\d+)([hl])")
SETTLED_SECONDS = 0.4


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return installation(tmp_path / "o")


@pytest.fixture
def server() -> Iterator[ScriptedModelServer]:
    with ScriptedModelServer(lambda _: Say("One two three. " * 500, piece=10, pause_seconds=0.05)) as one:
        yield one


def modes(terminal: PtyTerminal) -> list[int]:
    """Return the modes of the terminal that the kernel keeps."""
    kept = termios.tcgetattr(terminal._terminal)[:4]
    return [one for one in kept if isinstance(one, int)]


def left_on(written: str) -> set[str]:
    """Return the modes that were switched and not put back; a cursor (25) and wrapping (7) belong to a terminal."""
    last = dict(SWITCH.findall(written))
    return {mode for mode, state in last.items() if (state == "h") != (mode in {"25", "7"})}


def ready(terminal: PtyTerminal, word: str = "hello") -> None:
    terminal.wait_for(PROMPT)
    terminal.drain(SETTLED_SECONDS)
    terminal.send(word)
    terminal.wait_for(word)


def test_an_end_in_the_middle_of_an_answer_restores_the_terminal_and_keeps_the_session(
    home: Path, tmp_path: Path, server: ScriptedModelServer
) -> None:
    variables = environment(home, OPENAI_BASE_URL=server.url)
    with PtyTerminal((OPENMED, "--model", "scripted-model"), variables, folder=tmp_path) as terminal:
        before = modes(terminal)
        ready(terminal, "Count for me.")
        assert modes(terminal) != before
        terminal.send("\r")
        terminal.wait_for("One two three.")
        below = list(descendants(terminal.pid))
        os.kill(terminal.pid, signal.SIGHUP)
        assert terminal.wait_for_end() == 129
        assert modes(terminal) == before
        assert left_on(terminal.text()) == set()
        assert "openmed: " not in terminal.text()  # as it would tell of a fault
        wait_until(lambda: not any(is_running(pid) for pid in below))
    with open_store(home, custody="file") as store:
        (session,) = store.sessions.list()
        events = [read_event(one.document, one.sequence) for one in store.sessions.events(session.session_id)]
    assert [one.shown for one in events if isinstance(one, TurnStarted)] == ["Count for me."]
    assert [one.outcome for one in events if isinstance(one, TurnEnded)] == ["interrupted"]


def test_it_can_be_stopped_and_brought_back_by_the_shell(home: Path, tmp_path: Path) -> None:
    shell = ("bash", "--norc", "--noediting", "-i")
    with PtyTerminal(shell, environment(home, PS1="ready> ", HISTFILE="/dev/null"), folder=tmp_path) as terminal:
        terminal.wait_for("ready> ")
        before = modes(terminal)
        terminal.send(f"{OPENMED}\n")
        ready(terminal)
        program = next(pid for pid in descendants(terminal.pid) if command_line(pid).endswith("/openmed"))
        since = len(terminal.written)
        os.kill(program, signal.SIGTSTP)
        terminal.wait_for("Stopped", since=since)
        terminal.wait_for("ready> ", since=since)
        assert modes(terminal) == before
        assert left_on(terminal.text()) == set()
        since = len(terminal.written)
        terminal.send("fg\n")
        terminal.wait_for("hello", since=since)  # what was typed before stands there again
        terminal.send(" again")
        terminal.wait_for("again", since=since)
        terminal.send("\x11")
        terminal.wait_for("ready> ", since=since)
        assert modes(terminal) == before
        assert left_on(terminal.text()) == set()


def test_a_stop_that_nobody_hears_of_does_not_become_what_is_restored(home: Path, tmp_path: Path) -> None:
    with PtyTerminal((OPENMED,), environment(home), folder=tmp_path) as terminal:
        before = modes(terminal)
        ready(terminal)
        for _ in range(2):
            os.kill(terminal.pid, signal.SIGSTOP)
            terminal.drain(0.1)
            since = len(terminal.written)
            os.kill(terminal.pid, signal.SIGCONT)
            terminal.wait_for("hello", since=since)
        since = len(terminal.written)
        terminal.send("Q")
        terminal.wait_for("Q", since=since)
        terminal.send("\x11")
        assert terminal.wait_for_end() == 0
        assert modes(terminal) == before
        assert left_on(terminal.text()) == set()


def test_it_ends_with_its_terminal_where_no_signal_says_so(home: Path, tmp_path: Path) -> None:
    command = ("sh", "-c", f"trap '' HUP; exec {OPENMED}")
    with PtyTerminal(command, environment(home), folder=tmp_path) as terminal:
        ready(terminal)
        below = list(descendants(terminal.pid))
        gone, terminal._terminal = terminal._terminal, os.open(os.devnull, os.O_RDWR)
        os.close(gone)
        wait_until(lambda: terminal.ended)
        wait_until(lambda: not any(is_running(pid) for pid in below))
