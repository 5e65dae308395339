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
from openmed_agent.runtime.events import TurnStarted, read_event
from openmed_agent.runtime.loop import ModelInUse
from openmed_agent.settings.configuration import Configuration
from openmed_agent.settings.paths import Paths
from openmed_agent.store.sessions import Sessions

_DESCRIBING_SECONDS: Final = 3.0
_EVENTS_OF_A_LONG_TURN: Final = 500


async def find_model(configuration: Configuration, paths: Paths, asked: str | None) -> ModelChoice | None:
    """Return the model that is asked for or set up, else one on this machine's own ports; None where there is none.

    Raises:
        OpenMedError: what is configured cannot be used.

    """
    credentials = Credentials(paths.root, os.environ)
    if choose_place(configuration, credentials) is not None:
        return choose_model(configuration, credentials, asked=asked)
    return choose_model(configuration, credentials, await find_local_servers(), asked)


async def find_model_of_session(
    configuration: Configuration, paths: Paths, asked: str | None, sessions: Sessions, session_id: str
) -> ModelChoice | None:
    """Return the model for a session that goes on: the one asked for, else its own, else as for a new one.

    Its own is the one of its last turn, if that was at the address in use now; at another one its name may mean
    nothing, or another model.

    Raises:
        InputError: no session has this id.
        OpenMedError: what is configured cannot be used.

    """
    last = _last_turn(sessions, session_id) if asked is None else None
    own = await find_model(configuration, paths, last.model) if last is not None else None
    if last is not None and own is not None and own.host == last.host:
        return own
    return await find_model(configuration, paths, asked)


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


def _last_turn(sessions: Sessions, session_id: str) -> TurnStarted | None:
    """Return how the last turn of a session began; None where it lies further back than a long turn reaches."""
    session = sessions.get(session_id).session_id
    for kept in sessions.events(session, limit=_EVENTS_OF_A_LONG_TURN, backwards=True):
        if kept.kind == "turn_started":
            event = read_event(kept.document, kept.sequence)
            return event if isinstance(event, TurnStarted) else None
    return None
