"""What the screen asks about skills."""

from typing import ClassVar, Literal

from openmed_agent.workbench.wire import Request, WireModel

SkillOrigin = Literal["built_in", "user", "project"]


class ListSkills(Request):
    """Answered by ``SkillList``."""

    kind: ClassVar[str] = "skills.list"


class SkillRow(WireModel):
    """One skill; its text is untrusted unless it is built in."""

    name: str
    description: str
    origin: SkillOrigin
    text: str


class SkillList(WireModel):
    """Skills by name; ``problems`` is a sentence for each folder that holds no usable one."""

    skills: tuple[SkillRow, ...]
    problems: tuple[str, ...] = ()
