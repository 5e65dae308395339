"""Which language model answers, and the provider that reaches it.

In this order: the settings' address, the last login, the environment, a server found on this machine. Nothing
remote is ever used that none of the first three names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import urlsplit

from openmed_agent.errors import InputError
from openmed_agent.login.credentials import Credentials
from openmed_agent.models.discovery import LocalServer
from openmed_agent.models.provider import ModelDescription, ModelProvider, ReasoningEffort
from openmed_agent.net.clients import OutboundSink, origin_of
from openmed_agent.net.destinations import require_allowed_model
from openmed_agent.net.outbound_text import Seal
from openmed_agent.settings.configuration import Configuration
from openmed_agent.settings.models import ProviderProtocol

Protocol = Literal["chat_completions", "responses", "anthropic"]
ChoiceSource = Literal["settings", "login", "environment", "local server"]

_OWN_PROTOCOLS: Final[Mapping[str, Protocol]] = {
    "https://api.openai.com": "responses",
    "https://api.anthropic.com": "anthropic",
}

ANTHROPIC_VERSION: Final = "2023-06-01"

HOW_TO_ADD_A_MODEL: Final = (
    "No language model is configured. Start a local server (Ollama, LM Studio, llama.cpp, vLLM), "
    "or run 'openmed login'."
)


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices for a million tokens, in the user's currency."""

    input: float
    output: float
    cached_input: float | None = None


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """One model at one address, and how to ask it; ``context_window`` None is unknown."""

    url: str
    protocol: Protocol
    name: str
    source: ChoiceSource
    credential: Mapping[str, str] = field(default_factory=dict, repr=False)
    context_window: int | None = None
    max_output_tokens: int | None = None
    reasoning_effort: ReasoningEffort | None = None
    takes_tools: bool | None = None
    timeout_seconds: float = 300.0
    prices: Prices | None = None

    @property
    def host(self) -> str:
        """Host and port, for people to see."""
        return urlsplit(self.url).netloc


@dataclass(frozen=True, slots=True)
class ModelPlace:
    """An address that is in use, before a model of it is chosen."""

    url: str
    protocol: Protocol
    source: ChoiceSource
    name: str | None = None
    models: tuple[ModelDescription, ...] = ()


def choose_model(
    configuration: Configuration,
    credentials: Credentials,
    discovered: Sequence[LocalServer] = (),
    asked: str | None = None,
) -> ModelChoice | None:
    """Return the model to use, or None where none is configured and no local server answers.

    ``discovered`` are the local servers found by ``find_local_servers``; ``asked`` is a model's name that goes
    before the configured one.

    Raises:
        InputError: an address is none, or it is not known which of its models to use.
        NotPermittedError: the address is not an allowed destination, or plain http to another machine.
        StoreError: the key of a login cannot be had.

    """
    place = choose_place(configuration, credentials, discovered, asked)
    if place is None:
        return None
    require_allowed_model(configuration.destinations, place.url)
    settings = configuration.model
    name = asked or settings.name or place.name
    if name is None:
        raise InputError(
            f"No model of {urlsplit(place.url).netloc} is chosen.",
            remedy="'openmed models' lists them; set name under [model] in config.toml, or pass --model.",
        )
    described = next((one for one in place.models if one.name == name), ModelDescription(name))
    meant = asked is None or asked == settings.name  # figures of the settings are those of the model they name
    return ModelChoice(
        url=place.url,
        protocol=place.protocol,
        name=name,
        source=place.source,
        credential=credential_headers(place, credentials),
        context_window=(settings.context_window if meant else None) or described.context_window,
        max_output_tokens=settings.max_output_tokens if meant else None,
        reasoning_effort=settings.reasoning_effort,
        takes_tools=described.takes_tools,
        timeout_seconds=settings.timeout_seconds,
        prices=_prices(configuration) if meant else None,
    )


def choose_place(
    configuration: Configuration,
    credentials: Credentials,
    discovered: Sequence[LocalServer] = (),
    asked: str | None = None,
) -> ModelPlace | None:
    """Return the address to use, or None; ``asked`` tells between local servers only."""
    settings = configuration.model
    account = credentials.accounts().latest("model")
    named = credentials.environment_url()
    if settings.url is not None:
        return _place(settings.url, settings.provider, "settings", discovered)
    if account is not None:
        return _place(account.url, account.protocol, "login", discovered, name=account.model)
    if named is not None:
        return _place(named, settings.provider, "environment", discovered)
    wanted = asked or settings.name
    offering = [server for server in discovered if any(model.name == wanted for model in server.models)]
    server = next(iter(offering or discovered), None)
    if server is None:
        return None
    usable = [model for model in server.models if model.takes_tools is not False] or list(server.models)
    return _place(server.url, settings.provider, "local server", discovered, name=usable[0].name)


def credential_headers(place: ModelPlace, credentials: Credentials) -> dict[str, str]:
    """Return the headers that open an address; none where no key is known for its origin."""
    found = credentials.find("model", place.url)
    return key_headers(place.protocol, found.key if found is not None else None)


def key_headers(protocol: Protocol, key: str | None) -> dict[str, str]:
    """Return the headers that carry a key, and what else a protocol wants of every request."""
    if protocol == "anthropic":
        return {"anthropic-version": ANTHROPIC_VERSION} | ({"x-api-key": key} if key else {})
    return {"authorization": f"Bearer {key}"} if key else {}


def protocol_of(url: str, asked: ProviderProtocol) -> Protocol:
    """Return the protocol of an address: the asked one, else the maker's own, else Chat Completions."""
    return _OWN_PROTOCOLS.get(origin_of(url), "chat_completions") if asked == "auto" else asked


def open_provider(choice: ModelChoice, seal: Seal, sink: OutboundSink) -> ModelProvider:
    """Return the provider that reaches a chosen model; nothing is contacted yet. Close it after use.

    Raises:
        InputError: the address is none.
        NotPermittedError: the address is plain http to another machine.

    """
    from openmed_agent.models.openai_endpoint import OpenAIEndpoint  # noqa: PLC0415 - a face opens it late
    from openmed_agent.net.model_clients import ModelAddress  # noqa: PLC0415

    address = ModelAddress(choice.url, choice.credential)
    endpoint = OpenAIEndpoint(address, seal=seal, sink=sink, timeout_seconds=choice.timeout_seconds)
    match choice.protocol:
        case "chat_completions":
            from openmed_agent.models.chat_completions import ChatCompletionsProvider  # noqa: PLC0415

            return ChatCompletionsProvider(endpoint)
        case "responses":
            from openmed_agent.models.responses import ResponsesProvider  # noqa: PLC0415

            return ResponsesProvider(endpoint)
        case "anthropic":
            from openmed_agent.models.anthropic_messages import AnthropicProvider  # noqa: PLC0415

            return AnthropicProvider(endpoint)


def _place(
    url: str,
    protocol: ProviderProtocol,
    source: ChoiceSource,
    discovered: Sequence[LocalServer],
    *,
    name: str | None = None,
) -> ModelPlace:
    origin = origin_of(url)
    models = next((server.models for server in discovered if origin_of(server.url) == origin), ())
    if name is None and len(models) == 1:
        name = models[0].name
    return ModelPlace(url.rstrip("/"), protocol_of(url, protocol), source, name=name, models=models)


def _prices(configuration: Configuration) -> Prices | None:
    settings = configuration.model
    if settings.input_price is None or settings.output_price is None:
        return None
    return Prices(settings.input_price, settings.output_price, settings.cached_input_price)
