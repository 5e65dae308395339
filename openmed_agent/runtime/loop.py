"""One turn: prompt, answers, calls and their results, as one asynchronous generator of typed events.

What is kept is in the log before it is yielded. A turn ends with exactly one ``TurnEnded``, however it ends, and leaves
no call without a result.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

from openmed_agent.errors import ExitStatus, InputError, LimitReachedError, OpenMedError
from openmed_agent.models.leaks import looks_like_leaked_call
from openmed_agent.models.messages import ToolSchema
from openmed_agent.models.provider import ModelError, ModelFailure, ModelProvider, ModelRequest, ReasoningEffort, Reply
from openmed_agent.privacy.model_gate import ModelGate
from openmed_agent.runtime import compaction
from openmed_agent.runtime.answering import PartialAnswer, answer
from openmed_agent.runtime.calls import CallRunner
from openmed_agent.runtime.context import estimated_tokens, messages_for
from openmed_agent.runtime.control import TurnControl
from openmed_agent.runtime.event_stream import EventStream
from openmed_agent.runtime.events import (
    Answered,
    CallRecord,
    Compacted,
    Event,
    Notice,
    Steered,
    TurnEnded,
    TurnOutcome,
    TurnStarted,
)
from openmed_agent.runtime.faults import fault_sentence
from openmed_agent.runtime.limits import TurnLimits, TurnMeter, out_of_time
from openmed_agent.runtime.session_log import EventLog
from openmed_agent.runtime.toolbox import Toolbox
from openmed_agent.runtime.transcript import Entry, Transcript, fold

LEAKED: Final = (
    "The model wrote a tool call as plain text, so it was not run. The server does not read this model's tool calls."
    " Check it with: openmed config endpoint-doctor URL --model MODEL"
)
_UNKNOWN_SURROGATES: Final = "The answer names someone or something that this session has no record of; it is marked."
_INTERRUPTED: Final = "Interrupted."
_NO_ROOM: Final = "The conversation no longer fits into the model's context."


SystemText = Callable[[], Awaitable[str]]
"""Returns the system text, cleared for the model as things are known now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInUse:
    """The model that answers, and what is known of it; ``window`` None is unknown and never guessed."""

    provider: ModelProvider
    name: str
    window: int | None = None
    reasoning_effort: ReasoningEffort | None = None
    max_output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a person asks: as they typed it, and whole, with what they attached (original text)."""

    shown: str = field(repr=False)
    local_text: str = field(repr=False)


MakePrompt = Callable[[], Awaitable[Prompt]]
"""Returns the prompt once what it names and attaches has been read, which may take a moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnPorts:
    """What one turn works with."""

    model: ModelInUse
    gate: ModelGate
    log: EventLog
    stream: EventStream
    toolbox: Toolbox
    runner: CallRunner
    control: TurnControl
    limits: TurnLimits
    system: SystemText
    agent_mode: str


def run_turn(ports: TurnPorts, make_prompt: MakePrompt) -> AsyncGenerator[Event, None]:
    """Yield what happens until the turn has ended. An interrupt, or closing the iterator, ends it at once."""
    turn = _Turn(ports)
    return _driven(ports, lambda: turn.run(make_prompt))


def run_compaction(ports: TurnPorts) -> AsyncGenerator[Event, None]:
    """Yield what happens while a summary takes the place of older messages, because a person wants it now."""
    return _driven(ports, _Turn(ports).compact)


async def _driven(ports: TurnPorts, begin: Callable[[], Coroutine[Any, Any, None]]) -> AsyncGenerator[Event, None]:
    ports.control.begin()
    work = asyncio.create_task(begin())
    watch = asyncio.create_task(_interrupting(ports.control, work))
    work.add_done_callback(lambda _: ports.stream.close())
    try:
        while (event := await ports.stream.next()) is not None:
            yield event
        await work
    finally:
        watch.cancel()
        work.cancel()
        await asyncio.gather(work, watch, return_exceptions=True)


async def _interrupting(control: TurnControl, work: "asyncio.Task[None]") -> None:
    await control.interrupted()
    work.cancel()


