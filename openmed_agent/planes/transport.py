"""One request to a plane: credentials, deadline, retries, error envelope, and the contract of the reply.

A reply counts only if it is a 2xx whose body is exactly what the contract says. HTML, an empty object, a
truncated body or an over-large one is an error; there is no empty success. Nothing from a request or reply
body enters an error message.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, ValidationError

from openmed_agent.errors import UnavailableError
from openmed_agent.net.clients import DestinationKind, OutboundSink, discard_outbound, make_client
from openmed_agent.text.terminal import terminal_safe

if TYPE_CHECKING:
    import httpx

Reply = TypeVar("Reply", bound=BaseModel)

MAXIMUM_REPLY_BYTES: Final = 64 * 1024 * 1024
_ATTEMPTS: Final = 4
_FIRST_PAUSE_SECONDS: Final = 0.2
_LONGEST_PAUSE_SECONDS: Final = 8.0
_TRANSIENT_STATUSES: Final = frozenset({429, 502, 503, 504})
_CREDENTIAL_STATUSES: Final = frozenset({401, 403})
_LONGEST_CODE: Final = 60
_LONGEST_SENTENCE: Final = 300


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a plane answers right now, and the headers that open it."""

    origin: str
    headers: Mapping[str, str]
    embedded: bool


EndpointSource = Callable[[], Awaitable[Endpoint]]
"""Returns the plane's present endpoint; an embedded plane is started, or restarted after a crash."""


class Deadline:
    """A point in time by which a piece of work must have ended."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = monotonic() + seconds

    @property
    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._end - monotonic())


class PlaneError(UnavailableError):
    """A plane did not give a usable answer.

    ``code`` is the service's own error code where it sent one (``not_installed``, ``validation_error``...),
    else ``unreachable``, ``timeout``, ``contract`` or ``http_<status>``; ``status`` is the HTTP status.
    A ``transient`` error may pass by itself, after ``retry_after_seconds`` where the service said so.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        status: int | None = None,
        remedy: str | None = None,
        transient: bool = False,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.code = code
        self.status = status
        self.transient = transient
        self.retry_after_seconds = retry_after_seconds


class _ErrorBody(BaseModel):
    model_config = ConfigDict(extra="ignore")

    code: str
    message: str = ""


class _ErrorEnvelope(BaseModel):
    model_config = ConfigDict(extra="ignore")

    error: _ErrorBody


