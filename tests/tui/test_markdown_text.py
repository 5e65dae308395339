"""Markdown as wrapped text: nothing is lost, hidden or too wide, however it arrives."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.content import Content

from openmed_agent.text.terminal import cell_width
from openmed_agent.tui.conversation.views.markdown_text import MarkdownText

WORDS = (
    "word ",
    "**bold** ",
    "*it* ",
    "`code` ",
    "[a](http://e.org) ",
    "<b>x</b> ",
    "&amp; ",
    "漢字 ",
    "*",
    "\n",
    "\n\n",
)
BLOCKS = ("- item\n", "  - below\n", "1. first\n", "# Heading\n", "> said\n", "```\ncode\n```\n", "---\n")
TABLE = "| a | b |\n|--|--|\n| 1 | 2 |\n"
PIECES = st.sampled_from((*WORDS, *BLOCKS, TABLE, "\n\n"))
SOURCES = st.lists(PIECES, max_size=60).map("".join)


def text_of(source: str, width: int = 60) -> str:
    return "\n".join(page.plain for page in MarkdownText(width).append(source))


@settings(deadline=None, max_examples=60)
@given(source=SOURCES, cuts=st.lists(st.integers(1, 17), min_size=1, max_size=9))
def test_pieces_amount_to_the_whole(source: str, cuts: list[int]) -> None:
    growing, pages, place, turn = MarkdownText(50), [Content("")], 0, 0
    while place < len(source):
        step = cuts[turn % len(cuts)]
        pages[-1:] = growing.append(source[place : place + step])
        place, turn = place + step, turn + 1
    whole = MarkdownText(50).append(source)
    assert [page.plain for page in pages] == [page.plain for page in whole]


@settings(deadline=None, max_examples=60)
@given(source=SOURCES, width=st.integers(14, 90))
def test_no_line_is_wider_than_the_window(source: str, width: int) -> None:
    assert all(cell_width(line) <= width for line in text_of(source, width).splitlines())


@pytest.mark.parametrize(
    "hiding",
    [
        "[safe](http://evil.org)",
        "![alt](x.png)",
        "<b>x</b>",
        "<!-- no -->",
        "&#27;[2J",
        "[x]: http://evil.org",
        "<http://e.org>",
    ],
)
def test_nothing_hides_behind_markup(hiding: str) -> None:
    assert hiding in text_of(f"Before {hiding} after.", 80)
    assert hiding in text_of(hiding, 80)


def test_lists_hang_behind_their_marks_and_tables_stand_in_columns() -> None:
    shown = text_of("1. " + "one two three " * 3 + "\n2. b\n\n| drug | dose |\n|-|-|\n| metformin | 500 mg |", 24)
    assert shown.splitlines() == [
        "1. one two three one two",
        "   three one two three",
        "2. b",
        "",
        "drug        dose  ",
        "─────────   ──────",
        "metformin   500 mg",
    ]


def test_a_table_that_is_too_wide_for_columns_is_read_row_by_row() -> None:
    columns = 12
    head, rule, row = ("|" + "|".join(cells) + "|\n" for cells in (
        [f"h{n}" for n in range(columns)], ["-"] * columns, [f"value {n}" for n in range(columns)],
    ))  # fmt: skip
    assert text_of(head + rule + row, 40).splitlines() == [f"h{n}: value {n}" for n in range(columns)]


@pytest.mark.parametrize("hostile", ["*", "> ", "- ", "`", "|", "[", "**a ", "#"])
def test_hostile_text_takes_no_time(hostile: str) -> None:
    before = time.process_time()
    assert text_of(hostile * 10_000 + "\nend").strip()
    assert time.process_time() - before < 3
