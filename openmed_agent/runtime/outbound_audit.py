"""Every request that leaves for a model, or for a plane on another machine, is in the audit chain before it is sent."""

from openmed_agent.net.clients import DestinationKind, Outbound, OutboundSink, is_loopback
from openmed_agent.store.audit import AuditTrail


def outbound_recorded(audit: AuditTrail) -> OutboundSink:
    """Return a sink that records destination and size of a request, never what it holds."""

    def record(outbound: Outbound) -> None:
        name = outbound.host.rpartition(":")[0].strip("[]") or outbound.host
        if outbound.kind is DestinationKind.MODEL or not is_loopback(name):
            host = outbound.host.translate({ord("["): None, ord("]"): None})
            details: dict[str, str | int | None] = {"host": host, "bytes": outbound.sent_bytes}
            audit.append("openmed", "outbound.sent", str(outbound.kind), details)

    return record