class PlaneTransport:
    """Sends requests of one plane and returns validated replies."""

    def __init__(
        self,
        kind: DestinationKind,
        endpoint: EndpointSource,
        *,
        timeout_seconds: float = 60.0,
        sink: OutboundSink = discard_outbound,
    ) -> None:
        self.kind = kind
        self.timeout_seconds = timeout_seconds
        self._endpoint = endpoint
        self._sink = sink
        self._client: httpx.AsyncClient | None = None
        self._client_endpoint: Endpoint | None = None

    async def __aenter__(self) -> Self:
        """Return the transport; nothing is contacted yet."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def deadline(self) -> Deadline:
        """Return a deadline of this plane's configured length, starting now."""
        return Deadline(self.timeout_seconds)

    async def endpoint(self) -> Endpoint:
        """Return where the plane answers now, starting an embedded one."""
        return await self._endpoint()

    async def call(
        self,
        reply: type[Reply],
        method: Literal["GET", "POST"],
        *segments: str,
        query: Mapping[str, str] | None = None,
        body: BaseModel | None = None,
        deadline: Deadline | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> Reply:
        """Send one request and return its reply as ``reply``.

        Each of ``segments`` is percent-encoded as one path segment. All calls of both planes are idempotent,
        so transient failures are retried with jitter, honouring ``Retry-After``, within ``deadline``.
        ``context`` is handed to the validators of ``reply``.

        Raises:
            PlaneError: no usable answer arrived in time.

        """
        path = "/" + "/".join(quote(segment, safe="") for segment in segments)
        content = body.model_dump_json(exclude_none=True).encode() if body is not None else None
        limit = deadline or self.deadline()
        for attempt in range(1, _ATTEMPTS):
            try:
                return self._validated(reply, await self._send(method, path, query, content, limit), context)
            except PlaneError as error:
                if not error.transient:
                    raise
                pause = _pause_seconds(attempt, error.retry_after_seconds)
                if pause >= limit.remaining:
                    raise
            await asyncio.sleep(pause)
        return self._validated(reply, await self._send(method, path, query, content, limit), context)

    async def _send(
        self, method: str, path: str, query: Mapping[str, str] | None, content: bytes | None, limit: Deadline
    ) -> "httpx.Response":
        import httpx  # noqa: PLC0415 - see net.clients

        if limit.remaining <= 0:
            raise self._late(limit)
        client = await self._connected()
        headers = {"content-type": "application/json"} if content is not None else {}
        try:
            async with asyncio.timeout(limit.remaining):
                request = client.build_request(
                    method, path, params=dict(query) if query else None, content=content, headers=headers
                )
                response = await client.send(request, stream=True)
                try:
                    return await self._bounded(response)
                finally:
                    await response.aclose()
        except (TimeoutError, httpx.TimeoutException) as error:
            if isinstance(error, httpx.ConnectTimeout):
                raise self._unreachable() from None
            raise self._late(limit) from None
        except (httpx.RemoteProtocolError, httpx.DecodingError) as error:
            if "without sending a response" in str(error):
                raise self._unreachable() from None
            raise self._broken("broke off its answer") from None
        except (httpx.TransportError, OSError):
            raise self._unreachable() from None

    async def _bounded(self, response: "httpx.Response") -> "httpx.Response":
        import httpx  # noqa: PLC0415 - see net.clients

        body = bytearray()
        async for part in response.aiter_bytes():
            body += part
            if len(body) > MAXIMUM_REPLY_BYTES:
                raise self._broken("sent an answer that is too large")
        kept = {name: value for name, value in response.headers.items() if name in {"content-type", "retry-after"}}
        return httpx.Response(response.status_code, headers=kept, content=bytes(body))

    async def _connected(self) -> "httpx.AsyncClient":
        endpoint = await self._endpoint()
        if self._client is not None and endpoint != self._client_endpoint:
            await self.close()
        if self._client is None:
            self._client = make_client(
                self.kind,
                endpoint.origin,
                headers=endpoint.headers,
                timeout_seconds=self.timeout_seconds,
                sink=self._sink,
            )
            self._client_endpoint = endpoint
        return self._client

    def _validated(self, reply: type[Reply], response: "httpx.Response", context: Mapping[str, Any] | None) -> Reply:
        if not response.is_success:
            raise self._refusal(response)
        try:
            return reply.model_validate_json(response.content, context=dict(context or {}))
        except ValidationError as error:
            raise self._broken(f"answered outside its contract{_place(error)}") from None

    def _refusal(self, response: "httpx.Response") -> PlaneError:
        status = response.status_code
        try:
            envelope = _ErrorEnvelope.model_validate_json(response.content)
            code = terminal_safe(envelope.error.code, single_line=True)[:_LONGEST_CODE]
            message = envelope.error.message
        except ValidationError:
            code, message = f"http_{status}", ""
        if status in _CREDENTIAL_STATUSES:
            return PlaneError(
                f"The {self.kind} service refused the key ({code}).",
                code=code,
                status=status,
                remedy=f"Run 'openmed login --service {self.kind}', or set {_KEY_VARIABLES[self.kind]} to a valid key.",
            )
        if code == "not_installed":  # the sentence names the command that installs the code system
            shown = terminal_safe(message, single_line=True)[:_LONGEST_SENTENCE]
            return PlaneError(shown, code=code, status=status)
        return PlaneError(
            f"The {self.kind} service answered {status} ({code}).",
            code=code,
            status=status,
            remedy="Try again, or run 'openmed doctor'.",
            transient=status in _TRANSIENT_STATUSES and code != "missing_extra",
            retry_after_seconds=retry_after_seconds(response.headers.get("retry-after")),
        )

    def _unreachable(self) -> PlaneError:
        return PlaneError(
            f"The {self.kind} service cannot be reached.",
            code="unreachable",
            transient=True,
            remedy="Check its address, or run 'openmed doctor'.",
        )

    def _late(self, limit: Deadline) -> PlaneError:
        return PlaneError(
            f"The {self.kind} service did not answer within {limit.seconds:g} seconds.",
            code="timeout",
            remedy="Try again, or raise timeout_seconds in config.toml.",
        )

    def _broken(self, what: str) -> PlaneError:
        return PlaneError(
            f"The {self.kind} service {what}, so nothing of the answer was used.",
            code="contract",
            remedy="Check that the address is that of the right service, or run 'openmed doctor'.",
        )


_KEY_VARIABLES: Final[Mapping[DestinationKind, str]] = {
    DestinationKind.INFERENCE: "OPENMED_INFERENCE_API_KEY",
    DestinationKind.CODES: "OPENMED_MED_CODES_API_KEY",
}


def _pause_seconds(attempt: int, asked: float | None) -> float:
    ceiling = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))
    pause = random.uniform(ceiling / 2, ceiling)  # noqa: S311 - jitter, not a secret
    return pause if asked is None else max(asked, pause)


def _place(error: ValidationError) -> str:
    """Return the field where a reply broke its contract: names from our models, never a value."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    names = ".".join(str(part) for part in first["loc"][:3])
    return f" (at {terminal_safe(names, single_line=True)[:_LONGEST_CODE]})" if names else ""


def retry_after_seconds(header: str | None) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks to wait (RFC 9110, 10.2.3), if it is readable."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header.strip())
    try:
        moment = parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
