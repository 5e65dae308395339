"""The models that addresses offer, and the one that a person wants to be used from now on."""

from dataclasses import dataclass

from openmed_agent.errors import InputError
from openmed_agent.login.accounts import Account
from openmed_agent.login.credentials import Credentials
from openmed_agent.models.connection import ModelPlace, choose_place, credential_headers, protocol_of
from openmed_agent.models.discovery import LocalServer, find_local_servers, offered_models
from openmed_agent.models.provider import ModelDescription
from openmed_agent.net.clients import OutboundSink, checked_origin, origin_of
from openmed_agent.net.destinations import require_allowed_model
from openmed_agent.net.model_clients import ModelAddress, make_model_client
from openmed_agent.privacy.program_text import clear_program_text
from openmed_agent.settings.configuration import Configuration

_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class OfferedModels:
    """What one address offers; ``current`` names the model that is used there."""

    url: str
    found_by: str
    models: tuple[ModelDescription, ...]
    current: str | None


def place_at(url: str, configuration: Configuration) -> ModelPlace:
    """Return an address that a person gave as a place of models.

    Raises:
        InputError, NotPermittedError: it is no address that may be used.

    """
    address = checked_origin(url)
    return ModelPlace(address, protocol_of(address, configuration.model.provider), "settings")


async def ask_for_models(
    place: ModelPlace, configuration: Configuration, credentials: Credentials, sink: OutboundSink
) -> tuple[ModelDescription, ...]:
    """Return what a place offers to the key that is kept for it.

    Raises:
        NotPermittedError: it is no allowed destination.
        ModelError: it gives no list.

    """
    require_allowed_model(configuration.destinations, place.url)
    address = ModelAddress(place.url, credential_headers(place, credentials))
    async with make_model_client(address, seal=clear_program_text, sink=sink, timeout_seconds=_SECONDS) as client:
        return await offered_models(client, address)


async def local_offers(configuration: Configuration, credentials: Credentials) -> tuple[OfferedModels, ...]:
    """Return what the servers of this machine offer; only loopback is asked."""
    servers = await find_local_servers()
    return tuple(_local_offer(server, servers, configuration, credentials) for server in servers)


def use_from_now_on(url: str, name: str, configuration: Configuration, credentials: Credentials) -> None:
    """Keep an address and a model as what is used from now on; a key that is kept for the address stays.

    Raises:
        InputError: the settings name the model.
        StoreError: it cannot be kept.

    """
    if configuration.model.url is not None or configuration.model.name is not None:
        raise InputError("config.toml names the model under [model].", remedy="Change it there.")
    account = credentials.accounts().of("model", origin_of(url))
    kept = Account(purpose="model", url=url, kept="none") if account is None else account
    credentials.keep(kept.model_copy(update={"model": name}), None)


def _local_offer(
    server: LocalServer,
    servers: tuple[LocalServer, ...],
    configuration: Configuration,
    credentials: Credentials,
) -> OfferedModels:
    first = choose_place(configuration, credentials, servers)
    used = first is not None and first.url == server.url
    current = (configuration.model.name or first.name) if used and first is not None else None
    return OfferedModels(server.url, f"found on this machine ({server.name})", server.models, current)
