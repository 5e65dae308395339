"""Which file answers which area of requests. Each is imported when it is first asked."""

from openmed_agent.workbench.handling import Handler


def handlers_of(area: str) -> tuple[Handler, ...]:
    """Return the handlers of an area, such as ``sessions``."""
    match area:
        case "turns":
            from openmed_agent.workbench.handlers.turns import HANDLERS
        case "sessions":
            from openmed_agent.workbench.handlers.sessions import HANDLERS
        case _:
            raise LookupError(area)
    return HANDLERS
