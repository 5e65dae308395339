"""One short question to an endpoint, and its whole answer: lists of models, checks of a key, discovery."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    import httpx2

LARGEST_SHORT_ANSWER: Final = 16 * 1024 * 1024
_SUCCESS: Final = range(200, 300)


@dataclass(frozen=True, slots=True)
class ShortAnswer:
    """What an endpoint answered, whatever its status."""

    status: int
    content: bytes = field(repr=False)
    retry_after: str | None = None

    @property
    def good(self) -> bool:
        """Whether the status says success."""
        return self.status in _SUCCESS


class NoAnswerError(Exception):
    """An endpoint gave no whole answer: it was ``late``, or could not be reached or broke off."""

    def __init__(self, *, late: bool) -> None:
        super().__init__("late" if late else "unreachable")
        self.late = late


async def ask(
    client: "httpx2.AsyncClient", method: Literal["GET", "POST"], url: str, *, content: bytes | None = None
) -> ShortAnswer:
    """Return the answer to one request; ``url`` is below the client's base, or a whole address of its origin.

    Raises:
        NoAnswerError: no whole answer came.
        NotPermittedError: the request may not leave.

    """
    import httpx2  # noqa: PLC0415 - costs 0.2 s that no --help should pay

    headers = {"accept": "application/json"} | ({"content-type": "application/json"} if content else {})
    try:
        async with client.stream(method, url, content=content, headers=headers) as reply:
            body = bytearray()
            async for part in reply.aiter_bytes():
                body += part
                if len(body) > LARGEST_SHORT_ANSWER:
                    raise NoAnswerError(late=False)
            return ShortAnswer(reply.status_code, bytes(body), reply.headers.get("retry-after"))
    except httpx2.TimeoutException as error:
        raise NoAnswerError(late=not isinstance(error, httpx2.ConnectTimeout)) from error
    except (httpx2.HTTPError, OSError) as error:
        raise NoAnswerError(late=False) from error
