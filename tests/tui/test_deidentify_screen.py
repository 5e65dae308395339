"""The de-identification preview: what is shown is what is saved, the newest wins, and nothing leaves unasked."""

import time
from pathlib import Path
from typing import Any

from desk_data import HOSTILE, NOTE, PREVIEW, SAVED
from faces import reply
from hypothesis import given, settings
from hypothesis import strategies as st
from test_desk_screens import Desk, settle
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from openmed_agent.text.terminal import cell_width
from openmed_agent.tui.chrome.dialogs import ConfirmDialog
from openmed_agent.tui.deidentify.marked_text import MarkedText
from openmed_agent.tui.deidentify.screen import DeidentifyScreen
from openmed_agent.tui.deidentify.wrapping import text_rows
from openmed_agent.workbench.requests.privacy import DeidentificationPlace, LabelCount, Piece, Preview, SavedResult

RESULT = "".join(piece.text for piece in PREVIEW.result)
SILENT: dict[str, Any] = {"silent": True}


async def privacy(desk: Desk, pilot: Pilot[Any]) -> DeidentifyScreen:
    desk.app.action_open("privacy")
    await settle(pilot, lambda: isinstance(desk.app.screen, DeidentifyScreen) and desk.orders("privacy.describe"))
    screen = desk.app.screen
    assert isinstance(screen, DeidentifyScreen)
    await settle(pilot, lambda: "stays on this machine" in desk.text() or "goes to" in desk.text())
    return screen


async def test_typing_is_previewed_after_a_pause_and_the_newest_text_counts(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {})
    async with desk.app.run_test(size=(120, 40)) as pilot:
        screen = await privacy(desk, pilot)
        for letter in "Ada Invented":
            await pilot.press("space" if letter == " " else letter)
        await settle(pilot, lambda: "4 identifiers treated" in desk.text())
        asked = [order["body"]["text"] for order in desk.orders("privacy.preview")]
        assert asked[-1] == "Ada Invented"
        assert len(asked) < 6  # far fewer than keys
        assert "[last_name]" in desk.text()
        assert "⟨last name⟩" in desk.text()  # the kind stands there as a word, not as a colour only
        screen.query_one("#method").focus()
        await pilot.press("right")
        await settle(pilot, lambda: len(desk.orders("privacy.preview")) > len(asked))
        assert desk.orders("privacy.preview")[-1]["body"]["method"] == "remove"
        screen.query_one("#kinds").focus()
        await pilot.press("down", "enter")
        await settle(pilot, lambda: desk.orders("privacy.preview")[-1]["body"]["keep"] == ["date_of_birth"])
        assert "○ date of birth" in desk.text()


async def test_what_was_shown_is_saved_and_a_file_is_replaced_only_after_a_yes(tmp_path: Path) -> None:
    there = SavedResult(path=SAVED.path, exists=True)
    desk = Desk(tmp_path, {"privacy.save": [reply(there), reply(there), reply(SAVED)]})
    async with desk.app.run_test(size=(80, 24)) as pilot:
        screen = await privacy(desk, pilot)
        screen.query_one(TextArea).text = NOTE
        await settle(pilot, lambda: "4 identifiers treated" in desk.text())
        for answer, orders in (("n", 1), ("y", 3)):
            await pilot.press("ctrl+s")
            await settle(pilot, lambda: desk.app.screen is not screen)
            await settle(pilot, lambda: PREVIEW.digest[:19] in desk.text())
            await pilot.press(*"copy.txt", "enter")
            await settle(pilot, lambda: isinstance(desk.app.screen, ConfirmDialog))
            await pilot.press(answer)
            await settle(pilot, lambda count=orders: len(desk.orders("privacy.save")) == count)  # type: ignore[misc]
        bodies = [order["body"] for order in desk.orders("privacy.save")]
        assert [body["replacing"] for body in bodies] == [False, False, True]
        assert {body["text"] for body in bodies} == {RESULT}
        assert {body["digest"] for body in bodies} == {PREVIEW.digest}
        await settle(pilot, lambda: "Saved 111 bytes" in desk.text())
        assert PREVIEW.digest in desk.text()


async def test_after_a_change_nothing_is_saved_and_a_hung_plane_holds_no_key_up(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {"privacy.preview": [reply(PREVIEW), SILENT]})
    async with desk.app.run_test(size=(80, 24)) as pilot:
        screen = await privacy(desk, pilot)
        await pilot.press("A")
        await settle(pilot, lambda: "4 identifiers treated" in desk.text())
        await pilot.press("b")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert desk.app.screen is screen
        assert not desk.orders("privacy.save")
        await settle(pilot, lambda: len(desk.orders("privacy.preview")) == 2)
        assert "De-identifying" in desk.text()
        start = time.monotonic()
        await pilot.press("c")
        assert screen.query_one(TextArea).text == "Abc"
        assert time.monotonic() - start < 1
        await settle(pilot, lambda: len(desk.orders("privacy.preview")) == 3)
        hung = desk.orders("privacy.preview")[1]["number"]
        assert any(order["cancel"] for order in desk.orders() if order["number"] == hung)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert not desk.orders("privacy.save")


