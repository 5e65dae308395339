"""What the lock of the screen asks: whether a passphrase opens it, and whether it is the right one."""

from typing import ClassVar

from pydantic import Field

from openmed_agent.workbench.wire import Request, WireModel


class FindLock(Request):
    """Answered by ``LockKind``."""

    kind: ClassVar[str] = "lock.kind"


class LockKind(WireModel):
    """Whether the store has a passphrase, which then opens the screen too."""

    passphrase: bool


class CheckPassphrase(Request):
    """Answered by ``PassphraseChecked``."""

    kind: ClassVar[str] = "lock.check"
    passphrase: str = Field(repr=False)


class PassphraseChecked(WireModel):
    """Whether it is the store's passphrase."""

    right: bool
