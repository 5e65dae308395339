"""A login to a service of models: its key is checked there, then kept for that origin alone."""

from dataclasses import dataclass

from openmed_agent.errors import InputError
from openmed_agent.login.accounts import Account, Keeping
from openmed_agent.login.credentials import Credentials
from openmed_agent.login.providers import KnownProvider
from openmed_agent.models.connection import key_headers, protocol_of
from openmed_agent.models.sign_in import SignIn, sign_in
from openmed_agent.net.clients import OutboundSink, checked_origin
from openmed_agent.net.destinations import require_allowed_model
from openmed_agent.net.model_clients import ModelAddress
from openmed_agent.settings.configuration import Configuration

KEY_NOT_CHECKED = "The service answers without a key too, so the key itself could not be checked."
SETTINGS_GO_BEFORE = "config.toml names another model address under [model], which goes before this login."


@dataclass(frozen=True, slots=True)
class KeptLogin:
    """A login that is kept: its model, where one is known already, and what a person should know."""

    url: str
    model: str | None
    notices: tuple[str, ...]


async def check_key(known: KnownProvider, key: str | None, configuration: Configuration, sink: OutboundSink) -> SignIn:
    """Return what a service offers to a key, or without one.

    Raises:
        NotPermittedError: it is no allowed destination, or plain http to another machine.
        ModelError: it refuses the key, cannot be reached, or is no service of models.

    """
    require_allowed_model(configuration.destinations, checked_origin(known.url))
    address = ModelAddress(known.url, key_headers(protocol_of(known.url, known.protocol), key))
    return await sign_in(address, sink=sink, check_path=known.check_path)


def keep_login(
    known: KnownProvider,
    key: str | None,
    signed_in: SignIn,
    *,
    kept: Keeping,
    model: str | None,
    configuration: Configuration,
    credentials: Credentials,
) -> KeptLogin:
    """Keep a checked login, and its key where there is one.

    Raises:
        InputError: the service does not list the model that is asked for.
        StoreError: the key cannot be kept there.

    """
    url = checked_origin(known.url)
    chosen = _model(model, signed_in)
    account = Account(purpose="model", url=url, kept=kept if key else "none", protocol=known.protocol, model=chosen)
    credentials.keep(account, key)
    notices = []
    if key and not signed_in.key_checked:
        notices.append(KEY_NOT_CHECKED)
    if configuration.model.url is not None:
        notices.append(SETTINGS_GO_BEFORE)
    return KeptLogin(url, chosen, tuple(notices))


def _model(asked: str | None, signed_in: SignIn) -> str | None:
    names = [model.name for model in signed_in.models]
    if asked is not None and names and asked not in names:
        raise InputError("The service does not list this model.", remedy="Log in without --model, then: openmed models")
    return asked or (names[0] if len(names) == 1 else None)