async def test_a_policy_of_ones_own_is_named_below_the_others(tmp_path: Path) -> None:
    bad = "ward.yam, line 2, field keep: 'shoe_size' is no label and no category of identifiers."
    steps = [reply(PREVIEW), {"refusal": {"message": bad, "remedy": "See 'Policies'."}}, reply(PREVIEW)]
    desk = Desk(tmp_path, {"privacy.preview": steps})
    async with desk.app.run_test(size=(80, 24)) as pilot:
        screen = await privacy(desk, pilot)
        await pilot.press("A")
        await settle(pilot, lambda: "4 identifiers treated" in desk.text())
        field = screen.query_one("#policy-file", Input)
        assert not field.display
        screen.query_one("#policy").focus()
        await pilot.press("left")  # the last choice
        await settle(pilot, lambda: "Policy file of your own" in desk.text())
        await pilot.press("tab")
        assert screen.focused is field
        await pilot.press("x", "enter")
        await settle(pilot, lambda: "shoe_size" in desk.text())
        assert "[last_name]" not in desk.text()
        await pilot.press("y", "enter")
        await settle(pilot, lambda: "4 identifiers treated" in desk.text())
        asked = [order["body"] for order in desk.orders("privacy.preview")]
        assert (asked[-1]["policy"], asked[-1]["policy_file"]) == ("file", "xy")
        screen.query_one("#policy").focus()
        await pilot.press("right")
        await settle(pilot, lambda: not field.display)
        await settle(pilot, lambda: desk.orders("privacy.preview")[-1]["body"]["policy"] == "safe_harbor")
        assert desk.orders("privacy.preview")[-1]["body"]["policy_file"] == ""


async def test_a_refused_preview_shows_no_result_and_cannot_be_saved(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {"privacy.preview": [reply(PREVIEW), {"refusal": {"message": HOSTILE, "remedy": HOSTILE}}]})
    async with desk.app.run_test(size=(120, 40)) as pilot:
        await privacy(desk, pilot)
        await pilot.press("A")
        await settle(pilot, lambda: "[last_name]" in desk.text())
        await pilot.press("b")
        await settle(pilot, lambda: "[@click=app.quit]" in desk.text())
        assert "[last_name]" not in desk.text()
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert not desk.orders("privacy.save")


async def test_a_service_elsewhere_gets_nothing_before_the_key(tmp_path: Path) -> None:
    elsewhere = DeidentificationPlace(address="https://deid.hospital.example", remote=True)
    hostile = Preview(
        original=(Piece(text=HOSTILE), Piece(text=f"A\r\n\t{HOSTILE}", label="first_name")),
        result=(Piece(text=HOSTILE), Piece(text="[first_name]", label="first_name")),
        counts=(LabelCount(label=HOSTILE, count=1),),
        digest=PREVIEW.digest,
    )
    script = {"privacy.describe": reply(elsewhere), "privacy.preview": reply(hostile)}
    desk = Desk(tmp_path, script)
    async with desk.app.run_test(size=(120, 40)) as pilot:
        screen = await privacy(desk, pilot)
        assert "goes to https://deid.hospital.example" in desk.text()
        await pilot.press(*"Ada")
        await pilot.pause(0.8)
        assert not desk.orders("privacy.preview")
        await pilot.press("ctrl+r")
        await settle(pilot, lambda: "1 identifier treated" in desk.text())
        assert len(desk.orders("privacy.preview")) == 1
        assert "\x1b" not in desk.text()
        marked = screen.query_one("#original", MarkedText)
        await settle(pilot, lambda: marked._rows)
        assert "[@click=app.quit]" in "".join(run.text for row in marked._rows for run in row)
        screen.query_one("#file", Input).value = "note.txt"
        await pilot.pause(0.8)
        assert len(desk.orders("privacy.preview")) == 1
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert desk.app.screen is screen  # the file is not what is shown


@given(
    st.lists(st.tuples(st.text(max_size=30), st.sampled_from(["", "first_name"])), max_size=8),
    st.integers(min_value=4, max_value=40),
)
@settings(max_examples=60, deadline=None)
def test_rows_fit_their_width_and_lose_nothing_but_blanks(pieces: list[tuple[str, str]], width: int) -> None:
    made = [Piece(text=text, label=label) for text, label in pieces]
    rows = text_rows(made, width, labelled=False)
    assert all(sum(cell_width(run.text) for run in row) <= width for row in rows)
    kept = "".join(run.text for row in rows for run in row)
    again = "".join(run.text for row in text_rows(made, 10_000, labelled=False) for run in row)
    assert "".join(kept.split()) == "".join(again.split())


def test_a_large_hostile_text_is_broken_in_linear_time() -> None:
    for text in ("a" * 250_000, "\u202e\t " * 30_000, "\n" * 250_000):
        start = time.process_time()
        text_rows([Piece(text=text)], 80, labelled=True)
        assert time.process_time() - start < 3
