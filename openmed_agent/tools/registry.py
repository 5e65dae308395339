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
    from openmed_agent.tools import (  # noqa: PLC0415 - the planes' clients are slow to import
        changing_files,
        clinical,
        code_scores,
        codes,
        files,
        plan,
        privacy,
        searching,
        skills,
        workflows,
    )

    reading = (*plan.TOOLS, *skills.TOOLS, *files.TOOLS, *searching.TOOLS)
    working = (*workflows.TOOLS, *changing_files.TOOLS)
    return (*reading, *working, *clinical.TOOLS, *privacy.TOOLS, *codes.TOOLS, *code_scores.TOOLS)


def tools_of(families: Collection[Family]) -> tuple[Tool[Any], ...]:
    """Return the tools of ``families``."""
    return tuple(tool for tool in all_tools() if tool.family in families)
