"""The approval file: one token, readable by its owner only, never overwritten."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from openmed_agent.errors import InputError, StoreError
from openmed_agent.secrets.private_files import read_private_file, sync_folder
from openmed_agent.workflows.approval import ApprovalToken, parse_token

_MODE: Final = 0o600
_ONLY_NEW: Final = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0)


def write_approval_file(path: Path, token: ApprovalToken) -> None:
    """Write the token to a new file (mode 0600), durably.

    Raises:
        InputError: something is there already, or the file cannot be written; then there is none.

    """
    try:
        descriptor = os.open(path, _ONLY_NEW, _MODE)
    except FileExistsError:
        raise InputError(f"{path} exists already.", remedy="Name a file that does not exist.") from None
    except (OSError, ValueError):
        raise InputError(f"{path} cannot be written.", remedy="Check its folder and permissions.") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(token.reveal().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)
    except OSError:
        with suppress(OSError):
            path.unlink()
        raise InputError(f"{path} cannot be written.", remedy="Check the disk and its space.") from None


def read_approval_file(path: Path) -> ApprovalToken:
    """Return the token in an approval file, without verifying it.

    Raises:
        InputError: there is no such file, it does not hold exactly one token, or it is not private: a symbolic
            link, someone else's, or open to other users.

    """
    try:
        content = read_private_file(path)
    except StoreError:
        raise InputError(
            f"{path} is not a private file of yours.",
            remedy="Pass the file that signing wrote, not a link to it, with mode 0600.",
        ) from None
    except OSError as error:
        raise InputError(f"{path} cannot be read.", remedy="Check the disk.") from error
    if content is None:
        raise InputError(f"There is no approval file {path}.", remedy="Check the path.")
    try:
        text = content.decode("ascii")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not an approval file.", remedy="Pass the file that signing wrote.") from None
    return parse_token(text.removesuffix("\n"))
