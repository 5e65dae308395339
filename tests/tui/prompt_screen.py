"""A screen with nothing but the prompt, below some text, and a record of what it says."""

from textual.app import ComposeResult
from textual.widgets import Static

from openmed_agent.tui.base_screen import FaceScreen
from openmed_agent.tui.chrome.key_bar import KeyBar
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.conversation.prompt import PromptArea

SAID = "\n".join(f"Line {number} of what was said before about an invented patient." for number in range(1, 61))


class PromptScreen(FaceScreen):
    """Records what the prompt says."""

    DEFAULT_CSS = "PromptScreen .said { height: 1fr; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__()
        self.prompt = PromptArea()
        self.said: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        yield TitleBar("An invented chart")
        yield Static(SAID, classes="said", markup=False)
        yield self.prompt
        yield KeyBar((("⏎", "send"), ("⇧⏎ ^J", "new line"), ("F1", "help")))

    def on_mount(self) -> None:
        self.prompt.focus()

    def on_prompt_area_submitted(self, event: PromptArea.Submitted) -> None:
        self.said.append(("sent", event.text))

    def on_prompt_area_queued(self, event: PromptArea.Queued) -> None:
        self.said.append(("queued", event.text))

    def on_prompt_area_first_key(self) -> None:
        self.said.append(("first key", ""))
