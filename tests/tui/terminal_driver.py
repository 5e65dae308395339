"""Terminals that drive the real program: one of tmux, whose screen can be read, and a bare pty, whose bytes can."""

import errno
import fcntl
import json
import os
import pty
import re
import secrets
import select
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

OPENMED = str(Path(sys.executable).with_name("openmed"))
PATIENCE_SECONDS = 30.0
HAS_TMUX = shutil.which("tmux") is not None

_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return a small environment with an installation of its own below ``home``, its key in a file."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    own = {"OPENMED_HOME": str(home), "OPENMED_STORE_KEY": "file", "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    return {**kept, **own, **more}


def installation(home: Path, settings: str = '[privacy]\nphi_mode = "full"\n', *, setup_seen: bool = True) -> Path:
    """Make an installation below ``home`` with these settings and return it; full mode needs no plane."""
    (home / "config").mkdir(parents=True)
    (home / "config" / "config.toml").write_text(settings)
    (home / "config" / "screen.json").write_text(json.dumps({"setup_seen": setup_seen}))
    return home


def wait_until(true: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS, what: Callable[[], str] = str) -> None:
    """Return as soon as ``true``; fail after a time with what there was instead."""
    ends = time.monotonic() + seconds
    while not true():
        if time.monotonic() > ends:
            raise AssertionError(f"not within {seconds} s:\n{what()}")
        time.sleep(0.03)


