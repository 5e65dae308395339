"""Models on the screen: favourites, services, local servers, effort, logins, examination."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faces import reply, scripted_app
from list_samples import (
    HOSTILE,
    LLAMA,
    LOOKS,
    OLLAMA,
    OPENAI,
    PLACES,
    PREFERENCES,
    SCRIPT,
    asked,
    list_of,
    screen_text,
    until,
)
from textual.pilot import Pilot
from textual.widgets import Input

from openmed_agent.settings.screen import ScreenPreferences, load_preferences
from openmed_agent.tui.app import OpenMedApp
from openmed_agent.tui.chrome.dialogs import ChoiceDialog, ConfirmDialog, LineDialog
from openmed_agent.tui.chrome.row_list import RowList
from openmed_agent.tui.models.examination import ExaminationScreen
from openmed_agent.tui.models.screen import ModelsScreen
from openmed_agent.workbench.requests.models import KeepingOffer

QWEN = f"qwen3:8b @ {OLLAMA}"


async def opened(app: OpenMedApp, pilot: Pilot[Any]) -> RowList:
    listed = await list_of(app, pilot, "models")
    await until(pilot, lambda: any(row.identifier == QWEN for row in listed.rows))
    return listed


async def test_another_machine_is_asked_only_after_a_key(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    app = scripted_app(tmp_path, SCRIPT, record=record, preferences=PREFERENCES)
    async with app.run_test(size=(80, 24)) as pilot:
        listed = await opened(app, pilot)
        assert [body["url"] for body in asked(record, "models.offered")] == [OLLAMA]  # on this machine, and in use
        assert asked(record, "models.local") == []
        listed.fill(listed.rows, keep=f" @ {OPENAI}")
        await pilot.press("enter")
        await until(pilot, lambda: len(asked(record, "models.offered")) == 2)
        assert asked(record, "models.offered")[1]["url"] == OPENAI
        await pilot.press("l")
        await until(pilot, lambda: any(row.identifier.endswith(LLAMA.url) for row in listed.rows))
        assert not any(row.identifier.endswith("gateway.example.org/v1") for row in listed.rows)  # cannot be chosen


async def test_a_model_is_used_and_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = tmp_path / "orders"
    app = scripted_app(tmp_path, SCRIPT, record=record, preferences=PREFERENCES)
    used: list[str] = []
    monkeypatch.setattr(app, "use_model", used.append)
    async with app.run_test(size=(80, 24)) as pilot:
        listed = await opened(app, pilot)
        assert listed.rows[0].cells[0].plain == "★ Favourites"
        listed.fill(listed.rows, keep=f"{HOSTILE} @ {OLLAMA}")
        await pilot.press("s", "enter")
        await until(pilot, lambda: used == [HOSTILE])
        assert asked(record, "models.use") == [{"url": OLLAMA, "name": HOSTILE}]
        assert not isinstance(app.screen, ModelsScreen)
    kept = load_preferences(app.paths)
    assert kept.recent_models == (f"{HOSTILE} @ {OLLAMA}", f"gpt-5.2 @ {OPENAI}")
    assert kept.favourite_models == (f"medgemma:4b @ {OLLAMA}", f"{HOSTILE} @ {OLLAMA}")


async def test_the_effort_is_kept_and_told_to_the_open_session(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    app = scripted_app(tmp_path, SCRIPT, record=record, preferences=PREFERENCES)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        assert "effort settings: low" in screen_text(app)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("end", "enter")
        await until(pilot, lambda: asked(record, "models.effort") == [{"effort": "high"}])
        await until(pilot, lambda: "effort high" in screen_text(app))
    assert load_preferences(app.paths).reasoning_effort == "high"


@pytest.mark.parametrize("keyring", [False, True])
async def test_a_login_hides_its_key_and_says_where_it_is_kept(tmp_path: Path, *, keyring: bool) -> None:
    record = tmp_path / "orders"
    offer = KeepingOffer(keyring=keyring, reason="" if keyring else "no service answers")
    app = scripted_app(tmp_path, SCRIPT | {"models.keeping": reply(offer)}, record=record, preferences=PREFERENCES)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("i")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("end", "enter")
        await until(pilot, lambda: isinstance(app.screen, LineDialog))
        await pilot.press("ctrl+u", *"http://127.0.0.1:11434/v1", "enter")
        await until(pilot, lambda: isinstance(app.screen, LineDialog) and app.screen.query_one(Input).password)
        await pilot.press(*"sk-planted")
        assert "sk-planted" not in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        assert ("no service answers" in screen_text(app)) is not keyring
        assert ("The system's keyring" in screen_text(app)) is keyring
        await pilot.press("end", "enter")
        await until(pilot, lambda: bool(asked(record, "models.log_in")))
        [body] = asked(record, "models.log_in")
        assert (body["url"], body["provider"], body["key"], body["keep"]) == (OLLAMA, None, "sk-planted", "file")
        await until(pilot, lambda: isinstance(app.screen, ModelsScreen))


async def test_an_endpoint_is_examined_after_it_was_said_what_is_sent(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    app = scripted_app(tmp_path, SCRIPT, record=record, preferences=PREFERENCES)
    async with app.run_test(size=(80, 24)) as pilot:
        listed = await opened(app, pilot)
        listed.fill(listed.rows, keep=QWEN)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        assert "6,000 words" in screen_text(app)
        assert asked(record, "models.examine") == []
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, ExaminationScreen) and "fault" in screen_text(app))
        text = screen_text(app)
        assert "✓ reachable" in text
        assert "✗ tools" in text
        assert "✗ 1 of 3 checks found a fault" in text
        assert asked(record, "models.examine") == [{"url": OLLAMA, "model": "qwen3:8b"}]


async def test_keys_in_quick_succession_do_one_thing_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = tmp_path / "orders"
    app = scripted_app(tmp_path, SCRIPT, record=record, preferences=PREFERENCES)
    monkeypatch.setattr(app, "use_model", lambda _: None)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        screen = app.screen
        assert isinstance(screen, ModelsScreen)
        screen.action_effort()
        screen.action_examine()
        screen.list.action_choose()
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        assert asked(record, "models.use") == []
        screen.list.action_choose()
        screen.list.action_choose()
        await until(pilot, lambda: app.screen is not screen)
        await pilot.pause(0.2)
        assert len(asked(record, "models.use")) == 1
        assert app.is_running


async def test_a_search_fits_names_and_services(tmp_path: Path) -> None:
    app = scripted_app(tmp_path, SCRIPT, preferences=PREFERENCES)
    async with app.run_test(size=(120, 40)) as pilot:
        listed = await opened(app, pilot)
        await pilot.press("slash", *"medgemma")
        await until(pilot, lambda: not any(row.identifier == QWEN for row in listed.rows))
        assert [row.identifier for row in listed.rows if row.identifier.startswith("medgemma")] == [
            f"medgemma:4b @ {OLLAMA}"
        ] * 2
        await pilot.press("escape", "escape")
        await until(pilot, lambda: any(row.identifier == QWEN for row in listed.rows))


async def test_nothing_configured_says_what_to_do(tmp_path: Path) -> None:
    script = SCRIPT | {"models.places": reply(PLACES.model_copy(update={"places": ()}))}
    app = scripted_app(tmp_path, script, preferences=ScreenPreferences(setup_seen=True))
    async with app.run_test(size=(80, 24)) as pilot:
        app.action_open("models")
        await until(pilot, lambda: "No service is configured" in screen_text(app))


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_picture(snap_compare: Callable[..., bool], tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    app = scripted_app(tmp_path, SCRIPT, theme=theme, preferences=PREFERENCES)

    async def show(pilot: Pilot[Any]) -> None:
        listed = await opened(app, pilot)
        listed.fill(listed.rows, keep=QWEN)

    assert snap_compare(app, terminal_size=size, run_before=show)


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_picture_of_an_examination(
    snap_compare: Callable[..., bool], tmp_path: Path, size: tuple[int, int], theme: str
) -> None:
    app = scripted_app(tmp_path, SCRIPT, theme=theme, preferences=PREFERENCES)

    async def show(pilot: Pilot[Any]) -> None:
        await app.push_screen(ExaminationScreen(OLLAMA, "qwen3:8b"))
        await until(pilot, lambda: "1 of 3" in screen_text(app))

    assert snap_compare(app, terminal_size=size, run_before=show)
