"""The embedded plane as a real child process: token by pipe, restart, and an end with its parent."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from openmed_agent.net.clients import DestinationKind
from openmed_agent.planes.inference.client import InferenceClient
from openmed_agent.planes.supervisor import EmbeddedPlane, PlaneWatcher
from openmed_agent.planes.transport import PlaneError, PlaneTransport

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")


@pytest_asyncio.fixture
async def plane() -> AsyncIterator[tuple[EmbeddedPlane, list[str]]]:
    notices: list[str] = []
    watcher = PlaneWatcher(prepared=lambda _: None, notice=notices.append)
    embedded = EmbeddedPlane(DestinationKind.INFERENCE, watcher=watcher)
    yield embedded, notices
    await embedded.stop()


def children_of(parent: int) -> list[int]:
    text = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [int(word) for word in text.split()]


def serving_children() -> list[int]:
    return [child for child in children_of(os.getpid()) if b"planes.child" in command_line(child)]


def command_line(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


def environment(process: int) -> bytes:
    return Path(f"/proc/{process}/environ").read_bytes()


async def test_the_child_answers_only_to_its_token(plane: tuple[EmbeddedPlane, list[str]]) -> None:
    endpoint = await plane[0].endpoint()
    assert endpoint.embedded
    body = {"text": "Denies chest pain."}
    async with httpx.AsyncClient(base_url=endpoint.origin, trust_env=False) as stranger:
        assert (await stranger.get("/health")).status_code == 200
        refused = await stranger.post("/analyze", json=body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "authentication_required")
        wrong = await stranger.post("/analyze", json=body, headers={"Authorization": "Bearer nonsense"})
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, "invalid_credentials")
        right = await stranger.post("/analyze", json=body, headers=dict(endpoint.headers))
        assert right.status_code == 200


async def test_the_token_is_in_no_command_line_and_no_environment(plane: tuple[EmbeddedPlane, list[str]]) -> None:
    endpoint = await plane[0].endpoint()
    token = endpoint.headers["Authorization"].removeprefix("Bearer ").encode()
    [child] = serving_children()
    assert b"openmed_agent.planes.child" in command_line(child)
    assert token not in command_line(child)
    assert token not in environment(child)


async def test_the_child_gets_no_credentials_of_its_parent(
    plane: tuple[EmbeddedPlane, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENMED_INFERENCE_API_KEY", "planted-key-4711")
    await plane[0].endpoint()
    [child] = serving_children()
    assert b"planted-key-4711" not in environment(child)


async def test_a_killed_child_is_restarted_and_that_is_said(plane: tuple[EmbeddedPlane, list[str]]) -> None:
    embedded, notices = plane
    async with PlaneTransport(DestinationKind.INFERENCE, embedded.endpoint) as transport:
        client = InferenceClient(transport)
        assert await client.analyze("He has asthma.")
        [first] = serving_children()
        os.kill(first, signal.SIGKILL)
        await asyncio.sleep(0.2)
        assert await client.analyze("She has asthma.")
        [second] = serving_children()
    assert first != second
    assert notices == ["The embedded inference service stopped and was started again."]


async def test_a_child_that_keeps_dying_stays_down(plane: tuple[EmbeddedPlane, list[str]]) -> None:
    embedded, notices = plane
    for _ in range(4):
        await embedded.endpoint()
        for child in serving_children():
            os.kill(child, signal.SIGKILL)
        await asyncio.sleep(0.2)
    with pytest.raises(PlaneError, match="stays down"):
        await embedded.endpoint()
    assert len(notices) == 3


async def test_stopping_ends_the_child(plane: tuple[EmbeddedPlane, list[str]]) -> None:
    await plane[0].endpoint()
    [child] = serving_children()
    await plane[0].stop()
    assert command_line(child) == b""


async def test_a_package_that_is_missing_is_named(
    plane: tuple[EmbeddedPlane, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fastapi.py").write_text("raise ModuleNotFoundError(name='fastapi')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(PlaneError, match="fastapi cannot be imported"):
        await plane[0].endpoint()


async def test_a_call_that_outlives_the_closing_starts_no_child(plane: tuple[EmbeddedPlane, list[str]]) -> None:
    embedded, notices = plane
    await embedded.endpoint()
    await embedded.close()
    with pytest.raises(PlaneError, match="ended"):
        await embedded.endpoint()
    assert (serving_children(), notices) == ([], [])


_PARENT = """
import asyncio, sys
from openmed_agent.net.clients import DestinationKind
from openmed_agent.planes.supervisor import EmbeddedPlane, silent_watcher

async def main():
    plane = EmbeddedPlane(DestinationKind.INFERENCE, watcher=silent_watcher())
    await plane.endpoint()
    print("ready", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_child_ends_with_its_parent_however_that_dies(how: signal.Signals) -> None:
    parent = subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"ready\n"
    [child] = children_of(parent.pid)
    parent.send_signal(how)
    parent.wait(timeout=10)
    parent.stdout.close()
    deadline = time.monotonic() + 6
    while command_line(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert command_line(child) == b""
