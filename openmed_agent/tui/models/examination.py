"""What an endpoint of models can do and where it fails, one line a check, as the checks are made."""

from typing import Final

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
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
            await place.mount(_CheckLine(check))
            place.scroll_end(animate=False)
        said = f"✗ {faults} of {checks} checks found a fault" if faults else f"✓ no fault in {checks} checks"
        self.query_one(TitleBar).tell(said if checks else "✗ not examined")


class _CheckLine(Horizontal):
    """One check: its mark and subject, and beside them what it found."""

    DEFAULT_CSS = """
    _CheckLine { height: auto; margin-bottom: 1; }
    _CheckLine > .subject { width: 18; height: auto; text-style: bold; }
    _CheckLine > .found { width: 1fr; height: auto; }
    """

    def __init__(self, check: EndpointCheck) -> None:
        super().__init__()
        self._check = check

    def compose(self) -> ComposeResult:
        """Yield both sides."""
        mark, style = _MARKS[self._check.state]
        yield Static(Content.assemble((f"{mark} ", style), shown_line(self._check.subject)), classes="subject")
        found = shown_line(self._check.sentence)
        if self._check.remedy:
            found = Content.assemble(found, "\n", shown_line(self._check.remedy, "$secondary"))
        yield Static(found, classes="found")
