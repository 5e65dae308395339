"""What an endpoint of models can do and where it fails, one line a check, as the checks are made."""

from typing import Final

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from openmed_agent.tui.base_screen import FaceScreen
from openmed_agent.tui.chrome.key_bar import KeyBar
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.safe_text import shown, shown_line
from openmed_agent.workbench.requests.models import EndpointCheck, ExamineEndpoint

_MARKS: Final = {"ok": ("✓", "$success"), "fault": ("✗", "$error"), "unknown": ("·", "$warning")}
_SENT: Final = "Only this program's own texts are sent; the longest has 6,000 words. No chart is involved."


class ExaminationScreen(FaceScreen):
    """The checks of one endpoint."""

    DEFAULT_CSS = """
    ExaminationScreen VerticalScroll { padding: 0 1; }
    ExaminationScreen .check { height: auto; margin-bottom: 1; }
    ExaminationScreen .sent { color: $secondary; margin-bottom: 1; }
    """

    def __init__(self, url: str, model: str | None) -> None:
        super().__init__()
        self._url = url
        self._model = model

    def compose(self) -> ComposeResult:
        """Yield title, checks and keys."""
        yield TitleBar("Examination of a model's endpoint")
        with VerticalScroll():
            yield Static(shown(f"{self._url}{f'  {self._model}' if self._model else ''}", "bold"))
            yield Static(_SENT, classes="sent")
        yield KeyBar((("esc", "stop and go back"),))

    def on_mount(self) -> None:
        """Begin."""
        self.query_one(VerticalScroll).focus()
        self.query_one(TitleBar).tell("▸ asking")
        self.start(self._examine(), group="examination")

    async def _examine(self) -> None:
        place = self.query_one(VerticalScroll)
        faults = checks = 0
        async for check in self.follow(ExamineEndpoint(url=self._url, model=self._model), EndpointCheck):
            checks += 1
            faults += check.state == "fault"
            await place.mount(Static(_line(check), classes="check"))
            place.scroll_end(animate=False)
        said = f"✗ {faults} of {checks} checks found a fault" if faults else f"✓ no fault in {checks} checks"
        self.query_one(TitleBar).tell(said if checks else "✗ not examined")


def _line(check: EndpointCheck) -> Content:
    mark, style = _MARKS[check.state]
    line = Content.assemble((f"{mark} ", style), (f"{check.subject:<15}", "bold"), shown_line(check.sentence))
    return Content.assemble(line, "\n", " " * 17, shown_line(check.remedy, "$secondary")) if check.remedy else line
