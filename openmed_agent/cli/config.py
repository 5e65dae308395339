"""``openmed config``: the settings in force, and what an endpoint of language models can do."""

import argparse
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from openmed_agent.models.endpoint_doctor import Check
    from openmed_agent.settings.configuration import Configuration
    from openmed_agent.settings.paths import Paths

_MARKS: Final = {"ok": ("✓", "green"), "fault": ("✗", "red"), "unknown": ("·", "yellow")}


def register(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to ``groups``."""
    parser = groups.add_parser("config", help="show settings, examine a model's endpoint", allow_abbrev=False)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    show = commands.add_parser("show", help="print the settings in force; no key is among them", allow_abbrev=False)
    show.add_argument("--json", action="store_true", help="print them as JSON")
    show.set_defaults(command=show_settings)
    doctor = commands.add_parser(
        "endpoint-doctor",
        help="say what an endpoint of language models can do and where it fails",
        description="Sends texts of this program and nothing else; the longest has 6,000 words, which the "
        "service may charge for.",
        allow_abbrev=False,
    )
    doctor.add_argument("url", metavar="URL", help="the address; most end in /v1")
    doctor.add_argument("--model", metavar="NAME", help="the model to ask (default: the first that it lists)")
    doctor.add_argument("--json", action="store_true", help="print the checks as JSON")
    doctor.set_defaults(command=examine_endpoint)


def show_settings(options: argparse.Namespace) -> int:
    """Print the settings; return the exit status."""
    from openmed_agent.cli.console import output, print_json, safe
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths

    paths = find_paths()
    document = load_configuration(paths).model_dump(mode="json")
    if options.json:
        print_json({"file": str(paths.configuration_file), "settings": document})
        return 0
    console = output()
    there = "" if paths.configuration_file.exists() else " (there is none; these are defaults and the environment)"
    console.print(safe(f"{paths.configuration_file}{there}"), soft_wrap=True)
    for section, settings in document.items():
        console.print(safe(f"[{section}]"))
        for name, value in settings.items():
            shown = "not set" if value is None else value
            console.print(safe(f"  {name} = {shown}"), soft_wrap=True)
    return 0


def examine_endpoint(options: argparse.Namespace) -> int:
    """Print the checks of an endpoint; return 1 where one found a fault."""
    import asyncio

    from openmed_agent.cli.console import notice
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths

    paths = find_paths()
    if not options.json:
        notice("Only texts of this program are sent; the longest has 6,000 words.")
    checks = asyncio.run(_examine(options, paths, load_configuration(paths)))
    if options.json:
        from dataclasses import asdict

        from openmed_agent.cli.console import print_json

        print_json({"url": options.url, "checks": [asdict(check) for check in checks]})
    return int(any(check.state == "fault" for check in checks))


async def _examine(options: argparse.Namespace, paths: "Paths", configuration: "Configuration") -> "list[Check]":
    from openmed_agent.cli.model_outbound import recorded_model_requests
    from openmed_agent.login.credentials import Credentials
    from openmed_agent.models.connection import ModelChoice, ModelPlace, credential_headers, protocol_of
    from openmed_agent.models.endpoint_doctor import examine
    from openmed_agent.net.clients import checked_origin
    from openmed_agent.net.destinations import require_allowed_model

    url = checked_origin(options.url)
    require_allowed_model(configuration.destinations, url)
    protocol = protocol_of(url, configuration.model.provider)
    credential = credential_headers(ModelPlace(url, protocol, "settings"), Credentials(paths.root, os.environ))
    choice = ModelChoice(
        url,
        protocol,
        options.model or "",
        "settings",
        credential=credential,
        timeout_seconds=configuration.model.timeout_seconds,
    )
    checks = []
    with recorded_model_requests(paths, configuration, url) as sink:
        async for check in examine(choice, sink, model=options.model):
            checks.append(check)
            if not options.json:
                _print(check)
    return checks


def _print(check: "Check") -> None:
    from rich.text import Text

    from openmed_agent.cli.console import output, safe

    console = output()
    mark, style = _MARKS[check.state]
    line = Text.assemble((f" {mark} ", style), (f"{check.subject:<14}", "bold"), safe(check.sentence))
    console.print(line, soft_wrap=True)
    if check.remedy:
        console.print(Text.assemble(" " * 17, safe(check.remedy, "dim")), soft_wrap=True)
