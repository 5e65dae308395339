"""What both services share: credentials, the error envelope, request ids, size limits, silence in logs.

The envelope is that of the OpenMed REST service: ``{"error":{"code","message","details","request_id"}}``. No
input value is ever echoed in it.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import uuid4

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAXIMUM_REQUEST_BYTES: Final = 16 * 1024 * 1024
MAXIMUM_REQUESTS_AT_ONCE: Final = 128
"""Most requests that a process has under way, bodies that still arrive among them; more are told to come back."""

_RETRY_AFTER_SECONDS: Final = 1
_UNKNOWN_FIELD: Final = "extra_forbidden"
_OPEN_PATHS: Final = frozenset({"/health"})
_HEALTH_ONLY_METHODS: Final = frozenset({"GET", "HEAD"})


class ServiceError(Exception):
    """An answer other than success, sent in the error envelope."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: object = None,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.retry_after_seconds = retry_after_seconds


def create_application(
    *,
    service: str,
    title: str,
    version: str,
    routers: Sequence[APIRouter],
    api_key: str | None,
    streamed_paths: frozenset[str] = frozenset(),
) -> FastAPI:
    """Return an application for ``routers``; with ``api_key`` every route but ``/health`` needs the key.

    The size limit of a request does not hold for ``streamed_paths``, whose routes keep only a bounded part of it.
    """
    application = FastAPI(title=title, version=version, docs_url=None, redoc_url=None)
    application.state.service = service
    for router in routers:
        application.include_router(router)
    application.add_exception_handler(ServiceError, _answer_service_error)
    application.add_exception_handler(RequestValidationError, _answer_validation_error)
    application.add_exception_handler(HTTPException, _answer_http_exception)
    application.add_exception_handler(Exception, _answer_internal_error)
    application.add_middleware(_SizeLimitMiddleware, streamed_paths=streamed_paths)
    application.add_middleware(_RequestLimitMiddleware)
    application.add_middleware(_CredentialMiddleware, api_key=api_key)
    return application


def envelope(
    status: int, code: str, message: str, *, details: object = None, headers: dict[str, str] | None = None
) -> JSONResponse:
    """Return an error answer with a fresh request id."""
    error = {"code": code, "message": message, "details": details, "request_id": str(uuid4())}
    return JSONResponse({"error": error}, status_code=status, headers=headers)


def service_error_response(error: ServiceError) -> JSONResponse:
    """Return the answer that ``error`` stands for."""
    wait = error.retry_after_seconds
    headers = {"Retry-After": str(wait)} if wait is not None else None
    return envelope(error.status, error.code, error.message, details=error.details, headers=headers)


async def _answer_service_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)  # noqa: S101 - registered for this type only
    return service_error_response(error)


async def _answer_validation_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type only
    return envelope(422, "validation_error", "Request validation failed", details=validation_details(error.errors()))


def validation_details(errors: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return field, message and type of each error that pydantic found, and nothing that was sent.

    The name of an unknown field was sent too, so only the place that it stood in is said.
    """
    return [
        {
            "field": ".".join(map(str, item["loc"][:-1] if item["type"] == _UNKNOWN_FIELD else item["loc"])),
            "message": item["msg"],
            "type": item["type"],
        }
        for item in errors
    ]


async def _answer_http_exception(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type only
    return envelope(error.status_code, "bad_request", str(error.detail), details={"reason": str(error.detail)})


async def _answer_internal_error(_: Request, __: Exception) -> Response:
    return envelope(500, "internal_error", "The service failed on this request")


class _CredentialMiddleware:
    """Refuses a request without the key, whichever of the three headers carries it."""

    def __init__(self, app: ASGIApp, api_key: str | None) -> None:
        self._app = app
        self._api_key = api_key.encode() if api_key is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 401."""
        if scope["type"] != "http" or self._api_key is None or _is_open(scope):
            await self._app(scope, receive, send)
            return
        sent = _sent_keys(scope)
        if not sent:
            answer = envelope(401, "authentication_required", "Send the API key")
        elif not any(hmac.compare_digest(key, self._api_key) for key in sent):
            answer = envelope(401, "invalid_credentials", "The API key is not valid")
        else:
            await self._app(scope, receive, send)
            return
        await answer(scope, receive, send)


def _is_open(scope: Scope) -> bool:
    return scope["path"] in _OPEN_PATHS and scope["method"] in _HEALTH_ONLY_METHODS


def _sent_keys(scope: Scope) -> list[bytes]:
    keys: list[bytes] = []
    for name, value in scope["headers"]:
        if name == b"x-api-key":
            keys.append(value.strip())
        elif name == b"authorization":
            scheme, _, credential = value.partition(b" ")
            if scheme.lower() in {b"bearer", b"apikey"} and credential.strip():
                keys.append(credential.strip())
    return keys


def busy() -> ServiceError:
    """Return the answer of a service that has too much to do."""
    return ServiceError(
        503,
        "backpressure",
        "The service is busy; try again shortly",
        retry_after_seconds=_RETRY_AFTER_SECONDS,
    )


class _RequestLimitMiddleware:
    """Answers 503 while too many requests are under way; ``/health`` always gets through."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or turn it away before its body is read."""
        if scope["type"] != "http" or _is_open(scope):
            await self._app(scope, receive, send)
            return
        if self._under_way >= MAXIMUM_REQUESTS_AT_ONCE:
            await service_error_response(busy())(scope, receive, send)
            return
        self._under_way += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way -= 1


class _TooLargeError(Exception):
    """The body grew past the limit while it was being read."""


class _SizeLimitMiddleware:
    """Answers 413 once a body is larger than the limit, announced or not."""

    def __init__(self, app: ASGIApp, streamed_paths: frozenset[str]) -> None:
        self._app = app
        self._streamed_paths = streamed_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counted body."""
        if scope["type"] != "http" or scope["path"] in self._streamed_paths:
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > MAXIMUM_REQUEST_BYTES:
            await _too_large()(scope, receive, send)
            return
        total = 0

        async def counted() -> Message:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            if total > MAXIMUM_REQUEST_BYTES:
                raise _TooLargeError
            return message

        async def unless_too_large(message: Message) -> None:
            if total <= MAXIMUM_REQUEST_BYTES:
                await send(message)

        with suppress(_TooLargeError):
            await self._app(scope, counted, unless_too_large)
        if total > MAXIMUM_REQUEST_BYTES:
            await _too_large()(scope, receive, send)


def _too_large() -> JSONResponse:
    limit = MAXIMUM_REQUEST_BYTES // 1024**2
    return envelope(413, "bad_request", f"The request is larger than {limit} MB")
