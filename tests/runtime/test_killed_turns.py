"""kill -9 in the middle of turns: what was yielded is in the store, and every session opens and goes on."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from scripted_model_server import Call, Say, ScriptedModelServer
from turn_child import line_of
from turns import opened, tool, turn

from openmed_agent.runtime.events import Answered, ToolEnded, TurnEnded, TurnStarted
from openmed_agent.runtime.transcript import fold
from openmed_agent.store.opening import open_store


def reply(document: object) -> Say:
    """Say something, call something, one after the other: what comes depends on the last message only."""
    messages = document["messages"]  # type: ignore[index]
    if messages[-1]["role"] == "tool":
        return Say("I have it. " * 3, piece=4, pause_seconds=0.001)
    calls = (Call("shout", '{"word": "a"}'), Call("write", '{"word": "b"}', "call_2"))
    return Say("Let me look.", calls=calls, piece=4, pause_seconds=0.001)


async def kill_often(root: Path, times: int, seed: int) -> tuple[int, int]:
    """Return how many events were acknowledged and how many are kept after so many kills."""
    chance = random.Random(seed)
    acknowledged: list[str] = []
    kept: list[str] = []
    with ScriptedModelServer(reply) as server, killable() as process:
        with open_store(root, custody="file") as store:
            session_id = store.sessions.create(phi_mode="full", agent_mode="clinical", model="m").session_id
        for _ in range(times):
            acknowledged += run_until_killed(process, f"{root} {server.url} {session_id}", chance)
            kept = await events_of(root, server, session_id)
            assert set(acknowledged) <= set(kept)
        async with opened(root, server, [tool("shout"), tool("write")], session_id=session_id) as session:
            last = (await turn(session, "And now?"))[-1]
            assert isinstance(last, TurnEnded)
            assert last.outcome == "done"
    return len(acknowledged), len(kept)


@contextmanager
def killable() -> Iterator["subprocess.Popen[str]"]:
    """Yield the process that forks off those that are killed."""
    command = [sys.executable, str(Path(__file__).with_name("turn_child.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def run_until_killed(process: "subprocess.Popen[str]", line: str, chance: random.Random) -> list[str]:
    """Return the lines that a child printed before it was killed: some lines in, and a moment later."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()
    child = int(process.stdout.readline())
    lines = [process.stdout.readline().strip() for _ in range(chance.randint(0, 14))]
    time.sleep(chance.choice((0.0, chance.uniform(0.0, 0.005), chance.uniform(0.0, 0.05))))
    os.kill(child, signal.SIGKILL)
    while (rest := process.stdout.readline().strip()) != "ended":
        lines.append(rest)
    return lines


async def events_of(root: Path, server: ScriptedModelServer, session_id: str) -> list[str]:
    """Open the session, check that nothing in it is left open, and return its events."""
    async with opened(root, server, session_id=session_id) as session:
        events = session.events
    transcript = fold(events)
    assert not transcript.unfinished
    assert transcript.open_turn is None
    calls = [call.call_id for event in events if isinstance(event, Answered) for call in event.calls]
    assert sorted(calls) == sorted(event.call_id for event in events if isinstance(event, ToolEnded))
    starts = [event.turn for event in events if isinstance(event, TurnStarted)]
    assert starts == [event.turn for event in events if isinstance(event, TurnEnded)]
    return [line_of(event) for event in events]


@pytest.mark.slow
async def test_killed_turns_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    acknowledged, kept = await kill_often(tmp_path, times=20, seed=1)
    assert acknowledged >= 20
    assert kept >= acknowledged


@pytest.mark.proof
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", range(10))
async def test_a_thousand_killed_turns_lose_nothing_that_was_acknowledged(tmp_path: Path, part: int) -> None:
    acknowledged, kept = await kill_often(tmp_path, times=100, seed=100 + part)
    print(f"part {part}: 100 kills, {acknowledged} events acknowledged, {kept} kept")
    assert kept >= acknowledged
