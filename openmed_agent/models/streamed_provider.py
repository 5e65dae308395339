"""What providers have in common whose protocol is one request and one stream of typed documents."""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from typing import Protocol

from openmed_agent.models.openai_endpoint import END, OpenAIEndpoint, RequestRefusedError, next_event
from openmed_agent.models.provider import ModelDescription, ModelEvent, ModelRequest, Reply


class GrowingAnswer(Protocol):
    """The answer to one request, as far as it has come."""

    @property
    def patience(self) -> float | None:
        """Seconds to wait for the next document; None leaves it to the endpoint's own limit."""

    def take(self, document: object) -> Iterable[ModelEvent]:
        """Return what a document adds; raises ModelError where it is none of the protocol."""

    def reply(self) -> Reply:
        """Return the whole answer; raises ModelError where it is not complete."""


class StreamedProvider:
    """A model provider: how a request is written, and how its answer is read, are handed in."""

    def __init__(
        self,
        endpoint: OpenAIEndpoint,
        path: str,
        write: Callable[[ModelRequest], Mapping[str, object]],
        begin: Callable[[ModelRequest, str], GrowingAnswer],
    ) -> None:
        self._endpoint = endpoint
        self._path = path
        self._write = write
        self._begin = begin

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
        answer = self._begin(request, self.host)
        try:
            async with aclosing(self._endpoint.events(self._path, self._write(request))) as documents:
                while (document := await next_event(documents, seconds=answer.patience)) is not END:
                    for event in answer.take(document):
                        yield event
        except RequestRefusedError as error:
            raise self._endpoint.failure(error.refused) from None
        yield answer.reply()

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
