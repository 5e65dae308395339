"""Clients of language models: what leaves is what the privacy gate cleared, and nothing beside it.

A library above builds the requests; the transport here takes only their method, path and body. It hands the body
to the ``Seal``, sends the cleared bytes with headers of its own, and adds the credential itself. So no
library can name this machine, send a key of the environment, or reach another origin.
"""

import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import httpx2

from openmed_agent.errors import NotPermittedError
from openmed_agent.net.clients import DestinationKind, Outbound, OutboundSink, checked_origin, origin_of
from openmed_agent.net.outbound_text import Seal

LARGEST_ANSWER_BYTES: Final = 64 * 1024 * 1024
_CONNECT_SECONDS: Final = 5.0
_POOL_SECONDS: Final = 30.0
_KEPT_HEADERS: Final = ("accept", "content-type", "anthropic-version")
_KINDS: Final = frozenset({DestinationKind.MODEL, DestinationKind.LOGIN})


ModelClient: TypeAlias = httpx2.AsyncClient
"""What ``make_model_client`` returns, for rooms that only hand it on."""


@dataclass(frozen=True, slots=True)
class ModelAddress:
    """Where a model answers, and the headers that open it; the headers go to this origin and to no other."""

    url: str
    credential: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def host(self) -> str:
        """Host and port, for people to see."""
        return urlsplit(self.url).netloc


def make_model_client(
    address: ModelAddress,
    *,
    kind: DestinationKind = DestinationKind.MODEL,
    seal: Seal | None,
    sink: OutboundSink,
    timeout_seconds: float,
) -> ModelClient:
    """Return a client that reaches the origin of ``address`` only; without a ``seal`` it can send no body.

    ``timeout_seconds`` is the longest silence of the endpoint.

    Raises:
        InputError: the address is not usable.
        NotPermittedError: the address is plain http to another machine, or ``kind`` is not for models.

    """
    if kind not in _KINDS:
        raise NotPermittedError(f"A client of models may not be used for {kind}.")
    url = checked_origin(address.url)
    transport = _SealedTransport(ModelAddress(url, dict(address.credential)), kind=kind, seal=seal, sink=sink)
    return httpx2.AsyncClient(
        base_url=url,
        transport=transport,
        timeout=httpx2.Timeout(
            timeout_seconds, connect=min(_CONNECT_SECONDS, timeout_seconds), pool=max(_POOL_SECONDS, timeout_seconds)
        ),
        trust_env=False,
        follow_redirects=False,
    )


class _SealedTransport(httpx2.AsyncBaseTransport):
    """Sends what the seal returns, with headers of its own, to one origin."""

    def __init__(self, address: ModelAddress, *, kind: DestinationKind, seal: Seal | None, sink: OutboundSink) -> None:
        self._address = address
        self._origin = origin_of(address.url)
        self._kind = kind
        self._seal = seal
        self._sink = sink
        self._inner = httpx2.AsyncHTTPTransport(
            verify=_trust(self._origin),
            trust_env=False,
            limits=httpx2.Limits(max_connections=8, max_keepalive_connections=4),
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request.

        Raises:
            NotPermittedError: it goes to another origin, carries a query, or a body that may not leave.

        """
        self._check(request)
        content = await self._cleared(await request.aread())
        self._sink(Outbound(kind=self._kind, host=self._address.host, sent_bytes=len(content)))
        reply = await self._inner.handle_async_request(
            httpx2.Request(
                request.method,
                request.url,
                headers=self._headers(request),
                content=content or None,
                extensions=request.extensions,
            )
        )
        if not isinstance(reply.stream, httpx2.AsyncByteStream):
            raise httpx2.ProtocolError("the answer cannot be read")
        return httpx2.Response(
            reply.status_code,
            headers=reply.headers,
            stream=_BoundedStream(reply.stream, LARGEST_ANSWER_BYTES),
            extensions=reply.extensions,
        )

    def _check(self, request: httpx2.Request) -> None:
        if request.method not in {"GET", "POST"}:
            raise NotPermittedError("A model may be asked by GET and POST only.")
        if origin_of(str(request.url.copy_with(query=None, fragment=None))) != self._origin:
            raise NotPermittedError("A request tried to leave for another host than the configured one.")
        if request.url.query:
            raise NotPermittedError("A request to a model must not carry text in its address.")

    async def _cleared(self, body: bytes) -> bytes:
        if not body:
            return body
        if self._seal is None:
            raise NotPermittedError(f"A request for {self._kind} must not carry a text.")
        return (await self._seal(body)).content

    def _headers(self, request: httpx2.Request) -> dict[str, str]:
        kept = {name: request.headers[name] for name in _KEPT_HEADERS if name in request.headers}
        # A compressed answer could unfold into more than its bound.
        return {"user-agent": "openmed", "accept-encoding": "identity", **kept, **self._address.credential}

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


def _trust(origin: str) -> ssl.SSLContext | bool:
    """Return what certificates are held against; to load the system's costs 70 ms that plain http does without."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if origin.startswith("http://") else True


class _BoundedStream(httpx2.AsyncByteStream):
    """An answer that is broken off when it grows beyond what any model says."""

    def __init__(self, inner: httpx2.AsyncByteStream, most: int) -> None:
        self._inner = inner
        self._left = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the answer's bytes."""
        async for part in self._inner:
            self._left -= len(part)
            if self._left < 0:
                raise httpx2.ReadError("the answer is too large")
            yield part

    async def aclose(self) -> None:
        """Give up the rest."""
        await self._inner.aclose()
