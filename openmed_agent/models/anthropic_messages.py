"""Language models through Anthropic's Messages.

The protocol is small and its events are plain JSON, so it goes over the same connection and reader of streams as
the others; Anthropic's own library, which reads profiles from the disk and brings a tracer, is not needed. Thinking
is not asked for: it would have to be kept and sent back word for word.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from openmed_agent.models.call_assembly import (
    CallAssembly,
    CallPiece,
    FunctionPiece,
    replayable_arguments,
    with_own_ids,
)
from openmed_agent.models.failures import broken, status_failure
from openmed_agent.models.finish import FinishReason
from openmed_agent.models.messages import AssistantMessage, Message, ToolMessage, UserMessage
from openmed_agent.models.openai_endpoint import (
    REST_SECONDS,
    OpenAIEndpoint,
)
from openmed_agent.models.provider import (
    ModelEvent,
    ModelRequest,
    ReasoningDelta,
    ReasoningEffort,
    Reply,
    TextDelta,
    Usage,
)
from openmed_agent.models.streamed_provider import StreamedProvider
from openmed_agent.models.whole_reply import whole_reply

_PATH: Final = "/messages"
_MOST_CHARACTERS: Final = 8_000_000
_USUAL_LIMIT: Final = 8192
"""Tokens of an answer; the protocol wants a limit with every request, and every model in service allows this one."""

_FINISHES: Final[Mapping[str, FinishReason]] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refused",
}
_EFFORTS: Final[Mapping[ReasoningEffort, str]] = {"minimal": "low", "low": "low", "medium": "medium", "high": "high"}


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


_Count = Annotated[int, Field(ge=0)] | None


class _Usage(_Lenient):
    input_tokens: _Count = None
    output_tokens: _Count = None
    cache_read_input_tokens: _Count = None
    cache_creation_input_tokens: _Count = None


class _Block(_Lenient):
    type: str
    id: str | None = None
    name: str = ""
    text: str = ""


class _Delta(_Lenient):
    type: str = ""
    text: str = ""
    thinking: str = ""
    partial_json: str = ""
    stop_reason: str | None = None


class _Message(_Lenient):
    usage: _Usage = _Usage()


class _Event(_Lenient):
    type: str
    index: int = 0
    message: _Message | None = None
    content_block: _Block | None = None
    delta: _Delta | None = None
    usage: _Usage | None = None


class AnthropicProvider(StreamedProvider):
    """A model provider that speaks Messages."""

    def __init__(self, endpoint: OpenAIEndpoint) -> None:
        super().__init__(endpoint, _PATH, request_body, _Answer)


class _Answer:
    """The answer to one request, as far as it has come."""

    def __init__(self, request: ModelRequest, host: str) -> None:
        self._host = host
        self._calls = CallAssembly(request.messages)
        self._bare: set[int] = set()
        self._text: list[str] = []
        self._left = _MOST_CHARACTERS
        self._reasoned = False
        self._stop: str | None = None
        self._ended = False
        self._sent = _Usage()
        self._written: int | None = None

    @property
    def patience(self) -> float | None:
        """How long to wait for the next event; None sets no limit."""
        return REST_SECONDS if self._ended else None

    def take(self, document: object) -> Iterator[ModelEvent]:
        """Yield what one event of the stream adds; raises ModelError."""
        try:
            event = _Event.model_validate(document)
        except ValidationError:
            raise broken(self._host, "is not of the protocol") from None
        if self._ended:
            return  # what follows the end is no part of the answer
        match event.type:
            case "error":
                raise status_failure(0, document, host=self._host)
            case "message_start" if event.message is not None:
                self._sent = event.message.usage
            case "content_block_start" if event.content_block is not None:
                yield from self._begin(event.index, event.content_block)
            case "content_block_delta" if event.delta is not None:
                yield from self._take_piece(event.index, event.delta)
            case "content_block_stop":
                yield from self._end_block(event.index)
            case "message_delta" if event.delta is not None:
                self._stop = event.delta.stop_reason or self._stop
                self._written = event.usage.output_tokens if event.usage else self._written
            case "message_stop":
                self._ended = True

    def reply(self) -> Reply:
        """Return the reply.

        Raises:
            ModelError: the answer was cut off or is empty.

        """
        if not self._ended or self._stop is None:
            raise broken(self._host, "broke off before its end", transient=True)
        finish = _FINISHES.get(self._stop)
        if finish is None:
            raise broken(self._host, "ended for a reason that is not of the protocol")
        if finish in {"stop", "tool_calls"}:
            finish = "tool_calls" if self._calls else "stop"
        return whole_reply(
            "".join(self._text),
            self._calls,
            finish=finish,
            reasoned=self._reasoned,
            usage=self._usage(),
            host=self._host,
        )

    def _begin(self, index: int, block: _Block) -> Iterator[ModelEvent]:
        if block.type == "tool_use":
            self._bare.add(index)
            self._calls.add(CallPiece(index=index, id=block.id, function=FunctionPiece(name=block.name)))
        elif block.text:
            yield from self._say(block.text)

    def _take_piece(self, index: int, delta: _Delta) -> Iterator[ModelEvent]:
        if delta.text:
            yield from self._say(delta.text)
        if delta.thinking:
            self._bound(len(delta.thinking))
            self._reasoned = True
            yield ReasoningDelta(delta.thinking)
        if delta.partial_json:
            self._bound(len(delta.partial_json))
            self._bare.discard(index)
            yield from self._calls.add(CallPiece(index=index, function=FunctionPiece(arguments=delta.partial_json)))

    def _end_block(self, index: int) -> Iterator[ModelEvent]:
        """End a block; a call that ended whole without arguments has an empty object, one that was cut off has none."""
        if index in self._bare:
            self._bare.discard(index)
            yield from self._calls.add(CallPiece(index=index, function=FunctionPiece(arguments="{}")))

    def _say(self, text: str) -> Iterator[ModelEvent]:
        self._bound(len(text))
        self._text.append(text)
        yield TextDelta(text)

    def _usage(self) -> Usage:
        parts = (
            self._sent.input_tokens,
            self._sent.cache_read_input_tokens,
            self._sent.cache_creation_input_tokens,
        )
        total = None if parts[0] is None else sum(part or 0 for part in parts)
        return Usage(total, self._written, self._sent.cache_read_input_tokens)

    def _bound(self, characters: int) -> None:
        self._left -= characters
        if self._left < 0:
            raise broken(self._host, "is too large")


def request_body(request: ModelRequest) -> dict[str, object]:
    """Return the JSON body of a request."""
    body: dict[str, object] = {
        "model": request.model,
        "messages": _turns(with_own_ids(request.messages)),
        "max_tokens": request.max_output_tokens or _USUAL_LIMIT,
        "stream": True,
    }
    if request.system:
        body["system"] = request.system
    if request.tools:
        body["tools"] = [
            {"name": tool.name, "description": tool.description, "input_schema": dict(tool.parameters)}
            for tool in request.tools
        ]
    if request.reasoning_effort == "none":
        body["thinking"] = {"type": "disabled"}
    elif request.reasoning_effort is not None:
        body["output_config"] = {"effort": _EFFORTS[request.reasoning_effort]}
    return body


def _turns(messages: tuple[Message, ...]) -> list[dict[str, object]]:
    """Return the conversation in turns that alternate: results of calls belong to the turn of the user."""
    turns: list[tuple[str, list[dict[str, object]]]] = []
    for message in messages:
        role = "assistant" if isinstance(message, AssistantMessage) else "user"
        blocks = list(_blocks(message))
        if turns and turns[-1][0] == role:
            turns[-1][1].extend(blocks)
        elif blocks:
            turns.append((role, blocks))
    return [{"role": role, "content": blocks} for role, blocks in turns]


def _blocks(message: Message) -> Iterator[dict[str, object]]:
    match message:
        case UserMessage():
            if message.text:
                yield {"type": "text", "text": message.text}
        case ToolMessage():
            result: dict[str, object] = {"type": "tool_result", "tool_use_id": message.call_id}
            yield {**result, "content": message.text, "is_error": message.failed}
        case AssistantMessage():
            if message.text.strip():  # a text of spaces alone is refused
                yield {"type": "text", "text": message.text}
            for call in message.calls:
                arguments = _object(call.arguments)
                yield {"type": "tool_use", "id": call.call_id, "name": call.name, "input": arguments}


def _object(arguments: str) -> object:
    parsed: object = json.loads(replayable_arguments(arguments))
    return parsed
