"""The real application on a terminal, before a working process with a script; a test leads it through its screens.

Each line on the pipe is an order: ``open NAME``, ``review``, ``resume``, ``home``. After each the application appends a
line of JSON to the report: the screen on top, and the keys that it takes.
"""

import asyncio
import json
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from faces import paths_in
from hostile_answers import hostile_text
from textual.app import App
from textual.filter import LineFilter

from openmed_agent.settings.screen import ScreenPreferences
from openmed_agent.tui.app import OpenMedApp
from openmed_agent.tui.app import __file__ as app_file
from openmed_agent.tui.conversation.prompt import PromptArea
from openmed_agent.tui.options import ScreenOptions
from openmed_agent.tui.terminal_filter import TerminalSafety
from openmed_agent.workbench.client import Workbench


class LedFace(OpenMedApp):
    """The application, and the one who leads it."""

    CSS_PATH = Path(app_file).with_name("app.tcss")

    def __init__(self, folder: Path, scripted: Path) -> None:
        command = (sys.executable, str(scripted), str(folder / "script.json"))
        options = ScreenOptions(folder=folder / "charts")
        preferences = ScreenPreferences(setup_seen=True, idle_lock_minutes=0)
        super().__init__(options, paths_in(folder), preferences, Workbench(command))
        self._pipe = folder / "orders"
        self._report = folder / "report"

    async def on_ready(self) -> None:
        self.run_worker(self._obey(), exit_on_error=True)

    def _fatal_error(self) -> None:
        (self._report.parent / "crash").write_text(traceback.format_exc(), errors="backslashreplace")
        super()._fatal_error()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Leave the last look out where the widgets are to hold by themselves."""
        filters = super().get_line_filters()
        return [one for one in filters if not isinstance(one, TerminalSafety)] if "bare" in sys.argv[2:] else filters

    def action_hostile_fired(self) -> None:
        self._tell({"fired": True})

    async def _obey(self) -> None:
        orders = asyncio.StreamReader()
        pipe = os.fdopen(os.open(self._pipe, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0)
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), pipe)
        self._tell({"screen": "ready", "keys": []})
        while line := await orders.readline():
            await self._do(*line.decode().split())
            keys = [one for _, binding, _, _ in self.screen.active_bindings.values() for one in binding.key.split(",")]
            self._tell({"screen": type(self.screen).__name__, "keys": sorted(set(keys))})

    async def _do(self, order: str, name: str = "") -> None:
        match order:
            case "open":
                self.action_open(name)
            case "review":
                self.review("draft")
            case "resume":
                self.resume("session")
            case "toast":
                self.say(hostile_text(3)[:300], severity="error")
            case "copy":
                self.copy_to_clipboard("plain")  # says where it went, in the place of the toast before
            case "lock":
                self.action_lock()
            case "home":
                self.unlock()
                while len(self.open_screens) > 2:
                    await self.pop_screen()
                self.screen.query_one(PromptArea).focus()
        await asyncio.sleep(0.05)

    def _tell(self, what: dict[str, Any]) -> None:
        with self._report.open("a") as report:
            report.write(json.dumps(what) + "\n")


if __name__ == "__main__":
    app: App[int] = LedFace(Path(sys.argv[1]), Path(__file__).with_name("scripted_workbench.py"))
    app.run()
    led = app
    assert isinstance(led, LedFace)
    sys.exit(led.crash_report or 0)
