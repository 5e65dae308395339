"""The lock: it covers everything, opens only to the person, and what runs goes on."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faces import genuine_app, reply, scripted_app
from list_samples import LOOKS
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input, Static

from openmed_agent.settings.screen import ScreenPreferences
from openmed_agent.store.opening import open_store
from openmed_agent.tui.app import OpenMedApp
from openmed_agent.tui.base_screen import FaceScreen
from openmed_agent.tui.chrome.dialogs import ConfirmDialog
from openmed_agent.tui.idle import IdleWatch
from openmed_agent.tui.lock_screen import LockScreen
from openmed_agent.workbench.requests.lock import LockKind, PassphraseChecked

PLAIN = {"lock.kind": reply(LockKind(passphrase=False))}
SECRET = {
    "lock.kind": reply(LockKind(passphrase=True)),
    "lock.check": [reply(PassphraseChecked(right=False)), reply(PassphraseChecked(right=True))],
}


class ChartScreen(FaceScreen):
    """Shows what nobody else may see."""

    def compose(self) -> ComposeResult:
        yield Static("Ada Invented, born 1 April 1931")


def text_of(app: OpenMedApp) -> str:
    return "\n".join("".join(part.text for part in strip) for strip in app.screen._compositor.render_strips())


async def until(true: object, pilot: object) -> None:
    for _ in range(400):
        if true():  # type: ignore[operator]
            return
        await asyncio.sleep(0.02)
        await pilot.pause()  # type: ignore[attr-defined]
    raise AssertionError("it did not come to that")


async def test_it_covers_everything_and_enter_opens_it(tmp_path: Path) -> None:
    app = scripted_app(tmp_path, PLAIN)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(ChartScreen())
        await pilot.pause()
        assert "Ada" in text_of(app)
        await pilot.press("f12")
        await until(lambda: "go on" in text_of(app), pilot)
        assert "Ada" not in text_of(app)
        assert "locked" in text_of(app)
        for key in ("a", "escape", "f1", "ctrl+p", "ctrl+o", "tab", "f12", "space"):
            await pilot.press(key)
            assert isinstance(app.screen, LockScreen)
            assert "Ada" not in text_of(app)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, ChartScreen)
        assert "Ada" in text_of(app)


async def test_a_screen_that_opens_or_closes_meanwhile_stays_below(tmp_path: Path) -> None:
    app = scripted_app(tmp_path, PLAIN)
    answers: list[bool | None] = []
    async with app.run_test(size=(80, 24)) as pilot:
        chart = ChartScreen()
        await app.push_screen(chart)
        app.action_lock()
        await until(lambda: "go on" in text_of(app), pilot)
        app.push_screen(ConfirmDialog("Write what Ada said?"), answers.append)
        await pilot.pause()
        app.say("Ada is here")
        await pilot.pause()
        assert isinstance(app.screen, LockScreen)
        assert "Ada" not in text_of(app)
        await pilot.press("y")
        assert answers == []
        app.open_screens[-1].dismiss(result=False)
        await pilot.pause()
        assert isinstance(app.screen, LockScreen)
        assert app.open_screens[-1] is chart
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen is chart


async def test_a_store_with_a_passphrase_wants_it(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    app = scripted_app(tmp_path, SECRET, record=record)
    async with app.run_test(size=(80, 24)) as pilot:
        app.action_lock()
        await until(lambda: "passphrase" in text_of(app), pilot)
        await pilot.press("enter")
        assert app.locked
        await pilot.press(*"wrong", "enter")
        await until(lambda: "not the store's" in text_of(app), pilot)
        assert "wrong" not in text_of(app)
        assert app.screen.query_one(Input).value == ""
        await pilot.press(*"right", "enter")
        await until(lambda: not app.locked, pilot)


async def test_what_is_not_known_opens_nothing(tmp_path: Path) -> None:
    app = scripted_app(tmp_path, {})  # the working process refuses to say what opens it
    async with app.run_test(size=(80, 24)) as pilot:
        app.action_lock()
        await until(lambda: "try again" in text_of(app), pilot)
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert app.locked


async def test_the_passphrase_is_checked_by_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENMED_HOME", str(tmp_path))
    open_store(tmp_path, custody="passphrase", passphrase=lambda _: "an invented passphrase").close()
    app = genuine_app(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        app.action_lock()
        await until(lambda: "passphrase" in text_of(app), pilot)
        app.screen.query_one(Input).value = "another passphrase"
        await pilot.press("enter")
        await until(lambda: "not the store's" in text_of(app), pilot)
        app.screen.query_one(Input).value = "an invented passphrase"
        await pilot.press("enter")
        await until(lambda: not app.locked, pilot)


async def test_it_locks_after_the_time_and_not_before(tmp_path: Path) -> None:
    app = scripted_app(tmp_path, PLAIN, preferences=ScreenPreferences(setup_seen=True, idle_lock_minutes=10))
    async with app.run_test() as pilot:
        now = [0.0]
        dues: list[float] = []
        watch = IdleWatch(app, limit=lambda: 0.2, due=lambda: dues.append(now[0]), clock=lambda: now[0])
        watch.begin()
        now[0] = 0.15
        assert watch.note()
        await pilot.pause(0.25)  # the timer looks, and finds that somebody was here
        assert dues == []
        now[0] = 0.36
        await pilot.pause(0.3)
        assert dues == [0.36]
        assert not watch.note()  # a key that comes too late


async def test_never_is_never(tmp_path: Path) -> None:
    app = scripted_app(tmp_path, PLAIN)
    async with app.run_test():
        now = [0.0]
        watch = IdleWatch(app, limit=lambda: 0.0, due=lambda: pytest.fail("locked"), clock=lambda: now[0])
        watch.begin()
        now[0] = 1e9
        assert watch.note()


async def test_a_key_after_the_machine_slept_locks_and_does_nothing_else(tmp_path: Path) -> None:
    app = scripted_app(tmp_path, PLAIN, preferences=ScreenPreferences(setup_seen=True, idle_lock_minutes=1))
    async with app.run_test() as pilot:
        await app.push_screen(ChartScreen())
        app.idle._last -= 61
        await pilot.press("escape")
        assert app.locked
        assert isinstance(app.open_screens[-1], ChartScreen)


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_picture(snap_compare: Callable[..., bool], tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    app = scripted_app(tmp_path, SECRET, theme=theme)

    async def show(pilot: Pilot[Any]) -> None:
        await pilot.press("f12")
        await until(lambda: "passphrase" in text_of(app), pilot)
        app.screen.query_one(Input).cursor_blink = False
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=show)
