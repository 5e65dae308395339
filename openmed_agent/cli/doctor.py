"""``openmed doctor``: what works here and what does not, in plain words."""

import argparse
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from openmed_agent import __version__

if TYPE_CHECKING:
    from openmed_agent.planes.connection import PlaneConnections
    from openmed_agent.settings.configuration import Configuration
    from openmed_agent.settings.paths import Paths

State = Literal["works", "note", "fault"]
_MARKS: Final[dict[State, tuple[str, str]]] = {"works": ("✓", "green"), "note": ("·", "yellow"), "fault": ("✗", "red")}
_NARROWEST: Final = 80


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; ``remedy`` says what to do about a fault."""

    subject: str
    state: State
    sentence: str
    remedy: str = ""


def register(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to ``groups``."""
    parser = groups.add_parser("doctor", help="say what works here and what does not", allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(command=examine)


def examine(options: argparse.Namespace) -> int:
    """Print the report; return 1 where it holds a fault."""
    from openmed_agent.cli.console import output, print_json, safe
    from openmed_agent.settings.paths import find_paths

    paths = find_paths()
    findings = [*_program(), *_terminal(), *_settings_and_planes(paths), *_store(paths)]
    faults = sum(1 for finding in findings if finding.state == "fault")
    if options.json:
        print_json({"version": __version__, "faults": faults, "findings": [asdict(finding) for finding in findings]})
        return int(faults > 0)
    from rich.text import Text

    console = output()
    for finding in findings:
        mark, style = _MARKS[finding.state]
        line = Text.assemble((f" {mark} ", style), (f"{finding.subject:<16}", "bold"), safe(finding.sentence))
        console.print(line, soft_wrap=True)
        if finding.remedy:
            console.print(Text.assemble(" " * 19, safe(finding.remedy, "dim")), soft_wrap=True)
    console.print()
    console.print("Everything that is needed works." if not faults else f"{faults} of {len(findings)} do not work.")
    return int(faults > 0)


def _program() -> Iterator[Finding]:
    yield Finding("openmed", "works", f"version {__version__}")
    supported = (3, 11) <= sys.version_info[:2] <= (3, 14)
    yield Finding(
        "python",
        "works" if supported else "fault",
        f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        "" if supported else "Install Python 3.11 to 3.14.",
    )


def _terminal() -> Iterator[Finding]:
    size = shutil.get_terminal_size()
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    if not sys.stdout.isatty():
        yield Finding("terminal", "note", "the output is not a terminal, so it is plain text")
    elif encoding != "utf8":
        yield Finding("terminal", "note", f"its encoding is {encoding}", "Set LANG to a UTF-8 locale.")
    elif size.columns < _NARROWEST:
        yield Finding("terminal", "note", f"{size.columns} columns are narrow", "80 or more read better.")
    else:
        yield Finding("terminal", "works", f"{size.columns} columns by {size.lines} lines, UTF-8")


def _settings_and_planes(paths: "Paths") -> Iterator[Finding]:
    import asyncio

    from openmed_agent.cli.doctor_permissions import permission_findings
    from openmed_agent.errors import OpenMedError
    from openmed_agent.settings.configuration import load_configuration

    try:
        configuration = load_configuration(paths)
    except OpenMedError as error:
        yield Finding("settings", "fault", error.message, error.remedy or "")
        return
    found = paths.configuration_file
    yield Finding(
        "settings", "works", f"from {found}" if found.exists() else "defaults and environment; no config.toml"
    )
    yield from permission_findings(configuration, paths)
    yield from asyncio.run(_planes(configuration, paths))


async def _planes(configuration: "Configuration", paths: "Paths") -> list[Finding]:
    from openmed_agent.cli.console import progress
    from openmed_agent.planes.connection import PlaneConnections

    with progress() as (watcher, tell):
        tell("Asking the planes")
        connections = PlaneConnections(configuration, paths, watcher)
        return [*await _inference(connections), *await _codes(connections)]


async def _inference(connections: "PlaneConnections") -> list[Finding]:
    from openmed_agent.errors import OpenMedError
    from openmed_agent.planes.checks import check_inference
    from openmed_agent.planes.connection import open_inference

    where = _where(connections.configuration.inference.url)
    try:
        async with open_inference(connections) as client:
            health = await check_inference(client)
    except OpenMedError as error:
        return [Finding("inference plane", "fault", error.message, error.remedy or "")]
    offers = ", ".join(health.capabilities) or "no extensions"
    return [Finding("inference plane", "works", f"{where}: {health.service} {health.version} ({offers})")]


async def _codes(connections: "PlaneConnections") -> list[Finding]:
    from openmed_agent.errors import OpenMedError
    from openmed_agent.planes.checks import check_codes
    from openmed_agent.planes.connection import open_codes

    where = _where(connections.configuration.codes.url)
    try:
        async with open_codes(connections) as client:
            health = await check_codes(client)
    except OpenMedError as error:
        return [Finding("codes plane", "fault", error.message, error.remedy or "")]
    findings = [Finding("codes plane", "works", f"{where}: {health.service} {health.version}")]
    for release in health.releases:
        extent = "complete" if release.complete else "partial"
        count = f"{release.concepts:,} concepts" if release.concepts else "concepts not counted"
        findings.append(Finding(f"  {release.system}", "works", f"{release.version}, {extent}, {count}"))
    return findings


def _where(url: str | None) -> str:
    return "embedded" if url is None else f"at {url}"


def _store(paths: "Paths") -> Iterator[Finding]:
    from openmed_agent.store.status import store_status

    status = store_status(paths.root)
    if status.keyring:
        yield Finding("keyring", "works", status.keyring)
    else:
        yield Finding(
            "keyring", "note", f"not usable: {status.no_keyring}", "A key file or passphrase is used instead."
        )
    if status.problem:
        yield Finding("store", "fault", status.problem)
    elif not status.exists and not _can_be_made(status.database):
        yield Finding(
            "store",
            "fault",
            f"none yet, and none can be made at {status.database}",
            "Make its folder writable, or set OPENMED_HOME to another one.",
        )
    elif not status.exists:
        yield Finding("store", "note", f"none yet; it will be made at {status.database}")
    else:
        yield Finding(
            "store", "works", f"{status.database}, encrypted, key in {_KEY_PLACES.get(status.custody or '', '')}"
        )


def _can_be_made(file: Path) -> bool:
    """Return whether the nearest folder above ``file`` that exists may be written to."""
    nearest = next(folder for folder in file.parents if folder.exists())
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)


_KEY_PLACES: Final = {
    "keyring": "the system keyring",
    "passphrase": "a file locked with your passphrase",
    "file": "a file beside it, which protects a copied database but not a stolen disk",
}