class _Turn:
    """The state of one turn."""

    def __init__(self, ports: TurnPorts) -> None:
        self._ports = ports
        self._emit = ports.stream.emit
        self._meter = TurnMeter(ports.limits)
        self._partial = PartialAnswer()
        # Counted with what was taken back, so that the ids of calls never repeat in a log.
        self._number = 1 + sum(isinstance(event, TurnStarted) for event in ports.log.events())
        self._started = False
        self._tokens_seen: int | None = None
        self._answers = 0

    async def run(self, make_prompt: MakePrompt) -> None:
        """Run the turn and end it, whatever happens."""

        async def turn() -> None:
            await self._begin(make_prompt)
            await self._go_on()

        await self._ended(turn)

    async def compact(self) -> None:
        """Let a summary take the place of older messages, and end, whatever happens."""
        await self._ended(self._summarise_now)

    async def _ended(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            async with asyncio.timeout(self._meter.seconds_left):
                await work()
            self._end("done", ExitStatus.DONE)
        except asyncio.CancelledError:
            self._settle_interrupted()
            self._end("interrupted", ExitStatus.INTERRUPTED, _INTERRUPTED)
        except TimeoutError:
            self._settle_interrupted()
            self._end("limit", ExitStatus.LIMIT_REACHED, str(out_of_time(self._ports.limits)))
        except LimitReachedError as error:
            self._end("limit", error.exit_status, str(error))
        except OpenMedError as error:
            self._settle_interrupted()
            self._end("failed", error.exit_status, str(error))
        except Exception as error:  # noqa: BLE001 - a traceback could print text of a chart
            self._settle_interrupted()
            self._end("failed", ExitStatus.NO, fault_sentence("The turn", error))

    async def _begin(self, make_prompt: MakePrompt) -> None:
        ports = self._ports
        prompt = await make_prompt()
        # A prompt that may not leave is refused before it becomes part of the session.
        await ports.gate.outgoing(prompt.local_text)
        model = ports.model
        self._emit(
            TurnStarted(
                turn=self._number,
                shown=prompt.shown,
                local_text=prompt.local_text,
                model=model.name,
                host=model.provider.host,
                phi_mode=str(ports.gate.mode),
                agent_mode=ports.agent_mode,
            )
        )
        self._started = True

    async def _go_on(self) -> None:
        while True:
            self._meter.begin_request()
            reply = await self._ask()
            answered = self._answered(reply)
            if answered.leaked_call:
                raise ModelError(LEAKED, failure=ModelFailure.PROTOCOL)
            if answered.calls:
                await self._ports.runner.run(answered.calls, last_is_cut=reply.finish == "length")
            steered = await self._take_steering()
            if not answered.calls and not steered:
                return

    async def _ask(self) -> Reply:
        """Return the model's answer to the session as it stands, making room where that is needed."""
        request = await self._request(self._transcript().entries)
        if compaction.is_nearly_full(self._size(request), self._ports.model.window):
            request = await self._make_room()
        try:
            reply = await self._answer(request)
        except ModelError as error:
            if error.failure is not ModelFailure.OVERFLOW:
                raise
            reply = await self._answer(await self._make_room())
        self._meter.count(reply.usage)
        self._tokens_seen = reply.usage.input_tokens
        return reply

    async def _answer(self, request: ModelRequest) -> Reply:
        ports = self._ports
        return await answer(ports.model.provider, request, ports.gate, self._emit, self._partial)

    async def _request(self, entries: tuple[Entry, ...]) -> ModelRequest:
        """Return the request for ``entries``, cleared as a whole: what the last of them made known counts for all."""
        return await self._ports.gate.settled(lambda: self._rendered(entries))

    async def _rendered(self, entries: tuple[Entry, ...]) -> ModelRequest:
        ports = self._ports
        return ModelRequest(
            model=ports.model.name,
            system=await ports.system(),
            messages=await messages_for(entries, ports.gate),
            tools=self._schemas(),
            reasoning_effort=ports.model.reasoning_effort,
            max_output_tokens=ports.model.max_output_tokens,
        )

    def _schemas(self) -> tuple[ToolSchema, ...]:
        return self._ports.toolbox.schemas()

    def _size(self, request: ModelRequest) -> int:
        """Return about how many tokens a request has: the endpoint's last count where it is larger."""
        return max(estimated_tokens(request.system, request.messages, request.tools), self._tokens_seen or 0)

    async def _summarise_now(self) -> None:
        if not compaction.older_part(self._transcript().entries):
            raise InputError("There is nothing yet that a summary could stand for.")
        await self._make_room()

    async def _make_room(self) -> ModelRequest:
        """Return a shorter request: old results emptied, and older messages replaced by a summary in the log.

        Raises:
            ModelError: nothing is left that could be shortened.

        """
        transcript = self._transcript()
        older = compaction.older_part(transcript.entries)
        if not older:
            raise ModelError(_NO_ROOM, failure=ModelFailure.OVERFLOW, remedy="Start a new session, or attach less.")
        summary = await self._summary(compaction.without_old_results(older), transcript)
        self._emit(
            Compacted(before=older[-1].sequence, model_summary=summary, shown=self._ports.gate.shown(summary).text)
        )
        self._tokens_seen = None
        return await self._request(self._transcript().entries)

    async def _summary(self, older: tuple[Entry, ...], transcript: Transcript) -> str:
        ports = self._ports
        self._meter.begin_request()
        ports.gate.own_words((compaction.SUMMARY_SYSTEM, compaction.SUMMARY_REQUEST))
        asked = compaction.asking_for_summary(await self._request(older))
        reply = await answer(ports.model.provider, asked, ports.gate, lambda event: event, PartialAnswer())
        self._meter.count(reply.usage)
        plan = await ports.gate.outgoing(compaction.plan_text(transcript.plan))
        return f"{reply.text}{plan}"

    def _answered(self, reply: Reply) -> Answered:
        ports = self._ports
        self._partial.text = ""
        shown = ports.gate.shown(reply.text)
        self._answers += 1
        calls = tuple(
            CallRecord(
                call_id=f"call_{self._number}_{self._answers}_{place}",  # a server's own ids may repeat
                tool=call.name,
                model_arguments=call.arguments,
                shown_arguments=ports.gate.shown(call.arguments).text,
            )
            for place, call in enumerate(reply.calls, start=1)
        )
        answered = self._emit(
            Answered(
                model_text=reply.text,
                shown=shown.text,
                calls=calls,
                finish=reply.finish,
                input_tokens=reply.usage.input_tokens,
                output_tokens=reply.usage.output_tokens,
                leaked_call=not calls and looks_like_leaked_call(reply.text, tuple(ports.toolbox.tools)),
                unknown_surrogates=shown.unknown,
            )
        )
        if shown.unknown:
            self._emit(Notice(shown=_UNKNOWN_SURROGATES))
        if reply.finish == "length" and not calls:
            self._emit(Notice(shown="The answer was cut off by the limit of output."))
        return answered

    async def _take_steering(self) -> bool:
        texts = self._ports.control.take_steering()
        for text in texts:
            try:
                await self._ports.gate.outgoing(text)
            except OpenMedError as error:
                self._emit(Notice(shown=str(error)))
                continue
            self._emit(Steered(shown=text, local_text=text))
        return bool(texts)

    def _settle_interrupted(self) -> None:
        """Keep what was said of an answer that did not come to its end, and pair every open call."""
        if not self._started:
            return
        if self._partial.text:
            text = self._partial.text
            self._partial.text = ""
            shown = self._ports.gate.shown(text)
            self._emit(
                Answered(model_text=text, shown=shown.text, finish="stop", cut=True, unknown_surrogates=shown.unknown)
            )
        self._ports.runner.interrupt(self._transcript().unfinished)

    def _end(self, outcome: TurnOutcome, status: ExitStatus, sentence: str = "") -> None:
        ended = TurnEnded(turn=self._number, outcome=outcome, exit_status=int(status), shown=sentence)
        if self._started:
            self._emit(ended)
        else:
            self._ports.stream.pass_on(ended)

    def _transcript(self) -> Transcript:
        return fold(self._ports.log.events())
