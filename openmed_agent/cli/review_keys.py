"""Single keys and single lines from the person at the terminal.

Whatever was typed before a question was on the screen is dropped: a key that was held down, or pasted text,
must not decide on an item that nobody has seen.
"""

import importlib
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Final

from openmed_agent.errors import UnavailableError
from openmed_agent.text.terminal import terminal_safe

if TYPE_CHECKING:
    from rich.console import Console

_END_OF_INPUT: Final = frozenset({"", "\x04"})
_ESCAPE: Final = "\x1b"
STOP: Final = "q"
_PATIENCE: Final = 0.2  # seconds


def on_terminal() -> bool:
    """Return whether a person sits at both ends: input and output are terminals."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def ask_key(console: "Console", keys: str, prompt: str) -> str:
    """Return one of ``keys``, without Enter; the end of the input counts as ``q``."""
    from rich.text import Text

    with _single_keys() as read:
        console.print(Text(prompt, style="bold"), end=" ")
        while True:
            key = read().lower()
            if key in _END_OF_INPUT:
                return STOP
            if key in keys:
                console.print(key)
                return key


def ask_line(prompt: str, *, beginning: str = "") -> str:
    """Return a line that the person edits, starting from ``beginning``; empty where the input ended."""
    editing = _line_editing()
    if editing is not None and beginning and terminal_safe(beginning, single_line=True) == beginning:
        editing.set_startup_hook(lambda: editing.insert_text(beginning))
    try:
        _drop_what_was_typed()
        return input(f" {prompt}: ").strip()
    except EOFError:
        return ""
    finally:
        if editing is not None:
            editing.set_startup_hook(None)
            editing.clear_history()


def _drop_what_was_typed() -> None:
    try:
        import termios
    except ImportError:
        return
    termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)


def _line_editing() -> ModuleType | None:
    """Return the module that lets a person edit a line; None where Python was built without it."""
    try:
        return importlib.import_module("readline")
    except ImportError:
        return None


@contextmanager
def _single_keys() -> "Iterator[_Reader]":
    try:
        import termios
        import tty
    except ImportError:
        raise UnavailableError("This system has no terminal that gives single keys.") from None
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor, termios.TCSAFLUSH)  # flushes what was typed earlier; Ctrl+C still interrupts
        yield _Reader(descriptor)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


class _Reader:
    """Reads one character at a time; the sequence of an arrow or function key counts as nothing."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __call__(self) -> str:
        import termios

        # A signal that came just before a blocking read would wait for the next key; this way Ctrl+C never does.
        while not select.select([self._descriptor], [], [], _PATIENCE)[0]:
            pass
        content = os.read(self._descriptor, 1)
        character = content.decode("ascii", errors="replace")
        if character == _ESCAPE:
            termios.tcflush(self._descriptor, termios.TCIFLUSH)
        return character
