"""Ctrl+C where Python alone does not deal with it: inside compiled libraries."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class InterruptRecord:
    """Remembers that Ctrl+C was pressed, also where a compiled library turns it into an error of its own.

    Python's own handler writes every signal to a pipe (``signal.set_wakeup_fd``), whatever becomes of the
    KeyboardInterrupt that follows.
    """

    def __init__(self) -> None:
        self._reader, writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        sys.unraisablehook = _print_nothing

    def any(self) -> bool:
        """Return whether Ctrl+C was pressed since the last time this was asked."""
        try:
            return signal.SIGINT in os.read(self._reader, 1024)
        except BlockingIOError:
            return False


def _print_nothing(_: "sys.UnraisableHookArgs") -> None:
    """Drop an error that Python could not raise: its text could hold words of a chart."""


@contextmanager
def held_interrupts() -> Iterator[None]:
    """Keep a Ctrl+C waiting until the block ends. Where the system cannot (Windows), it is not held."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def load_pydantic_core() -> None:
    """Import the compiled library that nearly every command needs; interrupted half-way, it would print a panic."""
    with held_interrupts():
        import pydantic_core  # noqa: F401 - loaded for what comes after
