"""Answers how things are: planes, audit, the open session. It starts nothing and asks no service."""

from urllib.parse import urlsplit

from openmed_agent.settings.configuration import PlaneSettings
from openmed_agent.workbench.bench import Bench
from openmed_agent.workbench.handling import Handler, answered_by
from openmed_agent.workbench.requests.status import BenchStatus, LookAround, PlaneStatus


async def look_around(bench: Bench, _: LookAround) -> BenchStatus:
    """Return how things are, and what planes said since the last time."""
    configuration = bench.configuration
    notices = tuple(bench.plane_notices)
    bench.plane_notices.clear()
    session_id = bench.desk.session_id
    return BenchStatus(
        planes=(
            plane_status(bench, "inference", configuration.inference),
            plane_status(bench, "codes", configuration.codes),
        ),
        audited=bench.store_is_open,
        title=bench.store.sessions.get(session_id).title if session_id else "",
        notices=notices,
    )


def plane_status(bench: Bench, plane: str, settings: PlaneSettings) -> PlaneStatus:
    """Return how a plane is, without asking it."""
    if settings.url is not None:
        host = urlsplit(settings.url).hostname or ""
        return PlaneStatus.model_validate({"plane": plane, "state": "configured", "host": host})
    states = {one.state for one in bench.embedded_planes if str(one.kind) == plane}
    state = next((state for state in ("running", "failed") if state in states), "not started")
    return PlaneStatus.model_validate({"plane": plane, "state": state})


HANDLERS: tuple[Handler, ...] = (answered_by(LookAround, look_around),)
