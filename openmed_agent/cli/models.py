"""``openmed models``: the language models that can be used, and the one that is."""

import argparse
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from openmed_agent.errors import InputError

if TYPE_CHECKING:
    from openmed_agent.login.credentials import Credentials
    from openmed_agent.models.connection import ModelPlace
    from openmed_agent.models.offers import OfferedModels
    from openmed_agent.settings.configuration import Configuration
    from openmed_agent.settings.paths import Paths


def register(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to ``groups``."""
    parser = groups.add_parser(
        "models",
        help="list language models and choose one",
        description="Lists the models of the service in use, or of the servers found on this machine.",
        allow_abbrev=False,
    )
    parser.add_argument("--url", help="list the models of this address instead")
    parser.add_argument("--use", metavar="NAME", help="use this model from now on")
    parser.add_argument("--json", action="store_true", help="print them as JSON")
    parser.set_defaults(command=list_models)


def list_models(options: argparse.Namespace) -> int:
    """Print the models, or choose one; return the exit status."""
    import asyncio

    from openmed_agent.cli.console import notice, print_json
    from openmed_agent.login.credentials import Credentials
    from openmed_agent.models.connection import HOW_TO_ADD_A_MODEL
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths

    paths = find_paths()
    configuration = load_configuration(paths)
    credentials = Credentials(paths.root, os.environ)
    offers = asyncio.run(_offers(options.url, paths, configuration, credentials))
    if options.use is not None:
        return _use(options.use, offers, configuration, credentials)
    if options.json:
        print_json({"endpoints": [_document(offer) for offer in offers]})
        return 0
    if not offers:
        notice(HOW_TO_ADD_A_MODEL)
        return 0
    for offer in offers:
        _print(offer)
    return 0


async def _offers(
    url: str | None, paths: "Paths", configuration: "Configuration", credentials: "Credentials"
) -> "Sequence[OfferedModels]":
    from openmed_agent.models.connection import choose_place
    from openmed_agent.models.offers import local_offers, place_at

    if url is not None:
        return [await _offer(place_at(url, configuration), "--url", None, paths, configuration, credentials)]
    chosen = choose_place(configuration, credentials)
    if chosen is not None:
        current = configuration.model.name or chosen.name
        return [await _offer(chosen, chosen.source, current, paths, configuration, credentials)]
    return await local_offers(configuration, credentials)


async def _offer(
    place: "ModelPlace",
    found_by: str,
    current: str | None,
    paths: "Paths",
    configuration: "Configuration",
    credentials: "Credentials",
) -> "OfferedModels":
    from openmed_agent.cli.model_outbound import recorded_model_requests
    from openmed_agent.models.offers import OfferedModels, ask_for_models

    with recorded_model_requests(paths, configuration, place.url) as sink:
        models = await ask_for_models(place, configuration, credentials, sink)
    return OfferedModels(place.url, found_by, models, current)


def _use(
    name: str, offers: "Sequence[OfferedModels]", configuration: "Configuration", credentials: "Credentials"
) -> int:
    from openmed_agent.cli.console import notice
    from openmed_agent.models.offers import use_from_now_on

    offer = next((one for one in offers if any(model.name == name for model in one.models)), None)
    if offer is None:
        raise InputError("No service in use lists this model.", remedy="'openmed models' lists them.")
    use_from_now_on(offer.url, name, configuration, credentials)
    notice(f"From now on {name} at {offer.url} is used.")
    return 0


def _document(offer: "OfferedModels") -> dict[str, object]:
    models = [
        {
            "name": model.name,
            "context_window": model.context_window,
            "max_output_tokens": model.max_output_tokens,
            "takes_tools": model.takes_tools,
            "reasons": model.reasons,
            "current": model.name == offer.current,
        }
        for model in offer.models
    ]
    return {"url": offer.url, "found_by": offer.found_by, "models": models}


def _print(offer: "OfferedModels") -> None:
    from rich.table import Table

    from openmed_agent.cli.console import output, safe

    console = output()
    console.print(safe(f"{offer.url}  by {offer.found_by}"), soft_wrap=True)
    table = Table(box=None, pad_edge=False)
    for heading in (" ", "model", "context", "tools"):
        table.add_column(heading, justify="right" if heading == "context" else "left", overflow="fold")
    said = {True: "yes", False: "no", None: "not said"}
    for model in offer.models:
        window = f"{model.context_window:,}" if model.context_window else "not said"
        mark = "*" if model.name == offer.current else " "
        table.add_row(mark, safe(model.name), window, said[model.takes_tools])
    console.print(table)
    if offer.current is None:
        console.print("None is chosen: openmed models --use NAME")
