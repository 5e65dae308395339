"""A project's instructions to the model, ``OPENMED.md``: used only after a person has seen that very text.

They grant nothing. Which text was accepted for which file is kept, as digests, in the user's configuration folder; a
changed file is shown again. The text goes to the model through the privacy gate as all text does.
"""

import hashlib
import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from openmed_agent.errors import InputError
from openmed_agent.secrets.private_files import make_private_folder, read_private_file, write_private_file
from openmed_agent.settings.paths import Paths
from openmed_agent.settings.project import INSTRUCTIONS_FILE, project_folders
from openmed_agent.store.locking import exclusive

LONGEST: Final = 8_000
"""The most characters of instructions."""

_ACCEPTED_FILE: Final = "instructions.json"
_LOCK_SECONDS: Final = 10.0
_MOST_ACCEPTED: Final = 2_000
_BYTES_A_CHARACTER: Final = 4


@dataclass(frozen=True, slots=True)
class Instructions:
    """The text of one file and its digest, ``sha256:<hex>`` of the file's bytes."""

    file: Path
    text: str = field(repr=False)
    digest: str


class _Accepted(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    accepted: dict[str, str] = {}


def find_instructions(working_folder: Path, *, home: Path | None = None) -> Path | None:
    """Return the innermost ``OPENMED.md`` of the project that the working folder is in, or None."""
    places = (folder / INSTRUCTIONS_FILE for folder in project_folders(working_folder, home or Path.home()))
    return next((place for place in places if os.path.lexists(place)), None)


def load_instructions(file: Path) -> Instructions:
    """Return what the file says.

    Raises:
        InputError: it is a symbolic link or no plain file, too long, not UTF-8, or cannot be read.

    """
    content = _read(file)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{file} is not text in UTF-8.", remedy="Save it as UTF-8.") from None
    if len(text) > LONGEST:
        raise InputError(f"{file} is longer than {LONGEST:,} characters.", remedy="Shorten it.")
    return Instructions(file, text, f"sha256:{hashlib.sha256(content).hexdigest()}")


def is_accepted(instructions: Instructions, paths: Paths) -> bool:
    """Tell whether a person has accepted this very text for this file.

    Raises:
        InputError, StoreError: what was accepted cannot be read.

    """
    return _accepted(paths).get(str(instructions.file)) == instructions.digest


def accept_instructions(instructions: Instructions, paths: Paths) -> None:
    """Remember that a person has seen this text and accepted it.

    Raises:
        InputError, StoreError: what was accepted cannot be read, or the disk refuses.

    """
    file = paths.configuration / _ACCEPTED_FILE
    make_private_folder(paths.configuration)
    with exclusive(file.with_suffix(".lock"), seconds=_LOCK_SECONDS):
        others = {name: digest for name, digest in _accepted(paths).items() if name != str(instructions.file)}
        latest = dict([*others.items(), (str(instructions.file), instructions.digest)][-_MOST_ACCEPTED:])
        write_private_file(file, (json.dumps({"accepted": latest}, indent=1) + "\n").encode())


def _accepted(paths: Paths) -> dict[str, str]:
    content = read_private_file(paths.configuration / _ACCEPTED_FILE)
    if content is None:
        return {}
    try:
        return _Accepted.model_validate_json(content).accepted
    except ValidationError:
        raise InputError(
            f"{paths.configuration / _ACCEPTED_FILE} is damaged.",
            remedy="Remove it; instructions are then shown again.",
        ) from None


def _read(file: Path) -> bytes:
    """Return the bytes of a plain file: a link could show a chart, a pipe would keep a session waiting."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    most = LONGEST * _BYTES_A_CHARACTER
    try:
        descriptor = os.open(file, flags)
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise InputError(f"{file} is not a plain file.", remedy="Put a text file in its place, or remove it.")
            content = stream.read(most + 1)
    except OSError:
        remedy = "Check that it is a file of its own and no link, and that you may read it."
        raise InputError(f"{file} cannot be read.", remedy=remedy) from None
    if len(content) > most:
        raise InputError(f"{file} is longer than {LONGEST:,} characters.", remedy="Shorten it.")
    return content
