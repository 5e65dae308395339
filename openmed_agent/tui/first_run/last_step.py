"""The last step: three things to try."""

from typing import Final

from textual.content import Content

from openmed_agent.tui.base_screen import FaceScreen
from openmed_agent.tui.chrome.dialogs import Choice
from openmed_agent.tui.first_run.step import Page

_TRY: Final = (
    Choice("begin", "Ask", "type a question; @ names a file, $ a skill, / a command"),
    Choice("workflows", "Draft a case card from a chart", "F3: needs no language model; you review and sign it"),
    Choice("privacy", "See what de-identification takes out", "F5: source and result side by side"),
)


class LastStep:
    """Leads to one of three places."""

    def __init__(self) -> None:
        self.opens = ""
        """The screen that the person wants first; empty for the conversation."""

    async def page(self, screen: FaceScreen) -> Page | None:
        """Return the three."""
        del screen
        text = Content("Three things to try. F1 shows every key and command; ^P finds them by name.")
        return Page("Ready", text, _TRY, now="begin")

    async def choose(self, screen: FaceScreen, value: str) -> bool:
        """Remember where to go."""
        del screen
        self.opens = "" if value == "begin" else value
        return True
