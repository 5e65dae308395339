"""``openmed login --service inference|codes``: the key of a configured plane."""

import argparse
from typing import TYPE_CHECKING

from openmed_agent.errors import InputError

if TYPE_CHECKING:
    from openmed_agent.login.credentials import Credentials
    from openmed_agent.settings.configuration import Configuration, PlaneSettings
    from openmed_agent.settings.paths import Paths


def log_in_to_service(
    options: argparse.Namespace, paths: "Paths", configuration: "Configuration", credentials: "Credentials"
) -> int:
    """Check the key of a configured plane and keep it for the plane's origin; return the exit status."""
    from urllib.parse import urlsplit

    from openmed_agent.cli.console import notice
    from openmed_agent.cli.service_key_input import ask_key, key_from_descriptor, usable_keeping
    from openmed_agent.login.accounts import Account

    settings = _settings(configuration, options.service)
    if settings.url is None:
        raise InputError(
            f"No {options.service} service is configured, so it runs on this machine and needs no key.",
            remedy=f"Set url under [{options.service}] in {paths.configuration_file} first.",
        )
    host = urlsplit(settings.url).netloc
    key = key_from_descriptor(options.key_fd) if options.key_fd is not None else ask_key(host)
    if key is None:
        raise InputError("No key was given.", remedy="Run the command again.")
    account = Account(purpose=options.service, url=settings.url, kept=usable_keeping(options.keep))
    _check(options.service, key, paths, configuration)
    credentials.keep(account, key)
    notice(f"The key for the {options.service} service at {host} is kept, for that address alone.")
    return 0


def _settings(configuration: "Configuration", service: str) -> "PlaneSettings":
    return configuration.inference if service == "inference" else configuration.codes


def _check(service: str, key: str, paths: "Paths", configuration: "Configuration") -> None:
    """Ask the plane something with the key; raises PlaneError where it refuses."""
    import asyncio

    from pydantic import SecretStr

    from openmed_agent.cli.console import progress
    from openmed_agent.cli.outbound import recorded_outbound, remote_planes
    from openmed_agent.planes.connection import PlaneConnections, open_codes, open_inference

    settings = _settings(configuration, service).model_copy(update={"api_key": SecretStr(key)})
    changed = configuration.model_copy(update={service: settings})

    async def ask(connections: PlaneConnections) -> None:
        if service == "inference":
            async with open_inference(connections) as inference:
                await inference.analyze("Denies chest pain.")
        else:
            async with open_codes(connections) as codes:
                await codes.rx_approximate("lisinopril")

    with recorded_outbound(paths, configuration, remote_planes(configuration)) as sink, progress() as (watcher, _):
        asyncio.run(ask(PlaneConnections(changed, paths, watcher, sink)))
