"""The screen on a real terminal beside a bare Textual application: start, memory, keys, streams, long sessions.

    python benchmarks/screen.py [--rounds 10] [--idle 20] [--tmux]

Every figure is taken outside of the program, on a pty: a time is that from writing a key to reading its echo; memory
and processor time are the kernel's, of the screen's process. With ``--tmux`` a tmux stands between the pty and the
program, as it does on many servers, and its time counts too. The model is a scripted server on loopback.
"""

import argparse
import os
import secrets
import shlex
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "tui"))

from scripted_model_server import Say, ScriptedModelServer, silence
from terminal_driver import (
    OPENMED,
    PtyTerminal,
    descendants,
    environment,
    installation,
    processor_seconds,
    resident_mebibytes,
)

from openmed_agent.runtime.events import Answered, TurnEnded, TurnStarted, write_event
from openmed_agent.settings.paths import find_paths
from openmed_agent.store.opening import open_store

PROMPT = "sk, or type"  # the cursor stands on its first letter
BARE = """
from textual.app import App
from textual.widgets import TextArea
class Bare(App):
    def compose(self):
        yield TextArea(placeholder="Ask, or type")
Bare().run()
"""
REVIEW = """
import asyncio, sys
from pathlib import Path
sys.path[:0] = [sys.argv[1], f"{sys.argv[1]}/tui"]
from faces import scripted_app
from review_data import large_view, script
view = large_view()
app = scripted_app(Path(sys.argv[2]), script(view=view))
type(app).action_begin = lambda self: self.review(view.draft_id)
app.bind("f9", "begin")
asyncio.run(app.run_async())
"""
TESTS = Path(__file__).resolve().parent.parent / "tests"
RARE = "αβγδεζηθικλμνξπρστυφχψωбвгджзийклпцчшщэюя"
"""Letters that nothing else on the screen has, so that each is the echo of its key."""
TURNS = 5_000
LAST = "Zuletzt."
PARAGRAPH = "Her **potassium** is 4.1 and stable; `lisinopril 10 mg` goes on. "
SECTION = f"## Day {{}}\n\n{PARAGRAPH * 4}\n\n" + "".join(f"- item {one}: {PARAGRAPH}\n" for one in range(4))
ANSWER = "\n".join(f"{SECTION.format(day)}\n```\nK 4.1  Na 139\n```\n" for day in range(11))
SIZE = (120, 40)
F9 = "\x1b[20~"


@dataclass(frozen=True)
class Figure:
    """One line of the table; ``limit`` None is told beside the others without a target."""

    what: str
    value: float
    unit: str
    limit: float | None = None

    def line(self) -> str:
        """Return it as a line."""
        target = "" if self.limit is None else f"at most {self.limit:g} {self.unit}".rstrip()
        verdict = "" if self.limit is None else ("ok" if self.value <= self.limit else "MISSED")
        return f"{self.what:<58} {self.value:>8.2f} {self.unit:<4} {target:<18} {verdict}"


class Stage:
    """An installation, and where its screens run: on a pty, or on a pty in a tmux of its own."""

    def __init__(self, home: Path, *, tmux: bool) -> None:
        self.home = home
        self._tmux_runs = tmux
        self._socket = ""

    @contextmanager
    def terminal(self, *command: str, **variables: str) -> Iterator[PtyTerminal]:
        """Run a command on a terminal until the block ends."""
        if self._tmux_runs:
            self._socket = str(self.home.parent / f"tmux{secrets.token_hex(2)}")  # one that ends refuses the next
            (self.home.parent / "tmux.conf").write_text("set -g status off\nset -s escape-time 0\n")
            width, height = map(str, SIZE)
            place = ("new-session", "-x", width, "-y", height, f"exec {shlex.join(command)}")
            command = ("tmux", "-u", "-S", self._socket, "-f", str(self.home.parent / "tmux.conf"), *place)
        try:
            with PtyTerminal(command, environment(self.home, **variables), folder=self.home, size=SIZE) as terminal:
                yield terminal
        finally:
            if self._socket:
                self._tmux("kill-server")

    @contextmanager
    def screen(self, *arguments: str, bare: bool = False, **variables: str) -> Iterator[PtyTerminal]:
        """Run the screen, or the bare application, until the block ends; the prompt stands there."""
        with self.terminal(*_command(*arguments, bare=bare), **variables) as terminal:
            terminal.wait_for(PROMPT)
            terminal.drain(1)
            yield terminal

    def pid(self, terminal: PtyTerminal) -> int:
        """Return the process id of the program on a terminal."""
        if not self._socket:
            return terminal.pid
        return int(self._tmux("list-panes", "-a", "-F", "#{pane_pid}"))

    def _tmux(self, *arguments: str) -> str:
        asked = ("tmux", "-S", self._socket, *arguments)
        return subprocess.run(asked, check=False, capture_output=True, text=True).stdout.strip()


