"""What the prompt offers, and what comes of taking it."""

from pathlib import Path
from typing import Any

import pytest
from faces import reply
from prompt_screen import PromptScreen
from test_prompt_editing import paste, prompt
from textual.pilot import Pilot

from openmed_agent.tui.commands import COMMANDS
from openmed_agent.tui.conversation.completion import Token, commands, token_at
from openmed_agent.tui.conversation.completion_list import CompletionList
from openmed_agent.workbench.requests.prompt import FoundFiles, SkillName, SkillNames

HOSTILE = "bad \x1b]52;c;aGk=\x07\u202e[@click=app.quit].txt"
SCRIPT = {
    "prompt.files": reply(FoundFiles(paths=("progress note.txt", "labs/panel.csv", HOSTILE))),
    "prompt.skills": reply(
        SkillNames(
            skills=(
                SkillName(name="reconciling-medicines", description="compares lists", built_in=True),
                SkillName(name="coding", description="finds\ncodes \x1b[2J", built_in=False),
            )
        )
    ),
}


async def opened(screen: PromptScreen, pilot: Pilot[Any]) -> CompletionList:
    for _ in range(200):
        for found in screen.query(CompletionList):
            if found.display:
                return found
        await pilot.pause(0.02)
    raise AssertionError("no list")


def rows(found: CompletionList) -> list[str]:
    return str(found.content).split("\n")


def is_closed(screen: PromptScreen) -> bool:
    return not any(found.display for found in screen.query(CompletionList))


@pytest.mark.parametrize(
    ("before", "first_row", "expected"),
    [
        ("/", True, Token("/", 0, "")),
        ("/mo", True, Token("/", 0, "mo")),
        ("/phi st", True, None),
        ("/mo", False, None),
        ("see /mo", True, None),
        ("see @no", True, Token("@", 4, "no")),
        ("(@no", True, Token("@", 1, "no")),
        ('see @"progress no', True, Token("@", 4, "progress no")),
        ('see @"progress note.txt" and', True, None),
        ("mail ada@example.org", True, None),
        ("$cod", True, Token("$", 0, "cod")),
        ("costs 5$ ", True, None),
        ("#mcp", True, None),
        ("", True, None),
    ],
)
def test_where_something_is_offered(before: str, *, first_row: bool, expected: Token | None) -> None:
    assert token_at(before, first_row=first_row) == expected


def test_every_command_is_offered_and_found_by_its_name() -> None:
    assert len(commands("")) == len(COMMANDS)
    for command in COMMANDS:
        assert commands(command.name)[0].inserted == f"/{command.name} "


async def test_tab_takes_and_leaves_room_for_an_argument(tmp_path: Path) -> None:
    async with prompt(tmp_path, SCRIPT) as (screen, pilot):
        await pilot.press(*"/ph")
        found = await opened(screen, pilot)
        assert rows(found)[0].startswith("▸ /phi MODE")
        await pilot.press("tab")
        await pilot.pause()
        assert screen.prompt.text == "/phi "
        assert is_closed(screen)


async def test_enter_sends_a_command_that_needs_no_more(tmp_path: Path) -> None:
    async with prompt(tmp_path, SCRIPT) as (screen, pilot):
        await pilot.press(*"/sess")
        await opened(screen, pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert screen.said[-1] == ("sent", "/sessions")
        await pilot.press(*"/phi")
        await opened(screen, pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert screen.said[-1] == ("sent", "/phi")  # it was whole already


async def test_files_are_quoted_where_they_must_be(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    async with prompt(tmp_path, SCRIPT, record=record) as (screen, pilot):
        await pilot.press(*"read @")
        await opened(screen, pilot)
        await pilot.press("tab")
        await pilot.pause()
        assert screen.prompt.text == 'read @"progress note.txt" '
        await pilot.press(*"and @lab")
        found = await opened(screen, pilot)
        await pilot.press("down", "enter")
        await pilot.pause()
        assert screen.prompt.text == 'read @"progress note.txt" and @labs/panel.csv '
        assert is_closed(screen)
        assert not found.display
        assert '"query":"lab"' in record.read_text()


async def test_a_hostile_name_is_shown_safely_and_meant_truly(tmp_path: Path) -> None:
    async with prompt(tmp_path, SCRIPT) as (screen, pilot):
        await pilot.press("@")
        found = await opened(screen, pilot)
        assert rows(found)[2].strip() == "bad ␛]52;c;aGk=␇‹U+202E›[@click=app.quit].txt"
        await pilot.press("up", "enter")  # from the first to the last
        await pilot.pause()
        assert screen.prompt.text == f'@"{HOSTILE}" '


async def test_skills_are_asked_for_once(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    async with prompt(tmp_path, SCRIPT, record=record) as (screen, pilot):
        await pilot.press(*"use $")
        found = await opened(screen, pilot)
        assert [row.split()[0] for row in rows(found)] == ["▸", "coding", "↑"]
        assert "finds␊codes ␛[2J" in rows(found)[1]
        await pilot.press("c")
        await pilot.pause(0.1)
        await pilot.press("o", "enter")
        await pilot.pause()
        assert screen.prompt.text == "use $coding "
        assert record.read_text().count("prompt.skills") == 1


async def test_escape_closes_it_for_this_word_only(tmp_path: Path) -> None:
    async with prompt(tmp_path, SCRIPT) as (screen, pilot):
        await pilot.press("/")
        await opened(screen, pilot)
        await pilot.press("escape")
        assert is_closed(screen)
        await pilot.press("m", "o")
        await pilot.pause(0.1)
        assert is_closed(screen)
        await pilot.press("ctrl+u", "@")
        await opened(screen, pilot)
        await pilot.press("left")
        await pilot.pause(0.1)
        assert is_closed(screen)


async def test_a_refusal_is_said_in_the_list_and_enter_still_sends(tmp_path: Path) -> None:
    async with prompt(tmp_path, {}) as (screen, pilot):
        await pilot.press(*"see @note")
        found = await opened(screen, pilot)
        assert "not in the script" in rows(found)[0]
        await pilot.press("enter")
        await pilot.pause()
        assert screen.said[-1] == ("sent", "see @note")


async def test_a_click_takes(tmp_path: Path) -> None:
    async with prompt(tmp_path, SCRIPT) as (screen, pilot):
        await pilot.press("@")
        await opened(screen, pilot)
        await pilot.click(CompletionList, offset=(5, 1))
        await pilot.pause()
        assert screen.prompt.text == "@labs/panel.csv "


async def test_nothing_moves_when_it_opens(tmp_path: Path) -> None:
    async with prompt(tmp_path, SCRIPT) as (screen, pilot):
        before = {one: one.region for one in screen.query(".said, PromptArea, KeyBar")}
        await pilot.press("/")
        found = await opened(screen, pilot)
        await pilot.pause()
        assert {one: one.region for one in screen.query(".said, PromptArea, KeyBar")} == before
        assert found.region.bottom == screen.prompt.region.y
        assert found.region.height == 9


async def test_a_pasted_text_with_signs_opens_nothing_over_it_but_its_last_word(tmp_path: Path) -> None:
    async with prompt(tmp_path, SCRIPT) as (screen, pilot):
        await paste(screen, pilot, "costs $5 and @home \n/quit now\n")
        await pilot.pause(0.1)
        assert is_closed(screen)
