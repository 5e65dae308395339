"""Settings, the key map, themes and the palette on the screen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faces import reply, scripted_app
from list_samples import LOOKS, REPORT, SCRIPT, asked, list_of, screen_text, until
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from openmed_agent.settings.screen import ScreenPreferences, load_preferences
from openmed_agent.tui import keymap
from openmed_agent.tui.app import OpenMedApp
from openmed_agent.tui.chrome.dialogs import ChoiceDialog, ConfirmDialog
from openmed_agent.tui.chrome.row_list import RowList
from openmed_agent.tui.keymap import EVERY, KeyAction, key_label
from openmed_agent.tui.preferences.key_dialog import KeyDialog
from openmed_agent.tui.preferences.keys_screen import KeysScreen
from openmed_agent.tui.preferences.remapping import keys_of, refusal, usable_keys
from openmed_agent.tui.preferences.screen import SettingsScreen
from openmed_agent.tui.preferences.theme_dialog import ThemeDialog


async def opened(app: OpenMedApp, pilot: Pilot[Any]) -> RowList:
    listed = await list_of(app, pilot, "settings")
    await until(pilot, lambda: any(row.identifier == "phi" for row in listed.rows))
    return listed


async def choose(listed: RowList, pilot: Pilot[Any], identifier: str) -> None:
    listed.fill(listed.rows, keep=identifier)
    await pilot.press("enter")


def act(identifier: str) -> KeyAction:
    return next(one for one in EVERY if one.identifier == identifier)


async def test_own_choices_are_changed_and_kept(tmp_path: Path) -> None:
    app = scripted_app(tmp_path, SCRIPT)
    async with app.run_test(size=(80, 24)) as pilot:
        listed = await opened(app, pilot)
        await choose(listed, pilot, "lock")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("home", "enter")
        await until(pilot, lambda: app.preferences.idle_lock_minutes == 0)
        await choose(listed, pilot, "reader")
        await until(pilot, lambda: app.preferences.screen_reader)
        assert "on: every event as a line" in screen_text(app)
        await choose(listed, pilot, "theme")
        await until(pilot, lambda: isinstance(app.screen, ThemeDialog))
        await pilot.press("down", "down")
        await pilot.pause()
        assert app.theme == "openmed-contrast"  # seen before it is chosen
        await pilot.press("escape")
        await pilot.pause()
        assert app.theme == "openmed-dark"
        await choose(listed, pilot, "theme")
        await until(pilot, lambda: isinstance(app.screen, ThemeDialog))
        await pilot.press("end", "enter")
        await until(pilot, lambda: app.preferences.theme == "openmed-colour-blind-light")
    kept = load_preferences(app.paths)
    assert (kept.idle_lock_minutes, kept.screen_reader, kept.theme) == (0, True, "openmed-colour-blind-light")


async def test_a_default_is_changed_in_the_file_and_a_weaker_one_asks_first(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    app = scripted_app(tmp_path, SCRIPT, record=record)
    async with app.run_test(size=(80, 24)) as pilot:
        listed = await opened(app, pilot)
        assert "project" in screen_text(app)
        await choose(listed, pilot, "phi")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("home", "enter")  # full is weaker than deid
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, SettingsScreen))
        assert asked(record, "preferences.choose") == []
        await choose(listed, pilot, "phi")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("end", "enter")
        await until(pilot, lambda: bool(asked(record, "preferences.choose")))
        assert asked(record, "preferences.choose") == [{"phi_mode": "strict", "permission_mode": None}]


async def test_modes_that_the_project_forbids_are_not_offered(tmp_path: Path) -> None:
    narrowed = REPORT.model_copy(update={"minimum_phi_mode": "deid"})
    app = scripted_app(tmp_path, SCRIPT | {"preferences.show": reply(narrowed)})
    async with app.run_test(size=(80, 24)) as pilot:
        listed = await opened(app, pilot)
        await choose(listed, pilot, "phi")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        assert app.screen.query_one(OptionList).option_count == 2


async def test_a_key_is_moved_works_and_is_put_back(tmp_path: Path) -> None:
    app = scripted_app(tmp_path, SCRIPT)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("k")
        await until(pilot, lambda: isinstance(app.screen, KeysScreen) and bool(app.screen.query(RowList)))
        listed = app.screen.query_one(RowList)
        await choose(listed, pilot, "app.models")
        await until(pilot, lambda: isinstance(app.screen, KeyDialog))
        await pilot.press("f1")  # help has it
        await until(pilot, lambda: isinstance(app.screen, KeysScreen))
        assert app.preferences.keys == {}
        await choose(listed, pilot, "app.models")
        await until(pilot, lambda: isinstance(app.screen, KeyDialog))
        await pilot.press("f9")
        await until(pilot, lambda: app.preferences.keys == {"app.models": "f9"})
        assert "✓ changed" in screen_text(app)
        await pilot.press("f9")
        await until(pilot, lambda: app.screen.id == "models")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, KeysScreen))
        listed.fill(listed.rows, keep="app.models")
        await pilot.press("r")
        await until(pilot, lambda: app.preferences.keys == {})


@pytest.mark.parametrize(
    ("identifier", "key", "printable", "why"),
    [
        ("app.models", "f1", False, "help"),
        ("sessions.fork", "r", True, "rename"),
        ("sessions.fork", "slash", True, "search"),
        ("sessions.fork", "f2", False, "models"),
        ("sessions.fork", "v", True, ""),
        ("models.star", "f", True, ""),
        ("app.help", "h", True, "a plain letter"),
        ("app.help", "escape", False, "always goes back"),
        ("chat.interrupt", "f8", False, "stays as it is"),
        ("chat.copy", "ctrl+l", False, "new session"),
    ],
)
def test_two_acts_of_one_place_share_no_key(identifier: str, key: str, *, printable: bool, why: str) -> None:
    said = refusal(act(identifier), key, printable=printable, remapped={})
    assert why in said
    assert bool(said) == bool(why)


@pytest.mark.parametrize(
    ("key", "written"),
    [("f9", "F9"), ("ctrl+t", "^T"), ("ctrl+shift+f6", "^⇧F6"), ("g", "g"), ("G", "G"), ("question_mark", "?")],
)
def test_a_key_is_written_as_people_write_it(key: str, written: str) -> None:
    assert key_label(key) == written


def test_a_key_that_was_given_away_is_free() -> None:
    moved = {"app.models": "f9"}
    assert refusal(act("app.help"), "f2", printable=False, remapped=moved) == ""
    assert "models" in refusal(act("app.help"), "f9", printable=False, remapped=moved)
    assert keys_of(act("app.models"), moved) == ("f9",)


def test_every_table_of_keys_is_in_the_whole_one() -> None:
    tables = [
        value for name, value in vars(keymap).items() if name.isupper() and name != "EVERY" and isinstance(value, tuple)
    ]
    identifiers = [one.identifier for table in tables for one in table if isinstance(one, KeyAction)]
    assert sorted(identifiers) == sorted(one.identifier for one in EVERY)
    assert len(set(identifiers)) == len(identifiers)


async def test_a_theme_is_chosen_by_name_and_the_palette_shows_commands_with_keys(tmp_path: Path) -> None:
    app = scripted_app(tmp_path, SCRIPT, preferences=ScreenPreferences(setup_seen=True, keys={"app.sessions": "f9"}))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.run_command("theme", "contrast")
        await until(pilot, lambda: app.theme == "openmed-contrast")
        app.run_command("theme", "[@click=app.quit]")
        await pilot.pause()
        assert app.theme == "openmed-contrast"
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*"sessions")
        await until(pilot, lambda: "find, resume, fork" in screen_text(app))
        assert "/sessions" in screen_text(app)
        assert "F9" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.id == "sessions")


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_picture(snap_compare: Callable[..., bool], tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    app = scripted_app(tmp_path, SCRIPT, theme=theme)

    async def show(pilot: Pilot[Any]) -> None:
        listed = await opened(app, pilot)
        listed.fill(listed.rows, keep="phi")

    assert snap_compare(app, terminal_size=size, run_before=show)


def test_keys_of_a_file_that_was_edited_by_hand_are_held_to_the_same_rules() -> None:
    wanted = {"app.quit": "a", "app.palette": "ctrl+q", "app.help": "f9", "no.such": "f8", "chat.copy": "backspace"}
    usable, refused = usable_keys(wanted)
    assert usable == {"app.help": "f9"}
    assert set(refused) == {"app.quit", "app.palette", "no.such", "chat.copy"}
    swapped = {"prompt.send": "ctrl+s", "prompt.newline": "enter"}
    assert usable_keys(swapped) == (swapped, ())
    assert usable_keys({"prompt.newline": "enter"}) == ({}, ("prompt.newline",))


@pytest.mark.parametrize(("size", "theme"), LOOKS)
@pytest.mark.parametrize("picture", ["keys", "themes", "palette"])
def test_picture_of_what_it_opens(
    snap_compare: Callable[..., bool], tmp_path: Path, picture: str, size: tuple[int, int], theme: str
) -> None:
    app = scripted_app(tmp_path, SCRIPT, theme=theme)

    async def show(pilot: Pilot[Any]) -> None:
        listed = await opened(app, pilot)
        match picture:
            case "keys":
                await pilot.press("k")
                await until(pilot, lambda: isinstance(app.screen, KeysScreen))
            case "themes":
                await choose(listed, pilot, "theme")
                await until(pilot, lambda: isinstance(app.screen, ThemeDialog))
            case "palette":
                await pilot.press("ctrl+p")
                await until(pilot, lambda: isinstance(app.screen, CommandPalette))
                app.screen.query_one(Input).value = "setup"
                await until(pilot, lambda: "/setup" in screen_text(app) and "/help" not in screen_text(app))

    assert snap_compare(app, terminal_size=size, run_before=show)