def _command(*arguments: str, bare: bool = False) -> tuple[str, ...]:
    return (sys.executable, "-c", BARE) if bare else (OPENMED, *arguments)


def first_prompt(stage: Stage, *, bare: bool) -> float:
    """Return the seconds until the prompt stands there and a key is echoed."""
    start = time.perf_counter()
    with stage.terminal(*_command(bare=bare)) as terminal:
        terminal.wait_for(PROMPT)
        terminal.send("ß")
        return terminal.wait_for("ß") - start


def echoes(terminal: PtyTerminal, keys: int = 40, pause: float = 0.06) -> list[float]:
    """Type letters one after the other and return the milliseconds until each is shown."""
    taken = []
    for number in range(keys):
        since = len(terminal.written)
        start = time.perf_counter()
        letter = RARE[number % len(RARE)]
        terminal.send(letter)
        taken.append(1000 * (terminal.wait_for(letter, since=since) - start))
        terminal.drain(pause)
    terminal.send("\x7f" * keys)
    terminal.drain(0.5)
    return taken


def echo_figures(what: str, taken: list[float]) -> list[Figure]:
    """Return the middle and the ninth decile."""
    deciles = statistics.quantiles(taken, n=10)
    return [
        Figure(f"key echo, {what}, p50", deciles[4], "ms"),
        Figure(f"key echo, {what}, p90", deciles[8], "ms", 15),
    ]


def idle(stage: Stage, seconds: float) -> Iterator[Figure]:
    """Yield memory and processor use while nobody does anything."""
    with stage.screen(bare=True) as terminal:
        yield Figure("resident memory, bare", resident_mebibytes(stage.pid(terminal)), "MiB")
        yield from echo_figures("bare", echoes(terminal))
    with stage.screen() as terminal:
        before = processor_seconds(stage.pid(terminal))
        terminal.drain(seconds)
        yield Figure("processor, idle", 100 * (processor_seconds(stage.pid(terminal)) - before) / seconds, "%", 1)
        yield Figure("resident memory, idle, before the first key", resident_mebibytes(stage.pid(terminal)), "MiB", 65)
        terminal.send("a")
        terminal.drain(6)
        yield Figure("resident memory, idle, after the first key", resident_mebibytes(stage.pid(terminal)), "MiB", 65)
        tree = sum(resident_mebibytes(pid) for pid in descendants(stage.pid(terminal)))
        yield Figure("  with the working process (shared pages counted twice)", tree, "MiB")
        before = processor_seconds(stage.pid(terminal))
        terminal.drain(seconds)
        yield Figure(
            "processor, idle, after the first key",
            100 * (processor_seconds(stage.pid(terminal)) - before) / seconds,
            "%",
            1,
        )
        terminal.send("\x7f")
        yield from echo_figures("idle", echoes(terminal))


def long_session(stage: Stage, server: ScriptedModelServer) -> Iterator[Figure]:
    """Yield what a session of 10,000 messages costs."""
    server_at = {"OPENAI_BASE_URL": server.url}
    with stage.screen(**server_at) as terminal:
        terminal.send("\x0f")
        terminal.wait_for("Long session")
        terminal.drain(4)
        start, since = time.perf_counter(), len(terminal.written)
        terminal.send("\r")
        yield Figure("a session of 10,000 messages opens", terminal.wait_for(LAST, since=since) - start, "s", 0.7)
        terminal.drain(2)
        yield Figure("resident memory with it", resident_mebibytes(stage.pid(terminal)), "MiB", 150)
        yield from echo_figures("10,000 messages open", echoes(terminal))
        for _ in range(60):
            terminal.send("\x1b[5~")
            terminal.drain(0.05)
        terminal.drain(2)
        yield Figure("resident memory, scrolled back 60 pages", resident_mebibytes(stage.pid(terminal)), "MiB", 150)


