"""The list that draws only what is seen."""

import time
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.content import Content
from textual.pilot import Pilot

from openmed_agent.tui.chrome.row_list import Column, Row, RowList
from openmed_agent.tui.safe_text import shown_line

COLUMNS = (Column(), Column(6, "right"), Column(10, needs=60))


class _ListApp(App[None]):
    def __init__(self, rows: list[Row]) -> None:
        super().__init__()
        self._rows = rows
        self.chosen: list[str] = []

    def compose(self) -> ComposeResult:
        yield RowList(COLUMNS)

    def on_mount(self) -> None:
        self.query_one(RowList).fill(self._rows)
        self.query_one(RowList).focus()

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        self.chosen.append(event.identifier)


def rows(count: int) -> list[Row]:
    return [
        Row((Content(f"row {number}"), Content(str(number)), Content("more")), f"id{number}") for number in range(count)
    ]


def lines(pilot: Pilot[Any]) -> list[str]:
    rows = pilot.app.query_one(RowList)
    return [rows.render_line(y).text.rstrip() for y in range(rows.size.height)]


async def test_columns_are_aligned_cut_and_left_out_by_width() -> None:
    name = "診療録" * 30
    app = _ListApp([Row((shown_line(name), Content("12"), Content("wide"))), *rows(1)])
    async with app.run_test(size=(40, 5)) as pilot:
        first, second = lines(pilot)[:2]
        assert first.endswith("…      12")
        assert second.endswith("0")
        assert "wide" not in first
        await pilot.resize_terminal(80, 5)
        assert lines(pilot)[0].endswith("wide")


async def test_headings_are_passed_over_and_seen_with_their_group() -> None:
    group = [Row((Content("A"),), heading=True), *rows(2), Row(()), Row((Content("B"),), heading=True)]
    app = _ListApp([*group, Row((Content("last"),), "last")])
    async with app.run_test(size=(40, 4)) as pilot:
        listed = app.query_one(RowList)
        assert listed.chosen == "id0"
        await pilot.press("down", "down")
        assert listed.chosen == "last"
        assert lines(pilot)[-2:] == ["B", "last"]
        await pilot.press("down", "enter")
        assert app.chosen == ["last"]
        await pilot.press("home", "enter")
        assert app.chosen == ["last", "id0"]
        assert lines(pilot)[0] == "A"


async def test_an_empty_list_and_one_without_choices_do_nothing() -> None:
    app = _ListApp([])
    async with app.run_test(size=(40, 4)) as pilot:
        await pilot.press("down", "up", "pagedown", "home", "end", "enter")
        app.query_one(RowList).fill([Row((Content(f"text {number}"),)) for number in range(20)])
        await pilot.press("pagedown", "enter")
        await pilot.pause()
        assert lines(pilot)[0] == "text 4"
        assert app.chosen == []


async def test_the_highlight_stays_on_its_row_when_rows_come_and_go() -> None:
    app = _ListApp(rows(50))
    async with app.run_test(size=(40, 10)) as pilot:
        listed = app.query_one(RowList)
        await pilot.press("end")
        assert listed.chosen == "id49"
        listed.fill(rows(60))
        assert listed.chosen == "id49"
        listed.fill(rows(5))
        assert listed.chosen == "id0"
        listed.fill(rows(5), keep="id3")
        assert listed.chosen == "id3"
        await pilot.click(RowList, offset=(3, 1))
        assert listed.chosen == "id1"
        await pilot.click(RowList, offset=(3, 1))
        assert app.chosen == ["id1"]


@pytest.mark.parametrize("text", ["[@click=app.quit]x[/]", "\x1b]52;c;QQ==\x07", "\u202eabc", "[/red]"])
async def test_text_of_a_cell_is_text(text: str) -> None:
    app = _ListApp([Row((shown_line(text), Content(""), Content("")), "one")])
    async with app.run_test(size=(60, 4)) as pilot:
        line = lines(pilot)[0]
        assert not {"\x1b", "\x07", "\u202e"} & set(line)
        await pilot.click(RowList, offset=(2, 0))
        assert app.is_running
        assert all(
            segment.style is None or segment.style.link is None for segment in app.query_one(RowList).render_line(0)
        )


async def test_twenty_thousand_rows_cost_what_a_screenful_costs() -> None:
    app = _ListApp(rows(20_000))
    async with app.run_test(size=(120, 40)) as pilot:
        began = time.process_time()
        await pilot.press(*["pagedown"] * 10, "end", *["up"] * 10)
        assert time.process_time() - began < 2.0
        assert app.query_one(RowList).chosen == "id19989"
