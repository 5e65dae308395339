"""What the runtime needs of a language model's provider, and what a provider streams.

An adapter turns one wire protocol into these events. It keeps no history: every request carries the whole
conversation. A stream ends with exactly one ``Reply``, or raises ``ModelError``.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol

from openmed_agent.errors import UnavailableError
from openmed_agent.models.finish import FinishReason
from openmed_agent.models.messages import Message, ToolCall, ToolSchema

ReasoningEffort = Literal["none", "minimal", "low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One request; ``max_output_tokens`` None leaves it to the endpoint."""

    model: str
    system: str = field(repr=False)
    messages: tuple[Message, ...] = field(repr=False)
    tools: tuple[ToolSchema, ...] = ()
    reasoning_effort: ReasoningEffort | None = None
    max_output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A further piece of the answer."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """A further piece of the model's reasoning, where the provider shows it."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CallStarted:
    """The model has begun to write a call; its arguments follow in the reply."""

    index: int
    name: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the endpoint counted them; None where it did not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The whole answer. With ``finish`` ``length`` the last call may be cut off and must not be run."""

    text: str = field(repr=False)
    calls: tuple[ToolCall, ...]
    finish: FinishReason
    usage: Usage = Usage()


ModelEvent = TextDelta | ReasoningDelta | CallStarted | Reply


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """A model that an endpoint offers; None is what nobody said, and is never guessed."""

    name: str
    context_window: int | None = None
    max_output_tokens: int | None = None
    takes_tools: bool | None = None
    reasons: bool | None = None


class ModelFailure(StrEnum):
    """Why a model gave no answer."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    AUTHENTICATION = "authentication"
    RATE_LIMIT = "rate_limit"
    OVERFLOW = "overflow"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    SERVER = "server"
    PROTOCOL = "protocol"


class ModelError(UnavailableError):
    """A model gave no usable answer. A ``transient`` one may pass by itself. Never holds text of a conversation."""

    def __init__(
        self,
        message: str,
        *,
        failure: ModelFailure,
        remedy: str | None = None,
        transient: bool = False,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.failure = failure
        self.transient = transient
        self.retry_after_seconds = retry_after_seconds


class ModelProvider(Protocol):
    """One endpoint that serves models."""

    @property
    def host(self) -> str:
        """The host (and port) that text goes to, for people to see."""

    def stream(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        """Yield the answer as it comes, the ``Reply`` last; closing the iterator ends the request."""

    async def models(self) -> tuple[ModelDescription, ...]:
        """Return what the endpoint offers."""

    async def describe(self, model: str) -> ModelDescription:
        """Return what is known of one model."""

    async def close(self) -> None:
        """Close the connections."""
