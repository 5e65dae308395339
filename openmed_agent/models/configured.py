"""What is configured: each service, how it came to be, and where its key is. No key is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from openmed_agent.login.credentials import OPENAI_KEY, OPENAI_URL, Credentials
from openmed_agent.models.connection import choose_place
from openmed_agent.net.clients import origin_of
from openmed_agent.settings.configuration import CODES_KEY, INFERENCE_KEY, Configuration, PlaneSettings
from openmed_agent.settings.paths import Paths

_PLACES: Final = {"keyring": "in the system's keyring", "file": "in a private file", "none": "none needed"}


@dataclass(frozen=True, slots=True)
class ConfiguredService:
    """One service, how it came to be configured, and where its key is; ``in_use`` is the one that answers."""

    purpose: str
    url: str
    configured_by: str
    key: str
    model: str | None = None
    in_use: bool = False


def configured_services(
    configuration: Configuration, credentials: Credentials, paths: Paths, environment: Mapping[str, str]
) -> tuple[ConfiguredService, ...]:
    """Return the services of the settings, the logins and the environment; nothing is contacted.

    Raises:
        InputError: an address is none.
        StoreError: the file of logins is damaged.

    """
    return (
        *_models(configuration, credentials, paths, environment),
        *_plane("inference", configuration.inference, INFERENCE_KEY, credentials),
        *_plane("codes", configuration.codes, CODES_KEY, credentials),
    )


def _models(
    configuration: Configuration, credentials: Credentials, paths: Paths, environment: Mapping[str, str]
) -> tuple[ConfiguredService, ...]:
    accounts = credentials.accounts()
    settings = configuration.model
    place = choose_place(configuration, credentials)
    named = credentials.environment_url()
    found = []
    if settings.url is not None:
        account = accounts.of("model", origin_of(settings.url))
        key = _PLACES[account.kept] if account else _environment_key(credentials, settings.url, environment)
        found.append(("settings", settings.url, str(paths.configuration_file), key, settings.name))
    for account in reversed(accounts.accounts):
        if account.purpose == "model":
            model = settings.name or account.model
            found.append(("login", account.url, "openmed login", _PLACES[account.kept], model))
    if named is not None:
        variables = [name for name in (OPENAI_URL, OPENAI_KEY) if environment.get(name, "").strip()]
        key = _environment_key(credentials, named, environment)
        found.append(("environment", named, f"the environment ({', '.join(variables)})", key, settings.name))
    return tuple(
        ConfiguredService(
            "model",
            url,
            configured_by,
            key,
            model,
            in_use=place is not None and source == place.source and url.rstrip("/") == place.url,
        )
        for source, url, configured_by, key, model in found
    )


def _environment_key(credentials: Credentials, url: str, environment: Mapping[str, str]) -> str:
    named = credentials.environment_url()
    has_key = bool(environment.get(OPENAI_KEY, "").strip())
    bound = named is not None and has_key and origin_of(named) == origin_of(url)
    return f"in {OPENAI_KEY}" if bound else "none"


def _plane(
    purpose: str, settings: PlaneSettings, variable: str, credentials: Credentials
) -> tuple[ConfiguredService, ...]:
    if settings.url is None:
        return ()
    account = credentials.accounts().of("inference" if purpose == "inference" else "codes", origin_of(settings.url))
    key = f"in {variable}" if settings.api_key else _PLACES[account.kept] if account else "none"
    return (ConfiguredService(purpose, settings.url, "the settings", key, in_use=True),)
