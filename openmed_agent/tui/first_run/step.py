"""One step of the first start: what its page says, what can be chosen, and what a choice does."""

from dataclasses import dataclass
from typing import Protocol

from textual.content import Content

from openmed_agent.tui.base_screen import FaceScreen
from openmed_agent.tui.chrome.dialogs import Choice


@dataclass(frozen=True, slots=True)
class Page:
    """What a step shows; ``now`` is the choice that is highlighted at first."""

    title: str
    text: Content
    choices: tuple[Choice, ...]
    now: str = ""


class Step(Protocol):
    """A step. It does what was chosen; nothing is contacted or written before."""

    async def page(self, screen: FaceScreen) -> Page | None:
        """Return what to show; None where there is nothing to decide, and the step is passed over."""

    async def choose(self, screen: FaceScreen, value: str) -> bool:
        """Do what was chosen and return whether to go on; False shows the page again."""
