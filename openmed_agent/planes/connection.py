"""Opens the two planes as the settings say: a configured address, or the embedded child process.

One contract, one client, one code path; only the address differs.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from openmed_agent.login.accounts import Purpose
from openmed_agent.login.credentials import Credentials
from openmed_agent.net.clients import DestinationKind, OutboundSink, checked_origin, discard_outbound
from openmed_agent.planes.codes.client import CodesClient
from openmed_agent.planes.inference.client import InferenceClient
from openmed_agent.planes.supervisor import EmbeddedPlane, PlaneWatcher
from openmed_agent.planes.transport import Endpoint, PlaneTransport
from openmed_agent.settings.configuration import Configuration, PlaneSettings
from openmed_agent.settings.paths import Paths


@dataclass(frozen=True, slots=True)
class PlaneConnections:
    """How to reach planes in this run.

    ``surrogate_key`` goes to an embedded inference plane, through its pipe; a configured one has a key of its own.
    """

    configuration: Configuration
    paths: Paths
    watcher: PlaneWatcher
    sink: OutboundSink = discard_outbound
    surrogate_key: bytes | None = field(default=None, repr=False)


@asynccontextmanager
async def open_inference(connections: PlaneConnections) -> AsyncIterator[InferenceClient]:
    """Yield a client of the inference plane; an embedded one starts at the first call and ends here.

    Raises:
        InputError: the configured address is not usable.
        NotPermittedError: the configured address is plain http to another machine.

    """
    async with _transport(DestinationKind.INFERENCE, connections.configuration.inference, connections) as transport:
        yield InferenceClient(transport)


@asynccontextmanager
async def open_codes(connections: PlaneConnections) -> AsyncIterator[CodesClient]:
    """Yield a client of the codes plane; an embedded one starts at the first call and ends here.

    Raises:
        InputError: the configured address is not usable.
        NotPermittedError: the configured address is plain http to another machine.

    """
    async with _transport(DestinationKind.CODES, connections.configuration.codes, connections) as transport:
        yield CodesClient(transport)


@asynccontextmanager
async def _transport(
    kind: DestinationKind, settings: PlaneSettings, connections: PlaneConnections
) -> AsyncIterator[PlaneTransport]:
    if settings.url is not None:
        remote = _remote_endpoint(kind, settings.url, settings, connections.paths)

        async def configured() -> Endpoint:
            return remote

        async with PlaneTransport(
            kind, configured, timeout_seconds=settings.timeout_seconds, sink=connections.sink
        ) as transport:
            yield transport
        return
    folder = connections.paths.codes_index if kind is DestinationKind.CODES else None
    key = connections.surrogate_key if kind is DestinationKind.INFERENCE else None
    plane = EmbeddedPlane(kind, watcher=connections.watcher, index_folder=folder, surrogate_key=key)
    try:
        async with PlaneTransport(
            kind, plane.endpoint, timeout_seconds=settings.timeout_seconds, sink=connections.sink
        ) as transport:
            yield transport
    finally:
        await plane.close()


def _remote_endpoint(kind: DestinationKind, url: str, settings: PlaneSettings, paths: Paths) -> Endpoint:
    origin = checked_origin(url)
    key = settings.api_key.get_secret_value() if settings.api_key else _kept_key(kind, url, paths)
    return Endpoint(origin=origin, headers={"X-API-Key": key} if key else {}, embedded=False)


def _kept_key(kind: DestinationKind, url: str, paths: Paths) -> str | None:
    """Return the key that ``openmed login --service`` keeps for the origin of ``url``, or None."""
    purpose: Purpose = "inference" if kind is DestinationKind.INFERENCE else "codes"
    found = Credentials(paths.root, {}).find(purpose, url)
    return found.key if found is not None else None
