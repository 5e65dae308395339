"""Plain lines on standard output and input: no cursor is moved, nothing is drawn twice."""

import getpass
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final, NoReturn

from openmed_agent.text.terminal import terminal_safe

_ENDING: Final = tuple(one for one in signal.Signals if one.name in {"SIGTERM", "SIGHUP"})  # Windows has no SIGHUP
_SIGNALLED: Final = 128
"""What a shell adds to the number of the signal that ended a program."""


class LineTerminal:
    """Says lines and reads answers. What was typed is kept in memory for editing, never on disk."""

    def __init__(self) -> None:
        with suppress(ImportError):  # Windows has none; input() works without
            import readline

            readline.parse_and_bind("set enable-bracketed-paste off")  # it would write escape sequences
            readline.parse_and_bind("set enable-meta-key off")
            readline.set_auto_history(False)

    def say(self, lines: Iterable[str]) -> None:
        """Write lines; whatever could act on the terminal becomes a symbol."""
        for line in lines:
            for one in line.splitlines() or [""]:
                sys.stdout.write(terminal_safe(one, single_line=True).rstrip() + "\n")
        sys.stdout.flush()

    def read(self, question: str, *, remember: bool = False) -> str | None:
        """Return a typed line, None at the end of the input.

        Raises:
            KeyboardInterrupt: Ctrl+C was pressed.

        """
        with _signals_raise():
            try:
                line = input(terminal_safe(question, single_line=True))
            except EOFError:
                sys.stdout.write("\n")
                return None
            except UnicodeDecodeError:
                return ""
        if remember and line.strip():
            _remember(line)
        return line

    def read_fresh(self, question: str) -> str | None:
        """Return a line that is typed after the question was asked: nothing typed before can answer it.

        Raises:
            KeyboardInterrupt: Ctrl+C was pressed.

        """
        with suppress(ImportError, OSError):
            import termios

            termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
        return self.read(question)

    def read_secret(self, question: str) -> str | None:
        """Return what was typed unseen, None where the person leaves."""
        with _signals_raise():
            try:
                return getpass.getpass(terminal_safe(question, single_line=True))
            except (EOFError, KeyboardInterrupt):
                sys.stdout.write("\n")
                return None


def _remember(line: str) -> None:
    with suppress(ImportError):
        import readline

        readline.add_history(line)


@contextmanager
def _signals_raise() -> Iterator[None]:
    """Let Ctrl+C end the reading of a line, in place of whoever else listens to it.

    A signal that ends the program raises too: what reads the line has changed the terminal's modes, and puts them back.
    """
    before = {signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler)}
    for number in _ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:
            before[number] = signal.signal(number, _end)
    woken = signal.set_wakeup_fd(-1)
    try:
        yield
    finally:
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, _: FrameType | None) -> NoReturn:
    raise SystemExit(_SIGNALLED + number)
