"""What the screen asks about names of files, while a person types one."""

from typing import ClassVar

from openmed_agent.workbench.wire import Request, WireModel


class CompletePath(Request):
    """Answered by ``PathMatches``: what begins like this; relative paths count from the working folder."""

    kind: ClassVar[str] = "paths.complete"
    beginning: str
    folders_only: bool = False


class PathMatches(WireModel):
    """Paths as a person would go on typing them, by name in order; folders end with a slash. ``more`` were left out."""

    matches: tuple[str, ...]
    more: bool = False
