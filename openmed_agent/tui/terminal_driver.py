"""Textual's driver for a terminal, with a reader that no input can mislead or end, and an end that leaves no trace.

Signals are acted on in the event loop: Textual's own handlers run between any two steps of the program, where to write
to the terminal can wait for a lock that the interrupted step holds.
"""

import asyncio
import codecs
import os
import selectors
import signal
from typing import TYPE_CHECKING, Final, TextIO, cast

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from openmed_agent.tui.paste_guard import PasteGuard

if TYPE_CHECKING:
    from io import TextIOWrapper

    from textual.app import App

_TICK_SECONDS: Final = 0.1
"""How soon the reader notices that it shall end, and that an Escape was a key of its own."""
_PIECE: Final = 4_096
_ENDING: Final = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
_SIGNALLED: Final = 128
"""What a shell adds to the number of the signal that ended a program."""


class TerminalDriver(LinuxDriver):
    """Reads keys and pastes; a paste is text whatever is in it, and bytes that are no UTF-8 become U+FFFD.

    A signal that ends the program, and a terminal that is gone, end it as ``^Q`` does: the terminal gets its modes
    back, and a turn that runs is kept as interrupted.
    """

    def __init__(
        self, app: "App[int]", *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        if self._file is not None:
            self._file = cast("TextIOWrapper", _LastingFile(self._file))
        self._loop = asyncio.get_running_loop()  # which takes our handlers off when it closes
        for number in _ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
                self._loop.add_signal_handler(number, self._leave, number)
        self._loop.add_signal_handler(signal.SIGTSTP, self._sigtstp_application)
        self._loop.add_signal_handler(signal.SIGCONT, self._sigcont_application)

    def run_input_thread(self) -> None:
        """Read what the terminal sends until the driver is told to stop."""
        parser, guard = XTermParser(self._debug), PasteGuard()
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(_TICK_SECONDS):
                    received = self._received()
                    if received is None:
                        self._loop.call_soon_threadsafe(self._leave, signal.SIGHUP)
                        return
                    if text := guard.feed(decoder.decode(received)):
                        for message in parser.feed(text):
                            self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)

    def _received(self) -> bytes | None:
        """Return what the terminal sent, None where it is gone."""
        try:
            return os.read(self.fileno, _PIECE) or None
        except BlockingIOError:  # another program has made the terminal so
            return b""
        except OSError:
            return None

    def _leave(self, number: int) -> None:
        self._app.exit(_SIGNALLED + number)

    def _sigcont_application(self, *_: object) -> None:
        """Take the terminal again; who was stopped without being asked (SIGSTOP) gives it back first.

        To begin twice would take our own modes for the ones to be restored in the end.
        """
        if self._auto_restart and self._key_thread is not None and self._key_thread.is_alive():
            self.suspend_application_mode()
        super()._sigcont_application()


class _LastingFile:
    """A terminal's file, which takes what is written to it also where the terminal is gone: nobody would read it."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> None:
        try:
            self._file.write(text)
        except OSError:
            return

    def flush(self) -> None:
        try:
            self._file.flush()
        except OSError:
            return

    def fileno(self) -> int:
        return self._file.fileno()