def streaming(stage: Stage, server: ScriptedModelServer, replies: list[object]) -> Iterator[Figure]:
    """Yield what an answer costs while it streams."""
    text = f"{ANSWER[: 473 * 12 - len(LAST) - 2]}\n\n{LAST}"
    with stage.screen("--model", "scripted-model", OPENAI_BASE_URL=server.url) as terminal:
        replies[:] = [
            Say("Ready.", piece=3),
            Say(text, piece=12, pause_seconds=0.01),
            Say(ANSWER * 3, piece=12, pause_seconds=0.03),
        ]
        ask(terminal, "Warm up.", "Ready.")
        before = processor_seconds(stage.pid(terminal))
        ask(terminal, "Stream.", LAST)
        terminal.drain(2)
        yield Figure(
            f"processor for {len(text):,} characters in 473 chunks",
            processor_seconds(stage.pid(terminal)) - before,
            "s",
            2.5,
        )
        ask(terminal, "Again.", "Day 0")
        yield from echo_figures("while streaming", echoes(terminal))
        yield Figure("an interrupt while streaming is shown", interrupted(terminal), "ms")


def hung_endpoint(stage: Stage, server: ScriptedModelServer, replies: list[object]) -> Iterator[Figure]:
    """Yield how the screen answers while a model does not."""
    with stage.screen("--model", "scripted-model", OPENAI_BASE_URL=server.url) as terminal:
        replies[:] = [silence()]
        asked = len(server.conversations)
        terminal.send("Hang.\r")
        until(terminal, lambda: len(server.conversations) > asked)
        yield from echo_figures("endpoint hangs", echoes(terminal))
        yield Figure("an interrupt of a hung endpoint is shown", interrupted(terminal), "ms")


