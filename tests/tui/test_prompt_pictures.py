"""Pictures of the prompt with its list open."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faces import scripted_app
from prompt_screen import PromptScreen
from test_completion import SCRIPT, opened
from textual.pilot import Pilot


@pytest.mark.parametrize(
    ("size", "theme", "typed"),
    [((80, 24), "openmed-dark", "Read it with $"), ((120, 40), "openmed-light", "Compare the medicines in @p")],
    ids=["skills-dark", "files-light"],
)
def test_prompt(
    snap_compare: Callable[..., bool], tmp_path: Path, size: tuple[int, int], theme: str, typed: str
) -> None:
    app = scripted_app(tmp_path, SCRIPT, theme=theme)

    async def show(pilot: Pilot[Any]) -> None:
        screen = PromptScreen()
        await app.push_screen(screen)
        await pilot.pause()
        await pilot.press(*typed)
        await opened(screen, pilot)
        await pilot.pause(0.1)

    assert snap_compare(app, terminal_size=size, run_before=show)
