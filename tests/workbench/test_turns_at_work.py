"""Turns through the genuine working process: events as they happen, interrupts, the end of the screen, two screens."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path

import pytest
import pytest_asyncio
from scripted_model_server import Call, Reply, Say, ScriptedModelServer
from terminal_driver import command_line, descendants, is_running, wait_until

from openmed_agent.errors import NotPermittedError, OpenMedError
from openmed_agent.runtime.events import Event, read_event
from openmed_agent.store.opening import open_store
from openmed_agent.workbench.client import PROGRAM, Workbench
from openmed_agent.workbench.requests.sessions import EventPage, ListSessions, ReadEvents, SessionList
from openmed_agent.workbench.requests.turns import (
    AskModel,
    CloseSession,
    Interrupt,
    OpenedSession,
    OpenSession,
    Permit,
    Queue,
    Steer,
    TurnPart,
    UndoTurn,
)
from openmed_agent.workbench.wire import Done

SLOW = Say("One two three four five six seven eight nine ten. " * 100, piece=5, pause_seconds=0.02)


pytestmark = pytest.mark.asyncio(loop_scope="module")


class Desk:
    """One working process for the tests here; its model says what each test scripts."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.home = home
        self.folder = folder
        self.server = ScriptedModelServer(lambda _: self._replies.pop(0))
        self.workbench = Workbench((*PROGRAM, "--folder", str(folder)))
        self._replies: list[Reply] = []

    def says(self, *replies: Reply) -> None:
        """Script the next answers of the model, and forget what it was asked."""
        self._replies = list(replies)
        self.server.requests.clear()
        self.server.client_left.clear()

    async def asked(self) -> None:
        """Wait until the model was asked something, not only which models there are."""
        await asyncio.to_thread(wait_until, lambda: bool(self.server.conversations))

    def outcomes(self, session_id: str) -> list[str]:
        """Return how the turns of a session ended, as the store has it."""
        with open_store(self.home, custody="file") as store:
            return outcomes([read_event(one.document, one.sequence) for one in store.sessions.events(session_id)])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("work")
    (home / "config").mkdir()
    (home / "config" / "config.toml").write_text('[privacy]\nphi_mode = "full"\n')
    one = Desk(home, folder)
    with pytest.MonkeyPatch.context() as patch, one.server:
        patch.setenv("OPENMED_HOME", str(home))
        patch.setenv("OPENMED_STORE_KEY", "file")
        patch.setenv("OPENAI_BASE_URL", one.server.url)
        yield one
        await one.workbench.close()


async def opened(workbench: Workbench, session_id: str | None = None, **more: str) -> OpenedSession:
    request = OpenSession.model_validate({"session_id": session_id, "model": "scripted-model", **more})
    return await workbench.ask(request, OpenedSession)


async def turn(workbench: Workbench, text: str, until: Callable[[Event], bool] = lambda _: False) -> list[Event]:
    """Return the events of a turn, up to one of them or all."""
    events: list[Event] = []
    async with aclosing(workbench.follow(AskModel(text=text), TurnPart)) as parts:
        async for part in parts:
            events.append(part.event)
            if until(part.event):
                break
    return events


def outcomes(events: list[Event]) -> list[str]:
    return [one.outcome for one in events if one.type == "turn_ended"]


async def test_a_turn_arrives_event_by_event_and_is_kept(desk: Desk) -> None:
    desk.says(Say("All is well.", piece=4))
    session = await opened(desk.workbench)
    events = await turn(desk.workbench, "How is it?")
    assert "".join(one.shown for one in events if one.type == "answer_delta") == "All is well."
    assert outcomes(events) == ["done"]
    page = await desk.workbench.ask(_read(session), EventPage)
    assert [one.type for one in page.events if one.type != "mode_changed"] == ["turn_started", "answered", "turn_ended"]
    listed = await desk.workbench.ask(ListSessions(), SessionList)
    assert [(one.session_id, one.title) for one in listed.sessions] == [(session.session_id, "How is it?")]


