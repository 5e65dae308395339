"""Checks a key against the endpoint that it is for, before it is kept. No text is sent."""

from dataclasses import dataclass

from openmed_agent.models.discovery import offered_models, refusal
from openmed_agent.models.failures import connection_failure, late
from openmed_agent.models.provider import ModelDescription
from openmed_agent.net.answers import NoAnswerError, ShortAnswer, ask
from openmed_agent.net.clients import DestinationKind, OutboundSink
from openmed_agent.net.model_clients import ModelAddress, make_model_client

_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class SignIn:
    """What an endpoint offers to a key; ``key_checked`` is false where it offers the same without one."""

    models: tuple[ModelDescription, ...]
    key_checked: bool


async def sign_in(address: ModelAddress, *, sink: OutboundSink, check_path: str = "models") -> SignIn:
    """Return what an endpoint offers to the key of ``address``.

    Raises:
        ModelError: it refuses the key, cannot be reached, or is no endpoint of models.
        NotPermittedError: the address is plain http to another machine.

    """
    with_key = await _answer(address, check_path, sink)
    if not with_key.good:
        raise refusal(with_key, address)
    async with make_model_client(
        address, kind=DestinationKind.LOGIN, seal=None, sink=sink, timeout_seconds=_SECONDS
    ) as client:
        models = await offered_models(client, address)
    if not address.credential:
        return SignIn(models, key_checked=False)
    without = await _answer(ModelAddress(address.url), check_path, sink)
    return SignIn(models, key_checked=not without.good)


async def _answer(address: ModelAddress, path: str, sink: OutboundSink) -> ShortAnswer:
    async with make_model_client(
        address, kind=DestinationKind.LOGIN, seal=None, sink=sink, timeout_seconds=_SECONDS
    ) as client:
        try:
            return await ask(client, "GET", path)
        except NoAnswerError as error:
            raise late(address.host) if error.late else connection_failure(error, address.host) from None
