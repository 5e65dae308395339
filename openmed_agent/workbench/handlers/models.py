"""Answers what the screen asks about language models. Requests that leave this machine are recorded first."""

import asyncio
import os
from collections.abc import AsyncGenerator
from typing import Final
from urllib.parse import urlsplit

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.login.credentials import Credentials, keyring_reason
from openmed_agent.login.providers import PROVIDERS, KnownProvider
from openmed_agent.models.configured import configured_services
from openmed_agent.models.connection import ModelChoice, choose_place, credential_headers
from openmed_agent.models.endpoint_doctor import examine
from openmed_agent.models.log_in import check_key, keep_login
from openmed_agent.models.offers import ask_for_models, local_offers, place_at, use_from_now_on
from openmed_agent.models.provider import ModelDescription
from openmed_agent.net.clients import Outbound, OutboundSink, is_loopback, origin_of
from openmed_agent.net.destinations import require_allowed_model
from openmed_agent.runtime.outbound_audit import outbound_recorded
from openmed_agent.workbench.bench import Bench
from openmed_agent.workbench.handling import Handler, answered_by, streamed_by
from openmed_agent.workbench.requests.models import (
    AskKeeping,
    EndpointCheck,
    ExamineEndpoint,
    FindLocal,
    KeepingOffer,
    ListOffered,
    ListPlaces,
    LocalServers,
    LoggedIn,
    LogIn,
    LogOut,
    ModelPlace,
    ModelPlaces,
    ModelUsed,
    Offered,
    OfferedModel,
    SetEffort,
    UseModel,
)
from openmed_agent.workbench.wire import Done

_FIXED: Final = "config.toml names the model under [model], so a choice here holds for the open session."


async def list_places(bench: Bench, _: ListPlaces) -> ModelPlaces:
    """Return the configured services of models."""
    configuration = bench.configuration
    services = configured_services(configuration, _credentials(bench), bench.paths, os.environ)
    return ModelPlaces(
        places=tuple(
            ModelPlace(
                url=one.url,
                host=_host(one.url),
                local=_is_local(one.url),
                configured_by=one.configured_by,
                key=one.key,
                model=(bench.desk.model_name if one.in_use else "") or one.model or "",
                in_use=one.in_use,
                refused=_refused(bench, one.url),
            )
            for one in services
            if one.purpose == "model"
        ),
        fixed=_FIXED if _is_fixed(bench) else "",
        effort=configuration.model.reasoning_effort or "",
    )


async def list_offered(bench: Bench, request: ListOffered) -> Offered:
    """Ask an address for its models."""
    place = place_at(request.url, bench.configuration)
    models = await ask_for_models(place, bench.configuration, _credentials(bench), _sink(bench))
    return _offered(place.url, "", models)


async def find_local(bench: Bench, _: FindLocal) -> LocalServers:
    """Ask this machine's usual ports."""
    offers = await local_offers(bench.configuration, _credentials(bench))
    return LocalServers(servers=tuple(_offered(one.url, one.found_by, one.models) for one in offers))


async def use_model(bench: Bench, request: UseModel) -> ModelUsed:
    """Keep a model as the one to use; where the settings name one, say that this is for the session alone."""
    require_allowed_model(bench.configuration.destinations, request.url)
    if not _is_fixed(bench):
        use_from_now_on(request.url, request.name, bench.configuration, _credentials(bench))
        return ModelUsed(kept=True, sentence=f"From now on {request.name} at {_host(request.url)} is used.")
    place = choose_place(bench.configuration, _credentials(bench))
    if place is not None and origin_of(place.url) != origin_of(request.url):
        raise InputError(
            f"config.toml names {_host(place.url)} under [model], so a model elsewhere cannot be used.",
            remedy=f"Change [model] in {bench.paths.configuration_file}.",
        )
    return ModelUsed(kept=False, sentence=f"{request.name} is used in this session; config.toml names another model.")


