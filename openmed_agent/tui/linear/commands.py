"""The commands of the linear face: each answers with sentences."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from openmed_agent.errors import InputError, OpenMedError
from openmed_agent.tui.conversation.modes import (
    AGENT_MEANS,
    PERMISSION_MEANS,
    PHI_MEANS,
    is_more_permissive,
    is_weaker_phi,
)
from openmed_agent.tui.linear.words import HELP, destination, draft_line, modes, session_line
from openmed_agent.workbench.wire import Done

if TYPE_CHECKING:
    from openmed_agent.tui.conversation.session_link import Modes
    from openmed_agent.tui.linear.face import LinearFace
    from openmed_agent.workbench.requests.sessions import SessionRow

_SHOWN_EVENTS: Final = 40
"""Of a session that goes on, the last ones are read."""


class LinearCommands:
    """What can be said with a slash."""

    def __init__(self, face: "LinearFace") -> None:
        self._face = face
        self._listed: tuple[SessionRow, ...] = ()

    async def run(self, name: str, argument: str) -> None:
        """Do a command.

        Raises:
            OpenMedError: it is none, or was refused.

        """
        match name:
            case "help":
                self._face.say(*HELP)
            case "phi":
                await self._phi(argument)
            case "agent":
                await self._agent(argument)
            case "permissions":
                await self._permissions(argument)
            case "model":
                await self._model(argument)
            case "sessions" | "resume" | "new" | "clear" | "undo":
                await self._session(name, argument)
            case "result":
                self._face.say(*(f"Result: {line}" for line in self._face.last_result.splitlines() or ["none"]))
            case "drafts" | "review":
                await self._drafts()
            case _:
                raise InputError(f"There is no command /{name} here.", remedy="/help lists them.")

    async def resume(self, wanted: str) -> None:
        """Go on with a session: a number of the last list, an id, a unique start of one, or "" for the last used.

        Raises:
            OpenMedError: there is none, or it cannot be had.

        """
        face, before = self._face, (self._face.link.session_id, self._face.link.wanted)
        if not await face.unlock():
            return
        session_id = await self._meant(wanted)
        face.link.go_on_with(session_id)
        try:
            opened = await face.link.open()
        except OpenMedError:
            face.link.session_id, face.link.wanted = before
            raise
        face.tell_opened(opened)
        await face.tell_kept(opened.session_id, _SHOWN_EVENTS)

    async def _session(self, name: str, argument: str) -> None:
        match name:
            case "sessions":
                await self._list(argument)
            case "resume":
                await self.resume(argument)
            case "undo":
                await self._undo()
            case _:
                self._face.begin_anew()
                self._face.say("Session: new; it begins with your next message.")

    async def _list(self, query: str) -> None:
        from openmed_agent.workbench.requests.sessions import ListSessions, SessionList

        if await self._face.unlock():
            request = ListSessions(query=query, limit=20)
            self._listed = (await self._face.workbench.ask(request, SessionList)).sessions
            lines = [session_line(number, row) for number, row in enumerate(self._listed, 1)]
            self._face.say(*(lines or ["Sessions: none."]))

    async def _meant(self, wanted: str) -> str:
        from openmed_agent.workbench.requests.sessions import FindLastUsed, LastUsed

        if wanted.isdecimal() and len(wanted) <= len(str(len(self._listed))) and 0 < int(wanted) <= len(self._listed):
            return self._listed[int(wanted) - 1].session_id
        if wanted:
            return wanted
        found = await self._face.workbench.ask(FindLastUsed(), LastUsed)
        if not found.session_id:
            raise InputError("There is no session yet.", remedy="It begins with your first message.")
        return found.session_id

    async def _undo(self) -> None:
        from openmed_agent.workbench.requests.turns import UndoTurn

        if self._face.link.session_id is None:
            raise InputError("There is no turn to take back.")
        if await self._face.make_ready():
            await self._face.workbench.ask(UndoTurn(), Done)
            self._face.say("Undone: The model no longer sees the last turn. What tools wrote stays written.")

    async def _drafts(self) -> None:
        from openmed_agent.workbench.requests.drafts import DraftList, ListDrafts

        if await self._face.unlock():
            found = (await self._face.workbench.ask(ListDrafts(), DraftList)).drafts
            self._face.say(*([draft_line(row) for row in found] or ["Drafts: none."]))
            if found:
                self._face.say(
                    f"Review: leave with /quit and run: openmed review {found[0].draft_id}. "
                    "It reads item after item, line by line, and signs at the end."
                )

    async def _phi(self, name: str) -> None:
        present = self._face.phi_mode
        if self._chosen("PHI mode", name, PHI_MEANS, present):
            question = f"Question: Let more leave than now, PHI mode {name} instead of {present}? Type yes to change: "
            if is_weaker_phi(name, present) and not self._face.agrees(question):
                self._face.say(f"PHI mode: {present} stays.")
                return
            await self._want(replace(self._face.link.wanted, phi_mode=name))
            self._face.phi_mode = name
            self._face.say(f"PHI mode: {name}. {PHI_MEANS[name]}")

    async def _agent(self, name: str) -> None:
        if self._chosen("Agent mode", name, AGENT_MEANS, self._face.agent_mode):
            await self._want(replace(self._face.link.wanted, agent_mode=name))
            self._face.agent_mode = name
            self._face.say(f"Agent mode: {name}. {AGENT_MEANS[name]}")

    async def _permissions(self, name: str) -> None:
        present = self._face.permission_mode
        if self._chosen("Permissions", name, PERMISSION_MEANS, present):
            question = f"Question: Let tools do more unasked, {name} instead of {present}? Type yes to change: "
            if is_more_permissive(name, present) and not self._face.agrees(question):
                self._face.say(f"Permissions: {present} stays.")
                return
            await self._want(replace(self._face.link.wanted, permission_mode=name))
            self._face.permission_mode = name
            self._face.say(f"Permissions: {name}. {PERMISSION_MEANS[name]}")

    async def _model(self, name: str) -> None:
        from openmed_agent.workbench.requests.turns import FindModel, ModelStatus

        if name:
            await self._want(replace(self._face.link.wanted, model=name))
        status = await self._face.workbench.ask(FindModel(name=self._face.link.wanted.model), ModelStatus)
        self._face.say(destination(status))

    def _chosen(self, what: str, name: str, means: Mapping[str, str], present: str) -> bool:
        """Tell whether a mode was named that is not the present one; else say what there is."""
        if name and name not in means:
            raise InputError(f"There is no such mode. There are: {', '.join(means)}.")
        if not name or name == present:
            self._face.say(*modes(means, what, present))
            return False
        return True

    async def _want(self, wanted: "Modes") -> None:
        """Want other modes, and open an open session again in them; refused, everything stays as it was."""
        face, before = self._face, self._face.link.wanted
        face.link.want(wanted)
        try:
            if face.link.session_id is not None:
                await face.make_ready()
        except OpenMedError:
            face.link.want(before)
            raise
