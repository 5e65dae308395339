"""What an endpoint offers, and which local servers answer on this machine.

Lists of models are asked for by GET; the only body that is ever sent holds the name of a model (Ollama). The
routes of local servers are asked where the list names their maker, or on loopback.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from openmed_agent.errors import NotPermittedError, UnavailableError
from openmed_agent.models.failures import broken, connection_failure, late, status_failure
from openmed_agent.models.offered import (
    ListedModel,
    LlamaProperties,
    LMStudioModels,
    LoadedModels,
    ModelList,
    OllamaModel,
    named_capability,
)
from openmed_agent.models.provider import ModelDescription, ModelError
from openmed_agent.net.answers import NoAnswerError, ShortAnswer, ask
from openmed_agent.net.clients import OutboundSink, discard_outbound, is_loopback, origin_of
from openmed_agent.net.model_clients import ModelAddress, ModelClient, make_model_client
from openmed_agent.net.outbound_text import Seal
from openmed_agent.planes.transport import retry_after_seconds
from openmed_agent.privacy.program_text import clear_program_text

Document = TypeVar("Document", bound=BaseModel)

LOCAL_SERVERS: Final[Mapping[str, str]] = {
    "Ollama": "http://127.0.0.1:11434/v1",
    "LM Studio": "http://127.0.0.1:1234/v1",
    "llama.cpp": "http://127.0.0.1:8080/v1",
    "vLLM": "http://127.0.0.1:8000/v1",
}
"""Where the common local servers listen when nobody tells them otherwise."""

_LOCAL_SECONDS: Final = 1.0
_MOST_SHOWN: Final = 24
_OLLAMA_TOOLS: Final = frozenset({"tools"})
_OLLAMA_REASONS: Final = frozenset({"thinking"})
_LM_STUDIO_TOOLS: Final = frozenset({"tool_use"})


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server on loopback that lists models; those that it holds in memory come first."""

    name: str
    url: str
    models: tuple[ModelDescription, ...]


async def find_local_servers(
    *,
    seal: Seal | None = clear_program_text,
    sink: OutboundSink = discard_outbound,
    servers: Mapping[str, str] = LOCAL_SERVERS,
    timeout_seconds: float = _LOCAL_SECONDS,
) -> tuple[LocalServer, ...]:
    """Return the local servers that answer with a list of models; all are asked at the same time."""

    async def look(name: str, url: str) -> LocalServer | None:
        address = ModelAddress(url)
        async with make_model_client(address, seal=seal, sink=sink, timeout_seconds=timeout_seconds) as client:
            try:
                async with asyncio.timeout(2 * timeout_seconds):
                    models = await offered_models(client, address)
            except (ModelError, TimeoutError):
                return None  # whatever listens there is no server of models
        return LocalServer(name, url, models) if models else None

    found = await asyncio.gather(*(look(name, url) for name, url in servers.items()))
    return tuple(server for server in found if server is not None)


async def offered_models(client: ModelClient, address: ModelAddress) -> tuple[ModelDescription, ...]:
    """Return the models that an endpoint lists, with what it and its own routes say of them.

    Raises:
        ModelError: there is no list.

    """
    listed = (await _get(client, address, "models", ModelList)).data
    described = tuple(model.described() for model in listed)
    if not described or any(model.context_window for model in described):
        return described
    for enrich in _own_routes(listed, address):
        better = await enrich(client, address, described)
        if better is not None:
            return better
    return described


async def described_model(client: ModelClient, address: ModelAddress, model: str) -> ModelDescription:
    """Return what an endpoint says of one model; one that it does not list is described by its name alone.

    Raises:
        ModelError: there is no list.

    """
    offered = await offered_models(client, address)
    wanted = {model, f"{model}:latest"}
    found = next((one for one in offered if one.name in wanted), None)
    return replace(found, name=model) if found else ModelDescription(model)


Enrich = Callable[
    [ModelClient, ModelAddress, tuple[ModelDescription, ...]],
    Awaitable[tuple[ModelDescription, ...] | None],
]


