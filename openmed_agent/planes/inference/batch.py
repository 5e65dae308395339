"""``POST /batch``: documents stream in and their answers stream out, line by line, in order.

The answer starts before the request ends, so memory does not grow with the batch: at most one line, one document at
work and a bounded number of bytes of answers that the client has not taken yet. When those are full, no more of the
request is read; a client that sends a larger batch has to read while it writes.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final

from fastapi import Response
from pydantic import ValidationError
from starlette.types import Receive, Scope, Send

from openmed_agent.planes.inference.batch_contract import (
    MAXIMUM_DOCUMENT_BYTES,
    MAXIMUM_LINE_BYTES,
    AnalyzeLine,
    BatchError,
    BatchLine,
    BatchReply,
    DeidentifyLine,
    ExtractLine,
    id_of,
    line_error,
    read_line,
)
from openmed_agent.planes.inference.contract import AnalyzeReply, DeidentifyReply
from openmed_agent.planes.inference.engine import Engine
from openmed_agent.planes.inference.workbench import Workbench
from openmed_agent.planes.serving import ServiceError, service_error_response

MEDIA_TYPE: Final = "application/x-ndjson"
_WAITING_BYTES: Final = 16 * 1024 * 1024
_SILENCE_SECONDS: Final = 120.0

BATCH_OPENAPI: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "One JSON object a line: a request of another route with an id and the operation's name.",
        "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
    }
}
BATCH_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "One JSON object a line, in the order of the request: line, id, status, result or error.",
        "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
    },
    503: {"description": "Too many batches run already; Retry-After says when to come back."},
}

__all__ = ["BATCH_OPENAPI", "BATCH_RESPONSES", "BatchLine", "BatchResponse", "LineSplitter", "answer_line"]


class LineSplitter:
    """Cuts a stream of bytes into lines; of a line over the limit nothing is kept, and it comes out as ``None``."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, piece: bytes) -> Iterator[bytes | None]:
        """Yield the lines that ``piece`` ends."""
        *ends, rest = piece.split(b"\n")
        for end in ends:
            self._keep(end)
            yield self._taken()
        self._keep(rest)

    def rest(self) -> Iterator[bytes | None]:
        """Yield the last line, where it has no line feed."""
        if self._size:
            yield self._taken()

    def _keep(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._limit:
            self._parts.clear()
        else:
            self._parts.append(part)

    def _taken(self) -> bytes | None:
        line = None if self._size > self._limit else b"".join(self._parts)
        self._parts.clear()
        self._size = 0
        return line


class _Waiting:
    """Answers on their way to the client, bounded in bytes."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._bytes = 0
        self._changed = asyncio.Condition()
        self._closed = False

    async def put(self, line: bytes) -> None:
        """Add a line, when there is room for it."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._bytes == 0 or self._bytes + len(line) <= _WAITING_BYTES)
            self._lines.append(line)
            self._bytes += len(line)
            self._changed.notify_all()

    async def close(self) -> None:
        """Say that no line will follow."""
        async with self._changed:
            self._closed = True
            self._changed.notify_all()

    async def take(self) -> bytes:
        """Return all that waits, at least a line; nothing means the end."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._lines or self._closed)
            taken = b"".join(self._lines)
            self._lines.clear()
            self._bytes = 0
            self._changed.notify_all()
            return taken


class _GoneError(Exception):
    """The client has gone, or has neither read nor written for long."""


class BatchResponse(Response):
    """Reads the request and writes the answer at the same time, which no ready-made response does."""

    media_type = MEDIA_TYPE

    def __init__(self, bench: Workbench, engine: Engine) -> None:
        super().__init__()
        self._bench = bench
        self._engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer every line, or 503 while too many batches run."""
        try:
            with self._bench.stream():
                await self._exchange(receive, send)
        except ServiceError as error:
            await service_error_response(error)(scope, receive, send)

    async def _exchange(self, receive: Receive, send: Send) -> None:
        pieces = _pieces(receive)
        try:
            first = await anext(pieces)  # a client that waits for "100 Continue" gets it at the first read
        except _GoneError:
            raise ServiceError(408, "timeout", "No line arrived in time") from None
        headers = [(b"content-type", MEDIA_TYPE.encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        try:
            await self._answer_all(first, pieces, send)
        except* _GoneError:
            pass  # the connection is closed without the end of the answer, so nobody takes it for whole

    async def _answer_all(self, first: bytes, pieces: AsyncIterator[bytes], send: Send) -> None:
        waiting = _Waiting()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_write(waiting, send))
            number = 0
            async for line in _lines(first, pieces):
                number += 1
                if line is None or line.strip():
                    await waiting.put(await self._answer(number, line))
            await waiting.close()

    async def _answer(self, number: int, line: bytes | None) -> bytes:
        return await self._bench.run_of_stream(lambda: answer_line(self._engine, number, line).encoded())


def answer_line(engine: Engine, number: int, line: bytes | None) -> BatchReply:
    """Return the answer to one line, whatever is in it; ``None`` stands for a line over the limit."""
    if line is None:
        limit = MAXIMUM_LINE_BYTES // 1024
        return _failed(number, None, BatchError(code="line_too_large", message=f"The line is over {limit} kB"))
    try:
        request = read_line(line)
    except ValidationError as error:
        return _failed(number, id_of(line), line_error(error))
    if len(request.text.encode()) > MAXIMUM_DOCUMENT_BYTES:
        limit = MAXIMUM_DOCUMENT_BYTES // 1024**2
        too_large = BatchError(code="document_too_large", message=f"The document is over {limit} MB")
        return _failed(number, request.id, too_large)
    try:
        engine.check(request)
        return BatchReply(line=number, id=request.id, status="ok", result=_asked(engine, request)())
    except ServiceError as error:
        return _failed(number, request.id, BatchError(code=error.code, message=error.message, details=error.details))
    except Exception:  # noqa: BLE001 - one failing document never stops the rest, and a fault's text may quote it
        return _failed(
            number, request.id, BatchError(code="internal_error", message="The service failed on this document")
        )


def _asked(
    engine: Engine, request: AnalyzeLine | ExtractLine | DeidentifyLine
) -> Callable[[], AnalyzeReply | DeidentifyReply]:
    match request:
        case AnalyzeLine():
            return lambda: engine.analyze(request)
        case ExtractLine():
            return lambda: engine.extract(request)
        case DeidentifyLine():
            return lambda: engine.deidentify(request)


def _failed(number: int, line_id: str | None, error: BatchError) -> BatchReply:
    return BatchReply(line=number, id=line_id, status="error", error=error)


async def _pieces(receive: Receive) -> AsyncIterator[bytes]:
    """Yield the body of the request as it comes."""
    more = True
    while more:
        try:
            async with asyncio.timeout(_SILENCE_SECONDS):
                message = await receive()
        except TimeoutError:
            raise _GoneError from None
        if message["type"] != "http.request":
            raise _GoneError
        more = message.get("more_body", False)
        yield message.get("body", b"")


async def _lines(first: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes | None]:
    splitter = LineSplitter(MAXIMUM_LINE_BYTES)
    for line in splitter.feed(first):
        yield line
    async for piece in pieces:
        for line in splitter.feed(piece):
            yield line
    for line in splitter.rest():
        yield line


async def _write(waiting: _Waiting, send: Send) -> None:
    while written := await waiting.take():
        try:
            async with asyncio.timeout(_SILENCE_SECONDS):
                await send({"type": "http.response.body", "body": written, "more_body": True})
        except TimeoutError:
            raise _GoneError from None
    await send({"type": "http.response.body", "body": b"", "more_body": False})
