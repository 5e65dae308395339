"""Which file answers which area of requests. Each is imported when it is first asked."""

from openmed_agent.workbench.handling import Handler


def handlers_of(area: str) -> tuple[Handler, ...]:
    """Return the handlers of an area, such as ``sessions``."""
    match area:
        case "turns":
            from openmed_agent.workbench.handlers.turns import HANDLERS
        case "sessions":
            from openmed_agent.workbench.handlers.sessions import HANDLERS
        case "models":
            from openmed_agent.workbench.handlers.models import HANDLERS
        case "preferences":
            from openmed_agent.workbench.handlers.preferences import HANDLERS
        case "instructions":
            from openmed_agent.workbench.handlers.instructions import HANDLERS
        case "audit":
            from openmed_agent.workbench.handlers.audit import HANDLERS
        case "reviews":
            from openmed_agent.workbench.handlers.reviews import HANDLERS
        case "prompt":
            from openmed_agent.workbench.handlers.prompt import HANDLERS
        case "lock":
            from openmed_agent.workbench.handlers.lock import HANDLERS
        case _:
            raise LookupError(area)
    return HANDLERS
