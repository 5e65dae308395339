"""The one session that is open at a bench, and the person's answers that a running turn waits for."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from openmed_agent.errors import InputError, NotPermittedError, OpenMedError, UnavailableError
from openmed_agent.models.connection import ModelChoice
from openmed_agent.models.provider import ReasoningEffort
from openmed_agent.net.clients import is_loopback
from openmed_agent.net.outbound_text import Seal
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.runtime.agent_modes import AgentMode
from openmed_agent.runtime.events import Event, PermissionAsked
from openmed_agent.runtime.instructions import find_instructions, is_accepted, load_instructions
from openmed_agent.runtime.limits import Prices, TurnLimits
from openmed_agent.runtime.loop import ModelInUse
from openmed_agent.runtime.model_selection import find_model, find_model_of_session, open_choice
from openmed_agent.runtime.opening import SessionRequest, open_session, parsed_rules
from openmed_agent.runtime.outbound_audit import outbound_recorded
from openmed_agent.runtime.permissions import PermissionAnswer
from openmed_agent.runtime.session import HOW_TO_ADD_ONE, NO_MODEL, Session
from openmed_agent.settings.permissions import PermissionMode
from openmed_agent.settings.screen import load_preferences
from openmed_agent.workbench.requests.turns import ModelStatus, OpenedSession, OpenSession

if TYPE_CHECKING:
    from openmed_agent.runtime.instructions import Instructions
    from openmed_agent.workbench.bench import Bench

NOT_ACCEPTED = "The OPENMED.md here is not used: nobody has accepted it yet."


class SessionDesk:
    """Holds at most one open session; its turns wait here for answers of the person."""

    def __init__(self, bench: "Bench") -> None:
        self._bench = bench
        self._session: Session | None = None
        self._why_no_model = ""
        self._closing = AsyncExitStack()
        self._answers: dict[str, asyncio.Future[PermissionAnswer]] = {}
        self._turn_runs = False

    @property
    def session(self) -> Session:
        """The open session.

        Raises:
            InputError: none is open.

        """
        if self._session is None:
            raise InputError("No session is open.")
        return self._session

    @property
    def session_id(self) -> str | None:
        """The id of the open session, or None."""
        return self._session.session_id if self._session is not None else None

    @property
    def turn_runs(self) -> bool:
        """Whether a turn is running."""
        return self._turn_runs

    @property
    def model_name(self) -> str:
        """The model of the open session; empty without one."""
        model = self._session.model if self._session is not None else None
        return model.name if model is not None else ""

    async def find(self, asked: str | None) -> ModelChoice | None:
        """Return the model that would answer, or None."""
        return await find_model(self._bench.configuration, self._bench.paths, asked)

    async def open(self, asked: OpenSession) -> OpenedSession:
        """Open a session in place of the one that was open, and return what it is.

        Raises:
            OpenMedError: it cannot be had; then none is open.

        """
        if self._turn_runs:
            raise NotPermittedError("A turn is running.", remedy="Interrupt it first.")
        bench = self._bench
        choice, why = await self._choice(asked.model, asked.session_id)
        instructions, notices = self._instructions()
        await self.close()
        request = SessionRequest(
            session_id=asked.session_id,
            phi_mode=PhiMode(asked.phi_mode) if asked.phi_mode else None,
            agent_mode=AgentMode(asked.agent_mode) if asked.agent_mode else None,
            working_folder=bench.options.folder,
            permission_mode=PermissionMode(asked.permission_mode) if asked.permission_mode else None,
            allow=parsed_rules(bench.options.allow, bench.options.folder),
            ask=self._ask_person,
            limits=_limits(choice),
            instructions=instructions,
        )
        opened: list[ModelInUse] = []

        async def open_model(seal: Seal) -> ModelInUse:
            if choice is None:
                raise InputError(NO_MODEL, remedy=HOW_TO_ADD_ONE)
            opened.append(await open_choice(choice, seal, outbound_recorded(bench.store.audit)))
            return opened[0]

        self._session = await self._closing.enter_async_context(
            open_session(
                request,
                store=bench.store,
                connections=bench.connections,
                open_model=None if choice is None else open_model,
                model_name=choice.name if choice else "",
            )
        )
        self._why_no_model = why
        record = bench.store.sessions.get(self._session.session_id)
        return OpenedSession.model_validate(
            {
                "session_id": record.session_id,
                "title": record.title,
                "phi_mode": record.phi_mode,
                "agent_mode": record.agent_mode,
                "model": status_of(choice, why),
                "window": opened[0].window if opened else None,
                "last_sequence": bench.store.sessions.last_sequence(record.session_id),
                "notices": notices,
            }
        )

    async def ask(self, text: str) -> AsyncGenerator[Event, None]:
        """Yield the events of a turn and of what is queued behind it; closing it interrupts the turn.

        Raises:
            UnavailableError: there is no model to answer; the sentence says why.

        """
        session = self.session
        if self._why_no_model:
            raise UnavailableError(self._why_no_model)
        async with aclosing(self._running(session.ask(text))) as events:
            async for event in events:
                yield event

    async def compact(self) -> AsyncGenerator[Event, None]:
        """Yield the events of a summary that takes the place of older messages; closing it interrupts that."""
        session = self.session
        async with aclosing(self._running(session.compact())) as events:
            async for event in events:
                yield event

    async def _running(self, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
        if self._turn_runs:
            raise NotPermittedError("A turn is running.", remedy="Steer it, or queue what comes next.")
        self._turn_runs = True
        try:
            async with aclosing(events):
                async for event in events:
                    yield event
        finally:
            self._turn_runs = False
            self._answers.clear()

    def answer(self, call_id: str, answer: PermissionAnswer) -> None:
        """Hand a person's answer to the call that waits for it; one that waits no more is left alone."""
        waiting = self._answers.pop(call_id, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    def use_effort(self, effort: ReasoningEffort | None) -> None:
        """Let the open session's model reason as hard as this from its next turn; None as the settings say.

        Raises:
            NotPermittedError: a turn is running.

        """
        if self._session is None or (model := self._session.model) is None:
            return
        if self._turn_runs:
            raise NotPermittedError("A turn is running.", remedy="The next session you open reasons so.")
        chosen = effort or self._bench.configuration.model.reasoning_effort
        self._session = self._session.with_model(replace(model, reasoning_effort=chosen))

    async def close(self) -> None:
        """Close the open session; another process may drive it then."""
        self._session = None
        closing, self._closing = self._closing, AsyncExitStack()
        await closing.aclose()

    async def _ask_person(self, asked: PermissionAsked) -> PermissionAnswer:
        waiting = asyncio.get_running_loop().create_future()
        self._answers[asked.call_id] = waiting
        try:
            answer: PermissionAnswer = await waiting
        finally:
            self._answers.pop(asked.call_id, None)
        return answer

    async def _choice(self, asked: str | None, session_id: str | None) -> tuple[ModelChoice | None, str]:
        """Return the model, or None with the sentence that says why there is none: a session can be read without."""
        bench = self._bench
        if session_id is not None:
            session_id = bench.store.sessions.get(session_id).session_id  # an unknown one is no fault of the model
        try:
            choice = (
                await self.find(asked)
                if session_id is None
                else await find_model_of_session(
                    bench.configuration, bench.paths, asked, bench.store.sessions, session_id
                )
            )
        except OpenMedError as error:
            if asked is not None:
                raise
            return None, str(error)
        effort = load_preferences(self._bench.paths).reasoning_effort
        if choice is not None and effort:
            choice = replace(choice, reasoning_effort=effort)
        return choice, "" if choice else f"{NO_MODEL} {HOW_TO_ADD_ONE}"

    def _instructions(self) -> "tuple[Instructions | None, tuple[str, ...]]":
        """Return the project's instructions where a person has accepted this very text, and what to say where not."""
        file = find_instructions(self._bench.options.folder)
        if file is None:
            return None, ()
        try:
            instructions = load_instructions(file)
        except InputError as error:  # a file that came with a chart must not keep a person from working
            return None, (f"The OPENMED.md here is not used. {error}",)
        return (instructions, ()) if is_accepted(instructions, self._bench.paths) else (None, (NOT_ACCEPTED,))


def status_of(choice: ModelChoice | None, why: str = "") -> ModelStatus:
    """Return what the screen says of a model."""
    if choice is None:
        return ModelStatus(why=why or f"{NO_MODEL} {HOW_TO_ADD_ONE}")
    name = choice.host.rpartition(":")[0].strip("[]") or choice.host
    return ModelStatus(name=choice.name, host=choice.host, local=is_loopback(name), source=choice.source)


def _limits(choice: ModelChoice | None) -> TurnLimits:
    prices = choice.prices if choice else None
    if prices is None:
        return TurnLimits()
    return TurnLimits(prices=Prices(input_per_million=prices.input, output_per_million=prices.output))
