"""What the screen loads until one can type, as the real program on a terminal; nothing works behind it before a key."""

import re
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


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], int, float]:
    """Return the modules loaded when the prompt stands there, the number of processes, and the resident memory."""
    home = installation(tmp_path_factory.mktemp("home") / "o")
    variables = environment(home, PYTHONPROFILEIMPORTTIME="1")
    with PtyTerminal((OPENMED,), variables, folder=home) as terminal:
        terminal.wait_for(PROMPT)
        terminal.drain(1)
        loaded = set(re.findall(r"import time:[ 0-9]+\|[ 0-9]+\| +([\w.]+)", terminal.text()))
        return loaded, len(tuple(descendants(terminal.pid))), resident_mebibytes(terminal.pid)


def test_nothing_heavy_is_loaded(started: tuple[set[str], int, float]) -> None:
    loaded, _, _ = started
    assert "textual.app" in loaded
    assert not {name for name in loaded if name.partition(".")[0] in HEAVY}


def test_no_room_is_loaded_that_works_behind_the_wire(started: tuple[set[str], int, float]) -> None:
    loaded, _, _ = started
    prefixes = tuple(f"openmed_agent.{room}." for room in ROOMS)
    assert {name for name in loaded if name.startswith(prefixes)} <= LIGHT


def test_nothing_works_before_the_first_key_and_memory_stays_small(started: tuple[set[str], int, float]) -> None:
    _, processes, mebibytes = started
    assert processes == 1
    assert mebibytes < 65


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
