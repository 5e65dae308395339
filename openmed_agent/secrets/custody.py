"""Custody of a store's key: in the keyring, wrapped by a passphrase, or in a private file."""

import binascii
import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal, Protocol

from openmed_agent.errors import StoreError
from openmed_agent.secrets.passphrase import SHORTEST_PASSPHRASE, unwrap_key, wrap_key
from openmed_agent.secrets.private_files import read_private_file, write_private_file
from openmed_agent.secrets.system_keyring import KEY_BYTES, NoKeyring, SystemKeyring, find_keyring

CustodyKind = Literal["keyring", "passphrase", "file"]
CustodyMode = Literal["auto", "keyring", "passphrase", "file"]
AskPassphrase = Callable[[str], str]


class Custody(Protocol):
    """A place that keeps the one key of a store, by the store's id."""

    @property
    def kind(self) -> CustodyKind:
        """How the key is kept."""

    @property
    def notice(self) -> str | None:
        """What a person must be told once when a store is made with this custody."""

    def get(self, store_id: str) -> bytes | None:
        """Return the key, or None where it is missing; StoreError where it cannot be had."""

    def put(self, store_id: str, key: bytes) -> None:
        """Keep the key durably; StoreError where that fails."""


class KeyringCustody:
    """The key is in the keyring of the operating system."""

    kind: CustodyKind = "keyring"
    notice: str | None = None

    def __init__(self, keyring: SystemKeyring) -> None:
        self._keyring = keyring

    def get(self, store_id: str) -> bytes | None:
        """Return the keyring's entry for the store."""
        return self._keyring.get(store_id)

    def put(self, store_id: str, key: bytes) -> None:
        """Make the keyring's entry for the store."""
        self._keyring.put(store_id, key)


class PassphraseCustody:
    """The key is in a private file beside the database, wrapped by a passphrase."""

    kind: CustodyKind = "passphrase"
    notice: str | None = "A forgotten passphrase cannot be recovered, nor what the store holds."

    def __init__(self, path: Path, ask: AskPassphrase | None) -> None:
        self._path = path
        self._ask = ask

    def get(self, store_id: str) -> bytes | None:
        """Ask for the passphrase and return the key it unwraps."""
        document = read_private_file(self._path)
        if document is None:
            return None
        return unwrap_key(document, self._answer("Passphrase of the store"), context=_context(store_id))

    def put(self, store_id: str, key: bytes) -> None:
        """Ask for a new passphrase, twice, and keep the key wrapped by it."""
        passphrase = self._answer(f"New passphrase of the store, {SHORTEST_PASSPHRASE} characters or more")
        if len(passphrase) < SHORTEST_PASSPHRASE:
            raise StoreError("The passphrase is too short.", remedy=f"Use {SHORTEST_PASSPHRASE} characters or more.")
        if self._answer("The same passphrase again") != passphrase:
            raise StoreError("The two passphrases differ.", remedy="Try again.")
        write_private_file(self._path, wrap_key(key, passphrase, context=_context(store_id)))

    def _answer(self, prompt: str) -> str:
        if self._ask is None:
            raise StoreError("The store's key needs its passphrase.", remedy="Run the command on a terminal.")
        return self._ask(prompt)


class FileCustody:
    """The key is in a private file beside the database."""

    kind: CustodyKind = "file"

    def __init__(self, path: Path, *, reason: str | None = None) -> None:
        self._path = path
        self._reason = reason

    @property
    def notice(self) -> str:
        """Say what a key beside its database is worth, and why it came to that."""
        cause = f"There is no usable keyring ({self._reason}), so the" if self._reason else "The"
        return (
            f"{cause} store's key is in the file {self._path}. A key beside its database protects "
            "a copied database, not a stolen disk."
        )

    def get(self, store_id: str) -> bytes | None:  # noqa: ARG002 - a folder holds one store
        """Return the key of the file, which must be private."""
        text = read_private_file(self._path)
        if text is None:
            return None
        try:
            key = binascii.unhexlify(text.strip())
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise StoreError(f"The key file {self._path} is damaged.", remedy="Restore it from a backup.")
        return key

    def put(self, store_id: str, key: bytes) -> None:  # noqa: ARG002 - a folder holds one store
        """Write the file."""
        write_private_file(self._path, key.hex().encode() + b"\n")


def choose_custody(mode: CustodyMode, *, folder: Path, passphrase: AskPassphrase | None) -> Custody:
    """Return the custody for a new store; `auto` takes the keyring, and a key file where there is none.

    Raises:
        StoreError: the keyring is locked, or was demanded and there is none.

    """
    match mode:
        case "passphrase" | "file":
            return recorded_custody(mode, folder=folder, passphrase=passphrase)
        case "keyring":
            return KeyringCustody(_demand_keyring())
        case "auto":
            found = find_keyring()
            if isinstance(found, NoKeyring):
                return FileCustody(_key_file(folder), reason=found.reason)
            return KeyringCustody(found)


def recorded_custody(kind: CustodyKind, *, folder: Path, passphrase: AskPassphrase | None) -> Custody:
    """Return the custody that an existing store was made with.

    Raises:
        StoreError: it is the keyring, and that is locked or gone.

    """
    match kind:
        case "keyring":
            return KeyringCustody(_demand_keyring())
        case "passphrase":
            return PassphraseCustody(_wrapped_key_file(folder), passphrase)
        case "file":
            return FileCustody(_key_file(folder))


def key_files(folder: Path) -> tuple[Path, ...]:
    """Return the files beside a database that hold a key, wrapped or not."""
    return tuple(path for path in (_key_file(folder), _wrapped_key_file(folder)) if os.path.lexists(path))


def _key_file(folder: Path) -> Path:
    return folder / "openmed.key"


def _wrapped_key_file(folder: Path) -> Path:
    return folder / "openmed.key.json"


def _demand_keyring() -> SystemKeyring:
    found = find_keyring()
    if isinstance(found, NoKeyring):
        raise StoreError(
            f"The store's key belongs in the keyring, and there is no usable one: {found.reason}.",
            remedy="Log in to the session whose keyring holds it, or start the keyring service.",
        )
    return found


def _context(store_id: str) -> str:
    return f"openmed.store/{store_id}"
