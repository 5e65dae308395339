"""What the screen asks about settings and the store's key: what holds and why, and the few changes made from here."""

from typing import ClassVar, Literal

from pydantic import Field

from openmed_agent.workbench.requests.turns import PermissionModeName, PhiModeName
from openmed_agent.workbench.wire import Request, WireModel

SourceName = Literal["default", "your file", "environment", "project", "site"]
CustodyName = Literal["keyring", "passphrase", "file"]


class ShowSettings(Request):
    """Say which settings hold and where each comes from. Answered by ``SettingsReport``."""

    kind: ClassVar[str] = "preferences.show"


class SettingLine(WireModel):
    """One setting as it stands; ``note`` says what narrows it, or how it is changed."""

    name: str
    value: str
    source: SourceName
    note: str = ""


class SettingsReport(WireModel):
    """The settings, and the files that they may come from."""

    file: str
    file_exists: bool
    project_file: str = ""
    site_file: str = ""
    phi_mode: PhiModeName
    minimum_phi_mode: PhiModeName
    permission_mode: PermissionModeName
    maximum_permission_mode: PermissionModeName
    lines: tuple[SettingLine, ...]


class ChooseDefault(Request):
    """Change a default in the settings file; one of the two is given. Answered by ``SettingsReport``."""

    kind: ClassVar[str] = "preferences.choose"
    phi_mode: PhiModeName | None = None
    permission_mode: PermissionModeName | None = None


class AskCustody(Request):
    """Say where the store's key is, or could be kept. Answered by ``CustodyOffer``; nothing is made."""

    kind: ClassVar[str] = "preferences.custody"


class CustodyOffer(WireModel):
    """The ways that this machine has to keep the key, and the one in use where there is a store already."""

    exists: bool
    custody: CustodyName | None = None
    keyring: bool
    no_keyring: str = ""
    shortest_passphrase: int
    database: str


class MakeStore(Request):
    """Make the store with its key kept so. Answered by ``StoreOpened`` of the sessions."""

    kind: ClassVar[str] = "preferences.make_store"
    custody: CustodyName
    passphrase: str | None = Field(default=None, repr=False)
