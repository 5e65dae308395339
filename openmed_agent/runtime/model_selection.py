"""Which model answers a session: what is configured, else what is found on this machine."""

import asyncio
import os
from typing import Final

from openmed_agent.login.credentials import Credentials
from openmed_agent.models.connection import ModelChoice, choose_model, choose_place, open_provider
from openmed_agent.models.discovery import find_local_servers
from openmed_agent.models.provider import ModelError, ModelProvider
from openmed_agent.net.clients import OutboundSink
from openmed_agent.net.outbound_text import Seal
from openmed_agent.runtime.loop import ModelInUse
from openmed_agent.settings.configuration import Configuration
from openmed_agent.settings.paths import Paths

_DESCRIBING_SECONDS: Final = 3.0


async def find_model(configuration: Configuration, paths: Paths, asked: str | None) -> ModelChoice | None:
    """Return the model that is asked for or set up, else one on this machine's own ports; None where there is none.

    Raises:
        OpenMedError: what is configured cannot be used.

    """
    credentials = Credentials(paths.root, os.environ)
    if choose_place(configuration, credentials) is not None:
        return choose_model(configuration, credentials, asked=asked)
    return choose_model(configuration, credentials, await find_local_servers(), asked)


async def open_choice(choice: ModelChoice, seal: Seal, sink: OutboundSink) -> ModelInUse:
    """Return the chosen model, ready to be asked; it sends only what ``seal`` clears."""
    provider = open_provider(choice, seal, sink)
    return ModelInUse(
        provider=provider,
        name=choice.name,
        window=choice.context_window or await _window(provider, choice.name),
        reasoning_effort=choice.reasoning_effort,
        max_output_tokens=choice.max_output_tokens,
    )


async def _window(provider: ModelProvider, name: str) -> int | None:
    """Return the context window that the endpoint says its model has; None where it does not say, or not soon."""
    try:
        async with asyncio.timeout(_DESCRIBING_SECONDS):
            return (await provider.describe(name)).context_window
    except (ModelError, TimeoutError):
        return None
