"""The first start: shown once, left by one key, nothing contacted or made before it is chosen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faces import reply, scripted_app
from list_samples import CUSTODY, INSTRUCTIONS, LLAMA, LOOKS, SCRIPT, asked, screen_text, until
from textual.pilot import Pilot
from textual.widgets import OptionList

from openmed_agent.settings.screen import ScreenPreferences, load_preferences
from openmed_agent.tui.app import OpenMedApp
from openmed_agent.tui.chrome.dialogs import LineDialog
from openmed_agent.tui.conversation.screen import ConversationScreen
from openmed_agent.tui.first_run.screen import InstructionsScreen, SetupScreen
from openmed_agent.tui.options import ScreenOptions
from openmed_agent.workbench.client import PROGRAM, Workbench
from openmed_agent.workbench.requests.models import ModelPlaces

FRESH = ScreenPreferences()
NO_MODEL = SCRIPT | {"models.places": reply(ModelPlaces(places=()))}


def fresh_app(
    folder: Path, script: dict[str, Any], record: Path | None = None, theme: str = "openmed-dark"
) -> OpenMedApp:
    return scripted_app(folder, script, preferences=FRESH, record=record, theme=theme)


async def at(app: OpenMedApp, pilot: Pilot[Any], title: str) -> None:
    """Wait until a page is shown and can be answered."""
    await until(pilot, lambda: isinstance(app.screen, SetupScreen | InstructionsScreen) and title in screen_text(app))
    await until(pilot, lambda: isinstance(app.focused, OptionList))


async def test_it_comes_once_over_the_conversation_and_asks_nobody(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    app = fresh_app(tmp_path, NO_MODEL, record)
    async with app.run_test(size=(80, 24)) as pilot:
        await at(app, pilot, "What runs where")
        assert any(isinstance(screen, ConversationScreen) for screen in app.open_screens)
        await pilot.press("escape")
        assert isinstance(app.screen, SetupScreen)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, ConversationScreen))
    assert not {"preferences.make_store", "models.local", "models.offered"} & {
        kind for kind in SCRIPT if asked(record, kind)
    }
    assert load_preferences(app.paths).setup_seen
    again = scripted_app(tmp_path, NO_MODEL, preferences=load_preferences(app.paths))
    async with again.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        assert isinstance(again.screen, ConversationScreen)


async def test_a_store_that_is_there_means_no_first_start(tmp_path: Path) -> None:
    (tmp_path / "sessions").mkdir()
    app = fresh_app(tmp_path, NO_MODEL)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        assert isinstance(app.screen, ConversationScreen)


async def test_each_choice_is_done_when_it_is_made(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    app = fresh_app(tmp_path, NO_MODEL, record)
    async with app.run_test(size=(80, 24)) as pilot:
        await at(app, pilot, "What runs where")
        await pilot.press("enter")
        await at(app, pilot, "The key of the store")
        assert "No usable keyring: no service answers" in screen_text(app)
        assert "In the system's keyring" not in screen_text(app)
        assert asked(record, "preferences.make_store") == []
        await pilot.press("end", "enter")
        await at(app, pilot, "Workflows, codes")
        assert asked(record, "preferences.make_store") == [{"custody": "file", "passphrase": None}]
        assert asked(record, "models.local") == []
        await pilot.press("enter")
        await at(app, pilot, "Which one?")
        await pilot.press("home", "enter")
        await at(app, pilot, "Patient identifiers")
        assert asked(record, "models.use") == [{"url": LLAMA.url, "name": LLAMA.models[0].name}]
        await pilot.press("end", "enter")
        await at(app, pilot, "Instructions of this project")
        assert asked(record, "preferences.choose") == [{"phi_mode": "strict", "permission_mode": None}]
        await pilot.press("pagedown")
        await pilot.pause()
        assert "rule 12" in screen_text(app)
        assert "[@click=app.quit]press[/x]" in screen_text(app)
        assert asked(record, "instructions.accept") == []
        await pilot.press("end", "enter")
        await at(app, pilot, "Three things to try")
        assert asked(record, "instructions.accept") == [{"digest": INSTRUCTIONS.digest}]
        await pilot.press("escape")
        await at(app, pilot, "Instructions of this project")
        await pilot.press("home", "enter")
        await at(app, pilot, "Three things to try")
        await pilot.press("home", "enter")
        await until(pilot, lambda: isinstance(app.screen, ConversationScreen))
    assert len(asked(record, "instructions.accept")) == 1
    assert load_preferences(app.paths).setup_seen


async def test_a_passphrase_is_typed_twice_without_echo(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    app = fresh_app(tmp_path, NO_MODEL, record)
    async with app.run_test(size=(80, 24)) as pilot:
        await at(app, pilot, "What runs where")
        await pilot.press("enter")
        await at(app, pilot, "The key of the store")
        for first, second in (("short", None), ("twelve chars", "other words!")):
            await pilot.press("home", "enter")
            await until(pilot, lambda: isinstance(app.screen, LineDialog))
            await pilot.press(*first)
            assert first not in screen_text(app)
            await pilot.press("enter")
            if second is not None:
                await until(pilot, lambda: "again" in screen_text(app))
                await pilot.press(*second, "enter")
            await at(app, pilot, "The key of the store")
        assert asked(record, "preferences.make_store") == []
        await pilot.press("home", "enter")
        await until(pilot, lambda: isinstance(app.screen, LineDialog))
        await pilot.press(*"twelve chars", "enter")
        await until(pilot, lambda: "again" in screen_text(app))
        await pilot.press(*"twelve chars", "enter")
        await at(app, pilot, "Workflows, codes")
    assert asked(record, "preferences.make_store") == [{"custody": "passphrase", "passphrase": "twelve chars"}]


async def test_a_keyring_is_offered_first_where_there_is_one(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    offer = CUSTODY.model_copy(update={"keyring": True, "no_keyring": ""})
    app = fresh_app(tmp_path, NO_MODEL | {"preferences.custody": reply(offer)}, record)
    async with app.run_test(size=(80, 24)) as pilot:
        await at(app, pilot, "What runs where")
        await pilot.press("enter")
        await at(app, pilot, "The key of the store")
        await pilot.press("enter")
        await at(app, pilot, "Workflows, codes")
    assert asked(record, "preferences.make_store")[0]["custody"] == "keyring"


async def test_a_refusal_keeps_the_page_and_says_why(tmp_path: Path) -> None:
    refusal = {"refusal": {"message": "The disk is full.", "remedy": "Make room."}}
    app = fresh_app(tmp_path, NO_MODEL | {"preferences.make_store": refusal})
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await at(app, pilot, "What runs where")
        await pilot.press("enter")
        await at(app, pilot, "The key of the store")
        await pilot.press("end", "enter")
        await until(pilot, lambda: "The disk is full." in screen_text(app))
        await at(app, pilot, "The key of the store")


async def test_instructions_can_be_seen_and_refused_at_any_time(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    app = scripted_app(tmp_path, SCRIPT, record=record)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.run_command("instructions")
        await at(app, pilot, "Instructions of this project")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ConversationScreen))
        assert asked(record, "instructions.accept") == []


async def test_the_genuine_first_start_makes_what_was_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENMED_HOME", str(tmp_path))
    (tmp_path / "chart").mkdir()
    options = ScreenOptions(folder=tmp_path / "chart")
    workbench = Workbench((*PROGRAM, *options.workbench_arguments()))
    app = scripted_app(tmp_path, {}, preferences=FRESH, options=options)
    app.workbench = workbench
    async with app.run_test(size=(80, 24)) as pilot:
        await at(app, pilot, "What runs where")
        assert not (tmp_path / "sessions").exists()
        await pilot.press("enter")
        await at(app, pilot, "The key of the store")
        assert not (tmp_path / "sessions").exists()
        await pilot.press("end", "enter")
        await at(app, pilot, "Workflows, codes")
        assert (tmp_path / "sessions" / "openmed.key").exists()
        await pilot.press("end", "enter")
        await at(app, pilot, "Patient identifiers")
        await pilot.press("end", "enter")
        await at(app, pilot, "Three things to try")
        assert (tmp_path / "config" / "config.toml").read_text() == '[privacy]\nphi_mode = "strict"\n'
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ConversationScreen) and "PHI strict" in screen_text(app))


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_picture(snap_compare: Callable[..., bool], tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    app = fresh_app(tmp_path, NO_MODEL, theme=theme)

    async def show(pilot: Pilot[Any]) -> None:
        await at(app, pilot, "What runs where")
        await pilot.press("enter")
        await at(app, pilot, "The key of the store")

    assert snap_compare(app, terminal_size=size, run_before=show)


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_picture_of_instructions(
    snap_compare: Callable[..., bool], tmp_path: Path, size: tuple[int, int], theme: str
) -> None:
    app = scripted_app(tmp_path, SCRIPT, theme=theme)

    async def show(pilot: Pilot[Any]) -> None:
        await pilot.pause()
        app.run_command("instructions")
        await at(app, pilot, "Instructions of this project")
        await pilot.press("pagedown")
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=show)
