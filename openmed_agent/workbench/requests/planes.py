"""What the screen asks about the planes: what is set up, which contacts nobody, and whether one answers."""

from typing import ClassVar, Literal

from openmed_agent.workbench.wire import Request, WireModel

PlaneName = Literal["inference", "codes"]
PlaneState = Literal["not started", "running", "failed", "configured"]
"""How a plane is without asking it: that of an embedded one's process, or ``configured`` for an address."""


class DescribePlanes(Request):
    """Answered by ``PlanesSetUp``; nothing is started and nobody is asked."""

    kind: ClassVar[str] = "planes.describe"


class PlaneSetUp(WireModel):
    """One plane as the settings have it."""

    name: PlaneName
    address: str = ""
    """Empty for the embedded one."""
    remote: bool = False
    """Whether the address is on another machine."""
    state: PlaneState = "not started"


class ReleaseRow(WireModel):
    """One release of a code system; ``used`` is whether look-ups are answered from it."""

    system: str
    version: str
    complete: bool
    concepts: int
    used: bool = True
    stale: str = ""


class PlanesSetUp(WireModel):
    """Both planes, the releases that were installed on this machine, and what leaves it for literature."""

    planes: tuple[PlaneSetUp, ...]
    releases: tuple[ReleaseRow, ...]
    releases_problem: str = ""
    """Why the installed releases cannot be listed, where that is so."""
    literature: bool
    literature_mode: str = ""
    """Where literature is on: what the PHI mode of this place makes of a query."""


class CheckPlane(Request):
    """Ask a plane whether it answers; starts an embedded one. Answered by ``PlaneAnswered``."""

    kind: ClassVar[str] = "planes.check"
    name: PlaneName


class PlaneAnswered(WireModel):
    """What a plane said of itself."""

    name: PlaneName
    service: str
    version: str
    capabilities: tuple[str, ...]
    releases: tuple[ReleaseRow, ...] = ()
