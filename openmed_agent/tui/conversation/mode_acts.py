"""Changes the modes and the model of the session. What protects less is asked about first, by a person's key."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from openmed_agent.errors import OpenMedError
from openmed_agent.tui.chrome.dialogs import Choice, ChoiceDialog, ConfirmDialog
from openmed_agent.tui.conversation.modes import (
    AGENT_MEANS,
    PERMISSION_MEANS,
    PHI_MEANS,
    is_more_permissive,
    is_weaker_phi,
    next_agent_mode,
)

if TYPE_CHECKING:
    from openmed_agent.tui.conversation.screen import ConversationScreen
    from openmed_agent.tui.conversation.session_link import Modes


class ModeActs:
    """What a person may change about a session."""

    def __init__(self, screen: "ConversationScreen") -> None:
        self._screen = screen

    async def phi(self, name: str) -> None:
        """Change the PHI mode; a weaker one only after a yes."""
        screen = self._screen
        present = screen.status.facts.phi_mode
        chosen = await self._chosen("PHI mode", name, PHI_MEANS, present)
        if not chosen or chosen == present:
            return
        if is_weaker_phi(chosen, present) and not await screen.face.push_screen_wait(
            ConfirmDialog(
                f"Let more leave than now: PHI mode {chosen} instead of {present}?",
                detail=f"{PHI_MEANS[chosen]}\nText goes to: {screen.status.facts.destination}.",
                yes=f"change to {chosen}",
                no=f"keep {present}",
            )
        ):
            return
        await self._change(
            replace(screen.keeper.link.wanted, phi_mode=chosen), f"PHI mode {chosen}. {PHI_MEANS[chosen]}"
        )

    async def agent(self, name: str) -> None:
        """Change the agent mode."""
        present = self._screen.agent_mode
        chosen = await self._chosen("Agent mode", name, AGENT_MEANS, present)
        if chosen and chosen != present:
            await self.change_agent(chosen)

    async def next_agent(self) -> None:
        """Change to the next agent mode. It holds from the next message on."""
        await self.change_agent(next_agent_mode(self._screen.agent_mode))

    async def change_agent(self, mode: str) -> None:
        """Want an agent mode; the session is opened in it with the next message."""
        if self._refused_while_running():
            return
        self._screen.keeper.link.want(replace(self._screen.keeper.link.wanted, agent_mode=mode))
        self._screen.show_agent_mode(mode)

    async def permissions(self, name: str) -> None:
        """Change what tools may do unasked; more only after a yes."""
        screen = self._screen
        present = screen.status.facts.permission_mode
        chosen = await self._chosen("What tools may do unasked", name, PERMISSION_MEANS, present)
        if not chosen or chosen == present:
            return
        if is_more_permissive(chosen, present) and not await screen.face.push_screen_wait(
            ConfirmDialog(
                f"Let tools do more unasked: {chosen} instead of {present}?",
                detail=PERMISSION_MEANS[chosen],
                yes=f"change to {chosen}",
                no=f"keep {present}",
            )
        ):
            return
        sentence = f"Tools: {chosen}. {PERMISSION_MEANS[chosen]}"
        await self._change(replace(screen.keeper.link.wanted, permission_mode=chosen), sentence)

    async def model(self, name: str) -> None:
        """Let another model answer from the next turn on."""
        if name:
            await self._change(replace(self._screen.keeper.link.wanted, model=name), f"Model {name} from here on.")

    async def _chosen(self, question: str, name: str, means: Mapping[str, str], present: str) -> str | None:
        """Return the mode that was typed or is chosen now, None where none is; a running turn refuses."""
        if self._refused_while_running():
            return None
        if name in means:
            return name
        if name:
            self._screen.face.say(f"There is no such mode. There are: {', '.join(means)}.", severity="warning")
            return None
        choices = [Choice(mode, mode, meaning) for mode, meaning in means.items()]
        return await self._screen.face.push_screen_wait(ChoiceDialog(question, choices, now=present))

    async def _change(self, modes: "Modes", sentence: str) -> None:
        """Want other modes, open an open session again in them, and say so; refused, everything stays as it was."""
        screen = self._screen
        if self._refused_while_running():
            return
        before = screen.keeper.link.wanted
        screen.keeper.link.want(modes)
        try:
            await screen.keeper.apply_modes()
        except OpenMedError as error:
            screen.keeper.link.want(before)
            screen.face.report(error)
        else:
            screen.note(sentence)

    def _refused_while_running(self) -> bool:
        if self._screen.turns.running:
            self._screen.face.say("A turn is running. Interrupt it first (esc).", severity="warning")
        return self._screen.turns.running
