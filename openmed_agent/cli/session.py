"""Opens the store of this machine for a command."""

import os
import sys
from getpass import getpass
from typing import TYPE_CHECKING, Final

from openmed_agent.errors import StoreError

if TYPE_CHECKING:
    from openmed_agent.settings.configuration import Configuration
    from openmed_agent.settings.paths import Paths
    from openmed_agent.store.store import Store

PASSPHRASE_DESCRIPTOR: Final = "OPENMED_STORE_PASSPHRASE_FD"  # noqa: S105 - a variable's name


def open_local_store(paths: "Paths", configuration: "Configuration") -> "Store":
    """Return the open store; says once, when it was just made, where its key lives.

    Raises:
        StoreError: the store or its key cannot be had.

    """
    from openmed_agent.cli.console import notice
    from openmed_agent.store.opening import open_store

    store = open_store(paths.root, custody=configuration.store.key, passphrase=StorePassphrase())
    if store.notice:
        notice(store.notice)
    return store


class StorePassphrase:
    """Asks for the store's passphrase: on the terminal, or once from the descriptor that the environment names."""

    def __init__(self) -> None:
        self._given: str | None = None

    def __call__(self, prompt: str) -> str:
        """Return the answer to ``prompt``.

        Raises:
            StoreError: there is neither a terminal nor a descriptor that holds a line.

        """
        descriptor = os.environ.get(PASSPHRASE_DESCRIPTOR)
        if descriptor is not None:
            if self._given is None:  # a pipe can be read only once, and a new store asks twice
                self._given = read_line_from(descriptor)
            return self._given
        if not sys.stdin.isatty():
            raise StoreError(
                "The store is locked with a passphrase and there is no terminal to ask for it.",
                remedy=f"Set {PASSPHRASE_DESCRIPTOR} to a file descriptor that holds it.",
            )
        return getpass(f"{prompt}: ")


def read_line_from(descriptor: str) -> str:
    """Return the first line that a file descriptor, given as a number, holds.

    Raises:
        StoreError: it is not an open descriptor, or holds nothing.

    """
    try:
        with os.fdopen(int(descriptor), encoding="utf-8", closefd=False) as stream:
            line = stream.readline().rstrip("\r\n")
    except (OSError, ValueError):
        raise StoreError(
            "The passphrase's file descriptor cannot be read.", remedy="Pass the number of an open one."
        ) from None
    if not line:
        raise StoreError("The passphrase's file descriptor holds no line.", remedy="Write it there.")
    return line
