"""Closing a screen twice closes no other one, and what comes late to a closed screen is no fault."""

import gc
from pathlib import Path

import pytest
from faces import scripted_app
from textual import events
from textual.app import ComposeResult
from textual.css.query import NoMatches
from textual.widgets import Input, Static

from openmed_agent.tui.base_screen import FaceScreen
from openmed_agent.tui.chrome.dialogs import LineDialog


class Below(FaceScreen):
    """Shows a line that can be taken off."""

    def compose(self) -> ComposeResult:
        yield Static("a line", classes="line")

    def leave(self) -> None:
        self.dismiss()

    async def look_late(self) -> None:
        self.query_one(".gone")


async def test_two_quick_presses_of_enter_close_one_dialog(tmp_path: Path) -> None:
    app = scripted_app(tmp_path, {})
    async with app.run_test() as pilot:
        below = Below()
        await app.push_screen(below)
        dialog = LineDialog("Which one?")
        await app.push_screen(dialog)
        field = dialog.query_one(Input)
        for _ in range(2):
            dialog.post_message(Input.Submitted(field, "this"))
        await pilot.pause(0.2)
        assert app.screen is below


async def test_a_screen_that_is_dismissed_twice_leaves_what_is_below(tmp_path: Path) -> None:
    app = scripted_app(tmp_path, {})
    async with app.run_test() as pilot:
        conversation = app.screen
        below = Below()
        await app.push_screen(below)
        below.call_later(below.leave)
        below.call_later(below.leave)
        await pilot.pause(0.2)
        assert app.screen is conversation


async def test_what_is_not_found_on_a_closed_screen_is_no_fault_and_on_an_open_one_it_is(tmp_path: Path) -> None:
    app = scripted_app(tmp_path, {})
    async with app.run_test() as pilot:
        below = Below()
        await app.push_screen(below)
        await app.pop_screen()
        await pilot.pause()
        await below._while_open(below.look_late())
        again = Below()
        await app.push_screen(again)
        with pytest.raises(NoMatches):
            await again._while_open(again.look_late())


async def test_a_click_on_what_was_just_taken_off_ends_nothing(tmp_path: Path) -> None:
    app = scripted_app(tmp_path, {})
    async with app.run_test() as pilot:
        below = Below()
        await app.push_screen(below)
        await pilot.pause()
        line = below.query_one(".line")
        line._detach()  # as it is between its removal and the next picture
        assert below._compositor.get_widget_and_offset_at(1, 0)[0] is line
        click = events.MouseDown(None, 1, 0, 0, 0, 1, shift=False, meta=False, ctrl=False)
        below._forward_event(click)
        assert below._select_state is None
        line._attach(below)


async def test_work_whose_place_is_taken_before_it_began_leaves_nothing(tmp_path: Path) -> None:
    done: list[int] = []

    async def work(number: int) -> None:
        done.append(number)

    app = scripted_app(tmp_path, {})
    async with app.run_test() as pilot:
        below = Below()
        await app.push_screen(below)
        for number in range(3):
            below.start(work(number), group="one")
        await pilot.pause(0.1)
        gc.collect()  # a coroutine that was never awaited would be warned of here, which is an error
    assert done == [2]
