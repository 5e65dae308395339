"""The one place that makes outbound clients.

A client is bound to one kind of destination and one origin. It ignores proxy variables (a loopback call must
never travel through HTTP_PROXY), follows no redirect, refuses plain http off loopback, and reports the
destination and size of every request to the sink that it was handed.
"""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from openmed_agent.errors import InputError, NotPermittedError

if TYPE_CHECKING:
    import httpx

_CONNECT_SECONDS: Final = 5.0


class DestinationKind(StrEnum):
    """What an outbound client may be for; anything else cannot be asked for."""

    INFERENCE = "inference"
    CODES = "codes"
    UPDATE = "update"
    LITERATURE = "literature"
    MODEL = "model"
    LOGIN = "login"


@dataclass(frozen=True, slots=True)
class Outbound:
    """One request that is being sent: where it goes, and how many bytes its body and its query carry."""

    kind: DestinationKind
    host: str
    sent_bytes: int


_UPDATE_HOST: Final = "download.nlm.nih.gov"
"""The one host that code systems are fetched from; no request to it carries anything of this machine."""

OutboundSink = Callable[[Outbound], None]


def discard_outbound(_: Outbound) -> None:
    """Report nowhere; for a caller without an audit chain, such as a health check."""


def checked_origin(url: str) -> str:
    """Return ``url`` without a trailing slash.

    Raises:
        InputError: it is not an http or https address, or carries credentials, a query or a fragment.
        NotPermittedError: it is plain http to another machine.

    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise InputError("A service address is not a URL.", remedy=_EXAMPLE) from None
    if parts.scheme not in {"http", "https"} or not host:
        raise InputError("A service address must start with http:// or https://.", remedy=_EXAMPLE)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InputError("A service address must not hold a user, a password, a query or a fragment.", remedy=_EXAMPLE)
    if parts.scheme == "http" and not is_loopback(host):
        raise NotPermittedError(
            f"Plain http to {host} would carry charts unencrypted.", remedy="Use its https address."
        )
    return url.rstrip("/")


def origin_of(url: str) -> str:
    """Return scheme, host and port of ``url`` in one form: lower case, without the port that goes without saying.

    Raises:
        InputError: see ``checked_origin``.
        NotPermittedError: see ``checked_origin``.

    """
    parts = urlsplit(checked_origin(url))
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    if parts.port in {None, _DEFAULT_PORTS[parts.scheme]}:
        return f"{parts.scheme}://{shown}"
    return f"{parts.scheme}://{shown}:{parts.port}"


_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_EXAMPLE: Final = "Use an address such as https://inference.example.org."


def is_loopback(host: str) -> bool:
    """Return whether ``host`` names this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _require_update_origin(origin: str) -> None:
    parts = urlsplit(origin)
    host = parts.hostname or ""
    official = parts.scheme == "https" and host == _UPDATE_HOST and parts.port in {None, 443}
    if not official and not is_loopback(host):
        raise NotPermittedError(f"Releases are fetched from https://{_UPDATE_HOST} only.")


def make_client(
    kind: DestinationKind,
    origin: str,
    *,
    headers: Mapping[str, str],
    timeout_seconds: float,
    sink: OutboundSink,
) -> "httpx.AsyncClient":
    """Return a client whose every request goes to ``origin`` (see ``checked_origin``).

    Raises:
        NotPermittedError: ``origin`` is not one that this kind of destination may have.

    """
    if kind in {DestinationKind.MODEL, DestinationKind.LOGIN}:
        raise NotPermittedError("A model is reached through its own client, which seals what it sends.")
    if kind is DestinationKind.UPDATE:
        _require_update_origin(origin)
    import httpx  # noqa: PLC0415 - costs 0.2 s that no --help should pay

    host = urlsplit(origin).netloc

    async def report(request: httpx.Request) -> None:
        if request.url.netloc.decode("ascii") != urlsplit(origin).netloc.lower():
            raise NotPermittedError("A request tried to leave for another host than the configured one.")
        sink(Outbound(kind=kind, host=host, sent_bytes=len(request.content) + len(request.url.query)))

    return httpx.AsyncClient(
        base_url=origin,
        headers=dict(headers),
        timeout=httpx.Timeout(timeout_seconds, connect=min(_CONNECT_SECONDS, timeout_seconds)),
        trust_env=False,
        follow_redirects=False,
        event_hooks={"request": [report]},
        limits=httpx.Limits(max_connections=8, max_keepalive_connections=8),
    )
