"""What the screen asks to keep its status line true: the planes, the open session's title, what was said meanwhile."""

from typing import ClassVar, Literal

from openmed_agent.workbench.wire import Request, WireModel


class LookAround(Request):
    """Say how things are; starts nothing. Answered by ``BenchStatus``."""

    kind: ClassVar[str] = "status.look"


class PlaneStatus(WireModel):
    """One plane: the embedded one's state, or ``configured`` with the host that answers for it."""

    plane: Literal["inference", "codes"]
    state: Literal["not started", "running", "failed", "configured"]
    host: str = ""


class BenchStatus(WireModel):
    """How things are at the working process."""

    planes: tuple[PlaneStatus, ...]
    audited: bool
    """Whether the store is open: all that leaves and all that is signed is recorded in its audit chain."""
    title: str = ""
    """The title of the open session."""
    notices: tuple[str, ...] = ()
    """What planes said since the last time, such as a restart."""
