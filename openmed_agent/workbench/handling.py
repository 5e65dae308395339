"""How a file of handlers says which requests it answers, and how."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from openmed_agent.workbench.bench import Bench
from openmed_agent.workbench.wire import Request

Asked = TypeVar("Asked", bound=Request)
Answering = Callable[[Bench, Any], Awaitable[BaseModel]]
Streaming = Callable[[Bench, Any], AsyncGenerator[BaseModel, None]]


@dataclass(frozen=True, slots=True)
class Handler:
    """One kind of request, and what answers it: at once, or by a stream."""

    request: type[Request]
    answers: Answering | None = None
    streams: Streaming | None = None


def answered_by(request: type[Asked], function: Callable[[Bench, Asked], Awaitable[BaseModel]]) -> Handler:
    """Return the handler that answers a kind of request with one reply."""
    return Handler(request, answers=function)


def streamed_by(request: type[Asked], function: Callable[[Bench, Asked], AsyncGenerator[Any, None]]) -> Handler:
    """Return the handler that answers a kind of request with a stream of parts."""
    return Handler(request, streams=function)
