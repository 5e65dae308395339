"""Captures the screens that README and docs/tui.md show, from real runs: the program, a chart, a scripted model.

``python scripts/capture_screens.py`` writes docs/screens/*.svg. The model server is the tests' one on loopback.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "tests"), str(REPOSITORY / "tests" / "tui")]

from faces import genuine_app  # noqa: E402 - found through the path above
from scripted_model_server import Call, Say, ScriptedModelServer  # noqa: E402
from textual.pilot import Pilot  # noqa: E402

from openmed_agent.tui.app import OpenMedApp  # noqa: E402
from openmed_agent.tui.options import ScreenOptions  # noqa: E402

TARGET = REPOSITORY / "docs" / "screens"
SIZE = (120, 36)
PROMPT = "Summarise @progress_note.txt and check her medicines."


def answer(document: Any) -> Say:  # noqa: ANN401 - any JSON
    """Play a model that reads the note, then wants to write a file."""
    if document["messages"][-1]["role"] != "tool":
        steps = [("read the note", "active"), ("check the medicines", "pending"), ("write the list", "pending")]
        plan = {"steps": [{"title": title, "state": state} for title, state in steps]}
        return Say(
            "I will read the note first.",
            calls=(
                Call("update_plan", json.dumps(plan), "c1"),
                Call("list_medications", json.dumps({"path": "progress_note.txt"}), "c2"),
            ),
        )
    return Say(
        "Two things need a decision before this can be signed:\n\n"
        "- metformin is listed as taken and as stopped last week\n"
        "- glipizide was discontinued in April\n\n",
        calls=(
            Call("write_file", json.dumps({"path": "open_questions.md", "content": "# Open questions\n- metformin\n"})),
        ),
    )


async def settled(pilot: Pilot[Any], seconds: float = 2.0) -> None:
    """Wait until a screen shows what it waits for."""
    await pilot.pause(seconds)


def keep(pilot: Pilot[Any], name: str) -> None:
    """Write what the screen shows."""
    TARGET.mkdir(exist_ok=True)
    (TARGET / f"{name}.svg").write_text(pilot.app.export_screenshot(title="openmed"))


async def capture(home: Path, folder: Path, url: str) -> None:
    """Walk through the screens."""
    os.environ.update({"OPENMED_HOME": str(home), "OPENAI_BASE_URL": url, "OPENAI_API_KEY": "none"})
    app: OpenMedApp = genuine_app(home, options=ScreenOptions(folder=folder, model="scripted-model"))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*PROMPT)
        await settled(pilot)
        await pilot.press("escape", "enter")
        await settled(pilot, 12)
        keep(pilot, "conversation")
        await pilot.press("n", "enter", "escape")
        await settled(pilot, 4)
        await pilot.press("f4")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot, 4)
        keep(pilot, "review")
        await pilot.press("escape", "escape")
        app.action_open("setup")
        await settled(pilot)
        keep(pilot, "first-steps")


def main() -> None:
    """Make a draft, then capture the screens over it."""
    with tempfile.TemporaryDirectory() as place, ScriptedModelServer(answer) as server:
        folder, home = Path(place) / "charts", Path(place) / "home"
        folder.mkdir()
        shutil.copy(REPOSITORY / "examples" / "progress_note.txt", folder)
        subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "openmed_agent.cli.main", "run", "chart_summary", "--input",
             f"note_path={folder / 'progress_note.txt'}"],
            env={**os.environ, "OPENMED_HOME": str(home)},
            check=True,
            capture_output=True,
        )  # fmt: skip
        asyncio.run(capture(home, folder, server.url))


if __name__ == "__main__":
    main()
