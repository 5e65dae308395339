"""One request to a public service: cache, pace, deadline, retries, and the contract of the reply.

The service has one fixed origin. A reply counts only if its reader accepts it; nothing of a request or reply body
enters an error.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import time
from typing import TYPE_CHECKING, Final, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, ValidationError

from openmed_agent import __version__
from openmed_agent.net.clients import DestinationKind, OutboundSink, checked_origin, make_client
from openmed_agent.planes.literature.cache import Kept, ReplyCache, request_name
from openmed_agent.planes.literature.pace import Pace
from openmed_agent.planes.literature.sources import Service
from openmed_agent.planes.transport import Deadline, PlaneError, retry_after_seconds

if TYPE_CHECKING:
    import httpx

Reply = TypeVar("Reply", bound=BaseModel)

MAXIMUM_REPLY_BYTES: Final = 16 * 1024 * 1024
_ATTEMPTS: Final = 3
_PAUSE_SECONDS: Final = 1.0
_OK: Final = 200
_TRANSIENT_STATUSES: Final = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Fetched(Generic[Reply]):
    """A checked reply and the time at which the service gave it."""

    reply: Reply
    received: datetime


@dataclass(frozen=True, slots=True)
class Raw:
    """A reply as it came; a reader turns it into a typed one or raises ``ValueError``."""

    status: int
    body: bytes


def is_always_kept(_: BaseModel) -> bool:
    """Keep every reply; for those that hold nothing of the question."""
    return True


class ServiceTransport:
    """Asks one service; replies come from the cache where it has them."""

    def __init__(
        self,
        service: Service,
        *,
        pace: Pace,
        cache: ReplyCache | None,
        timeout_seconds: float,
        sink: OutboundSink,
    ) -> None:
        self.service = service
        self._origin = checked_origin(service.origin)
        self._pace = pace
        self._cache = cache
        self._timeout = timeout_seconds
        self._sink = sink
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        """Return the transport; nothing is contacted yet."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def ask(
        self,
        model: type[Reply],
        read: Callable[[Raw], Reply],
        method: Literal["GET", "POST"],
        path: str,
        fields: Mapping[str, str],
        *,
        caller: Mapping[str, str] | None = None,
        is_kept: Callable[[Reply], bool] = is_always_kept,
    ) -> Fetched[Reply]:
        """Return what ``read`` makes of the reply; ``caller`` is sent too, and names no request.

        ``read`` raises ``ValueError`` for a body outside its contract, or returns nothing else than ``model``.

        Raises:
            PlaneError: there is no usable answer.
            LimitReachedError: the service's rate limit leaves no time for it.

        """
        name = request_name(self.service.name, path, fields)
        kept = self._cache.find(name) if self._cache is not None else None
        if kept is not None:
            try:
                return Fetched(model.model_validate_json(kept.reply), datetime.fromtimestamp(kept.received, UTC))
            except ValidationError:
                pass  # kept by another version of this program
        reply = self._read(read, await self._sent(method, path, {**fields, **(caller or {})}))
        received = time()
        if self._cache is not None and is_kept(reply):
            self._cache.keep(name, Kept(reply.model_dump_json(by_alias=True), received))
        return Fetched(reply, datetime.fromtimestamp(received, UTC))

    async def _sent(self, method: str, path: str, fields: Mapping[str, str]) -> Raw:
        deadline = Deadline(self._timeout)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                async with self._pace.turn(deadline):
                    return await self._once(method, path, fields, deadline)
            except PlaneError as error:
                late = (error.retry_after_seconds or 0) > deadline.remaining
                if not error.transient or late or attempt == _ATTEMPTS:
                    raise
        raise AssertionError  # the last attempt returned or raised

    async def _once(self, method: str, path: str, fields: Mapping[str, str], deadline: Deadline) -> Raw:
        import asyncio  # noqa: PLC0415 - beside httpx

        import httpx  # noqa: PLC0415 - see net.clients

        try:
            async with asyncio.timeout(deadline.remaining):
                response = await self._response(method, path, fields)
        except (TimeoutError, httpx.TimeoutException):
            raise self._failure("did not answer in time", code="timeout") from None
        except (httpx.RemoteProtocolError, httpx.DecodingError):
            raise self._failure("broke off its answer", code="contract", transient=True) from None
        except (httpx.TransportError, OSError):
            raise self._failure("cannot be reached", code="unreachable", transient=True) from None
        return response

    async def _response(self, method: str, path: str, fields: Mapping[str, str]) -> Raw:
        client = self._connected()
        given = {"params": dict(fields)} if method == "GET" else {"data": dict(fields)}
        async with client.stream(method, path, **given) as response:  # type: ignore[arg-type]
            body = bytearray()
            async for part in response.aiter_bytes():
                body += part
                if len(body) > MAXIMUM_REPLY_BYTES:
                    raise self._failure("sent an answer that is too large", code="contract")
            status = response.status_code
            if status in _TRANSIENT_STATUSES:
                asked = retry_after_seconds(response.headers.get("retry-after"))
                self._pace.hold(asked or _PAUSE_SECONDS)
                wait = f" and asks to wait {asked:.0f} seconds" if asked else ""
                raise self._failure(
                    f"answered {status}{wait}", code=f"http_{status}", status=status, transient=True, retry_after=asked
                )
            return Raw(status, bytes(body))

    def _read(self, read: Callable[[Raw], Reply], raw: Raw) -> Reply:
        try:
            return read(raw)
        except ValueError:
            if raw.status != _OK:
                code = f"http_{raw.status}"
                raise self._failure(f"answered {raw.status}", code=code, status=raw.status) from None
            raise self._failure("answered outside its contract, so nothing was used", code="contract") from None

    def _connected(self) -> "httpx.AsyncClient":
        if self._client is None:
            self._client = make_client(
                DestinationKind.LITERATURE,
                self._origin,
                headers={"user-agent": f"openmed-agent/{__version__}"},
                timeout_seconds=self._timeout,
                sink=self._sink,
            )
        return self._client

    def _failure(
        self,
        what: str,
        *,
        code: str,
        status: int | None = None,
        transient: bool = False,
        retry_after: float | None = None,
    ) -> PlaneError:
        return PlaneError(
            f"{self.service.name} {what}.",
            code=code,
            status=status,
            transient=transient,
            retry_after_seconds=retry_after,
            remedy="Try again later.",
        )


def checked_json(model: type[Reply]) -> Callable[[Raw], Reply]:
    """Return a reader of a 200 whose body is ``model`` in JSON."""

    def read(raw: Raw) -> Reply:
        if raw.status != _OK:
            raise ValueError("status")
        return model.model_validate_json(raw.body)

    return read
