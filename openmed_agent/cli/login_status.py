"""``openmed login status``: what is configured, and where each key is. No key is read or shown."""

import argparse
import os
from dataclasses import asdict


def show_status(options: argparse.Namespace) -> int:
    """Print what is configured; return the exit status."""
    from openmed_agent.cli.console import output, print_json, safe
    from openmed_agent.login.credentials import Credentials
    from openmed_agent.models.configured import configured_services
    from openmed_agent.models.connection import HOW_TO_ADD_A_MODEL
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths

    paths = find_paths()
    credentials = Credentials(paths.root, os.environ)
    services = configured_services(load_configuration(paths), credentials, paths, os.environ)
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
