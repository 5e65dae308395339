"""One endpoint of an OpenAI protocol: its connections, its streams of events, and its errors.

The SDK reads the stream and names errors; it makes no connection (``net`` does), retries nothing, and logs nothing.
"""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from openmed_agent.models.failures import broken, connection_failure, late, status_failure
from openmed_agent.models.provider import ModelError
from openmed_agent.net.clients import OutboundSink
from openmed_agent.net.model_clients import ModelAddress, make_model_client
from openmed_agent.net.outbound_text import Seal
from openmed_agent.planes.transport import retry_after_seconds

if TYPE_CHECKING:
    from openai import APIError, APIStatusError, AsyncOpenAI, AsyncStream

END: Final = object()
REST_SECONDS: Final = 0.25
"""How long to wait for the end of a stream whose answer is complete."""

_NO_KEY: Final = "unused"  # the transport adds the credential, whatever the SDK believes it to be


@dataclass(frozen=True, slots=True)
class RequestRefused:
    """An error status and its body, to be read and never shown."""

    status: int
    body: object = field(repr=False)
    retry_after: float | None = None


class RequestRefusedError(Exception):
    """The endpoint answered with an error status before it streamed anything."""

    def __init__(self, refused: RequestRefused) -> None:
        super().__init__(f"status {refused.status}")
        self.refused = refused


class OpenAIEndpoint:
    """Sends requests to one endpoint and yields the documents of its streams."""

    def __init__(self, address: ModelAddress, *, seal: Seal | None, sink: OutboundSink, timeout_seconds: float) -> None:
        self.address = address
        self.client = make_model_client(address, seal=seal, sink=sink, timeout_seconds=timeout_seconds)
        self._timeout_seconds = timeout_seconds
        self._sdk: AsyncOpenAI | None = None

    @property
    def host(self) -> str:
        """Host and port, for people to see."""
        return self.address.host

    async def close(self) -> None:
        """Close the connections."""
        await self.client.aclose()

    def failure(self, refused: RequestRefused) -> ModelError:
        """Return the error that a refusal amounts to."""
        return status_failure(
            refused.status,
            refused.body,
            host=self.host,
            retry_after=refused.retry_after,
            keyless=not self.address.credential,
        )

    async def events(self, path: str, body: Mapping[str, object]) -> AsyncGenerator[object, None]:
        """Yield each event of the stream that answers ``body``, as JSON values; closing ends the request.

        Raises:
            RequestRefusedError: an error status, before the first event.
            ModelError: no connection, an error in the stream, or something that is no stream of JSON.

        """
        import openai  # noqa: PLC0415 - costs more than half a second

        sdk = self._connected()
        try:
            stream = await sdk.post(
                path, cast_to=object, body=dict(body), stream=True, stream_cls=openai.AsyncStream[object]
            )
            async with aclosing(stream):
                await self._require_stream(stream)
                async for document in stream:
                    yield document
        except openai.APITimeoutError:
            raise late(self.host) from None
        except openai.APIConnectionError as error:
            raise connection_failure(error, self.host) from None
        except openai.APIStatusError as error:
            raise RequestRefusedError(_refused(error)) from None
        except openai.APIError as error:
            raise status_failure(0, _error_body(error), host=self.host) from None
        except (ValueError, RecursionError):
            raise broken(self.host, "is not JSON") from None

    async def _require_stream(self, stream: "AsyncStream[object]") -> None:
        """Check the type of the answer; some servers answer an error with status 200."""
        kind = stream.response.headers.get("content-type", "")
        if "html" in kind:
            raise broken(self.host, "is a web page")
        if not kind.startswith("application/json"):
            return
        document: object = json.loads(await stream.response.aread())
        if isinstance(document, dict) and document.get("error"):
            raise status_failure(0, document, host=self.host)
        raise broken(self.host, "is no stream")

    def _connected(self) -> "AsyncOpenAI":
        if self._sdk is None:
            import openai  # noqa: PLC0415 - costs more than half a second

            # OPENAI_LOG would print conversations.
            logging.getLogger("openai").setLevel(logging.CRITICAL + 1)
            self._sdk = openai.AsyncOpenAI(
                api_key=_NO_KEY,
                base_url=self.address.url,
                http_client=self.client,
                max_retries=0,
                timeout=self._timeout_seconds,
            )
        return self._sdk


async def next_event(documents: AsyncGenerator[object, None], *, seconds: float | None = None) -> object:
    """Return the next event of a stream, or ``END``; no later than ``seconds``, after which the stream is closed.

    Once an answer is complete nothing that follows may hold it back or spoil it. To read on to the end of the stream
    all the same lets the connection be used again.
    """
    if seconds is None:
        return await anext(documents, END)
    try:
        async with asyncio.timeout(seconds):
            return await anext(documents, END)
    except (TimeoutError, ModelError):
        return END


def _refused(error: "APIStatusError") -> RequestRefused:
    return RequestRefused(
        status=error.status_code,
        body=error.body,
        retry_after=retry_after_seconds(error.response.headers.get("retry-after")),
    )


def _error_body(error: "APIError") -> object:
    """Return an error object of a stream; where it is a sentence, that sentence."""
    return error.body if isinstance(error.body, Mapping) else error.message
