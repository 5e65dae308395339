"""The tools that a model is offered: few at first, whole families on demand, never more than its agent mode has."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from openmed_agent.models.messages import ToolSchema
from openmed_agent.tools.registry import schema_of
from openmed_agent.tools.tool import Family, Tool

FIRST_FAMILIES: Final[frozenset[Family]] = frozenset({"files", "plan", "skills", "workflows"})


class Toolbox:
    """The tools of one session. A call of any of them runs, whether it was offered yet or not."""

    def __init__(self, tools: Iterable[Tool[Any]], *, families: frozenset[Family] = FIRST_FAMILIES) -> None:
        self.tools: Mapping[str, Tool[Any]] = {tool.name: tool for tool in tools}
        self._families = families

    def load(self, families: tuple[str, ...]) -> tuple[str, ...]:
        """Offer the tools of ``families`` from the next answer on; return the names of those there are."""
        known = {tool.family for tool in self.tools.values()}
        self._families |= {family for family in known if family in families}
        return tuple(sorted(name for name, tool in self.tools.items() if tool.family in families))

    def words(self) -> frozenset[str]:
        """Return every text in the schemas of all tools: names, descriptions, keys and choices, all written by us."""
        found: set[str] = set()
        for tool in self.tools.values():
            schema = schema_of(tool)
            _collect((schema.name, schema.description, dict(schema.parameters)), found)
        return frozenset(found)

    def schemas(self) -> tuple[ToolSchema, ...]:
        """Return what the model sees of the tools that it is offered now."""
        return tuple(schema_of(tool) for tool in self.tools.values() if tool.family in self._families)


def _collect(value: object, found: set[str]) -> None:
    match value:
        case str():
            found.add(value)
        case dict():
            for key, inner in value.items():
                _collect(key, found)
                _collect(inner, found)
        case list() | tuple():
            for inner in value:
                _collect(inner, found)
        case _:
            pass
