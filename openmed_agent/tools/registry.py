"""Every tool there is. None approves, signs or finalizes, changes a mode, grants a folder or runs a command."""

from collections.abc import Collection
from functools import cache
from typing import Any

from openmed_agent.tools.schema import schema_of
from openmed_agent.tools.tool import Family, Tool

__all__ = ["all_tools", "schema_of", "tools_of"]


@cache
def all_tools() -> tuple[Tool[Any], ...]:
    """Return all tools, in the order in which a model reads them."""
    from openmed_agent.tools import clinical, files, plan, skills  # noqa: PLC0415 - the planes' clients are slow to import

    return (*plan.TOOLS, *skills.TOOLS, *files.TOOLS, *clinical.TOOLS)


def tools_of(families: Collection[Family]) -> tuple[Tool[Any], ...]:
    """Return the tools of ``families``."""
    return tuple(tool for tool in all_tools() if tool.family in families)
