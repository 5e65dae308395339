"""What a conversation with a model is made of, whichever provider carries it.

All text here is already on the model's side of the privacy gate.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call as the model wrote it; ``arguments`` is JSON text that nobody has parsed yet."""

    call_id: str
    name: str
    arguments: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UserMessage:
    """What a person, or the program in a person's name, said."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AssistantMessage:
    """What the model said, and the calls that it made."""

    text: str = field(repr=False)
    calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolMessage:
    """The result of one call; every call of a conversation has exactly one."""

    call_id: str
    text: str = field(repr=False)
    failed: bool = False


Message = UserMessage | AssistantMessage | ToolMessage


@dataclass(frozen=True, slots=True)
class ToolSchema:
    """A tool as a model sees it; ``parameters`` is a JSON Schema object."""

    name: str
    description: str
    parameters: Mapping[str, object]
