"""Textual's driver for a terminal, with a reader that no input can mislead or end."""

import codecs
import os
import selectors
from typing import Final

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from openmed_agent.tui.paste_guard import PasteGuard

_TICK_SECONDS: Final = 0.1
"""How soon the reader notices that it shall end, and that an Escape was a key of its own."""
_PIECE: Final = 4_096


class TerminalDriver(LinuxDriver):
    """Reads keys and pastes; a paste is text whatever is in it, and bytes that are no UTF-8 become U+FFFD."""

    def run_input_thread(self) -> None:
        """Read what the terminal sends until the driver is told to stop."""
        parser, guard = XTermParser(self._debug), PasteGuard()
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(_TICK_SECONDS):
                    received = os.read(self.fileno, _PIECE)
                    if not received:  # the terminal is gone; what ends the program comes as a signal
                        self.exit_event.wait(_TICK_SECONDS)
                    if text := guard.feed(decoder.decode(received)):
                        for message in parser.feed(text):
                            self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)
