"""Pictures of the conversation: a turn in both sizes and two themes, and the states that matter at 80x24."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from conversation_script import REMOTE, asked, chart_turn, over, script
from conversing import conversation, entries, idle, say, until
from faces import SIZES, THEMES, scripted_app
from textual.pilot import Pilot

from openmed_agent.tui.conversation.entries import Answer, Call
from openmed_agent.tui.themes import DEFAULT_THEME

Snap = Callable[..., bool]


async def settled(pilot: Pilot[int]) -> None:
    """Wait until the turn and the look around after it are over."""
    await say(pilot, "Summarise it.")
    await until(pilot, lambda: idle(pilot) and conversation(pilot).status_line.facts.audited)
    await until(pilot, lambda: any(one.settled for one in entries(pilot, Answer) if isinstance(one, Answer)))
    await pilot.pause(0.3)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", THEMES)
def test_a_turn(snap_compare: Snap, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    app = scripted_app(tmp_path, script(*chart_turn(), over()), theme=theme)
    assert snap_compare(app, terminal_size=size, run_before=settled)


def picture(snap_compare: Snap, tmp_path: Path, given: dict[str, Any], run: Callable[..., Awaitable[None]]) -> None:
    app = scripted_app(tmp_path, given, theme=DEFAULT_THEME)
    assert snap_compare(app, terminal_size=(80, 24), run_before=run)


def test_an_empty_conversation(snap_compare: Snap, tmp_path: Path) -> None:
    async def begun(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: conversation(pilot).status_line.facts.phi_mode)

    picture(snap_compare, tmp_path, {}, begun)


def test_a_question(snap_compare: Snap, tmp_path: Path) -> None:
    async def questioned(pilot: Pilot[int]) -> None:
        await say(pilot, "Write it.")
        await until(pilot, lambda: conversation(pilot).panel.has_focus)
        await until(pilot, lambda: len(entries(pilot, Call)) == 5)
        await pilot.pause(0.4)

    picture(snap_compare, tmp_path, script(*chart_turn(), asked(), open_ended=True), questioned)


def test_opened_results_and_a_remote_model(snap_compare: Snap, tmp_path: Path) -> None:
    async def opened(pilot: Pilot[int]) -> None:
        await settled(pilot)
        await pilot.press("ctrl+r", "pageup", "pageup")
        await pilot.pause()

    picture(snap_compare, tmp_path, script(*chart_turn(), over(), model=REMOTE), opened)


def test_a_weaker_phi_mode_is_asked_about(snap_compare: Snap, tmp_path: Path) -> None:
    async def weaker(pilot: Pilot[int]) -> None:
        await say(pilot, "Hello")
        await until(pilot, lambda: idle(pilot) and conversation(pilot).status_line.facts.phi_mode == "deid")
        await say(pilot, "/phi full")
        await until(pilot, lambda: len(pilot.app.screen_stack) == 3)
        await pilot.pause()

    picture(snap_compare, tmp_path, script(over(), model=REMOTE), weaker)
