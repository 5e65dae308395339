"""A field for a path: what could follow is shown as one types; the right arrow takes it."""

from typing import TYPE_CHECKING, Final

from textual.suggester import Suggester
from textual.widgets import Input

from openmed_agent.errors import OpenMedError
from openmed_agent.workbench.requests.paths import CompletePath, PathMatches

if TYPE_CHECKING:
    from openmed_agent.workbench.client import Workbench

_LONGEST: Final = 4_000


class PathInput(Input):
    """An ``Input`` for a path; names that a terminal cannot show as they are, are never suggested."""

    DEFAULT_CSS = """
    PathInput { border: none; height: 1; padding: 0 1; background: $panel; }
    PathInput:focus { background: $accent 20%; }
    """

    def __init__(
        self,
        workbench: "Workbench",
        *,
        placeholder: str = "path of a file",
        folders_only: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's word
    ) -> None:
        super().__init__(
            placeholder=placeholder,
            suggester=_Paths(workbench, folders_only=folders_only),
            max_length=_LONGEST,
            select_on_focus=False,
            id=id,
        )


class _Paths(Suggester):
    """Asks the working process, so a slow disk never holds a key up."""

    def __init__(self, workbench: "Workbench", *, folders_only: bool) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._workbench = workbench
        self._folders_only = folders_only

    async def get_suggestion(self, value: str) -> str | None:
        """Return the first path that begins with ``value``."""
        if not value.strip():
            return None
        request = CompletePath(beginning=value, folders_only=self._folders_only)
        try:
            found = await self._workbench.ask(request, PathMatches)
        except OpenMedError:
            return None  # a suggestion that cannot be had is none
        return next((one for one in found.matches if one != value), None)