class TmuxTerminal:
    """A terminal of tmux on a socket of its own, in which one command runs."""

    def __init__(
        self, command: Sequence[str], variables: Mapping[str, str], *, folder: Path, size: tuple[int, int] = (100, 30)
    ) -> None:
        self._socket = folder / f"t{secrets.token_hex(2)}"  # a server that is ending would refuse the next one
        self._ended = folder / "ended"
        self.size = size
        script = f"{shlex.join(command)}; echo $? > {shlex.quote(str(self._ended))}; exec sleep 600"
        self._start = ("env", "-i", *(f"{name}={value}" for name, value in variables.items()), "sh", "-c", script)
        self._folder = folder

    def __enter__(self) -> Self:
        width, height = self.size
        place = ("-c", str(self._folder), "-x", str(width), "-y", str(height))
        self._tmux("-f", "/dev/null", "new-session", "-d", *place, *self._start)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pid in reversed(self.pids):
            if pid != self.shell:
                _kill(pid)
        self._tmux("kill-server")

    @property
    def shell(self) -> int:
        """The process id of the shell in the terminal."""
        return int(self._tmux("list-panes", "-F", "#{pane_pid}").strip())

    @property
    def pids(self) -> tuple[int, ...]:
        """All processes in the terminal, the shell first."""
        return tuple(descendants(self.shell))

    @property
    def exit_status(self) -> int | None:
        """The exit status of the command, None while it runs."""
        return int(self._ended.read_text()) if self._ended.exists() and self._ended.read_text() else None

    def keys(self, *names: str) -> None:
        """Press keys by tmux's names: ``Enter``, ``Escape``, ``C-c``, ``BTab``."""
        self._tmux("send-keys", *names)

    def type(self, text: str) -> None:
        """Type text as it is."""
        self._tmux("send-keys", "-l", text)

    def resize(self, width: int, height: int) -> None:
        """Give the terminal another size."""
        self.size = (width, height)
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def screen(self, *, styled: bool = False) -> str:
        """Return what the terminal shows."""
        return self._tmux("capture-pane", "-p", *(("-e",) if styled else ()))

    def wait_for(self, *texts: str, seconds: float = PATIENCE_SECONDS) -> str:
        """Wait until the screen shows all of the texts, and return it."""
        wait_until(lambda: all(text in self.screen() for text in texts), seconds=seconds, what=self.screen)
        return self.screen()

    def settle(self, seconds: float = 0.4) -> None:
        """Wait until the screen has stayed as it is for a time."""
        seen, since = self.screen(), time.monotonic()
        while time.monotonic() - since < seconds:
            time.sleep(0.05)
            if (now := self.screen()) != seen:
                seen, since = now, time.monotonic()

    def wait_for_end(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Wait until the command has ended, and return its exit status."""
        wait_until(lambda: self.exit_status is not None, seconds=seconds, what=self.screen)
        return self.exit_status or 0

    def _tmux(self, *arguments: str) -> str:
        command = ("tmux", "-S", str(self._socket), *arguments)
        variables = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm-256color"}
        return subprocess.run(command, capture_output=True, text=True, check=True, env=variables).stdout


class PtyTerminal:
    """A bare pty with one command in it; what the program wrote is kept in ``written``."""

    def __init__(
        self, command: Sequence[str], variables: Mapping[str, str], *, folder: Path, size: tuple[int, int] = (100, 30)
    ) -> None:
        self._command = tuple(command)
        self._variables = dict(variables)
        self._folder = folder
        self._size = size
        self.written = bytearray()
        self.pid = 0
        self._terminal = -1
        self._status: int | None = None

    def __enter__(self) -> Self:
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:  # pragma: no cover - the other process
            signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may ignore it, as nohup does
            os.chdir(self._folder)
            os.execvpe(self._command[0], self._command, self._variables)  # noqa: S606 - the program under test
        self.resize(*self._size)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is None:
            for pid in reversed(tuple(descendants(self.pid))):
                _kill(pid)
            os.waitpid(self.pid, 0)
        os.close(self._terminal)

    def resize(self, width: int, height: int) -> None:
        """Give the terminal another size."""
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def send(self, text: str | bytes) -> None:
        """Type text; control characters act as keys do."""
        os.write(self._terminal, text.encode() if isinstance(text, str) else text)

    def text(self, since: int = 0) -> str:
        """Return what was written, decoded."""
        return self.written[since:].decode(errors="replace")

    def wait_for(self, wanted: str | bytes, *, since: int = 0, seconds: float = PATIENCE_SECONDS) -> float:
        """Wait until something was written, and return the clock's time (``time.perf_counter``) of that."""
        found = wanted.encode() if isinstance(wanted, str) else wanted
        ends = time.perf_counter() + seconds
        while self.written.find(found, since) < 0:
            if time.perf_counter() > ends:
                raise AssertionError(f"{wanted!r} was not written within {seconds} s:\n{self.text(since)[-3000:]}")
            if not self.read(0.05) and self.ended:
                raise AssertionError(f"{wanted!r} was not written:\n{self.text(since)[-3000:]}")
        return time.perf_counter()

    def drain(self, seconds: float) -> None:
        """Read for a time whatever is written."""
        ends = time.perf_counter() + seconds
        while (left := ends - time.perf_counter()) > 0:
            self.read(left)

    def read(self, seconds: float) -> bool:
        """Read what is there within a time; return whether there was anything."""
        if not select.select((self._terminal,), (), (), seconds)[0]:
            return False
        try:
            content = os.read(self._terminal, 1 << 16)
        except OSError as error:
            if error.errno != errno.EIO:  # Linux says so when the program has ended
                raise
            content = b""
        self.written += content
        return bool(content)

    @property
    def ended(self) -> bool:
        """Whether the command has ended."""
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._status = os.waitstatus_to_exitcode(status) if pid else None
        return self._status is not None

    def wait_for_end(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Wait until the command has ended, and return its exit status."""
        ends = time.monotonic() + seconds
        while not self.ended:
            if time.monotonic() > ends:
                raise AssertionError(f"did not end within {seconds} s:\n{self.text()[-3000:]}")
            self.read(0.05)
        while self.read(0):
            pass
        return self._status or 0


def descendants(pid: int) -> Iterator[int]:
    """Yield a process and all below it, parents first."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from descendants(int(child))


def is_running(pid: int) -> bool:
    """Return whether a process exists and is no zombie."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in ("Z", "X")


def command_line(pid: int) -> str:
    """Return the command line of a process, empty where it has gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def resident_mebibytes(pid: int) -> float:
    """Return the resident memory of a process."""
    found = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def processor_seconds(pid: int) -> float:
    """Return the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
