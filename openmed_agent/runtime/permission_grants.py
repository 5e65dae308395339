"""The permissions that a person gave for always: one private file of their own, to which only answers are added.

``permissions.toml`` in the configuration folder holds ``[[always]]`` tables of a tool and the exact subject. A person
may edit it; what else stands in it stays as it is.
"""

import json
import tomllib
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from openmed_agent.errors import InputError
from openmed_agent.runtime.permissions import Grant
from openmed_agent.secrets.private_files import make_private_folder, read_private_file, write_private_file
from openmed_agent.settings.paths import Paths
from openmed_agent.store.locking import exclusive

GRANTS_FILE: Final = "permissions.toml"
_HEAD: Final = "# What was allowed for always. Remove a table to be asked again.\n"
_LOCK_SECONDS: Final = 10.0


class _Grant(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    tool: str
    subject: str


class _Grants(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    always: tuple[_Grant, ...] = ()


def load_grants(paths: Paths) -> frozenset[Grant]:
    """Return what was allowed for always.

    Raises:
        InputError: the file is no list of permissions.
        StoreError: it belongs to someone else, is open to other users, or cannot be read.

    """
    return _parsed(read_private_file(paths.configuration / GRANTS_FILE) or b"", paths)


def keep_grant(paths: Paths, grant: Grant) -> None:
    """Add a permission to the file; do nothing where it is there.

    Raises:
        InputError: the file is no list of permissions, or the subject cannot be written down.
        StoreError: as of load_grants, or the disk refuses.

    """
    file = paths.configuration / GRANTS_FILE
    make_private_folder(paths.configuration)
    with exclusive(file.with_suffix(".lock"), seconds=_LOCK_SECONDS):
        former = read_private_file(file) or _HEAD.encode()
        kept = _parsed(former, paths)
        if grant in kept:
            return
        content = former + (b"" if former.endswith(b"\n") else b"\n") + _table(grant)
        if _parsed(content, paths) != kept | {grant}:
            raise InputError("The permission cannot be written down exactly.", remedy="Allow it for this session.")
        write_private_file(file, content)


def _table(grant: Grant) -> bytes:
    try:
        return f"\n[[always]]\ntool = {_quoted(grant.tool)}\nsubject = {_quoted(grant.subject)}\n".encode()
    except UnicodeEncodeError:  # a file name that is no text
        raise InputError("The name cannot be written down.", remedy="Allow it for this session.") from None


def _quoted(text: str) -> str:
    """Return a basic string of TOML: as JSON writes it, and DEL escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _parsed(content: bytes, paths: Paths) -> frozenset[Grant]:
    try:
        grants = _Grants.model_validate(tomllib.loads(content.decode("utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        raise InputError(
            f"{paths.configuration / GRANTS_FILE} is no list of permissions.", remedy="Correct or remove it."
        ) from None
    return frozenset(Grant(grant.tool, grant.subject) for grant in grants.always)
