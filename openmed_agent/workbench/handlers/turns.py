"""Answers what the screen asks of the open session."""

from collections.abc import AsyncGenerator

from openmed_agent.errors import InputError, OpenMedError
from openmed_agent.runtime.permissions import Approve, Reject
from openmed_agent.workbench.bench import Bench
from openmed_agent.workbench.handling import Handler, answered_by, streamed_by
from openmed_agent.workbench.requests.turns import (
    AskModel,
    CloseSession,
    CompactSession,
    FindModel,
    Interrupt,
    ModelStatus,
    OpenedSession,
    OpenSession,
    Permit,
    Queue,
    RollBack,
    Steer,
    TurnPart,
    UndoTurn,
)
from openmed_agent.workbench.session_desk import status_of
from openmed_agent.workbench.wire import Done


async def find_model(bench: Bench, request: FindModel) -> ModelStatus:
    """Return which model would answer; what stands in the way is part of the answer."""
    try:
        return status_of(await bench.desk.find(request.name))
    except OpenMedError as error:
        return status_of(None, str(error))


async def open_session(bench: Bench, request: OpenSession) -> OpenedSession:
    """Open a session."""
    return await bench.desk.open(request)


async def close_session(bench: Bench, _: CloseSession) -> Done:
    """Close the open session."""
    await bench.desk.close()
    return Done()


async def ask_model(bench: Bench, request: AskModel) -> AsyncGenerator[TurnPart, None]:
    """Yield what happens in a turn."""
    async for event in bench.desk.ask(request.text):
        yield TurnPart(event=event)


async def compact_session(bench: Bench, _: CompactSession) -> AsyncGenerator[TurnPart, None]:
    """Yield what happens while older messages are summarised."""
    async for event in bench.desk.compact():
        yield TurnPart(event=event)


async def steer(bench: Bench, request: Steer) -> Done:
    """Say something to the running turn; where it has just ended, that is an error and nothing waits."""
    _require_running(bench)
    bench.desk.session.control.steer(request.text)
    return Done()


async def queue(bench: Bench, request: Queue) -> Done:
    """Make a text the next turn; where the running one has just ended, that is an error and nothing waits."""
    _require_running(bench)
    bench.desk.session.control.queue(request.text)
    return Done()


async def interrupt(bench: Bench, _: Interrupt) -> Done:
    """End the running turn, and forget what was to follow it: the screen gives that back to the person."""
    control = bench.desk.session.control
    control.interrupt()
    control.take_steering()
    while control.take_queued() is not None:
        pass
    return Done()


async def permit(bench: Bench, request: Permit) -> Done:
    """Hand on a person's answer."""
    bench.desk.answer(request.call_id, Approve(request.scope) if request.scope else Reject(request.reason))
    return Done()


def _require_running(bench: Bench) -> None:
    if not bench.desk.turn_runs:
        raise InputError("No turn is running.")


async def undo_turn(bench: Bench, _: UndoTurn) -> Done:
    """Take back the last turn."""
    bench.desk.session.undo()
    return Done()


async def roll_back(bench: Bench, request: RollBack) -> Done:
    """Let the model's view end at an event."""
    bench.desk.session.roll_back(request.to)
    return Done()


HANDLERS: tuple[Handler, ...] = (
    answered_by(FindModel, find_model),
    answered_by(OpenSession, open_session),
    answered_by(CloseSession, close_session),
    streamed_by(AskModel, ask_model),
    streamed_by(CompactSession, compact_session),
    answered_by(Steer, steer),
    answered_by(Queue, queue),
    answered_by(Interrupt, interrupt),
    answered_by(Permit, permit),
    answered_by(UndoTurn, undo_turn),
    answered_by(RollBack, roll_back),
)
