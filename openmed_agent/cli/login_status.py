"""``openmed login status``: what is configured, and where each key is. No key is read or shown."""

import argparse
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from openmed_agent.login.credentials import Credentials
    from openmed_agent.settings.configuration import Configuration, PlaneSettings
    from openmed_agent.settings.paths import Paths


@dataclass(frozen=True, slots=True)
class ConfiguredService:
    """One service, how it came to be configured, and where its key is; ``in_use`` is the one that answers."""

    purpose: str
    url: str
    configured_by: str
    key: str
    model: str | None = None
    in_use: bool = False


_PLACES: Final = {"keyring": "in the system's keyring", "file": "in a private file", "none": "none needed"}


def show_status(options: argparse.Namespace) -> int:
    """Print what is configured; return the exit status."""
    from openmed_agent.cli.console import output, print_json, safe
    from openmed_agent.login.credentials import Credentials
    from openmed_agent.models.connection import HOW_TO_ADD_A_MODEL
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths

    paths = find_paths()
    services = _services(load_configuration(paths), Credentials(paths.root, os.environ), paths)
    if options.json:
        print_json({"services": [asdict(one) for one in services]})
        return 0
    console = output()
    for one in services:
        console.print(safe(f"{one.purpose:<10} {one.url}{'   (in use)' if one.in_use else ''}"), soft_wrap=True)
        console.print(safe(f"{'':<10} by {one.configured_by}; key: {one.key}"), soft_wrap=True)
        if one.model:
            console.print(safe(f"{'':<10} model: {one.model}"), soft_wrap=True)
    if not any(one.purpose == "model" for one in services):
        console.print(safe(HOW_TO_ADD_A_MODEL), soft_wrap=True)
    return 0


def _services(
    configuration: "Configuration", credentials: "Credentials", paths: "Paths"
) -> tuple[ConfiguredService, ...]:
    return (
        *_models(configuration, credentials, paths),
        *_plane("inference", configuration.inference, "OPENMED_INFERENCE_API_KEY", credentials),
        *_plane("codes", configuration.codes, "OPENMED_MED_CODES_API_KEY", credentials),
    )


def _models(
    configuration: "Configuration", credentials: "Credentials", paths: "Paths"
) -> tuple[ConfiguredService, ...]:
    from openmed_agent.models.connection import choose_place
    from openmed_agent.net.clients import origin_of

    accounts = credentials.accounts()
    settings = configuration.model
    place = choose_place(configuration, credentials)
    environment = credentials.environment_url()
    found = []
    if settings.url is not None:
        account = accounts.of("model", origin_of(settings.url))
        key = _PLACES[account.kept] if account else _environment_key(credentials, settings.url)
        found.append(("settings", settings.url, str(paths.configuration_file), key, settings.name))
    for account in reversed(accounts.accounts):
        if account.purpose == "model":
            model = settings.name or account.model
            found.append(("login", account.url, "openmed login", _PLACES[account.kept], model))
    if environment is not None:
        variables = [name for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY") if os.environ.get(name, "").strip()]
        key = _environment_key(credentials, environment)
        found.append(("environment", environment, f"the environment ({', '.join(variables)})", key, settings.name))
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


def _environment_key(credentials: "Credentials", url: str) -> str:
    from openmed_agent.net.clients import origin_of

    named = credentials.environment_url()
    has_key = bool(os.environ.get("OPENAI_API_KEY", "").strip())
    bound = named is not None and has_key and origin_of(named) == origin_of(url)
    return "in OPENAI_API_KEY" if bound else "none"


def _plane(
    purpose: str, settings: "PlaneSettings", variable: str, credentials: "Credentials"
) -> tuple[ConfiguredService, ...]:
    from openmed_agent.net.clients import origin_of

    if settings.url is None:
        return ()
    account = credentials.accounts().of("inference" if purpose == "inference" else "codes", origin_of(settings.url))
    key = f"in {variable}" if settings.api_key else _PLACES[account.kept] if account else "none"
    return (ConfiguredService(purpose, settings.url, "the settings", key, in_use=True),)
