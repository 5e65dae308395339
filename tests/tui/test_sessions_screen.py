"""Sessions on the screen: found, resumed, forked, renamed, deleted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faces import reply, scripted_app
from list_samples import HOSTILE, LOOKS, SCRIPT, SESSIONS, asked, in_utc, list_of, screen_text, session, until
from textual.pilot import Pilot
from textual.widgets import Input, Static

from openmed_agent.tui.app import OpenMedApp
from openmed_agent.tui.chrome.dialogs import ConfirmDialog, LineDialog
from openmed_agent.tui.chrome.row_list import RowList
from openmed_agent.tui.sessions.rows import PAGE
from openmed_agent.tui.sessions.screen import SessionsScreen
from openmed_agent.workbench.requests.sessions import SessionList, StoreOpened

__all__ = ["in_utc"]


async def opened(app: OpenMedApp, pilot: Pilot[Any]) -> RowList:
    return await list_of(app, pilot, "sessions")


async def test_a_search_waits_for_a_pause_and_asks_once(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    app = scripted_app(tmp_path, SCRIPT, record=record)
    async with app.run_test(size=(80, 24)) as pilot:
        listed = await opened(app, pilot)
        await pilot.press("slash", *"rd")
        field = app.screen.query_one(Input)
        assert field.value == "rd"  # letters are text there, not acts
        await until(pilot, lambda: asked(record, "sessions.list")[-1]["query"] == "rd")
        before = len(asked(record, "sessions.list"))
        for text in ("rdf", "rdfr", "rdfrd"):  # faster than any pause
            field.value = text
        await until(pilot, lambda: asked(record, "sessions.list")[-1]["query"] == "rdfrd")
        assert len(asked(record, "sessions.list")) == before + 1
        await pilot.press("down")
        assert app.focused is listed
        await pilot.press("escape")
        await until(pilot, lambda: asked(record, "sessions.list")[-1]["query"] == "")
        await pilot.press("escape")
        assert not isinstance(app.screen, SessionsScreen)


async def test_enter_resumes_and_a_session_held_elsewhere_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = scripted_app(tmp_path, SCRIPT)
    resumed: list[str] = []
    monkeypatch.setattr(app, "resume", resumed.append)
    async with app.run_test(size=(80, 24)) as pilot:
        listed = await opened(app, pilot)
        await pilot.press("down", "down", "down", "enter")
        await pilot.pause()
        assert resumed == []
        assert "open in another window" in str(app.screen.query_one(".detail", Static).content)
        await pilot.press("up", "up")
        assert listed.chosen == SESSIONS.sessions[1].session_id
        await pilot.press("enter")
        await pilot.pause()
        assert resumed == [SESSIONS.sessions[1].session_id]
        assert not isinstance(app.screen, SessionsScreen)


async def test_fork_rename_and_delete_ask_for_the_highlighted_one(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    app = scripted_app(tmp_path, SCRIPT, record=record)
    async with app.run_test(size=(80, 24)) as pilot:
        listed = await opened(app, pilot)
        chosen = SESSIONS.sessions[1].session_id
        await pilot.press("down", "f")
        await until(pilot, lambda: listed.chosen == SESSIONS.sessions[4].session_id)
        assert asked(record, "sessions.fork") == [{"session_id": chosen, "at": None}]

        await pilot.press("up", "up", "up", "r")
        await until(pilot, lambda: isinstance(app.screen, LineDialog))
        await pilot.press("ctrl+u", *"Ward 3", "enter")
        await until(pilot, lambda: bool(asked(record, "sessions.rename")))
        assert asked(record, "sessions.rename") == [{"session_id": chosen, "title": "Ward 3"}]

        await until(pilot, lambda: isinstance(app.screen, SessionsScreen))
        for answer, deleted in (("n", []), ("y", [{"session_id": chosen}])):
            await pilot.press("d")
            await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
            assert "12 events" in screen_text(app)
            assert "Out of reach" in screen_text(app)
            await pilot.press(answer)
            await until(pilot, lambda: isinstance(app.screen, SessionsScreen))
            await pilot.pause(0.1)
            assert asked(record, "sessions.delete") == deleted


async def test_a_session_that_is_open_is_not_deleted(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    app = scripted_app(tmp_path, SCRIPT, record=record)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("d")
        await pilot.pause(0.2)
        assert isinstance(app.screen, SessionsScreen)
        assert asked(record, "sessions.delete") == []


async def test_a_hostile_title_is_text_in_list_question_and_field(tmp_path: Path) -> None:
    script = SCRIPT | {"sessions.list": reply(SessionList(sessions=(session(1, HOSTILE), session(2, "plain"))))}
    app = scripted_app(tmp_path, script)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        assert "[@click=app.quit]press[/x]" in screen_text(app)
        await pilot.click(RowList, offset=(4, 2))
        await pilot.click(RowList, offset=(4, 1))
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, LineDialog))
        assert not {"\x1b", "\x07", "\u202e"} & set(app.screen.query_one(Input).value)
        await pilot.press("escape", "d")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        assert app.is_running
        assert "\u202e" not in screen_text(app)


async def test_two_thousand_sessions_come_as_they_are_scrolled_to(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    many = tuple(session(number, f"Visit {number}") for number in range(1, 2001))
    pages = [reply(SessionList(sessions=many[:count])) for count in (PAGE, 4 * PAGE, 2000)]
    app = scripted_app(tmp_path, SCRIPT | {"sessions.list": pages}, record=record)
    async with app.run_test(size=(120, 40)) as pilot:
        listed = await opened(app, pilot)
        assert "300+ sessions" in screen_text(app)
        for count in (PAGE, 4 * PAGE):
            await pilot.press("end")
            assert listed.chosen == many[count - 1].session_id
            await until(pilot, lambda count=count: len(listed.rows) > count + 1)  # type: ignore[misc]
            assert listed.chosen == many[count - 1].session_id
        assert "2,000 sessions" in screen_text(app)
        assert len(app.screen.query("*")) < 20  # rows are no widgets
        await pilot.press("end")
    assert [one["limit"] for one in asked(record, "sessions.list")] == [PAGE, 4 * PAGE, 16 * PAGE]


async def test_a_locked_store_asks_for_its_passphrase_first(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    locked = {"refusal": {"message": "The store is locked.", "exit_status": 6, "locked": True}}
    wrong = {"refusal": {"message": "The passphrase is wrong.", "exit_status": 6}}
    script = SCRIPT | {
        "sessions.list": [locked, reply(SESSIONS)],
        "sessions.unlock": [wrong, reply(StoreOpened(custody="passphrase"))],
    }
    app = scripted_app(tmp_path, script, record=record)
    async with app.run_test(size=(80, 24)) as pilot:
        app.action_open("sessions")
        for typed in ("not it at all", "correct horse battery"):
            await until(pilot, lambda: isinstance(app.screen, LineDialog))
            await pilot.press(*typed)
            assert typed not in screen_text(app)
            await pilot.press("enter")
            await pilot.pause(0.1)
        await until(pilot, lambda: "39 sessions" in screen_text(app))
        assert [one["passphrase"] for one in asked(record, "sessions.unlock")] == [
            "not it at all",
            "correct horse battery",
        ]


@pytest.mark.usefixtures("in_utc")
@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_picture(snap_compare: Callable[..., bool], tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    app = scripted_app(tmp_path, SCRIPT, theme=theme)

    async def show(pilot: Pilot[Any]) -> None:
        await opened(app, pilot)
        await pilot.press("down", "down", "down")

    assert snap_compare(app, terminal_size=size, run_before=show)
