"""Keeps the status line true: from the settings first, then from what the working process says."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from openmed_agent.errors import OpenMedError
from openmed_agent.tui.conversation.entries import Line
from openmed_agent.tui.conversation.status_line import NO_MODEL, StatusFacts
from openmed_agent.tui.starting_modes import StartingModes, starting_modes

if TYPE_CHECKING:
    from openmed_agent.runtime.events import TurnStarted
    from openmed_agent.tui.conversation.screen import ConversationScreen
    from openmed_agent.workbench.requests.status import BenchStatus, PlaneStatus
    from openmed_agent.workbench.requests.turns import ModelStatus, OpenedSession

_PAUSE_SECONDS: Final = 0.3
"""Several tools that end together are one look around."""


class StatusKeeper:
    """What the status line says, and where it comes from."""

    def __init__(self, screen: "ConversationScreen") -> None:
        self._screen = screen
        self.starting = StartingModes("", "")
        self._looking = False

    @property
    def facts(self) -> StatusFacts:
        """What is shown."""
        return self._screen.status_line.facts

    async def begin(self) -> None:
        """Show the modes of the settings; nothing is looked for."""
        try:
            self.starting = await asyncio.to_thread(starting_modes, self._screen.face.paths, self._screen.face.options)
        except OpenMedError as error:
            self._screen.face.report(error)
            return
        self.begin_anew()

    def begin_anew(self) -> None:
        """Show the modes that the next session will have."""
        wanted = self._screen.keeper.link.wanted
        self._tell(
            phi_mode=wanted.phi_mode or self.starting.phi_mode,
            permission_mode=wanted.permission_mode or self.starting.permission_mode,
            input_tokens=None,
        )

    async def find_model(self) -> None:
        """Find out where text would go, unless a session says so already."""
        from openmed_agent.workbench.requests.turns import FindModel, ModelStatus

        link = self._screen.keeper.link
        found = await self._screen.ask(FindModel(name=link.wanted.model), ModelStatus)
        if found is not None and link.opened is None:
            self._tell_model(found)

    def opened(self, session: "OpenedSession") -> None:
        """Show what holds in the session that was opened."""
        wanted = self._screen.keeper.link.wanted
        self._tell(
            phi_mode=session.phi_mode,
            permission_mode=wanted.permission_mode or self.starting.permission_mode,
            window=session.window,
        )
        self._tell_model(session.model)

    def started(self, event: "TurnStarted") -> None:
        """Show what the turn that began works with."""
        self._tell(phi_mode=event.phi_mode, model=event.model)

    def counted(self, tokens: int | None) -> None:
        """Show how full the context is; a request without a count leaves the last one."""
        if tokens is not None:
            self._tell(input_tokens=tokens)

    def wait_for(self, messages: int) -> None:
        """Show how many messages the model has not read yet."""
        self._tell(waiting=messages)

    def want(self, *, phi_mode: str | None, permission_mode: str | None) -> None:
        """Show modes that are wanted of a session that is not open yet."""
        self._tell(
            phi_mode=phi_mode or self.facts.phi_mode, permission_mode=permission_mode or self.facts.permission_mode
        )

    def forget_planes(self) -> None:
        """Say nothing of planes: those of a working process that died have died with it."""
        self._tell(planes="", planes_failed=False)

    def look_soon(self) -> None:
        """Ask in a moment how planes are; several wishes in that moment are one."""
        if not self._looking:
            self._looking = True
            self._screen.start(self._look_around())

    async def _look_around(self) -> None:
        """Ask how planes are and say what they said; nothing is started for it."""
        from openmed_agent.workbench.requests.status import BenchStatus, LookAround

        await asyncio.sleep(_PAUSE_SECONDS)
        self._looking = False
        workbench = self._screen.face.workbench
        if not workbench.running:
            return
        try:
            found = await workbench.ask(LookAround(), BenchStatus)
        except OpenMedError:
            return  # whoever needs the planes will hear why they do not answer
        self._show(found)

    def _show(self, found: "BenchStatus") -> None:
        failed = [one.plane for one in found.planes if one.state == "failed"]
        self._tell(planes=_planes(found.planes), planes_failed=bool(failed), audited=found.audited)
        for notice in found.notices:
            self._screen.transcript.add(Line(text=notice, tone="warning"))
        if found.title:
            self._screen.show_title(found.title)

    def _tell_model(self, model: "ModelStatus") -> None:
        where = f"local {model.host}" if model.local else model.host
        self._tell(
            destination=where if model.name else NO_MODEL, remote=bool(model.name) and not model.local, model=model.name
        )

    def _tell(self, **changes: object) -> None:
        self._screen.status_line.tell(replace(self.facts, **changes))  # type: ignore[arg-type]  # fields by name


def _planes(planes: "tuple[PlaneStatus, ...]") -> str:
    """Return the state of both planes in as few words as say it."""
    states = {one.state for one in planes}
    if len(states) == 1 and "configured" not in states:
        return f"planes {states.pop()}"
    told = [one for one in planes if one.state != "not started"]
    return ", ".join(f"{one.plane} at {one.host}" if one.host else f"{one.plane} {one.state}" for one in told)
