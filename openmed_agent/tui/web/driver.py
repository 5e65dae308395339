"""Textual's driver for a browser, which ends with whoever started it and opens nothing."""

from typing import BinaryIO, TextIO

from textual import messages
from textual.drivers.web_driver import WebDriver


class ViewerDriver(WebDriver):
    """The end of the input ends the screen; links and files are not handed to the browser."""

    def run_input_thread(self) -> None:
        """Read what the browser sends until there is nothing more, and leave."""
        super().run_input_thread()
        self.send_message(messages.ExitApp())

    def open_url(self, url: str, new_tab: bool = True) -> None:  # noqa: FBT001, FBT002 - Textual's signature
        """Open nothing: a link could be a stranger's."""

    def deliver_binary(self, binary: BinaryIO | TextIO, **_: object) -> None:
        """Deliver nothing: what leaves the store does so through an export that a person asks for."""
        binary.close()
