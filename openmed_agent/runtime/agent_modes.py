"""Agent modes: which tools a session has at all. They hold before any permission is looked at.

A tool outside of the mode is not offered to the model, and a call of it is refused. Modes are allow-lists: what is new
is outside until it is added here, but for a new tool of a family that a mode has as a whole.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from openmed_agent.tools.tool import Family, Tool


class AgentMode(StrEnum):
    """Who the session works for."""

    CLINICAL = "clinical"
    CONSUMER = "consumer"
    COORDINATION = "coordination"
    PLAN = "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeTools:
    """The tools of a mode: whole families, of some families what changes nothing, and of the rest some by name."""

    families: frozenset[Family] = frozenset()
    read_only_families: frozenset[Family] = frozenset()
    names: frozenset[str] = frozenset()

    def has(self, tool: Tool[Any]) -> bool:
        """Tell whether the mode has a tool."""
        if tool.family in self.families or tool.name in self.names:
            return True
        return tool.family in self.read_only_families and tool.facts.read_only and not tool.facts.destructive


_EVERY: Final[frozenset[Family]] = frozenset({"clinical", "privacy", "codes", "files", "workflows", "plan", "skills"})
# Looking a code up explains a document; validating, mapping and scoring codes is a coder's work.
_WHAT_A_CODE_MEANS: Final = frozenset({"icd10_search", "icd10_concept", "rxnorm_lookup", "terminology_search"})

MODE_TOOLS: Final[Mapping[AgentMode, ModeTools]] = {
    AgentMode.CLINICAL: ModeTools(families=_EVERY),
    AgentMode.CONSUMER: ModeTools(
        read_only_families=frozenset({"files", "clinical", "plan", "skills"}), names=_WHAT_A_CODE_MEANS
    ),
    AgentMode.COORDINATION: ModeTools(
        families=frozenset({"workflows", "files"}), read_only_families=frozenset({"plan", "skills"})
    ),
    AgentMode.PLAN: ModeTools(read_only_families=_EVERY),
}


def offers(mode: AgentMode, tool: Tool[Any]) -> bool:
    """Tell whether a session in ``mode`` has the tool."""
    return MODE_TOOLS[mode].has(tool)


def offered(mode: AgentMode, tools: Iterable[Tool[Any]]) -> tuple[Tool[Any], ...]:
    """Return the tools that a session in ``mode`` has, in their order."""
    return tuple(tool for tool in tools if offers(mode, tool))
