"""``openmed codes install|list|remove|verify``: releases of code systems that a person brings along."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from openmed_agent.errors import UsageError

if TYPE_CHECKING:
    from openmed_agent.planes.codes.progress import ProgressCallback
    from openmed_agent.planes.codes.releases.catalog import InstalledRelease

_SYSTEMS: Final = ("rxnorm", "loinc", "snomed", "icd10cm", "icd10pcs", "cvx", "cpt")
_MEGABYTE: Final = 1024**2


def register(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the actions to those of ``openmed codes``."""
    install = actions.add_parser("install", help="load a release of a code system", allow_abbrev=False)
    install.add_argument("system", choices=_SYSTEMS, metavar="SYSTEM", help=", ".join(_SYSTEMS))
    source = install.add_mutually_exclusive_group(required=True)
    source.add_argument("--from", dest="release", type=Path, metavar="FILE", help="the release: zip, folder or file")
    source.add_argument("--download", action="store_true", help="rxnorm: fetch the prescribable content from NLM")
    install.add_argument("--version", metavar="NAME", help="which release it is, where its files do not say")
    install.set_defaults(command=install_release)

    listing = actions.add_parser("list", help="list installed releases", allow_abbrev=False)
    listing.add_argument("--json", action="store_true", help="print the answer as JSON")
    listing.set_defaults(command=list_releases)

    remove = actions.add_parser("remove", help="remove an installed release", allow_abbrev=False)
    remove.add_argument("system", choices=_SYSTEMS, metavar="SYSTEM")
    remove.add_argument("version", nargs="?", metavar="VERSION", help="default: every release of the system")
    remove.set_defaults(command=remove_releases)

    verify = actions.add_parser("verify", help="check installed releases for damage", allow_abbrev=False)
    verify.add_argument("system", choices=_SYSTEMS, nargs="?", metavar="SYSTEM", help="default: all")
    verify.add_argument("--json", action="store_true", help="print the answer as JSON")
    verify.set_defaults(command=verify_releases)


def install_release(options: argparse.Namespace) -> int:
    """Install one release and say what is served now."""
    from openmed_agent.cli.console import output, safe
    from openmed_agent.planes.codes.releases.systems import SYSTEMS

    if options.download and options.system != "rxnorm":
        raise UsageError(
            "Only rxnorm can be downloaded.", remedy=f"Use: {SYSTEMS[options.system].command(options.system)}"
        )
    with _shown_progress(f"Installing {SYSTEMS[options.system].title}") as progress:
        installed, kept = _installed(options, progress)
    console = output()
    title = SYSTEMS[installed.system].title
    extent = "complete" if installed.complete else "partial"
    line = f"{title} {installed.version} is installed: {installed.concepts:,} concepts ({extent})."
    console.print(safe(line), soft_wrap=True)
    for older in kept:
        line = f"{title} {older.version} is kept. Remove it: openmed codes remove {older.system} '{older.version}'"
        console.print(safe(line, "dim"), soft_wrap=True)
    return 0


def list_releases(options: argparse.Namespace) -> int:
    """Print every installed release, the served one of a system first."""
    from rich.table import Table

    from openmed_agent.cli.console import output, print_json, safe
    from openmed_agent.planes.codes.releases.catalog import held_releases
    from openmed_agent.settings.paths import find_paths

    found = held_releases(find_paths().codes_index)
    if options.json:
        rows = [release.model_dump(mode="json", by_alias=True) | {"served": served} for release, served in found]
        print_json({"releases": rows})
        return 0
    console = output()
    if not found:
        console.print(safe("Nothing is installed beside what the package carries. See 'openmed doctor'."))
        return 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("system", "version", "concepts", "extent", "size", "installed", ""):
        table.add_column(heading, overflow="fold")
    for release, served in found:
        extent, size = "complete" if release.complete else "partial", f"{release.bytes_ / _MEGABYTE:.1f} MB"
        day, state = release.installed.date().isoformat(), "served" if served else "kept"
        cells = (release.system, release.version, f"{release.concepts:,}", extent, size, day, state)
        table.add_row(*(safe(cell) for cell in cells))
    console.print(table)
    return 0


