"""One answer of the model: streamed to the person while it comes, tried again where that may help."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import uniform
from typing import Final

from openmed_agent.models.provider import (
    CallStarted,
    ModelError,
    ModelFailure,
    ModelProvider,
    ModelRequest,
    ReasoningDelta,
    Reply,
    TextDelta,
)
from openmed_agent.privacy.model_gate import ModelGate
from openmed_agent.runtime.events import AnswerDelta, CallAnnounced, Event, ReasoningShown, Retrying

_ATTEMPTS: Final = 4
_FIRST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 30.0
_LONGEST_WAIT_ASKED_SECONDS: Final = 120.0

Emit = Callable[[Event], object]


@dataclass(slots=True)
class PartialAnswer:
    """What has come of an answer so far, on the model's side: what is left of it when it is interrupted."""

    text: str = field(default="", repr=False)


async def answer(
    provider: ModelProvider, request: ModelRequest, gate: ModelGate, emit: Emit, partial: PartialAnswer
) -> Reply:
    """Return the model's whole answer; ``emit`` gets the pieces for the person, ``partial`` those for the log.

    A failure that may pass is tried again, up to four times in all, after the pause that the endpoint asks for.

    Raises:
        ModelError: there is no usable answer.

    """
    for attempt in range(1, _ATTEMPTS + 1):
        partial.text = ""
        try:
            return await _once(provider, request, gate, emit, partial)
        except ModelError as error:
            pause = _pause(error, attempt)
            if pause is None:
                raise
            emit(Retrying(attempt=attempt, seconds=round(pause, 1), reason=error.message))
        await asyncio.sleep(pause)
    raise AssertionError("the last attempt returns or raises")


def _pause(error: ModelError, attempt: int) -> float | None:
    """Return how long to wait before the next try, or None where there is none."""
    if not error.transient or attempt == _ATTEMPTS:
        return None
    asked = error.retry_after_seconds
    if asked is not None:
        return asked if asked <= _LONGEST_WAIT_ASKED_SECONDS else None
    longest = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))
    return uniform(longest / 2, longest)  # noqa: S311 - spreads retries, guards nothing


async def _once(
    provider: ModelProvider, request: ModelRequest, gate: ModelGate, emit: Emit, partial: PartialAnswer
) -> Reply:
    shown = gate.stream()
    thoughts = gate.stream()
    reply: Reply | None = None
    stream = provider.stream(request)
    try:
        async for event in stream:
            match event:
                case TextDelta():
                    partial.text += event.text
                    _emit_text(emit, AnswerDelta, shown.feed(event.text))
                case ReasoningDelta():
                    _emit_text(emit, ReasoningShown, thoughts.feed(event.text))
                case CallStarted():
                    emit(CallAnnounced(tool=event.name))
                case Reply():
                    reply = event
    finally:
        await _close(stream)
    _emit_text(emit, ReasoningShown, thoughts.close())
    _emit_text(emit, AnswerDelta, shown.close())
    if reply is None:
        raise ModelError(
            "The model's answer ended before it was complete.", failure=ModelFailure.PROTOCOL, transient=True
        )
    return reply


def _emit_text(emit: Emit, kind: type[AnswerDelta] | type[ReasoningShown], text: str) -> None:
    if text:
        emit(kind(shown=text))


async def _close(stream: object) -> None:
    close: Callable[[], Awaitable[None]] | None = getattr(stream, "aclose", None)
    if close is not None:
        await close()
