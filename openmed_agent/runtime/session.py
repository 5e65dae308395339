"""An open session: ask it something, steer it, go back in it. One process at a time drives a session."""

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace
from textwrap import shorten
from typing import Final

from openmed_agent.errors import ExitStatus
from openmed_agent.privacy.model_gate import ModelGate
from openmed_agent.runtime.calls import CallRunner
from openmed_agent.runtime.control import TurnControl
from openmed_agent.runtime.event_stream import EventStream
from openmed_agent.runtime.events import Event, TurnEnded
from openmed_agent.runtime.limits import TurnLimits
from openmed_agent.runtime.loop import ModelInUse, SystemText, TurnPorts, run_compaction, run_turn
from openmed_agent.runtime.prompts import Attachment, prompt_of
from openmed_agent.runtime.rollback import rollback_to, undo_of
from openmed_agent.runtime.session_log import EventLog
from openmed_agent.runtime.toolbox import Toolbox
from openmed_agent.runtime.transcript import UNFINISHED, fold

NO_MODEL: Final = (
    "No language model is set up, so there is nobody to answer. Everything that needs none works: openmed run, review, "
    "finalize, deid-batch, codes."
)
_LONGEST_TITLE: Final = 72
HOW_TO_ADD_ONE: Final = (
    "To add one: openmed login (F2 on the screen), or start a local server such as Ollama or llama.cpp."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionParts:
    """What an open session is made of; ``model`` is None where none is set up."""

    session_id: str
    log: EventLog
    stream: EventStream
    gate: ModelGate
    model: ModelInUse | None
    toolbox: Toolbox
    runner: CallRunner
    limits: TurnLimits
    agent_mode: str
    system: SystemText
    entitle: Callable[[str], None]
    """Gives the session a title unless it has one."""


class Session:
    """One open session."""

    def __init__(self, parts: SessionParts) -> None:
        self._parts = parts
        self.control = TurnControl()

    @property
    def session_id(self) -> str:
        """The session's id in the store."""
        return self._parts.session_id

    @property
    def model(self) -> ModelInUse | None:
        """The model that answers, or None where none is set up."""
        return self._parts.model

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything that was kept of the session, in order."""
        return self._parts.log.events()

    def recover(self) -> None:
        """Pair what a crash left open: calls without a result, a turn without an end."""
        transcript = fold(self.events)
        self._parts.runner.interrupt(transcript.unfinished)
        if transcript.open_turn is not None:
            self._parts.stream.emit(
                TurnEnded(
                    turn=transcript.open_turn,
                    outcome="interrupted",
                    exit_status=int(ExitStatus.INTERRUPTED),
                    shown=UNFINISHED if transcript.unfinished else "The program ended during this turn.",
                )
            )
        self._parts.stream.discard()

    async def ask(self, typed: str, attachments: Iterable[Attachment] = ()) -> AsyncGenerator[Event, None]:
        """Yield what happens until the turn, and every turn that was queued meanwhile, has ended."""
        waiting: str | None = typed
        attached = tuple(attachments)
        while waiting is not None:
            async with aclosing(self._turn(waiting, attached)) as turn:
                async for event in turn:
                    yield event
            waiting, attached = self.control.take_queued(), ()

    async def compact(self) -> AsyncGenerator[Event, None]:
        """Yield what happens while the model writes a summary that takes the place of older messages for it."""
        parts = self._parts
        if parts.model is None:
            yield _refused(f"{NO_MODEL} {HOW_TO_ADD_ONE}", ExitStatus.UNAVAILABLE)
            return
        async with aclosing(run_compaction(self._ports(parts.model))) as events:
            async for event in events:
                yield event

    def roll_back(self, to: int) -> None:
        """Let the model's view of the session end at the event with this sequence; the log keeps the rest.

        Raises:
            InputError: the session has no such event.

        """
        self._parts.stream.emit(rollback_to(self._parts.log, to))
        self._parts.stream.discard()

    def undo(self) -> None:
        """Take back the last turn: the model no longer sees it. What tools wrote stays written.

        Raises:
            InputError: there is no turn to take back.

        """
        self._parts.stream.emit(undo_of(self._parts.log))
        self._parts.stream.discard()

    async def _turn(self, typed: str, attachments: tuple[Attachment, ...]) -> AsyncGenerator[Event, None]:
        parts = self._parts
        if parts.model is None:
            yield _refused(f"{NO_MODEL} {HOW_TO_ADD_ONE}", ExitStatus.UNAVAILABLE)
            return
        ports = self._ports(parts.model)
        context = parts.runner.context
        async with aclosing(run_turn(ports, lambda: prompt_of(typed, attachments, context))) as turn:
            async for event in turn:
                if event.type == "turn_started":
                    parts.entitle(_title_of(typed))
                yield event

    def _ports(self, model: ModelInUse) -> TurnPorts:
        parts = self._parts
        parts.stream.discard()
        return TurnPorts(
            model=model,
            gate=parts.gate,
            log=parts.log,
            stream=parts.stream,
            toolbox=parts.toolbox,
            runner=parts.runner,
            control=self.control,
            limits=parts.limits,
            system=parts.system,
            agent_mode=parts.agent_mode,
        )

    def with_model(self, model: ModelInUse) -> "Session":
        """Return the same session answered by another model from its next turn on."""
        return Session(replace(self._parts, model=model))


def _title_of(typed: str) -> str:
    """Return the first line of what was asked, shortened at a word."""
    line = next(iter(typed.strip().splitlines()), "")
    return shorten(line, _LONGEST_TITLE, placeholder="...") if line else ""


def _refused(sentence: str, status: ExitStatus) -> TurnEnded:
    return TurnEnded(turn=0, outcome="failed", exit_status=int(status), shown=sentence)