def remove_releases(options: argparse.Namespace) -> int:
    """Remove one release of a system, or all."""
    from openmed_agent.cli.console import output, safe
    from openmed_agent.planes.codes.releases import catalog
    from openmed_agent.planes.codes.releases.systems import SYSTEMS
    from openmed_agent.settings.paths import find_paths

    for release in catalog.remove_releases(find_paths().codes_index, options.system, options.version):
        output().print(safe(f"{SYSTEMS[release.system].title} {release.version} is removed."), soft_wrap=True)
    return 0


def verify_releases(options: argparse.Namespace) -> int:
    """Compare every index file with its digest; return 1 where one differs."""
    from openmed_agent.cli.console import output, print_json, safe
    from openmed_agent.planes.codes.releases.catalog import fault, held_releases
    from openmed_agent.planes.codes.releases.systems import SYSTEMS
    from openmed_agent.settings.paths import find_paths

    folder = find_paths().codes_index
    checked = [(release, fault(folder, release)) for release, _ in held_releases(folder, options.system)]
    if options.json:
        rows = [
            {"system": release.system, "version": release.version, "sound": wrong is None, "fault": wrong}
            for release, wrong in checked
        ]
        print_json({"releases": rows})
    else:
        console = output()
        for release, wrong in checked:
            line = f"{SYSTEMS[release.system].title} {release.version}: {wrong or 'sound'}"
            console.print(safe(line, "red" if wrong else ""), soft_wrap=True)
            if wrong:
                remedy = f"Install it again: {SYSTEMS[release.system].command(release.system)}"
                console.print(safe(remedy, "dim"), soft_wrap=True)
        if not checked:
            console.print(safe("Nothing is installed beside what the package carries."))
    return 1 if any(wrong for _, wrong in checked) else 0


def _installed(
    options: argparse.Namespace, progress: "ProgressCallback"
) -> "tuple[InstalledRelease, tuple[InstalledRelease, ...]]":
    from openmed_agent.planes.codes.releases import install
    from openmed_agent.settings.paths import find_paths

    folder = find_paths().codes_index
    if not options.download:
        return install.install_release(
            options.system, options.release, folder, version=options.version, progress=progress
        )
    import asyncio

    return asyncio.run(_fetched(options, progress))


async def _fetched(
    options: argparse.Namespace, progress: "ProgressCallback"
) -> "tuple[InstalledRelease, tuple[InstalledRelease, ...]]":
    import asyncio

    from openmed_agent.cli.outbound import recorded_outbound
    from openmed_agent.net.clients import DestinationKind
    from openmed_agent.planes.codes.releases import install
    from openmed_agent.planes.codes.releases.download import downloaded_rxnorm
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths

    paths = find_paths()
    folder = paths.codes_index
    with recorded_outbound(paths, load_configuration(paths), frozenset({DestinationKind.UPDATE})) as sink:
        async with downloaded_rxnorm(folder, progress=progress, sink=sink) as file:
            return await asyncio.to_thread(
                install.install_release, "rxnorm", file, folder, version=options.version, progress=progress
            )


@contextmanager
def _shown_progress(first: str) -> "Iterator[ProgressCallback]":
    """Yield whom to tell: a bar on a terminal, one line elsewhere."""
    from openmed_agent.cli.console import notice
    from openmed_agent.planes.codes.progress import Progress

    if not sys.stderr.isatty():
        notice(f"{first}...")
        yield lambda _: None
        return

    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True, highlight=False, markup=False), transient=True) as bar:
        task = bar.add_task(first, total=None)

        def show(step: Progress) -> None:
            bar.update(task, description=step.what, completed=step.done, total=step.total or None)

        yield show
