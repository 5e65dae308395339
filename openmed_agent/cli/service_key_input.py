"""A key of a service: typed without echo, or from an open file descriptor, and never from the command line."""

import os
import sys
import warnings
from getpass import GetPassWarning, getpass
from typing import Final

from openmed_agent.errors import InputError, UsageError
from openmed_agent.login.accounts import Keeping
from openmed_agent.login.credentials import keyring_reason
from openmed_agent.login.service_key import LONGEST_KEY, checked_key

_FIRST_FREE: Final = 3  # 0, 1 and 2 are the standard streams
_EXAMPLE: Final = "For example: --key-fd 3 3<FILE, or --key-fd 0 with the key on standard input."


def key_from_descriptor(number: int) -> str:
    """Return the key that is the first line of the descriptor ``number``, and close the descriptor.

    Raises:
        InputError: it is not open for reading, or its line is no key.

    """
    if number < 0 or 0 < number < _FIRST_FREE:
        raise InputError("The key's file descriptor must be 0, or 3 and more.", remedy=_EXAMPLE)
    try:
        content = _first_line(number)
        os.close(number)
    except OSError:
        raise InputError("The key's file descriptor cannot be read.", remedy=_EXAMPLE) from None
    try:
        return checked_key(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise InputError("The key is not text.", remedy=_EXAMPLE) from None


def ask_key(host: str) -> str | None:
    """Return the key that the person types, which is not echoed; None for an empty line.

    Raises:
        InputError: what was typed is no key.
        UsageError: there is no terminal to ask on, or its echo cannot be switched off.

    """
    if not sys.stdin.isatty():
        raise UsageError(f"There is no terminal to ask for the key of {host}.", remedy=f"Pass --key-fd N. {_EXAMPLE}")
    with warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)
        try:
            typed = getpass(f"Key for {host} (not shown; Enter for none): ")
        except GetPassWarning:
            raise UsageError(
                "This terminal cannot hide what is typed.", remedy="Use another terminal, or --key-fd N."
            ) from None
        except EOFError:
            raise KeyboardInterrupt from None
    return checked_key(typed) if typed else None


def usable_keeping(asked: Keeping) -> Keeping:
    """Return where to keep a key, as asked.

    Raises:
        InputError: it is to be the keyring, and there is none.
        StoreError: the keyring is locked or does not answer.

    """
    reason = keyring_reason() if asked == "keyring" else None
    if reason is not None:
        raise InputError(
            f"There is no usable keyring: {reason}.",
            remedy="To keep the key in a private file that only you can read, pass --keep file.",
        )
    return asked


def _first_line(descriptor: int) -> bytes:
    content = b""
    while b"\n" not in content and (piece := os.read(descriptor, LONGEST_KEY)):
        content += piece
        if len(content) > 2 * LONGEST_KEY:
            raise InputError("The key's file descriptor holds a line that is too long.")
    return content.partition(b"\n")[0].removesuffix(b"\r")
