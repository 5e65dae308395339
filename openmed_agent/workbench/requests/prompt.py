"""What the prompt asks: files and skills that it may name, and what was asked on earlier days."""

from typing import Annotated, ClassVar

from pydantic import Field

from openmed_agent.workbench.wire import Request, WireModel

MOST_PROMPTS = 200


class FindFiles(Request):
    """Files of the granted folders whose names fit, the best first. Answered by ``FoundFiles``."""

    kind: ClassVar[str] = "prompt.files"
    query: Annotated[str, Field(max_length=4000)] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class FoundFiles(WireModel):
    """Paths as a prompt may name them: below the first granted folder relative to it, else absolute."""

    paths: tuple[str, ...] = Field(repr=False)
    more: bool = False
    """Whether there are files that were not looked at."""


class ListSkillNames(Request):
    """The skills that there are. Answered by ``SkillNames``."""

    kind: ClassVar[str] = "prompt.skills"


class SkillName(WireModel):
    """One skill; name and description are untrusted text where it is not built in."""

    name: str
    description: str
    built_in: bool


class SkillNames(WireModel):
    """Skills in order of their names."""

    skills: tuple[SkillName, ...]


class ListPrompts(Request):
    """What persons asked in all sessions. Answered by ``EarlierPrompts``."""

    kind: ClassVar[str] = "prompt.history"
    limit: Annotated[int, Field(ge=1, le=MOST_PROMPTS)] = MOST_PROMPTS


class EarlierPrompts(WireModel):
    """Prompts, the newest first, none twice."""

    texts: tuple[str, ...] = Field(repr=False)
