"""Who has the keys when the window of the terminal was left for another, and screens came meanwhile."""

from pathlib import Path

from faces import scripted_app
from textual import events
from textual.widgets import Input

from openmed_agent.tui.conversation.prompt import PromptArea


async def test_a_screen_that_came_while_the_window_was_left_has_the_keys(tmp_path: Path) -> None:
    app = scripted_app(tmp_path, {})
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.post_message(events.AppBlur())
        await pilot.pause()
        app.action_open("help")
        await pilot.pause()
        app.post_message(events.AppFocus())
        await pilot.pause()
        assert isinstance(app.screen.focused, Input)
        await pilot.press("k", "e", "y")
        assert app.screen.query_one(Input).value == "key"


async def test_the_prompt_has_the_keys_after_a_screen_that_came_meanwhile(tmp_path: Path) -> None:
    """A browser's window begins as one that was left; its first key says that somebody is there."""
    app = scripted_app(tmp_path, {})
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.post_message(events.AppBlur())
        await pilot.pause()
        app.action_open("setup")
        await pilot.pause()
        assert app.screen.id == "setup"
        await pilot.press("ctrl+s")
        await pilot.pause()
        await pilot.press("h", "e", "y")
        assert app.screen.query_one(PromptArea).text == "hey"
