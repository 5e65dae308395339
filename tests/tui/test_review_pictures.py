"""Pictures of review and sign-off."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faces import SIZES, THEMES, scripted_app
from review_data import BUNDLE, SUMMARY, VIEW, decided, script, with_decisions
from test_review_screen import opened
from textual.pilot import Pilot

from openmed_agent.tui.app import OpenMedApp
from openmed_agent.tui.review.sign_screen import SignScreen
from openmed_agent.tui.review.signed_screen import SignedScreen

PICTURED = [(size, theme) for size in SIZES for theme in THEMES]
NAMES = [f"{width}x{height}-{theme}" for (width, height), theme in PICTURED]
SMALL = ((80, 24), "openmed-dark")
Show = Callable[[OpenMedApp, Pilot[Any]], Any]


@pytest.fixture
def pictured(snap_compare: Callable[..., bool], tmp_path: Path) -> Callable[..., None]:
    """Return what compares the picture of a screen with the one that was accepted."""

    def compare(size: tuple[int, int], theme: str, show: Show) -> None:
        some = with_decisions(VIEW, decided(2, 7, 8, reject3="a tenfold dose"))
        app = scripted_app(tmp_path, script(view=some), theme=theme)

        async def run(pilot: Pilot[Any]) -> None:
            await pilot.pause()
            await show(app, pilot)
            await pilot.pause(0.1)

        assert snap_compare(app, terminal_size=size, run_before=run)

    return compare


@pytest.mark.parametrize(("size", "theme"), PICTURED, ids=NAMES)
def test_review(pictured: Callable[..., None], size: tuple[int, int], theme: str) -> None:
    pictured(size, theme, opened)


@pytest.mark.parametrize(("size", "theme"), PICTURED, ids=NAMES)
def test_sign(pictured: Callable[..., None], size: tuple[int, int], theme: str) -> None:
    async def show(app: OpenMedApp, pilot: Pilot[Any]) -> None:
        await app.push_screen(SignScreen(SUMMARY))
        await pilot.pause()

    pictured(size, theme, show)


@pytest.mark.parametrize(("size", "theme"), PICTURED, ids=NAMES)
def test_signed(pictured: Callable[..., None], size: tuple[int, int], theme: str) -> None:
    async def show(app: OpenMedApp, pilot: Pilot[Any]) -> None:
        await app.push_screen(SignedScreen(BUNDLE))
        await pilot.pause()

    pictured(size, theme, show)


@pytest.mark.parametrize("keys", [("j", "j"), ("A",), ("right", "right"), ("j", "e")], ids=["warned", "A", "json", "e"])
def test_review_states(pictured: Callable[..., None], keys: tuple[str, ...]) -> None:
    async def show(app: OpenMedApp, pilot: Pilot[Any]) -> None:
        await opened(app, pilot)
        await pilot.press(*keys)
        await pilot.pause(0.1)

    pictured(*SMALL, show)
