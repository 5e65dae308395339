"""Language models through Chat Completions: the protocol that local servers and gateways speak.

The whole conversation goes with every request. Three options differ between servers: whether token counts may be
asked for, and under which of two names the limit of an answer goes. A server that refuses one of them by name is
asked again without it, and that is kept for the next request.
"""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final, Literal

from openmed_agent.models.call_assembly import replayable_arguments, with_own_ids
from openmed_agent.models.chat_answer import ChatAnswer
from openmed_agent.models.failures import error_words
from openmed_agent.models.messages import AssistantMessage, Message, ToolMessage, ToolSchema, UserMessage
from openmed_agent.models.openai_endpoint import (
    END,
    REST_SECONDS,
    OpenAIEndpoint,
    RequestRefused,
    RequestRefusedError,
    next_event,
)
from openmed_agent.models.provider import ModelDescription, ModelEvent, ModelRequest

_PATH: Final = "/chat/completions"
_COUNT_SECONDS: Final = 5.0
"""How long to wait for the token counts once the answer is complete."""
_REFUSED_PARAMETER: Final = frozenset({400, 422})


@dataclass(frozen=True, slots=True)
class _Dialect:
    counts: bool = True
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"

    def without(self, refused: RequestRefused, sent: dict[str, object]) -> "_Dialect | None":
        """Return the dialect to try when the endpoint refuses an option by name, or None."""
        if refused.status not in _REFUSED_PARAMETER:
            return None
        words = error_words(refused.body)
        if "stream_options" in sent and ("stream_options" in words or "include_usage" in words):
            return replace(self, counts=False)
        if "max_completion_tokens" in words and self.limit == "max_tokens" and "max_tokens" in sent:
            return replace(self, limit="max_completion_tokens")
        return None


class ChatCompletionsProvider:
    """A model provider that speaks Chat Completions."""

    def __init__(self, endpoint: OpenAIEndpoint) -> None:
        self._endpoint = endpoint
        self._dialect = _Dialect()

    @property
    def host(self) -> str:
        """Host and port that text goes to."""
        return self._endpoint.host

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Yield the answer as it comes, the ``Reply`` last.

        Raises:
            ModelError: there is no usable answer.
            NotPermittedError: the conversation holds what may not leave.

        """
        answer = ChatAnswer(request, self.host)
        async with aclosing(self._documents(request)) as documents:
            while (document := await next_event(documents, seconds=self._patience(answer))) is not END:
                for event in answer.take(document):
                    yield event
        for event in answer.end():
            yield event

    def _patience(self, answer: ChatAnswer) -> float | None:
        if not answer.finished:
            return None
        return REST_SECONDS if answer.counted or not self._dialect.counts else _COUNT_SECONDS

    async def _documents(self, request: ModelRequest) -> AsyncGenerator[object, None]:
        while True:
            body = request_body(request, counts=self._dialect.counts, limit=self._dialect.limit)
            try:
                async with aclosing(self._endpoint.events(_PATH, body)) as documents:
                    async for document in documents:
                        yield document
            except RequestRefusedError as error:
                other = self._dialect.without(error.refused, body)
                if other is None:
                    raise self._endpoint.failure(error.refused) from None
                self._dialect = other
            else:
                return

    async def models(self) -> tuple[ModelDescription, ...]:
        """Return what the endpoint offers; raises ModelError."""
        from openmed_agent.models.discovery import offered_models  # noqa: PLC0415 - a turn does without

        return await offered_models(self._endpoint.client, self._endpoint.address)

    async def describe(self, model: str) -> ModelDescription:
        """Return what is known of one model; raises ModelError."""
        from openmed_agent.models.discovery import described_model  # noqa: PLC0415 - a turn does without

        return await described_model(self._endpoint.client, self._endpoint.address, model)

    async def close(self) -> None:
        """Close the connections."""
        await self._endpoint.close()


def request_body(
    request: ModelRequest, *, counts: bool, limit: Literal["max_tokens", "max_completion_tokens"]
) -> dict[str, object]:
    """Return the JSON body of a request."""
    body: dict[str, object] = {
        "model": request.model,
        "messages": [
            *([{"role": "system", "content": request.system}] if request.system else []),
            *(_message(message) for message in with_own_ids(request.messages)),
        ],
        "stream": True,
    }
    if counts:
        body["stream_options"] = {"include_usage": True}
    if request.tools:
        body["tools"] = list(_tools(request.tools))
    if request.reasoning_effort is not None:
        body["reasoning_effort"] = request.reasoning_effort
    if request.max_output_tokens is not None:
        body[limit] = request.max_output_tokens
    return body


def _message(message: Message) -> dict[str, object]:
    match message:
        case UserMessage():
            return {"role": "user", "content": message.text}
        case ToolMessage():
            return {"role": "tool", "tool_call_id": message.call_id, "content": message.text}
        case AssistantMessage() if not message.calls:
            return {"role": "assistant", "content": message.text}
        case AssistantMessage():
            calls = [
                {
                    "id": call.call_id,
                    "type": "function",
                    "function": {"name": call.name, "arguments": replayable_arguments(call.arguments)},
                }
                for call in message.calls
            ]
            return {"role": "assistant", "content": message.text, "tool_calls": calls}


def _tools(tools: tuple[ToolSchema, ...]) -> Iterator[dict[str, object]]:
    for tool in tools:
        function = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
        yield {"type": "function", "function": function}
