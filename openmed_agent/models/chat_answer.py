"""Reads one streamed answer of Chat Completions.

The documents come from another program and are read leniently where servers differ, and strictly where a guess
could change what the model said: a stream that ends without a finish is an error, never a short answer.
"""

from collections.abc import Iterator
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from openmed_agent.models.call_assembly import CallAssembly, CallPiece
from openmed_agent.models.failures import broken
from openmed_agent.models.finish import FinishReason
from openmed_agent.models.provider import (
    ModelError,
    ModelEvent,
    ModelFailure,
    ModelRequest,
    ReasoningDelta,
    TextDelta,
    Usage,
)
from openmed_agent.models.thoughts import ThoughtSplitter
from openmed_agent.models.whole_reply import whole_reply

MOST_CHARACTERS: Final = 8_000_000

_FINISHES: Final[dict[str, FinishReason]] = {
    **dict.fromkeys(("stop", "eos", "eos_token", "end_turn", "stop_sequence", "completed"), "stop"),
    **dict.fromkeys(("tool_calls", "function_call", "tool_use"), "tool_calls"),
    **dict.fromkeys(("length", "max_tokens", "model_length"), "length"),
    **dict.fromkeys(("content_filter", "refusal", "safety"), "refused"),
}
_FAILED: Final = frozenset({"error", "abort", "cancelled", "insufficient_system_resource"})


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Delta(_Lenient):
    content: str | None = None
    refusal: str | None = None
    reasoning_content: object = None
    reasoning: object = None
    tool_calls: list[CallPiece] | None = None


class _Choice(_Lenient):
    index: int = 0
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Cached(_Lenient):
    cached_tokens: Annotated[int, Field(ge=0)] | None = None


class _Usage(_Lenient):
    prompt_tokens: Annotated[int, Field(ge=0)] | None = None
    completion_tokens: Annotated[int, Field(ge=0)] | None = None
    prompt_tokens_details: _Cached | None = None


class _Chunk(_Lenient):
    choices: list[_Choice] | None
    usage: object = None


class ChatAnswer:
    """The answer to one request, as far as it has come."""

    def __init__(self, request: ModelRequest, host: str) -> None:
        self._host = host
        self._calls = CallAssembly(request.messages)
        self._thoughts = ThoughtSplitter()
        self._text: list[str] = []
        self._left = MOST_CHARACTERS
        self._reasoned = False
        self._declined = False
        self._finish: str | None = None
        self._usage: Usage | None = None

    @property
    def finished(self) -> bool:
        """Whether the model has said why it stopped."""
        return self._finish is not None

    @property
    def counted(self) -> bool:
        """Whether the endpoint has said how many tokens it took."""
        return self._usage is not None

    def take(self, document: object) -> Iterator[ModelEvent]:
        """Yield what one event of the stream adds.

        Raises:
            ModelError: the event is not of the protocol, or the answer is too large.

        """
        try:
            chunk = _Chunk.model_validate(document)
        except ValidationError:
            raise broken(self._host, "is not of the protocol") from None
        if chunk.usage is not None:
            self._usage = _read_usage(chunk.usage) or self._usage
        for choice in chunk.choices or ():
            if choice.index == 0:
                yield from self._take_choice(choice)

    def end(self) -> Iterator[ModelEvent]:
        """Yield what was held back, and the reply.

        Raises:
            ModelError: the answer was cut off, is empty, or names a call that it does not make.

        """
        for part in self._thoughts.close():
            yield from self._add(*part)
        yield from self._calls.finish()
        yield whole_reply(
            "".join(self._text),
            self._calls,
            finish=self._finish_reason(),
            reasoned=self._reasoned,
            usage=self._usage or Usage(),
            host=self._host,
        )

    def _take_choice(self, choice: _Choice) -> Iterator[ModelEvent]:
        delta = choice.delta or _Delta()
        for reasoning in (delta.reasoning_content, delta.reasoning):
            if isinstance(reasoning, str) and reasoning:
                yield from self._add("reasoning", reasoning)
                break  # a server that sends both sends the same twice
        if delta.content:
            for part in self._thoughts.feed(delta.content):
                yield from self._add(*part)
        if delta.refusal:
            self._declined = True
            yield from self._add("text", delta.refusal)
        for piece in delta.tool_calls or ():
            self._bound(len(str(piece.function.arguments or "")))
            yield from self._calls.add(piece)
        self._finish = choice.finish_reason or self._finish

    def _add(self, kind: str, text: str) -> Iterator[ModelEvent]:
        self._bound(len(text))
        if kind == "reasoning":
            self._reasoned = True
            yield ReasoningDelta(text)
        else:
            self._text.append(text)
            yield TextDelta(text)

    def _bound(self, characters: int) -> None:
        self._left -= characters
        if self._left < 0:
            raise broken(self._host, "is too large")

    def _finish_reason(self) -> FinishReason:
        if self._finish is None:
            raise broken(self._host, "broke off before its end", transient=True)
        if self._finish in _FAILED:
            raise ModelError(
                f"The model service at {self._host} gave up its answer.",
                failure=ModelFailure.SERVER,
                remedy="Try again.",
                transient=True,
            )
        finish = _FINISHES.get(self._finish.lower())
        if finish is None:
            raise broken(self._host, "ended for a reason that is not of the protocol")
        if self._declined:
            return "refused"
        if finish in {"stop", "tool_calls"}:
            return "tool_calls" if self._calls else "stop"
        return finish


def _read_usage(document: object) -> Usage | None:
    try:
        usage = _Usage.model_validate(document)
    except ValidationError:
        return None
    cached = usage.prompt_tokens_details.cached_tokens if usage.prompt_tokens_details else None
    return Usage(input_tokens=usage.prompt_tokens, output_tokens=usage.completion_tokens, cached_tokens=cached)
