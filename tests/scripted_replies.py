"""What a scripted model server can be told to answer."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

JSON: Final = "application/json"
EVENTS: Final = "text/event-stream"


@dataclass(frozen=True)
class Call:
    """One tool call; ``index`` and ``call_id`` can be left out (None) as sloppy servers do."""

    name: str
    arguments: str = "{}"
    call_id: str | None = "call_1"
    index: int | None = None


@dataclass(frozen=True)
class Say:
    """An answer. It is sent in pieces of ``piece`` characters, ``pause_seconds`` apart.

    ``cut_after`` ends the connection after so many events, without a finish; ``then`` is sent in place of the end.
    ``interleave`` sends the arguments of several calls in turn, as parallel calls may come.
    """

    text: str = ""
    calls: tuple[Call, ...] = ()
    reasoning: str = ""
    reasoning_field: str = "reasoning_content"
    refusal: str = ""
    finish: str | None = None
    usage: tuple[int, int] | None = (11, 7)
    cached: int | None = None
    piece: int = 7
    pause_seconds: float = 0.0
    cut_after: int | None = None
    then: bytes | None = None
    interleave: bool = False


@dataclass(frozen=True)
class Fail:
    """An error status with a body; a mapping is sent as JSON."""

    status: int = 500
    body: object = field(default_factory=lambda: {"error": {"message": "planted failure", "type": "server_error"}})
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON


@dataclass(frozen=True)
class Raw:
    """Bytes as they are, ``pause_seconds`` apart; ``hang`` then keeps the connection open and says nothing more."""

    pieces: tuple[bytes, ...] = ()
    status: int = 200
    content_type: str = EVENTS
    headers: Mapping[str, str] = field(default_factory=dict)
    pause_seconds: float = 0.0
    hang: bool = False


Reply = Say | Fail | Raw
Script = Sequence[Reply] | Callable[[Any], Reply]


def rate_limited(retry_after: str = "1") -> Fail:
    """Return the answer of an endpoint that is asked too often."""
    body = {"error": {"message": "slow down", "type": "rate_limit_error", "code": "rate_limit_exceeded"}}
    return Fail(429, body, {"Retry-After": retry_after})


def redirect(location: str) -> Fail:
    """Return a redirection to another address."""
    return Fail(307, b"", {"Location": location}, "text/plain")


def web_page() -> Raw:
    """Return what a captive portal or a wrong port says."""
    return Raw((b"<!doctype html><title>Welcome</title><p>Please log in.",), content_type="text/html")


def silence() -> Raw:
    """Return headers and then nothing, until the client gives up."""
    return Raw(hang=True)


def error_mid_stream(text: str = "Let me", message: str = "the model crashed") -> Say:
    """Return an answer that breaks into an error object after some text."""
    return Say(text, then=event({"error": {"message": message, "type": "server_error", "code": 500}}))


def event(document: object, name: str | None = None) -> bytes:
    """Return one server-sent event."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(document)}\n\n".encode()