def hung_plane(stage: Stage, server: ScriptedModelServer) -> Iterator[Figure]:
    """Yield how the screen answers while a plane accepts a connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as plane:
        address = f"http://127.0.0.1:{plane.getsockname()[1]}"
        places = {"OPENAI_BASE_URL": server.url, "OPENMED_INFERENCE_URL": address}
        with stage.screen("--model", "scripted-model", "--phi-mode", "deid", **places) as terminal:
            terminal.send("Hang.\r")
            plane.settimeout(0)
            until(terminal, lambda: _accepted(plane))
            yield from echo_figures("plane hangs", echoes(terminal))
            yield Figure("an interrupt of a hung plane is shown", interrupted(terminal), "ms")


def review(stage: Stage) -> Iterator[Figure]:
    """Yield how the review of 300 items on a source of 200 kB moves; the draft is a scripted one."""
    with stage.terminal(sys.executable, "-c", REVIEW, str(TESTS), str(stage.home)) as terminal:
        terminal.wait_for(PROMPT)
        terminal.send("x")  # with the first key the working process starts
        terminal.drain(3)
        start = time.perf_counter()
        terminal.send(F9)
        yield Figure("a review of 300 items on 200 kB opens", terminal.wait_for("300 left") - start, "s")
        terminal.drain(1)
        for key, what in (("j", "next item"), ("n", "next undecided"), ("\x1b[C", "next evidence"), (" ", "next page")):
            taken = [drawn(terminal, key) for _ in range(30)]
            deciles = statistics.quantiles(taken, n=10)
            yield Figure(f"review, {what} is drawn whole, p50", deciles[4], "ms")
            yield Figure(f"review, {what} is drawn whole, p90", deciles[8], "ms", 100)


def drawn(terminal: PtyTerminal, key: str) -> float:
    """Press a key and return the milliseconds until nothing more of its picture comes."""
    start = last = time.perf_counter()
    terminal.send(key)
    while terminal.read(0.06):
        last = time.perf_counter()
    return 1000 * (last - start)


def ask(terminal: PtyTerminal, text: str, shown: str) -> None:
    """Send a message and wait until something is shown of the answer."""
    since = len(terminal.written)
    terminal.send(f"{text}\r")
    terminal.wait_for(shown, since=since, seconds=60)
    terminal.drain(1)


def interrupted(terminal: PtyTerminal) -> float:
    """Press Escape and return the milliseconds until the screen says that the turn ended."""
    start, since = time.perf_counter(), len(terminal.written)
    terminal.send("\x1b")
    return 1000 * (terminal.wait_for("nterrupted", since=since) - start)


def until(terminal: PtyTerminal, true: Callable[[], bool], seconds: float = 60) -> None:
    """Read the terminal until something is so."""
    ends = time.monotonic() + seconds
    while not true():
        if time.monotonic() > ends:
            raise TimeoutError(terminal.text()[-2000:])
        terminal.drain(0.05)


def _accepted(plane: socket.socket, held: list[socket.socket] = []) -> bool:  # noqa: B006 - keeps connections open
    try:
        held.append(plane.accept()[0])
    except BlockingIOError:
        return bool(held)
    return True


def make_long_session(home: Path) -> None:
    """Put a session of 10,000 messages into the store of an installation."""
    with open_store(find_paths({"OPENMED_HOME": str(home)}).root, custody="file") as store:
        record = store.sessions.create(phi_mode="full", agent_mode="clinical", model="m", title="Long session")
        sequence = 0
        for first in range(0, TURNS, 500):
            with store.transaction():
                for turn in range(first, first + 500):
                    for event in _turn(turn):
                        store.sessions.append(record.session_id, event.type, write_event(event), expected=sequence)
                        sequence += 1


def _turn(number: int) -> tuple[TurnStarted | Answered | TurnEnded, ...]:
    text = f"{PARAGRAPH * 4}\n\n- one of {number}\n- two\n\n{LAST if number == TURNS - 1 else 'So far.'}"
    asked = f"What about day {number}?"
    modes = {"model": "m", "host": "127.0.0.1", "phi_mode": "full", "agent_mode": "clinical"}
    return (
        TurnStarted(turn=number + 1, shown=asked, local_text=asked, **modes),
        Answered(model_text=text, shown=text, finish="stop", input_tokens=900, output_tokens=80),
        TurnEnded(turn=number + 1, outcome="done", exit_status=0),
    )


def main() -> None:
    """Measure and print one line a figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--idle", type=float, default=20)
    parser.add_argument("--tmux", action="store_true", help="put a tmux between the pty and the program")
    options = parser.parse_args()
    print(f"load of this machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    replies: list[object] = []
    before = processor_times()
    with tempfile.TemporaryDirectory() as folder, ScriptedModelServer(lambda _: replies.pop(0)) as server:  # type: ignore[arg-type,return-value]
        stage = Stage(installation(Path(folder) / "home"), tmux=options.tmux)
        print_start(stage, options.rounds)
        make_long_session(stage.home)
        for figures in (
            idle(stage, options.idle),
            long_session(stage, server),
            streaming(stage, server, replies),
            hung_endpoint(stage, server, replies),
            hung_plane(stage, server),
            review(stage),
        ):
            for figure in figures:
                print(figure.line(), flush=True)
    wanted, stolen = (after - then for after, then in zip(processor_times(), before, strict=True))
    print(f"of the processor time that this machine wanted, other guests of its host had {100 * stolen / wanted:.0f} %")


def processor_times() -> tuple[int, int]:
    """Return the ticks that all processors were wanted for, and those of them that the host gave to others."""
    user, nice, system, _, _, interrupts, soft, stolen, *_ = map(int, Path("/proc/stat").read_text().split()[1:11])
    return user + nice + system + interrupts + soft + stolen, stolen


def print_start(stage: Stage, rounds: int) -> None:
    """Print the first prompt of both, taken in turns."""
    for bare in (True, False):
        first_prompt(stage, bare=bare)
    pairs = [(first_prompt(stage, bare=True), first_prompt(stage, bare=False)) for _ in range(rounds)]
    bare, ours = (statistics.median(side) for side in zip(*pairs, strict=True))
    for figure in (
        Figure("first prompt, bare", bare, "s"),
        Figure("first prompt, OpenMed", ours, "s", 0.5),
        Figure("  times the bare one", ours / bare, "x", 2),
    ):
        print(figure.line(), flush=True)


if __name__ == "__main__":
    main()
