"""A reviewer's passphrase: from the terminal without echo, or from an open file descriptor, and nowhere else.

It never comes from the command line or the environment, which other processes can read.
"""

import os
import sys
import warnings
from getpass import GetPassWarning, getpass
from typing import Final

from openmed_agent.errors import InputError, UsageError

_LONGEST_LINE: Final = 4096
_FIRST_FREE: Final = 3  # 0, 1 and 2 are the standard streams


def passphrase_from_descriptor(number: int) -> str:
    """Return the first line that the descriptor ``number`` holds, and close the descriptor.

    Standard input (0) may be used; standard output and error may not.

    Raises:
        InputError: it is not open for reading, holds no line, a line that is too long, or no UTF-8.

    """
    if number < 0 or 0 < number < _FIRST_FREE:
        raise InputError(
            "The passphrase's file descriptor must be 0, or 3 and more.", remedy="For example: --passphrase-fd 3 3<FILE"
        )
    try:
        content = _first_line(number)
        os.close(number)
    except OSError:
        raise InputError(
            "The passphrase's file descriptor cannot be read.", remedy="For example: --passphrase-fd 3 3<FILE"
        ) from None
    try:
        passphrase = content.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("The passphrase is not UTF-8 text.") from None
    if not passphrase:
        raise InputError("The passphrase's file descriptor holds no passphrase.", remedy="Write it there as one line.")
    return passphrase


def ask_passphrase(prompt: str) -> str:
    """Return what the person types, which is not echoed.

    Raises:
        UsageError: there is no terminal to ask on, or its echo cannot be switched off.

    """
    if not sys.stdin.isatty():
        raise UsageError("There is no terminal to ask for the passphrase.", remedy="Pass --passphrase-fd N.")
    with warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)
        try:
            return getpass(f" {prompt}: ")
        except GetPassWarning:
            raise UsageError(
                "This terminal cannot hide what is typed.", remedy="Use another terminal, or --passphrase-fd N."
            ) from None
        except EOFError:
            raise KeyboardInterrupt from None


def ask_new_passphrase() -> str:
    """Return a new passphrase that was typed twice.

    Raises:
        InputError: the two differ.
        UsageError: there is no terminal.

    """
    first = ask_passphrase("New passphrase")
    if first != ask_passphrase("The same again"):
        raise InputError("The two passphrases differ.", remedy="Run the command again.")
    return first


def _first_line(descriptor: int) -> bytes:
    content = b""
    while b"\n" not in content and (piece := os.read(descriptor, _LONGEST_LINE)):
        content += piece
        if len(content) > _LONGEST_LINE:
            raise InputError("The passphrase's file descriptor holds a line that is too long.")
    return content.partition(b"\n")[0].removesuffix(b"\r")