async def set_effort(bench: Bench, request: SetEffort) -> Done:
    """Change how hard the open session's model reasons."""
    bench.desk.use_effort(request.effort)
    return Done()


async def ask_keeping(_: Bench, __: AskKeeping) -> KeepingOffer:
    """Return whether a keyring can keep a key here."""
    reason = await asyncio.to_thread(keyring_reason)
    return KeepingOffer(keyring=reason is None, reason=reason or "")


async def log_in(bench: Bench, request: LogIn) -> LoggedIn:
    """Check a key and keep it."""
    known = PROVIDERS[request.provider] if request.provider else KnownProvider(request.url, request.url, "auto")
    in_keyring = request.key and request.keep == "keyring"
    reason = await asyncio.to_thread(keyring_reason) if in_keyring else None
    if reason is not None:
        raise InputError(f"There is no usable keyring: {reason}.", remedy="Keep the key in a private file.")
    signed_in = await check_key(known, request.key, bench.configuration, _sink(bench))
    login = keep_login(
        known,
        request.key,
        signed_in,
        kept=request.keep,
        model=None,
        configuration=bench.configuration,
        credentials=_credentials(bench),
    )
    return LoggedIn(url=login.url, model=login.model or "", models=len(signed_in.models), notices=login.notices)


async def log_out(bench: Bench, request: LogOut) -> Done:
    """Forget a login."""
    credentials = _credentials(bench)
    account = credentials.accounts().of("model", origin_of(request.url))
    if account is None:
        raise InputError("There is no login to this address.", remedy="What the settings name is changed there.")
    credentials.forget(account)
    return Done()


async def examine_endpoint(bench: Bench, request: ExamineEndpoint) -> AsyncGenerator[EndpointCheck, None]:
    """Yield the checks of an endpoint."""
    place = place_at(request.url, bench.configuration)
    require_allowed_model(bench.configuration.destinations, place.url)
    choice = ModelChoice(
        place.url,
        place.protocol,
        request.model or "",
        "settings",
        credential=credential_headers(place, _credentials(bench)),
        timeout_seconds=bench.configuration.model.timeout_seconds,
    )
    async for check in examine(choice, _sink(bench), model=request.model):
        yield EndpointCheck(subject=check.subject, state=check.state, sentence=check.sentence, remedy=check.remedy)


def _credentials(bench: Bench) -> Credentials:
    return Credentials(bench.paths.root, os.environ)


def _sink(bench: Bench) -> OutboundSink:
    """Return a sink that records what goes to another machine; asking this one opens no store."""

    def record(outbound: Outbound) -> None:
        name = outbound.host.rpartition(":")[0].strip("[]") or outbound.host
        if not is_loopback(name):
            outbound_recorded(bench.store.audit)(outbound)

    return record


def _is_fixed(bench: Bench) -> bool:
    return bench.configuration.model.url is not None or bench.configuration.model.name is not None


def _refused(bench: Bench, url: str) -> str:
    try:
        require_allowed_model(bench.configuration.destinations, url)
    except (InputError, NotPermittedError) as error:
        return str(error)
    return ""


def _offered(url: str, found_by: str, models: tuple[ModelDescription, ...]) -> Offered:
    return Offered(
        url=url,
        host=_host(url),
        local=_is_local(url),
        found_by=found_by,
        models=tuple(
            OfferedModel(
                name=one.name, context_window=one.context_window, takes_tools=one.takes_tools, reasons=one.reasons
            )
            for one in models
        ),
    )


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _is_local(url: str) -> bool:
    return is_loopback(urlsplit(url).hostname or "")


HANDLERS: tuple[Handler, ...] = (
    answered_by(ListPlaces, list_places),
    answered_by(ListOffered, list_offered),
    answered_by(FindLocal, find_local),
    answered_by(UseModel, use_model),
    answered_by(SetEffort, set_effort),
    answered_by(AskKeeping, ask_keeping),
    answered_by(LogIn, log_in),
    answered_by(LogOut, log_out),
    streamed_by(ExamineEndpoint, examine_endpoint),
)