async def test_a_session_goes_on_with_its_own_model_at_the_same_address_only(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.says(Say("Well."))
    session = await opened(desk.workbench, model="the-one-of-the-session")
    await turn(desk.workbench, "How is it?")
    again = await desk.workbench.ask(OpenSession(session_id=session.session_id), OpenedSession)
    assert again.model.name == "the-one-of-the-session"
    asked = await opened(desk.workbench, session.session_id, model="another")
    assert asked.model.name == "another"
    with ScriptedModelServer() as elsewhere:
        monkeypatch.setenv("OPENAI_BASE_URL", elsewhere.url)
        workbench = Workbench((*PROGRAM, "--folder", str(desk.folder)))
        await desk.workbench.ask(CloseSession(), Done)
        moved = await workbench.ask(OpenSession(session_id=session.session_id), OpenedSession)
        await workbench.close()
    assert moved.model.name != "the-one-of-the-session"


async def test_instructions_that_cannot_be_used_keep_nobody_from_working(desk: Desk) -> None:
    file = desk.folder / "OPENMED.md"
    file.write_text("x" * 9_000)
    try:
        session = await opened(desk.workbench)
    finally:
        file.unlink()
    [notice] = session.notices
    assert "not used" in notice
    assert "8,000 characters" in notice


async def test_an_interrupt_ends_the_turn_and_the_next_one_works(desk: Desk) -> None:
    desk.says(SLOW, Say("Yes."))
    await opened(desk.workbench)
    running = asyncio.create_task(turn(desk.workbench, "Tell me."))
    await desk.asked()
    await desk.workbench.ask(Interrupt(), Done)
    async with asyncio.timeout(5):
        assert outcomes(await running) == ["interrupted"]
    assert outcomes(await turn(desk.workbench, "And now?")) == ["done"]


async def test_closing_the_stream_ends_the_turn_as_interrupted_and_closes_the_connection(desk: Desk) -> None:
    desk.says(SLOW)
    session = await opened(desk.workbench)
    await turn(desk.workbench, "Tell me.", until=lambda event: event.type == "answer_delta")
    assert await asyncio.to_thread(desk.server.client_left.wait, 10)
    await desk.workbench.ask(CloseSession(), Done)
    assert desk.outcomes(session.session_id) == ["interrupted"]


async def test_the_turn_of_a_screen_that_goes_away_is_kept_as_interrupted(desk: Desk) -> None:
    desk.says(SLOW)
    session = await opened(desk.workbench)
    running = asyncio.create_task(turn(desk.workbench, "Tell me."))
    await desk.asked()
    await desk.workbench.close()
    with pytest.raises(OpenMedError):
        await running
    assert desk.outcomes(session.session_id) == ["interrupted"]


async def test_a_second_ask_is_refused_while_a_turn_runs_and_so_is_another_session(desk: Desk) -> None:
    desk.says(SLOW)
    await opened(desk.workbench)
    running = asyncio.create_task(turn(desk.workbench, "Tell me."))
    await desk.asked()
    with pytest.raises(NotPermittedError, match="A turn is running"):
        await turn(desk.workbench, "And this?")
    with pytest.raises(NotPermittedError, match="A turn is running"):
        await opened(desk.workbench)
    await desk.workbench.ask(Interrupt(), Done)
    assert outcomes(await running) == ["interrupted"]


async def test_steering_and_queueing_reach_the_running_turn(desk: Desk) -> None:
    slow = Say("Let me see. " * 10, piece=4, pause_seconds=0.02, calls=(Call("update_plan", _plan()),))
    desk.says(slow, Say("Both kidneys."), Say("Second."))
    await opened(desk.workbench)
    running = asyncio.create_task(turn(desk.workbench, "Tell me."))
    await desk.asked()
    await desk.workbench.ask(Steer(text="And the left kidney."), Done)
    await desk.workbench.ask(Queue(text="What next?"), Done)
    events = await running
    said = [one.shown for one in events if one.type in ("turn_started", "steered")]
    assert said == ["Tell me.", "And the left kidney.", "What next?"]
    assert outcomes(events) == ["done", "done"]
    assert "left kidney" in json.dumps(desk.server.conversations[1]["messages"])


@pytest.mark.parametrize(("scope", "outcome"), [("once", "done"), (None, "refused")])
async def test_a_permission_waits_for_the_person(desk: Desk, scope: str | None, outcome: str) -> None:
    file = desk.folder / f"plan-{outcome}.txt"
    desk.says(Say(calls=(Call("write_file", json.dumps({"path": file.name, "content": "Rest."})),)), Say("Done."))
    await opened(desk.workbench)
    events: list[Event] = []
    async with aclosing(desk.workbench.follow(AskModel(text="Write it."), TurnPart)) as parts:
        async for part in parts:
            events.append(part.event)
            if part.event.type == "permission_asked":
                answer = {"call_id": part.event.call_id, "scope": scope, "reason": "Not today."}
                assert not file.exists()
                await desk.workbench.ask(Permit.model_validate(answer), Done)
    assert [one.outcome for one in events if one.type == "tool_ended"] == [outcome]
    assert file.exists() is (outcome == "done")


async def test_an_interrupt_while_a_permission_is_asked(desk: Desk) -> None:
    desk.says(Say(calls=(Call("write_file", '{"path": "other.txt", "content": "Rest."}'),)))
    await opened(desk.workbench)
    events: list[Event] = []
    async with asyncio.timeout(20), aclosing(desk.workbench.follow(AskModel(text="Write it."), TurnPart)) as parts:
        async for part in parts:
            events.append(part.event)
            if part.event.type == "permission_asked":
                await desk.workbench.ask(Interrupt(), Done)
    assert outcomes(events) == ["interrupted"]
    assert [one.outcome for one in events if one.type == "tool_ended"] == ["interrupted"]


async def test_undo_takes_the_last_turn_back(desk: Desk) -> None:
    desk.says(Say("First."), Say("Second."))
    await opened(desk.workbench)
    await turn(desk.workbench, "The unwanted question.")
    await desk.workbench.ask(UndoTurn(), Done)
    await turn(desk.workbench, "The wanted one.")
    assert "unwanted" not in json.dumps(desk.server.conversations[1]["messages"])


async def test_two_screens_cannot_drive_one_session(desk: Desk) -> None:
    session = await opened(desk.workbench)
    other = Workbench((*PROGRAM, "--folder", str(desk.folder)))
    try:
        with pytest.raises(OpenMedError) as caught:
            await opened(other, session.session_id)
        assert caught.value.message
        assert caught.value.remedy
        assert (await other.ask(_read(session), EventPage)).more is False
        await desk.workbench.ask(CloseSession(), Done)
        assert (await opened(other, session.session_id)).session_id == session.session_id
    finally:
        await other.close()


def _read(session: OpenedSession) -> ReadEvents:
    return ReadEvents(session_id=session.session_id)


def _plan() -> str:
    return json.dumps({"steps": [{"text": "Look", "state": "active"}]})


PARENT = """
import asyncio, sys
from openmed_agent.workbench.client import PROGRAM, Workbench
from openmed_agent.workbench.requests.turns import AskModel, OpenedSession, OpenSession, TurnPart

async def main():
    workbench = Workbench((*PROGRAM, "--folder", sys.argv[1]))
    opened = await workbench.ask(OpenSession(model="scripted-model", phi_mode="deid"), OpenedSession)
    print(opened.session_id, flush=True)
    async for part in workbench.follow(AskModel(text="Tell me."), TurnPart):
        if part.event.type == "answer_delta":
            print("streams", flush=True)

asyncio.run(main())
"""


async def test_a_screen_that_is_killed_takes_the_working_process_and_its_planes_with_it(
    desk: Desk,
) -> None:
    desk.says(SLOW)
    with subprocess.Popen(  # noqa: ASYNC220 - its end is awaited below
        (sys.executable, "-c", PARENT, str(desk.folder)), stdout=subprocess.PIPE, text=True
    ) as screen:
        assert screen.stdout is not None
        session_id = screen.stdout.readline().strip()
        assert screen.stdout.readline().strip() == "streams"
        below = [pid for pid in descendants(screen.pid) if pid != screen.pid]
        assert any("openmed_agent.workbench" in command_line(pid) for pid in below)
        assert any("openmed_agent.planes.child" in command_line(pid) for pid in below)
        os.kill(screen.pid, signal.SIGKILL)
    await asyncio.to_thread(wait_until, lambda: not any(is_running(pid) for pid in below), seconds=15)
    assert desk.outcomes(session_id) == ["interrupted"]
