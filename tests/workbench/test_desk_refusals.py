"""Planes that hang or are not there: a run leaves nothing behind, and nothing is asked unasked."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from openmed_agent.errors import NotPermittedError, UnavailableError
from openmed_agent.settings.paths import find_paths
from openmed_agent.workbench.bench import Bench, BenchOptions
from openmed_agent.workbench.client import PROGRAM, Workbench
from openmed_agent.workbench.handlers.drafts import list_all
from openmed_agent.workbench.handlers.privacy import preview
from openmed_agent.workbench.handlers.workflows import run
from openmed_agent.workbench.requests.drafts import DraftList, ListDrafts
from openmed_agent.workbench.requests.planes import CheckPlane, DescribePlanes, PlaneAnswered, PlanesSetUp
from openmed_agent.workbench.requests.privacy import (
    DeidentificationPlace,
    DescribeDeidentification,
    Preview,
    PreviewDeidentified,
)
from openmed_agent.workbench.requests.workflows import ListWorkflows, RunPart, RunWorkflow, WorkflowList

RUN = RunWorkflow(workflow="chart_summary", values={"note_path": ("note.txt",)}, phi_mode="deid")


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A service that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listening:
        yield listening.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


@pytest.fixture
async def desk(home: Path, tmp_path: Path) -> AsyncIterator[Workbench]:
    del home
    (tmp_path / "note.txt").write_text("PROBLEMS\n1. Hypertension\n")
    workbench = Workbench((*PROGRAM, "--folder", str(tmp_path)))
    yield workbench
    await workbench.close()


@pytest.fixture
async def bench(home: Path, tmp_path: Path) -> AsyncIterator[Bench]:
    """What the working process works with, without the process."""
    del home
    (tmp_path / "note.txt").write_text("PROBLEMS\n1. Hypertension\n")
    async with Bench(find_paths(), BenchOptions(tmp_path)) as opened:
        yield opened


def point_to(monkeypatch: pytest.MonkeyPatch, port: int, host: str = "127.0.0.1") -> None:
    monkeypatch.setenv("OPENMED_INFERENCE_URL", f"http://{host}:{port}")
    monkeypatch.setenv("OPENMED_MED_CODES_API_URL", f"http://{host}:{port}")


async def test_a_run_that_is_stopped_while_a_plane_hangs_keeps_no_draft_and_delays_nothing(
    desk: Workbench, silent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_to(monkeypatch, silent_port)
    began = ""
    async with aclosing(desk.follow(RUN, RunPart)) as parts:
        async for part in parts:
            began = began or part.draft_id
            if part.said:
                break
        start = time.monotonic()
        await desk.ask(ListWorkflows(), WorkflowList)  # the hung run holds nothing up
        assert time.monotonic() - start < 5
    assert began
    assert (await desk.ask(ListDrafts(draft_id=began), DraftList)).drafts == ()
    assert (await desk.ask(ListDrafts(), DraftList)).drafts == ()


async def test_a_plane_that_is_not_there_is_an_error_and_no_draft(
    bench: Bench, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_to(monkeypatch, closed_port)
    with pytest.raises(UnavailableError):
        _ = [part async for part in run(bench, RUN)]
    with pytest.raises(UnavailableError):
        await preview(bench, PreviewDeidentified(text="Patient: Odalys Ferncastle"))
    assert (await list_all(bench, ListDrafts())).drafts == ()


async def test_looking_at_planes_asks_nobody_and_a_newer_preview_does_not_wait_for_a_hung_one(
    desk: Workbench, silent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_to(monkeypatch, silent_port)
    with socket.create_server(("127.0.0.1", 0), backlog=4) as watched:
        watched.settimeout(0)
        monkeypatch.setenv("OPENMED_MED_CODES_API_URL", f"http://127.0.0.1:{watched.getsockname()[1]}")
        set_up = await desk.ask(DescribePlanes(), PlanesSetUp)
        with pytest.raises(BlockingIOError):
            watched.accept()
        codes = next(one for one in set_up.planes if one.name == "codes")
        assert (codes.address.startswith("http://127.0.0.1:"), codes.remote) == (True, False)
        check = asyncio.create_task(desk.ask(CheckPlane(name="codes"), PlaneAnswered))
        await asyncio.to_thread(_accepted, watched)
        check.cancel()
    hung = asyncio.create_task(desk.ask(PreviewDeidentified(text="Odalys Ferncastle"), Preview))
    await asyncio.sleep(0.2)
    hung.cancel()
    start = time.monotonic()
    await desk.ask(DescribeDeidentification(), DeidentificationPlace)
    assert time.monotonic() - start < 5


async def test_strict_mode_sends_no_text_to_a_service_elsewhere(
    home: Path, bench: Bench, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_to(monkeypatch, closed_port)
    (home / "config" / "config.toml").write_text('[privacy]\nphi_mode = "strict"\n')
    with pytest.raises(NotPermittedError):
        await preview(bench, PreviewDeidentified(text="Odalys Ferncastle"))
    with pytest.raises(NotPermittedError):
        _ = [part async for part in run(bench, RUN.model_copy(update={"phi_mode": "strict"}))]


def _accepted(watched: socket.socket) -> None:
    watched.settimeout(30)
    watched.accept()[0].close()
