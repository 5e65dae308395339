"""Which services a person logged in to, and where each key is kept: never the key itself.

One private file beside the store. The last login to a model is the one in use.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from openmed_agent.errors import StoreError
from openmed_agent.net.clients import origin_of
from openmed_agent.secrets.private_files import make_private_folder, read_private_file, write_private_file
from openmed_agent.settings.models import ProviderProtocol
from openmed_agent.store.locking import exclusive

Purpose = Literal["model", "inference", "codes"]
Keeping = Literal["keyring", "file", "none"]

_FILE: Final = "logins.json"
_LOCK: Final = "logins.lock"
_LOCK_SECONDS: Final = 10.0


class Account(BaseModel):
    """One login; ``kept`` is none where the service asks for no key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    purpose: Purpose
    url: Annotated[str, Field(min_length=1, max_length=2000)]
    kept: Keeping
    protocol: ProviderProtocol = "auto"
    model: Annotated[str, Field(min_length=1, max_length=300)] | None = None

    @property
    def origin(self) -> str:
        """The one origin that the key is for."""
        return origin_of(self.url)

    @property
    def label(self) -> str:
        """The name of the key's entry in a keyring or file."""
        return f"login:{self.purpose}:{self.origin}"


class AccountList(BaseModel):
    """The file; accounts of one purpose in the order of login."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["openmed.logins/1"] = "openmed.logins/1"
    accounts: tuple[Account, ...] = ()

    def of(self, purpose: Purpose, origin: str) -> Account | None:
        """Return the login to an origin, or None."""
        found = (one for one in self.accounts if one.purpose == purpose and one.origin == origin)
        return next(found, None)

    def latest(self, purpose: Purpose) -> Account | None:
        """Return the last login for a purpose, or None."""
        return next((one for one in reversed(self.accounts) if one.purpose == purpose), None)

    def with_account(self, account: Account) -> "AccountList":
        """Return the list with an account in the place of a former one of its origin, as the latest."""
        return AccountList(accounts=(*self.without(account).accounts, account))

    def without(self, account: Account) -> "AccountList":
        """Return the list without the login of an account's purpose and origin."""
        return AccountList(accounts=tuple(one for one in self.accounts if one.label != account.label))


def read_accounts(root: Path) -> AccountList:
    """Return the accounts; none where nobody logged in.

    Raises:
        StoreError: the file is damaged, or open to other users.

    """
    content = read_private_file(root / _FILE)
    if content is None:
        return AccountList()
    try:
        return AccountList.model_validate_json(content)
    except ValidationError:
        raise StoreError(f"The file {root / _FILE} is damaged.", remedy="Remove it and log in again.") from None


def change_accounts(root: Path, change: Callable[[AccountList], AccountList]) -> None:
    """Write what ``change`` makes of the accounts; two processes change them one after the other.

    Raises:
        StoreError: the file cannot be read or written.

    """
    make_private_folder(root)
    with exclusive(root / _LOCK, seconds=_LOCK_SECONDS):
        changed = change(read_accounts(root))
        write_private_file(root / _FILE, changed.model_dump_json(indent=2).encode() + b"\n")
