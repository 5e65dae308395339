"""Records in the audit chain what a command sends to another machine."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from openmed_agent.cli.session import open_local_store

if TYPE_CHECKING:
    from openmed_agent.net.clients import DestinationKind, Outbound, OutboundSink
    from openmed_agent.settings.configuration import Configuration
    from openmed_agent.settings.paths import Paths
    from openmed_agent.store.audit import AuditTrail


@contextmanager
def recorded_outbound(
    paths: "Paths", configuration: "Configuration", leaving: "frozenset[DestinationKind]"
) -> "Iterator[OutboundSink]":
    """Yield a sink that records requests to the kinds of destination in ``leaving``, before each is sent.

    The store is opened for the first such request only: a command that asks this machine alone does without.
    Where it cannot be had, the sink raises a ``StoreError``, and the request is not sent.
    """
    with ExitStack() as stack:
        audit: AuditTrail | None = None

        def record(outbound: "Outbound") -> None:
            nonlocal audit
            if outbound.kind not in leaving:
                return
            if audit is None:
                audit = stack.enter_context(open_local_store(paths, configuration)).audit
            details: dict[str, str | int | None] = {"host": outbound.host, "bytes": outbound.sent_bytes}
            audit.append("openmed", "outbound.sent", str(outbound.kind), details)

        yield record


def remote_planes(configuration: "Configuration") -> "frozenset[DestinationKind]":
    """Return the planes whose configured address is on another machine."""
    from urllib.parse import urlsplit

    from openmed_agent.net.clients import DestinationKind, is_loopback

    planes = {DestinationKind.INFERENCE: configuration.inference, DestinationKind.CODES: configuration.codes}
    hosts = {kind: urlsplit(settings.url).hostname for kind, settings in planes.items() if settings.url is not None}
    return frozenset(kind for kind, host in hosts.items() if not is_loopback(host or ""))
