"""What the screen loads until one can type, as the real program on a terminal; nothing works behind it before a key."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from terminal_driver import OPENMED, PtyTerminal, descendants, environment, installation, resident_mebibytes, wait_until

PROMPT = "sk, or type"  # the cursor stands on its first letter
HEAVY = (
    "openai", "anthropic", "httpx", "httpx2", "sqlcipher3", "cryptography", "keyring", "fastapi", "uvicorn", "yaml",
    "starlette", "markdown_it", "textual_serve", "aiohttp", "pygments", "numpy",
)  # fmt: skip
ROOMS = (
    "tools", "skills", "workflows", "models", "privacy", "planes", "login", "store", "net", "clinical",
)  # fmt: skip
LIGHT = {"openmed_agent.models.finish", "openmed_agent.tools.display_kind"}
"""Kinds of an event, each a file of its own for this."""


@dataclass(frozen=True)
class Start:
    """What was there a second after the prompt was drawn."""

    loaded: set[str]
    processes: int
    mebibytes: float


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Start:
    home = installation(tmp_path_factory.mktemp("home") / "o")
    variables = environment(home, PYTHONPROFILEIMPORTTIME="1")
    with PtyTerminal((OPENMED,), variables, folder=home) as terminal:
        terminal.wait_for(PROMPT)
        terminal.drain(1)
        loaded = set(re.findall(r"import time:[ 0-9]+\|[ 0-9]+\| +([\w.]+)", terminal.text()))
        return Start(loaded, len(tuple(descendants(terminal.pid))), resident_mebibytes(terminal.pid))


def test_nothing_heavy_is_loaded(start: Start) -> None:
    assert "textual.app" in start.loaded
    assert not {name for name in start.loaded if name.partition(".")[0] in HEAVY}


def test_the_first_screen_is_drawn_without_models_of_data() -> None:
    """Pydantic takes a fifth of a bare start to load; it comes when the prompt stands there."""
    made = "openmed_agent.tui.launch, openmed_agent.tui.conversation.screen"
    script = f"import sys, {made}, openmed_agent.cli.program as p; p.build_parser(); print(*sys.modules)"
    loaded = subprocess.run((sys.executable, "-c", script), capture_output=True, text=True, check=True).stdout.split()
    assert "openmed_agent.tui.conversation.screen" in loaded
    assert not {name for name in loaded if name.startswith("pydantic")}


def test_no_room_is_loaded_that_works_behind_the_wire(start: Start) -> None:
    prefixes = tuple(f"openmed_agent.{room}." for room in ROOMS)
    assert {name for name in start.loaded if name.startswith(prefixes)} <= LIGHT


def test_nothing_works_before_the_first_key_and_memory_stays_small(start: Start) -> None:
    assert start.processes == 1
    assert start.mebibytes < 65


def test_the_first_key_starts_the_working_process(tmp_path: Path) -> None:
    home = installation(tmp_path / "o")
    with PtyTerminal((OPENMED,), environment(home), folder=tmp_path) as terminal:
        terminal.wait_for(PROMPT)
        since = len(terminal.written)
        terminal.send("ß")
        terminal.wait_for("ß", since=since)

        def working() -> bool:
            terminal.read(0)
            return len(tuple(descendants(terminal.pid))) > 1

        wait_until(working)
