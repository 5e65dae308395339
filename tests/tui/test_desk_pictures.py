"""How the screens of the desk look: workflows, drafts, de-identification, planes, skills."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from desk_data import MADE, SCRIPT, STEPS
from faces import SIZES, THEMES, parts, scripted_app
from textual.pilot import Pilot

from openmed_agent.workbench.requests.workflows import RunPart

Steps = Callable[[Pilot[Any]], Awaitable[None]]


async def settle(pilot: Pilot[Any], true: Callable[[], bool]) -> None:
    for _ in range(200):
        await pilot.pause(0.02)
        if true():
            await pilot.pause()
            return
    raise AssertionError("the screen did not come to that")


async def filled(pilot: Pilot[Any], name: str) -> None:
    pilot.app.action_open(name)  # type: ignore[attr-defined]
    await settle(pilot, lambda: pilot.app.screen.id == name and bool(pilot.app.screen.query("RowList")))
    await settle(pilot, lambda: any(row.identifier for row in pilot.app.screen.query_one("RowList").rows))


async def form(pilot: Pilot[Any]) -> None:
    await filled(pilot, "workflows")
    await pilot.press("enter")
    await settle(pilot, lambda: bool(pilot.app.screen.query("InputField")))


async def drafts(pilot: Pilot[Any]) -> None:
    await filled(pilot, "drafts")


async def planes(pilot: Pilot[Any]) -> None:
    await filled(pilot, "planes")
    await pilot.press("down", "enter")
    await settle(pilot, lambda: bool(pilot.app.screen._outcomes.get("codes")))


async def skills(pilot: Pilot[Any]) -> None:
    await filled(pilot, "skills")


async def privacy(pilot: Pilot[Any]) -> None:
    pilot.app.action_open("privacy")  # type: ignore[attr-defined]
    await settle(pilot, lambda: bool(pilot.app.screen.query("#file")))
    pilot.app.screen.query_one("#file").value = "note.txt"
    pilot.app.screen.query_one("#file").cursor_blink = False
    await pilot.press("ctrl+r", "f6")
    await settle(pilot, lambda: pilot.app.screen._shown is not None)
    await settle(pilot, lambda: bool(pilot.app.screen.query_one("#result")._rows))


ALL = [(size, theme) for size in SIZES for theme in THEMES]
LOOKS = [(steps, *look) for steps in (form, drafts, privacy, planes, skills) for look in ALL]


@pytest.mark.parametrize(
    ("steps", "size", "theme"), LOOKS, ids=[f"{steps.__name__}-{size[0]}-{theme}" for steps, size, theme in LOOKS]
)
def test_it_looks_as_it_should(
    snap_compare: Any, tmp_path: Path, steps: Steps, size: tuple[int, int], theme: str
) -> None:
    assert snap_compare(scripted_app(tmp_path, SCRIPT, theme=theme), terminal_size=size, run_before=steps)


async def own_policy(pilot: Pilot[Any]) -> None:
    pilot.app.action_open("privacy")  # type: ignore[attr-defined]
    await settle(pilot, lambda: bool(pilot.app.screen.query("#policy")))
    pilot.app.screen.query_one("#policy").choose("file")
    for name, value in (("#file", "note.txt"), ("#policy-file", "ward.yaml")):
        pilot.app.screen.query_one(name).cursor_blink = False
        pilot.app.screen.query_one(name).value = value
    await pilot.press("ctrl+r", "f6")
    await settle(pilot, lambda: pilot.app.screen._shown is not None)
    await settle(pilot, lambda: bool(pilot.app.screen.query_one("#result")._rows))


@pytest.mark.parametrize(("size", "theme"), list(zip(SIZES, THEMES, strict=True)))
def test_a_policy_of_ones_own_has_a_field(snap_compare: Any, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    assert snap_compare(scripted_app(tmp_path, SCRIPT, theme=theme), terminal_size=size, run_before=own_policy)


async def running(pilot: Pilot[Any]) -> None:
    await form(pilot)
    await pilot.press("enter")
    await settle(pilot, lambda: len(getattr(pilot.app.screen, "_begun", ())) == 3)


async def made(pilot: Pilot[Any]) -> None:
    await form(pilot)
    await pilot.press("enter")
    await settle(pilot, lambda: getattr(pilot.app.screen, "_state", "") == "made")


async def compared(pilot: Pilot[Any]) -> None:
    await drafts(pilot)
    await pilot.press("d")
    await settle(pilot, lambda: bool(pilot.app.screen.query("OptionList")))
    await pilot.press("enter")
    await settle(pilot, lambda: type(pilot.app.screen).__name__ == "ComparisonScreen")


async def verified(pilot: Pilot[Any]) -> None:
    await drafts(pilot)
    await pilot.press("down", "down", "v")
    await settle(pilot, lambda: type(pilot.app.screen).__name__ == "BundleScreen")


async def listed(pilot: Pilot[Any]) -> None:
    await filled(pilot, "workflows")


HALF = {
    **SCRIPT,
    "workflows.run": parts(
        RunPart(draft_id=MADE.draft_id),
        *(RunPart(step=step) for step in STEPS[:3]),
        RunPart(said="Listing medicines"),
        open_ended=True,
    ),
}


@pytest.mark.parametrize(("size", "theme"), ALL, ids=[f"{size[0]}-{theme}" for size, theme in ALL])
@pytest.mark.parametrize(
    ("steps", "script"),
    [(listed, SCRIPT), (running, HALF), (made, SCRIPT), (compared, SCRIPT), (verified, SCRIPT)],
    ids=["listed", "running", "made", "compared", "verified"],
)
def test_what_they_open_looks_as_it_should(
    snap_compare: Any, tmp_path: Path, steps: Steps, script: dict[str, Any], size: tuple[int, int], theme: str
) -> None:
    assert snap_compare(scripted_app(tmp_path, script, theme=theme), terminal_size=size, run_before=steps)
