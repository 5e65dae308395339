"""The secret behind stand-ins that agree across documents of a patient: the store's, or that of a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from openmed_agent.errors import InputError

if TYPE_CHECKING:
    from openmed_agent.settings.configuration import Configuration
    from openmed_agent.settings.paths import Paths

_SHORTEST: Final = 32


def read_surrogate_key(file: Path) -> bytes:
    """Return the key that a private file holds.

    Raises:
        InputError: the file is missing, open to others, or holds no key of at least 32 characters.

    """
    from openmed_agent.cli.serve import read_api_key

    key = read_api_key(file)
    if len(key) < _SHORTEST:
        raise InputError(
            f"The key file {file} must hold at least {_SHORTEST} characters.",
            remedy="For example: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'",
        )
    return key.encode()


def stored_surrogate_key(paths: "Paths", configuration: "Configuration") -> bytes:
    """Return the key that belongs to the store of this machine, which is made where there is none.

    Raises:
        StoreError: the store or its key cannot be had; no other key takes its place.

    """
    from openmed_agent.cli.session import open_local_store

    with open_local_store(paths, configuration) as store:
        return store.surrogate_key
