"""``openmed instructions``: see what a project's OPENMED.md tells the model, and accept it."""

import argparse
import sys
from pathlib import Path

from openmed_agent.errors import InputError, NotPermittedError


def register(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to ``groups``."""
    parser = groups.add_parser(
        "instructions",
        help="see and accept a project's OPENMED.md",
        description="Shows the OPENMED.md of the project here. It is used once you have accepted this very text.",
        allow_abbrev=False,
    )
    parser.add_argument("--accept", action="store_true", help="ask whether to use it from now on")
    parser.set_defaults(command=show_instructions)


def show_instructions(options: argparse.Namespace) -> int:
    """Print the project's instructions, and accept them where asked to; return the exit status."""
    from openmed_agent.cli.console import notice
    from openmed_agent.runtime.instructions import (
        accept_instructions,
        find_instructions,
        is_accepted,
        load_instructions,
    )
    from openmed_agent.settings.paths import find_paths
    from openmed_agent.text.terminal import terminal_safe

    file = find_instructions(Path.cwd())
    if file is None:
        raise InputError("There is no OPENMED.md here.", remedy="Write one in the project's folder.")
    instructions, paths = load_instructions(file), find_paths()
    sys.stdout.write(f"{terminal_safe(str(file), single_line=True)}\n\n{terminal_safe(instructions.text).rstrip()}\n\n")
    sys.stdout.flush()
    if is_accepted(instructions, paths):
        notice("It is accepted and used.")
        return 0
    if not options.accept:
        notice("It is not accepted, so it is not used. To use it: openmed instructions --accept")
        return 0
    if not sys.stdin.isatty():
        raise NotPermittedError("Instructions are accepted by a person at a terminal.", remedy="Run it on a terminal.")
    sys.stderr.write("Use these instructions from now on? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        notice("It is not used.")
        return 0
    accept_instructions(instructions, paths)
    notice("It is used from now on, until it changes.")
    return 0
