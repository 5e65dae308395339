"""Answers what the screen asks about the planes."""

from pathlib import Path
from urllib.parse import urlsplit

from openmed_agent.errors import OpenMedError
from openmed_agent.net.clients import is_loopback
from openmed_agent.planes.checks import check_codes, check_inference
from openmed_agent.planes.codes.releases.catalog import held_releases
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.settings.configuration import PlaneSettings
from openmed_agent.workbench.bench import Bench
from openmed_agent.workbench.handlers.status import plane_status
from openmed_agent.workbench.handling import Handler, answered_by
from openmed_agent.workbench.requests.planes import (
    CheckPlane,
    DescribePlanes,
    PlaneAnswered,
    PlaneName,
    PlaneSetUp,
    PlanesSetUp,
    ReleaseRow,
)

_LITERATURE_IN: dict[PhiMode, str] = {
    PhiMode.FULL: "a query is sent as it is",
    PhiMode.DEID: "a query with an identifier is refused",
    PhiMode.STRICT: "no query is sent",
}


async def describe(bench: Bench, _: DescribePlanes) -> PlanesSetUp:
    """Return what is set up here; nobody is asked."""
    configuration = bench.configuration
    releases, problem = _installed(bench.paths.codes_index)
    return PlanesSetUp(
        planes=(
            _set_up(bench, "inference", configuration.inference),
            _set_up(bench, "codes", configuration.codes),
        ),
        releases=releases,
        releases_problem=problem,
        literature=configuration.literature.enabled,
        literature_mode=_LITERATURE_IN[PhiMode(configuration.privacy.effective_phi_mode)],
    )


async def check(bench: Bench, request: CheckPlane) -> PlaneAnswered:
    """Return what a plane says of itself."""
    if request.name == "inference":
        said = await check_inference(await bench.inference())
        return PlaneAnswered(
            name="inference", service=said.service, version=said.version, capabilities=said.capabilities
        )
    health = await check_codes(await bench.codes())
    return PlaneAnswered(
        name="codes",
        service=health.service,
        version=health.version,
        capabilities=health.capabilities,
        releases=tuple(
            ReleaseRow(
                system=one.system,
                version=one.version,
                complete=one.complete,
                concepts=one.concepts,
                stale=one.stale or "",
            )
            for one in health.releases
        ),
    )


def plane_address(settings: PlaneSettings) -> tuple[str, bool]:
    """Return the address of a configured plane without path and query, and whether it is on another machine."""
    if settings.url is None:
        return "", False
    parts = urlsplit(settings.url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}", not is_loopback(host)


def _set_up(bench: Bench, name: PlaneName, settings: PlaneSettings) -> PlaneSetUp:
    address, remote = plane_address(settings)
    return PlaneSetUp(name=name, address=address, remote=remote, state=plane_status(bench, name, settings).state)


def _installed(folder: Path) -> tuple[tuple[ReleaseRow, ...], str]:
    try:
        held = held_releases(folder)
    except OpenMedError as error:
        return (), str(error)
    rows = tuple(
        ReleaseRow(
            system=release.system,
            version=release.version,
            complete=release.complete,
            concepts=release.concepts,
            used=used,
        )
        for release, used in held
    )
    return rows, ""


HANDLERS: tuple[Handler, ...] = (answered_by(DescribePlanes, describe), answered_by(CheckPlane, check))
