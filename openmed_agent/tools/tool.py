"""What a tool is: typed arguments, facts about its safety, and a result in parts.

A tool never decides whether it may run; the permission policy does that from its facts and its subject. It never
gates its own text either: the runtime sends ``ToolResult.text`` through the privacy gate, and in strict mode only
``ToolResult.values``.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from openmed_agent.tools.display_kind import DisplayKind
from openmed_agent.tools.values import StrictValue

if TYPE_CHECKING:  # the clients of both planes: events, which every face imports, need none of it
    from openmed_agent.tools.context import ToolContext


class Arguments(BaseModel):
    """Arguments of a tool; what is unknown is an error, and every field has a description for the model."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoArguments(Arguments):
    """A tool that takes none."""


Given = TypeVar("Given", bound=Arguments)

Family = Literal["clinical", "privacy", "codes", "files", "workflows", "plan", "skills"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFacts:
    """What a call can do: change nothing, run beside others, lose something."""

    read_only: bool
    concurrent_safe: bool = False
    destructive: bool = False


@dataclass(frozen=True, slots=True)
class Display:
    """What a person sees of a result: one line, and more on demand. Untrusted text: a face makes it safe."""

    title: str = field(repr=False)
    body: str = field(default="", repr=False)
    kind: DisplayKind = "text"


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of a call: ``text`` for the model behind the gate, ``values`` for it in strict mode, ``display``."""

    text: str = field(repr=False)
    display: Display
    values: tuple[StrictValue, ...] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool(Generic[Given]):
    """One tool.

    ``subject`` returns what a permission pattern is matched with besides the name, such as an absolute path, and is
    "" where the name says it all. ``preview`` returns what a person must see before they allow it, such as a diff.
    """

    name: str
    family: Family
    description: str
    arguments: type[Given]
    facts: ToolFacts
    run: "Callable[[Given, ToolContext], Awaitable[ToolResult]]"
    subject: "Callable[[Given, ToolContext], str]" = lambda _given, _context: ""
    preview: "Callable[[Given, ToolContext], Awaitable[Display]] | None" = None
