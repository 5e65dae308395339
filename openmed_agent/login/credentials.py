"""Keys of services: kept in the system's keyring or a private file, each for one origin.

``find`` answers for an address, and a key is found by the address's origin alone: no key can go to another
one. Keys of the environment are bound in the same way. A file of a project supplies neither.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from openmed_agent.errors import StoreError
from openmed_agent.login.accounts import Account, AccountList, Purpose, change_accounts, read_accounts
from openmed_agent.login.service_key import checked_key
from openmed_agent.net.clients import origin_of
from openmed_agent.secrets.private_files import make_private_folder, read_private_file, write_private_file
from openmed_agent.secrets.system_keyring import NoKeyring, SystemKeyring, find_keyring

OPENAI_KEY: Final = "OPENAI_API_KEY"
OPENAI_URL: Final = "OPENAI_BASE_URL"
OPENAI_ADDRESS: Final = "https://api.openai.com/v1"

_FILE: Final = "credentials.json"


@dataclass(frozen=True, slots=True)
class Credential:
    """A key for one origin, and where it was found."""

    origin: str
    key: str = field(repr=False)
    source: Literal["keyring", "file", "environment"]


class _KeyFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["openmed.credentials/1"] = "openmed.credentials/1"
    keys: dict[str, str] = Field(default_factory=dict, repr=False)


class Credentials:
    """The keys of one installation, and those of the environment."""

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self._root = root
        self._environment = environment

    def accounts(self) -> AccountList:
        """Return the logins; StoreError where their file is damaged."""
        return read_accounts(self._root)

    def environment_url(self) -> str | None:
        """Return the model address that the environment names; a key of OpenAI alone names OpenAI."""
        url = self._environment.get(OPENAI_URL, "").strip()
        if url:
            return url
        return OPENAI_ADDRESS if self._environment.get(OPENAI_KEY, "").strip() else None

    def find(self, purpose: Purpose, url: str) -> Credential | None:
        """Return the key for the origin of ``url``: that of a login, else that of the environment, else None.

        Raises:
            StoreError: there was a login, and its key cannot be had.
            InputError: ``url`` is no address, or the environment's key is no key.

        """
        origin = origin_of(url)
        account = self.accounts().of(purpose, origin)
        if account is not None and account.kept != "none":
            return Credential(origin, self._kept_key(account), account.kept)
        named = self.environment_url() if purpose == "model" else None
        key = self._environment.get(OPENAI_KEY, "").strip()
        if named is None or not key or origin_of(named) != origin:
            return None
        return Credential(origin, checked_key(key), "environment")

    def keep(self, account: Account, key: str | None) -> None:
        """Keep a login and its key; a former key of the origin that was kept elsewhere is removed.

        Raises:
            StoreError: there is no usable keyring, or the file cannot be written.
            InputError: the key is no key.

        """

        def change(accounts: AccountList) -> AccountList:
            if key is not None:
                self._write(account, checked_key(key))
            former = accounts.of(account.purpose, account.origin)
            if former is not None and former.kept != account.kept:
                self._remove(former)
            return accounts.with_account(account)

        change_accounts(self._root, change)

    def forget(self, account: Account) -> None:
        """Remove a login and its key.

        Raises:
            StoreError: the key cannot be removed; the login then stays.

        """

        def change(accounts: AccountList) -> AccountList:
            self._remove(account)
            return accounts.without(account)

        change_accounts(self._root, change)

    def _kept_key(self, account: Account) -> str:
        key = _keyring().get_text(account.label) if account.kept == "keyring" else self._file().keys.get(account.label)
        if key is None:
            place = "keyring" if account.kept == "keyring" else f"file {self._root / _FILE}"
            raise StoreError(
                f"The key for {account.origin} is no longer in the {place}.", remedy="Run 'openmed login' again."
            )
        return checked_key(key)

    def _write(self, account: Account, key: str) -> None:
        match account.kept:
            case "keyring":
                _keyring().put_text(account.label, key)
            case "file":
                self._change_file({**self._file().keys, account.label: key})
            case "none":
                raise StoreError("A login without a key cannot keep one.")

    def _remove(self, account: Account) -> None:
        match account.kept:
            case "keyring":
                _keyring().remove(account.label)
            case "file":
                keys = {label: key for label, key in self._file().keys.items() if label != account.label}
                self._change_file(keys)
            case "none":
                return

    def _change_file(self, keys: dict[str, str]) -> None:
        make_private_folder(self._root)
        write_private_file(self._root / _FILE, _KeyFile(keys=keys).model_dump_json(indent=2).encode() + b"\n")

    def _file(self) -> _KeyFile:
        content = read_private_file(self._root / _FILE)
        if content is None:
            return _KeyFile()
        try:
            return _KeyFile.model_validate_json(content)
        except ValidationError:
            raise StoreError(
                f"The file {self._root / _FILE} is damaged.", remedy="Remove it and log in again."
            ) from None


def keyring_reason() -> str | None:
    """Return why no keyring can keep a key, or None where one can.

    Raises:
        StoreError: the keyring is locked or does not answer.

    """
    found = find_keyring()
    return found.reason if isinstance(found, NoKeyring) else None


def _keyring() -> SystemKeyring:
    found = find_keyring()
    if isinstance(found, NoKeyring):
        raise StoreError(
            f"There is no usable keyring: {found.reason}.",
            remedy="Keep the key in a private file instead: openmed login --keep file.",
        )
    return found