def _own_routes(listed: tuple[ListedModel, ...], address: ModelAddress) -> tuple[Enrich, ...]:
    owners = {model.owned_by for model in listed}
    named: Mapping[str, Enrich] = {"llamacpp": _llama, "library": _ollama, "organization_owner": _lm_studio}
    told = tuple(enrich for owner, enrich in named.items() if owner in owners)
    if told or not is_loopback(urlsplit(address.url).hostname or ""):
        return told
    return tuple(named.values())


async def _llama(
    client: ModelClient, address: ModelAddress, models: tuple[ModelDescription, ...]
) -> tuple[ModelDescription, ...] | None:
    properties = await _own(client, address, "/props", LlamaProperties)
    if properties is None or len(models) != 1:
        return None
    window = properties.default_generation_settings.n_ctx
    return (replace(models[0], context_window=window, takes_tools=properties.takes_tools),)


async def _ollama(
    client: ModelClient, address: ModelAddress, models: tuple[ModelDescription, ...]
) -> tuple[ModelDescription, ...] | None:
    loaded = await _own(client, address, "/api/ps", LoadedModels)
    if loaded is None:
        return None
    windows = {model.name: model.context_length for model in loaded.models}

    async def show(model: ModelDescription) -> ModelDescription:
        content = json.dumps({"model": model.name}).encode()
        shown = await _own(client, address, "/api/show", OllamaModel, content=content)
        if shown is None:
            return replace(model, context_window=windows.get(model.name))
        return replace(
            model,
            context_window=windows.get(model.name) or shown.context_window,
            takes_tools=named_capability(shown.capabilities, _OLLAMA_TOOLS),
            reasons=named_capability(shown.capabilities, _OLLAMA_REASONS),
        )

    ordered = sorted(models, key=lambda model: model.name not in windows)
    shown = await asyncio.gather(*(show(model) for model in ordered[:_MOST_SHOWN]))
    return (*shown, *ordered[_MOST_SHOWN:])


async def _lm_studio(
    client: ModelClient, address: ModelAddress, models: tuple[ModelDescription, ...]
) -> tuple[ModelDescription, ...] | None:
    own = await _own(client, address, "/api/v0/models", LMStudioModels)
    if own is None:
        return None
    known = {model.id: model for model in own.data}
    enriched = []
    for model in models:
        more = known.get(model.name)
        if more is None:
            enriched.append(model)
        elif more.type in {"llm", "vlm"}:
            tools = named_capability(more.capabilities, _LM_STUDIO_TOOLS)
            enriched.append(replace(model, context_window=more.loaded_context_length, takes_tools=tools))
    return tuple(sorted(enriched, key=lambda model: model.context_window is None))


async def _own(
    client: ModelClient,
    address: ModelAddress,
    path: str,
    document: type[Document],
    *,
    content: bytes | None = None,
) -> Document | None:
    """Return the answer of a route that only one kind of server has, or None where it is not that server's."""
    method: Literal["GET", "POST"] = "GET" if content is None else "POST"
    try:
        answer = await ask(client, method, f"{origin_of(address.url)}{path}", content=content)
        return document.model_validate_json(answer.content) if answer.good else None
    except (NoAnswerError, ValidationError, NotPermittedError, UnavailableError):
        return None  # nothing is known, which is what None says; a gate that did not clear the name sent nothing


async def _get(client: ModelClient, address: ModelAddress, path: str, document: type[Document]) -> Document:
    try:
        answer = await ask(client, "GET", path)
    except NoAnswerError as error:
        raise late(address.host) if error.late else connection_failure(error, address.host) from None
    if not answer.good:
        raise refusal(answer, address)
    try:
        return document.model_validate_json(answer.content)
    except ValidationError:
        raise broken(address.host, "is not of the protocol") from None


def refusal(answer: ShortAnswer, address: ModelAddress) -> ModelError:
    """Return the error that an answer's status amounts to."""
    try:
        body: object = json.loads(answer.content)
    except (ValueError, RecursionError):
        body = None
    return status_failure(
        answer.status,
        body,
        host=address.host,
        retry_after=retry_after_seconds(answer.retry_after),
        keyless=not address.credential,
    )
