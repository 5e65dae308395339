"""Which file answers which area of requests. Each is imported when it is first asked."""

from importlib import import_module
from typing import Final

from openmed_agent.workbench.handling import Handler

AREAS: Final = frozenset(
    {
        "audit",
        "drafts",
        "instructions",
        "lock",
        "models",
        "paths",
        "planes",
        "preferences",
        "privacy",
        "prompt",
        "reviews",
        "sessions",
        "skills",
        "status",
        "turns",
        "workflows",
    }
)
"""Each has its file in ``handlers`` with a tuple ``HANDLERS``, and what it is asked in ``requests``."""


def handlers_of(area: str) -> tuple[Handler, ...]:
    """Return the handlers of an area, such as ``sessions``."""
    if area not in AREAS:
        raise LookupError(area)
    found: tuple[Handler, ...] = import_module(f"openmed_agent.workbench.handlers.{area}").HANDLERS
    return found
