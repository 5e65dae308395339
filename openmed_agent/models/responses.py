"""Language models through OpenAI's Responses, used without its memory.

``store`` is false and no earlier response is referred to: the whole conversation goes with every request, so that
what the service knows is what the privacy gate saw. The events that end an output item carry it whole; they are
what counts, and the pieces before them are only shown.
"""

from collections.abc import Iterator
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
    CallStarted,
    ModelEvent,
    ModelRequest,
    ReasoningDelta,
    Reply,
    TextDelta,
    Usage,
)
from openmed_agent.models.streamed_provider import StreamedProvider
from openmed_agent.models.whole_reply import whole_reply

_PATH: Final = "/responses"
_MOST_CHARACTERS: Final = 8_000_000
_ENDS: Final = frozenset({"response.completed", "response.incomplete"})
_TEXT: Final = frozenset({"response.output_text.delta", "response.refusal.delta"})
_REASONING: Final = frozenset({"response.reasoning_text.delta", "response.reasoning_summary_text.delta"})
_INCOMPLETE: Final[dict[str | None, FinishReason]] = {"content_filter": "refused"}


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Item(_Lenient):
    type: str
    name: str = ""
    call_id: str | None = None
    arguments: str = ""


class _Cached(_Lenient):
    cached_tokens: Annotated[int, Field(ge=0)] | None = None


class _Usage(_Lenient):
    input_tokens: Annotated[int, Field(ge=0)] | None = None
    output_tokens: Annotated[int, Field(ge=0)] | None = None
    input_tokens_details: _Cached | None = None


class _Incomplete(_Lenient):
    reason: str | None = None


class _Response(_Lenient):
    usage: object = None
    error: object = None
    incomplete_details: _Incomplete | None = None
    output: tuple[_Item, ...] = ()


class _Event(_Lenient):
    type: str
    delta: object = None
    item: _Item | None = None
    response: _Response | None = None


class ResponsesProvider(StreamedProvider):
    """A model provider that speaks Responses."""

    def __init__(self, endpoint: OpenAIEndpoint) -> None:
        super().__init__(endpoint, _PATH, request_body, _Answer)


class _Answer:
    """The answer to one request, as far as it has come."""

    def __init__(self, request: ModelRequest, host: str) -> None:
        self._host = host
        self._calls = CallAssembly(request.messages)
        self._begun = 0
        self._text: list[str] = []
        self._left = _MOST_CHARACTERS
        self._reasoned = False
        self._refused = False
        self._end: _Event | None = None

    @property
    def patience(self) -> float | None:
        """How long to wait for the next event; None sets no limit."""
        return None if self._end is None else REST_SECONDS

    def take(self, document: object) -> Iterator[ModelEvent]:
        """Yield what one event of the stream adds; raises ModelError."""
        try:
            event = _Event.model_validate(document)
        except ValidationError:
            raise broken(self._host, "is not of the protocol") from None
        if self._end is not None:
            return  # what follows the end is no part of the answer
        if event.type in _ENDS:
            self._end = event
            yield from self._take_missed_calls(event.response)
        elif event.type in {"response.failed", "error"}:
            raise status_failure(0, _error_of(event, document), host=self._host)
        elif isinstance(event.delta, str):
            yield from self._take_piece(event.type, event.delta)
        elif event.item is not None and event.item.type == "function_call":
            yield from self._take_call(event.type, event.item)

    def reply(self) -> Reply:
        """Return the reply.

        Raises:
            ModelError: the answer was cut off or is empty.

        """
        return whole_reply(
            "".join(self._text),
            self._calls,
            finish=self._finish(),
            reasoned=self._reasoned,
            usage=self._usage(),
            host=self._host,
        )

    def _take_piece(self, kind: str, piece: str) -> Iterator[ModelEvent]:
        self._bound(len(piece))
        if kind in _TEXT:
            self._refused = self._refused or kind == "response.refusal.delta"
            self._text.append(piece)
            yield TextDelta(piece)
        elif kind in _REASONING:
            self._reasoned = True
            yield ReasoningDelta(piece)

    def _take_call(self, kind: str, item: _Item) -> Iterator[ModelEvent]:
        if kind == "response.output_item.added" and item.name:
            yield CallStarted(index=self._begun, name=item.name)
            self._begun += 1
        elif kind == "response.output_item.done":
            self._bound(len(item.arguments))
            self._keep(item)

    def _take_missed_calls(self, response: _Response | None) -> Iterator[ModelEvent]:
        """Take the calls of the end, where a server tells of none before it."""
        if self._calls or response is None:
            return
        for item in response.output:
            if item.type == "function_call":
                self._keep(item)
                if not self._begun and item.name:
                    yield CallStarted(index=len(self._calls) - 1, name=item.name)

    def _keep(self, item: _Item) -> None:
        self._bound(len(item.arguments))
        function = FunctionPiece(name=item.name, arguments=item.arguments)
        self._calls.add(CallPiece(index=len(self._calls), id=item.call_id, function=function))

    def _finish(self) -> FinishReason:
        if self._end is None:
            raise broken(self._host, "broke off before its end", transient=True)
        if self._refused:
            return "refused"
        response = self._end.response or _Response()
        if self._end.type == "response.incomplete":
            details = response.incomplete_details or _Incomplete()
            return _INCOMPLETE.get(details.reason, "length")
        return "tool_calls" if self._calls else "stop"

    def _usage(self) -> Usage:
        try:
            usage = _Usage.model_validate((self._end and self._end.response and self._end.response.usage) or {})
        except ValidationError:
            return Usage()
        cached = usage.input_tokens_details.cached_tokens if usage.input_tokens_details else None
        return Usage(usage.input_tokens, usage.output_tokens, cached)

    def _bound(self, characters: int) -> None:
        self._left -= characters
        if self._left < 0:
            raise broken(self._host, "is too large")


def request_body(request: ModelRequest) -> dict[str, object]:
    """Return the JSON body of a request."""
    body: dict[str, object] = {
        "model": request.model,
        "input": [item for message in with_own_ids(request.messages) for item in _items(message)],
        "stream": True,
        "store": False,
    }
    if request.system:
        body["instructions"] = request.system
    if request.tools:
        body["tools"] = [
            {
                "type": "function",
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.parameters),
                "strict": False,
            }
            for tool in request.tools
        ]
    if request.reasoning_effort is not None:
        body["reasoning"] = {"effort": request.reasoning_effort}
    if request.max_output_tokens is not None:
        body["max_output_tokens"] = request.max_output_tokens
    return body


def _items(message: Message) -> Iterator[dict[str, object]]:
    match message:
        case UserMessage():
            yield {"role": "user", "content": message.text}
        case ToolMessage():
            yield {"type": "function_call_output", "call_id": message.call_id, "output": message.text}
        case AssistantMessage():
            if message.text:
                yield {"role": "assistant", "content": message.text}
            for call in message.calls:
                arguments = replayable_arguments(call.arguments)
                yield {"type": "function_call", "call_id": call.call_id, "name": call.name, "arguments": arguments}


def _error_of(event: _Event, document: object) -> object:
    return event.response.error if event.response is not None else document
