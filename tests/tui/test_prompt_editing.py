"""The prompt: editing, sending, queueing, history, paste."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from faces import reply, scripted_app
from hypothesis import given
from hypothesis import strategies as st
from prompt_screen import PromptScreen
from textual import events
from textual._xterm_parser import XTermParser
from textual.pilot import Pilot

from openmed_agent.settings.screen import ScreenPreferences
from openmed_agent.text.terminal import terminal_safe
from openmed_agent.tui.conversation.completion_list import CompletionList
from openmed_agent.tui.conversation.pasting import pasted_text
from openmed_agent.tui.conversation.prompt_editor import PromptEditor
from openmed_agent.tui.conversation.prompt_history import PromptHistory
from openmed_agent.tui.conversation.stand_ins import drawn, held, meant
from openmed_agent.workbench.requests.prompt import EarlierPrompts

HISTORY = {"prompt.history": reply(EarlierPrompts(texts=("the newest\nof two lines", "the oldest")))}


@asynccontextmanager
async def prompt(
    folder: Path, script: dict[str, Any] | None = None, **more: Any
) -> AsyncIterator[tuple[PromptScreen, Pilot[Any]]]:
    app = scripted_app(folder, script or {}, **more)
    async with app.run_test(size=(60, 20)) as pilot:
        screen = PromptScreen()
        await app.push_screen(screen)
        await pilot.pause()
        yield screen, pilot


async def paste(screen: PromptScreen, pilot: Pilot[Any], text: str) -> None:
    screen.query_one(PromptEditor).post_message(events.Paste(text))
    await pilot.pause()


async def test_enter_sends_and_the_other_two_begin_a_line(tmp_path: Path) -> None:
    async with prompt(tmp_path) as (screen, pilot):
        await pilot.press("a", "shift+enter", "b", "ctrl+j", "c", "enter")
        await pilot.pause()
        assert screen.said == [("first key", ""), ("sent", "a\nb\nc")]
        assert screen.prompt.text == ""
        await pilot.press("space", "enter")
        await pilot.pause()
        assert len(screen.said) == 2  # space alone is nothing to send


async def test_tab_queues_only_while_a_turn_runs(tmp_path: Path) -> None:
    async with prompt(tmp_path) as (screen, pilot):
        await pilot.press("a", "tab")
        assert screen.prompt.text == "a"
        screen.prompt.focus()
        screen.prompt.set_busy(True)
        await pilot.press("tab")
        await pilot.pause()
        assert screen.said[-1] == ("queued", "a")


async def test_it_grows_to_eight_rows_and_shrinks_again(tmp_path: Path) -> None:
    async with prompt(tmp_path) as (screen, pilot):
        heights = []
        for _ in range(10):
            heights.append(screen.prompt.size.height)
            await pilot.press("ctrl+j")
            await pilot.pause()
        assert heights == [1, 2, 3, 4, 5, 6, 7, 8, 8, 8]
        screen.prompt.put("one")
        await pilot.pause()
        assert screen.prompt.size.height == 1
        screen.prompt.put("word " * 30)  # 150 cells in rows of at most 57
        await pilot.pause()
        assert screen.prompt.size.height == 3


async def test_line_editing_undo_and_redo(tmp_path: Path) -> None:
    async with prompt(tmp_path) as (screen, pilot):
        screen.prompt.put("stop the metformin")
        await pilot.press("ctrl+w")
        assert screen.prompt.text == "stop the "
        await pilot.press("ctrl+z")
        assert screen.prompt.text == "stop the metformin"
        await pilot.press("ctrl+shift+z")
        assert screen.prompt.text == "stop the "
        await pilot.press("ctrl+u")
        assert screen.prompt.text == ""
        screen.prompt.put("keep this and not that")
        await pilot.press("home", *["right"] * 9, "ctrl+k")
        assert screen.prompt.text == "keep this"


async def test_keys_can_be_remapped(tmp_path: Path) -> None:
    preferences = ScreenPreferences(
        setup_seen=True, keys={"prompt.send": "ctrl+s", "prompt.newline": "enter", "edit.undo": "ctrl+g"}
    )
    async with prompt(tmp_path, preferences=preferences) as (screen, pilot):
        await pilot.press("a", "enter", "b")
        assert screen.prompt.text == "a\nb"
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert screen.said[-1] == ("sent", "a\nb")


async def test_history_comes_with_the_first_up_and_keeps_the_draft(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    async with prompt(tmp_path, HISTORY, record=record) as (screen, pilot):
        await pilot.press(*"draft")
        await pilot.pause(0.1)
        assert not record.exists() or "prompt.history" not in record.read_text()
        await pilot.press("up")
        for _ in range(200):
            if screen.prompt.text != "draft":
                break
            await pilot.pause(0.02)
        assert screen.prompt.text == "the newest\nof two lines"
        await pilot.press("up")
        assert screen.prompt.text == "the oldest"
        await pilot.press("up")
        assert screen.prompt.text == "the oldest"
        await pilot.press("down")
        assert screen.prompt.text == "the newest\nof two lines"
        await pilot.press("down")
        assert screen.prompt.text == "draft"
        await pilot.press("down")
        assert screen.prompt.text == "draft"
        assert record.read_text().count("prompt.history") == 1


async def test_up_and_down_move_in_a_text_of_many_rows_first(tmp_path: Path) -> None:
    async with prompt(tmp_path, HISTORY) as (screen, pilot):
        screen.prompt.put("one\ntwo\nthree")
        await pilot.press("up", "up")
        assert screen.prompt.text == "one\ntwo\nthree"
        await pilot.press("down", "X")
        assert screen.prompt.text == "one\ntwoX\nthree"


async def test_what_was_sent_today_comes_first(tmp_path: Path) -> None:
    async with prompt(tmp_path, HISTORY) as (screen, pilot):
        await pilot.press(*"sent today", "enter", "up")
        for _ in range(200):
            if screen.prompt.text:
                break
            await pilot.pause(0.02)
        assert screen.prompt.text == "sent today"


async def test_a_refused_history_is_said_and_the_text_stays(tmp_path: Path) -> None:
    async with prompt(tmp_path, {}) as (screen, pilot):
        await pilot.press("a", "up")
        await pilot.pause(0.5)
        assert screen.prompt.text == "a"
        assert len(screen.app._notifications) == 1


async def test_a_paste_of_many_lines_is_one_text(tmp_path: Path) -> None:
    async with prompt(tmp_path) as (screen, pilot):
        await paste(screen, pilot, "line one\r\nline two\rline three\n")
        assert screen.prompt.text == "line one\nline two\nline three\n"
        assert screen.said == [("first key", "")]
        await pilot.press("ctrl+z")
        assert screen.prompt.text == ""


async def test_hostile_text_is_drawn_as_symbols_and_sent_as_it_is(tmp_path: Path) -> None:
    hostile = "a\x1b[31m\u202eb\u200bc\x9b2J\x7fd\u2028e"
    async with prompt(tmp_path) as (screen, pilot):
        await paste(screen, pilot, hostile)
        assert screen.prompt.text == hostile
        editor = screen.query_one(PromptEditor)
        row = "".join(part.text for part in editor.render_line(0)).rstrip()
        assert row == "a␛[31m�b�c�2J␡d�e"
        await pilot.press("backspace", "backspace", "enter")
        await pilot.pause()
        assert screen.said[-1] == ("sent", hostile[:-2])


async def test_a_very_long_line_is_folded_while_it_is_edited_and_sent_whole(tmp_path: Path) -> None:
    line = "potassium 4.1; " * 10_000
    async with prompt(tmp_path) as (screen, pilot):
        await paste(screen, pilot, f"Summarise\n{line}\nplease")
        editor = screen.query_one(PromptEditor)
        assert len(editor.text) < 200
        assert "line of 150,000 characters, 1" in editor.text
        await pilot.press("!", "enter")
        await pilot.pause()
        assert screen.said[-1] == ("sent", f"Summarise\n{line}\nplease!")
        await paste(screen, pilot, line)
        await pilot.press("backspace", "enter")  # a mark that was edited is text, and nothing is sent unseen
        await pilot.pause()
        assert "potassium" not in screen.said[-1][1]


async def test_keys_behind_a_paste_come_after_it(tmp_path: Path) -> None:
    async with prompt(tmp_path) as (screen, pilot):
        for event in (events.Paste("one two"), events.Key("!", "!"), events.Key("enter", "\r")):
            screen.app.post_message(event)
        await pilot.pause()
        await pilot.pause()
        assert screen.said[-1] == ("sent", "one two!")


async def burst(screen: PromptScreen, pilot: Pilot[Any], typed: str) -> None:
    """Give the application all that one read of the terminal brought, before it can do anything of it."""
    for message in XTermParser().feed(typed):
        screen.app.post_message(message)
    for _ in range(3):
        await pilot.pause()


@pytest.mark.parametrize(
    ("typed", "sent", "left"),
    [
        ("hello\rnext", ["hello"], "next"),
        ("one\rtwo\rthree", ["one", "two"], "three"),
        ("ab\x7fc\r", ["ac"], ""),  # backspace
        ("wrong\x15right", [], "right"),  # ^U
        ("bc\x1b[Ha\r", ["abc"], ""),  # home
        ("\x1b[200~pasted\x1b[201~!\rnext", ["pasted!"], "next"),
        ("/help\rnext", ["/help"], "next"),
    ],
)
async def test_keys_of_one_burst_act_in_their_order(tmp_path: Path, typed: str, sent: list[str], left: str) -> None:
    async with prompt(tmp_path) as (screen, pilot):
        await burst(screen, pilot, typed)
        assert [text for kind, text in screen.said if kind == "sent"] == sent
        assert screen.prompt.text == left


async def test_keys_of_one_burst_act_in_their_order_when_remapped_too(tmp_path: Path) -> None:
    preferences = ScreenPreferences(setup_seen=True, keys={"prompt.send": "ctrl+s", "prompt.newline": "enter"})
    async with prompt(tmp_path, preferences=preferences) as (screen, pilot):
        await burst(screen, pilot, "one\rtwo\x13next")
        assert screen.said[-1] == ("sent", "one\ntwo")
        assert screen.prompt.text == "next"


async def test_a_list_that_no_longer_fits_what_was_typed_is_not_taken(tmp_path: Path) -> None:
    async with prompt(tmp_path) as (screen, pilot):
        await pilot.press("/", "d")
        await pilot.pause(0.1)
        assert screen.query_one(CompletionList).marked is not None
        await burst(screen, pilot, "zzz\rnext")
        assert screen.said[-1] == ("sent", "/dzzz")
        assert screen.prompt.text == "next"


def test_dropped_files_become_mentions() -> None:
    folder = Path("/charts/okafor")
    cases = {
        "/charts/okafor/note.txt": "@note.txt ",
        "'/charts/okafor/progress note.txt'": '@"progress note.txt" ',
        r"/charts/okafor/progress\ note.txt": '@"progress note.txt" ',
        "/charts/okafor/progress note.txt": '@"progress note.txt" ',
        "file:///charts/okafor/progress%20note.txt": '@"progress note.txt" ',
        "file://localhost/charts/labs.csv": "@/charts/labs.csv ",
        "/charts/okafor/a.txt /charts/okafor/b.txt": "@a.txt @b.txt ",
        "/charts/okafor/a.txt\n/charts/okafor/b.txt\n": "@a.txt @b.txt ",
        '"/charts/okafor/O\'Neill.txt"': "@O'Neill.txt ",
    }
    assert {text: pasted_text(text, folder) for text in cases} == cases


@pytest.mark.parametrize(
    "text",
    [
        "/help",
        "/phi strict",
        "and/or",
        "take /charts/okafor/note.txt and read it",
        "https://example.org/a/b",
        "//comment/of a program",
        "'/unclosed/quote",
        "",
        "\n",
        "/a/b\nsome words",
    ],
)
def test_other_text_is_pasted_as_it_is(text: str) -> None:
    assert pasted_text(text, Path("/charts")) == text


@given(st.text())
def test_stand_ins_keep_every_offset_and_give_the_text_back(text: str) -> None:
    kept = held(text)
    assert len(kept) == len(text)
    assert terminal_safe(kept) == kept.replace("\r\n", "\n")
    lost = {place for place, one in enumerate(text) if ord(one) >= 0xF0000 and meant(kept)[place] == "\ufffd"}
    assert all(meant(kept)[place] == one for place, one in enumerate(text) if place not in lost)
    assert terminal_safe(drawn(kept)) == drawn(kept)


@given(st.lists(st.sampled_from(["older", "newer", "add a", "add b"]), max_size=30))
def test_a_walk_always_ends_at_what_was_typed(steps: list[str]) -> None:
    history = PromptHistory()
    history.load(["first", "second"])
    now = "draft"
    for step in steps:
        match step:
            case "older":
                now = history.older(now) or now
            case "newer":
                now = history.newer() or now
            case _:
                history.add(step)
                now = "draft"
    while (later := history.newer()) is not None:
        now = later
    assert now == "draft"
