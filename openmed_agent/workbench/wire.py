"""What goes between the screen and the process that works for it: one JSON object a line, each a typed model.

The screen sends an ``Order``; every answer carries its number. An order is answered once, or by a stream of parts and
an end. Both sides are the same program, so nothing here is versioned.
"""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from openmed_agent.errors import (
    CheckFailedError,
    ExitStatus,
    InputError,
    LimitReachedError,
    NotPermittedError,
    OpenMedError,
    StoreError,
    UnavailableError,
    UsageError,
)

LONGEST_LINE = 64 << 20
"""The most bytes of one line; the largest thing sent is a source beside its draft."""

TOO_LONG = f"That is larger than the {LONGEST_LINE >> 20} MB that can be shown or sent at once."


class StoreLockedError(StoreError):
    """The store waits for its passphrase."""

    def __init__(self) -> None:
        super().__init__("The store is locked.", remedy="Give its passphrase.")


class WireModel(BaseModel):
    """Base of what is sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Request(WireModel):
    """What the screen asks for. ``kind`` is ``area.act``; the area names the file that answers it."""

    kind: ClassVar[str]


class Done(WireModel):
    """The answer where there is nothing to say but that it was done."""


class Order(WireModel):
    """One request on its way, or, with ``cancel``, the wish to end the one with this number."""

    number: int
    kind: str = ""
    body: dict[str, Any] = {}
    cancel: bool = False


class Refusal(WireModel):
    """Why a request was not done: the sentence and the way out of an ``OpenMedError``."""

    message: str
    remedy: str | None = None
    exit_status: int = int(ExitStatus.NO)
    locked: bool = False
    """Whether it is because the store waits for its passphrase."""


class Answer(WireModel):
    """One line from the working process: a part of a stream, a whole reply, a refusal, or the end of a stream."""

    number: int
    part: dict[str, Any] | None = None
    reply: dict[str, Any] | None = None
    refusal: Refusal | None = None
    ended: bool = False


_KINDS: tuple[type[OpenMedError], ...] = (
    CheckFailedError,
    UsageError,
    InputError,
    NotPermittedError,
    UnavailableError,
    StoreError,
    LimitReachedError,
)


def refusal_of(error: OpenMedError) -> Refusal:
    """Return what the other side is told of an error."""
    return Refusal(
        message=error.message,
        remedy=error.remedy,
        exit_status=int(error.exit_status),
        locked=isinstance(error, StoreLockedError),
    )


def error_of(refusal: Refusal) -> OpenMedError:
    """Return the error that the other side told of, of the kind with its exit status."""
    if refusal.locked:
        return StoreLockedError()
    kind = next((one for one in _KINDS if int(one.exit_status) == refusal.exit_status), OpenMedError)
    return kind(refusal.message, remedy=refusal.remedy)
