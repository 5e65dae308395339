"""The detector of identifiers dies in the middle of a turn: nothing more leaves."""

import asyncio
import contextlib
import os
import signal
from pathlib import Path

from patients_session import opened_session
from scripted_model_server import Call, Say, ScriptedModelServer

from openmed_agent.privacy.modes import PhiMode
from openmed_agent.runtime.events import TurnEnded

NOTE = "Patient: Zebulon Quackenbush   MRN: 4471902\n\nHPI: cough for three days.\n"


def planes_of_this_process() -> list[int]:
    """Return the inference planes that this process has started."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            command = (folder / "cmdline").read_bytes().split(b"\0")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if b"openmed_agent.planes.child" in command and b"inference" in command and parent == os.getpid():
                found.append(int(folder.name))
    return found


async def keep_killing(begin: asyncio.Event) -> None:
    """Kill every inference plane from ``begin`` on."""
    await begin.wait()
    while True:
        for process in planes_of_this_process():
            os.kill(process, signal.SIGKILL)
        await asyncio.sleep(0.01)


async def test_nothing_leaves_once_the_detector_is_gone(tmp_path: Path) -> None:
    script = [Say("Let me read it.", calls=(Call("read_file", '{"path": "note.txt"}'),)), Say("Never asked for.")]
    with ScriptedModelServer(script) as server:
        async with opened_session(tmp_path, server, PhiMode.DEID) as (session, folder):
            (folder / "note.txt").write_text(NOTE)
            begin = asyncio.Event()
            killing = asyncio.create_task(keep_killing(begin))
            events = []
            try:
                async for event in session.ask("What does the file say?"):
                    events.append(event)
                    if event.type == "answered":
                        begin.set()
            finally:
                killing.cancel()
    last = events[-1]
    assert isinstance(last, TurnEnded)
    assert (last.outcome, last.exit_status) == ("failed", 5)
    assert len(server.conversations) == 1
    assert b"cough" not in server.received
    assert b"Quackenbush" not in server.received
