"""Records in the audit chain what a command about models sends to another machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openmed_agent.net.clients import OutboundSink
    from openmed_agent.settings.configuration import Configuration
    from openmed_agent.settings.paths import Paths


@contextmanager
def recorded_model_requests(paths: "Paths", configuration: "Configuration", url: str) -> "Iterator[OutboundSink]":
    """Yield a sink for requests to the model service at ``url``; those to this machine are not recorded."""
    from urllib.parse import urlsplit

    from openmed_agent.cli.outbound import recorded_outbound
    from openmed_agent.net.clients import DestinationKind, is_loopback

    local = is_loopback(urlsplit(url).hostname or "")
    leaving = frozenset() if local else frozenset({DestinationKind.MODEL, DestinationKind.LOGIN})
    with recorded_outbound(paths, configuration, leaving) as sink:
        yield sink
