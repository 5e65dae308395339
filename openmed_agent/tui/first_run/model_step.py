"""The step about a language model: found on this machine, logged in to, or none for now."""

from typing import Final

from textual.content import Content

from openmed_agent.tui.base_screen import FaceScreen
from openmed_agent.tui.chrome.dialogs import Choice
from openmed_agent.tui.first_run.step import Page
from openmed_agent.tui.models.login_flow import log_in
from openmed_agent.workbench.requests.models import (
    FindLocal,
    ListPlaces,
    LocalServers,
    ModelPlaces,
    ModelUsed,
    UseModel,
)

_ABOUT: Final = (
    "Workflows, codes, de-identification and review need no language model. With one you can ask questions in plain "
    "words.\n\nNothing is contacted before you choose. Searching asks the usual ports of this machine alone."
)
_CHOICES: Final = (
    Choice("local", "Look for a server on this machine", "Ollama, LM Studio, llama.cpp, vLLM"),
    Choice("login", "Log in to a service", "its key is checked there, and kept for it alone"),
    Choice("later", "Later", "F2 does the same at any time"),
)
_SEPARATOR: Final = " @ "
_MOST: Final = 12


class ModelStep:
    """Offers a model; what was found is the page's next list of choices."""

    def __init__(self) -> None:
        self._found: tuple[Choice, ...] = ()

    async def page(self, screen: FaceScreen) -> Page | None:
        """Return the choices, or what was found."""
        if self._found:
            text = Content("Which one? What it is sent is decided by the PHI mode, here too.")
            return Page("A language model", text, (*self._found, _CHOICES[-1]))
        places = await screen.ask(ListPlaces(), ModelPlaces)
        used = next((one for one in places.places if one.in_use), None) if places else None
        if used is None:
            return Page("A language model", Content(_ABOUT), _CHOICES, now="local")
        said = f"\n\n✓ {used.model or 'A model'} at {used.host} is set up, by {used.configured_by}."
        keep = Choice("later", "Keep it")
        from openmed_agent.tui.safe_text import shown

        return Page("A language model", Content.assemble(_ABOUT, shown(said)), (keep, *_CHOICES[:-1]), now="later")

    async def choose(self, screen: FaceScreen, value: str) -> bool:
        """Search, log in, use what was found, or leave it."""
        match value:
            case "later":
                return True
            case "login":
                return await log_in(screen) is not None
            case "local":
                await self._find(screen)
                return False
        name, _, url = value.rpartition(_SEPARATOR)
        used = await screen.ask(UseModel(url=url, name=name), ModelUsed)
        if used is None:
            return False
        screen.face.say(used.sentence)
        return True

    async def _find(self, screen: FaceScreen) -> None:
        found = await screen.ask(FindLocal(), LocalServers)
        if found is None:
            return
        self._found = tuple(
            Choice(f"{model.name}{_SEPARATOR}{server.url}", model.name, f"{server.host}, {server.found_by}")
            for server in found.servers
            for model in server.models
        )[:_MOST]
        if not self._found:
            screen.face.say("No server of models answers on this machine.")
