"""Planes: where each one is, whether it answers, and from which releases codes are looked up.

Opening the screen contacts nobody: a plane is asked when the person presses the key.
"""

from typing import ClassVar, Final

from textual.content import Content

from openmed_agent.errors import OpenMedError
from openmed_agent.tui.chrome.list_screen import ListScreen
from openmed_agent.tui.chrome.row_list import Column, RowList
from openmed_agent.tui.planes.rows import COLUMNS, Outcome, plane_rows, where
from openmed_agent.tui.safe_text import shown, shown_line
from openmed_agent.tui.unlocking import once_unlocked
from openmed_agent.workbench.requests.planes import (
    CheckPlane,
    DescribePlanes,
    PlaneAnswered,
    PlaneName,
    PlaneSetUp,
    PlanesSetUp,
)

_INSTALL: Final = "Releases are installed on the command line: openmed codes install SYSTEM --from FILE"


class PlanesScreen(ListScreen):
    """Both planes, the releases and literature."""

    TITLE_TEXT = "Planes and releases"
    COLUMNS: ClassVar[tuple[Column, ...]] = COLUMNS
    CHOOSE = "ask whether it answers"
    DEFAULT_CSS = """
    PlanesScreen RowList { margin-top: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._set_up: PlanesSetUp | None = None
        self._outcomes: dict[PlaneName, Outcome] = {}

    def on_mount(self) -> None:
        """Show what is set up."""
        super().on_mount()
        self.start(self._load(), group="load")

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """Say all about the highlighted plane."""
        plane = self._named(event.identifier)
        if plane is not None:
            self.tell(self._detail(plane))

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Ask a plane whether it answers; an embedded one is started for that."""
        plane = self._named(event.identifier)
        if plane is not None and self._outcomes.get(plane.name) != "":
            self._note(plane, "")
            self.start(self._check(plane), group=f"check-{plane.name}")

    async def _load(self) -> None:
        self._set_up = await self.ask(DescribePlanes(), PlanesSetUp)
        self._show()

    async def _check(self, plane: PlaneSetUp) -> None:
        try:
            request = CheckPlane(name=plane.name)
            answered = await once_unlocked(self.face, lambda: self.face.workbench.ask(request, PlaneAnswered))
        except OpenMedError as error:
            self._note(plane, str(error))
            return
        self._note(plane, answered)

    def _note(self, plane: PlaneSetUp, outcome: Outcome) -> None:
        self._outcomes[plane.name] = outcome
        self._show()

    def _show(self) -> None:
        if self._set_up is not None:
            self.list.fill(plane_rows(self._set_up, self._outcomes))

    def _detail(self, plane: PlaneSetUp) -> Content:
        outcome = self._outcomes.get(plane.name)
        lines = [Content.assemble((f"{plane.name}  ", "bold"), shown_line(where(plane)))]
        if isinstance(outcome, PlaneAnswered):
            offers = ", ".join(outcome.capabilities) or "no extensions"
            lines.append(shown(f"{outcome.service} {outcome.version} offers {offers}"))
        elif outcome:
            lines.append(Content.assemble(("✗ ", "$error"), shown(outcome)))
        elif not plane.address:
            lines.append(Content("It starts when it is first needed, and ends with this program."))
        lines.append(Content.styled(_INSTALL, "$secondary"))
        return Content("\n").join(lines)

    def _named(self, name: str) -> PlaneSetUp | None:
        planes = self._set_up.planes if self._set_up else ()
        return next((one for one in planes if one.name == name), None)
