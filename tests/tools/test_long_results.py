"""Results too long for a context: kept whole, shown in parts, and never with half an identifier."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tool_bench import Bench

from openmed_agent.errors import UnavailableError
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.text.spans import Span
from openmed_agent.tools.invoke import LARGEST_RESULT, fitted
from openmed_agent.tools.probing import widened

NAME = "Zebulon Quackenbush"


async def names(text: str) -> tuple[Span, ...]:
    """Stand for a gate that knows one name."""
    return tuple(Span(*match.span()) for match in re.finditer(NAME, text))


def knowing(bench: Bench) -> Bench:
    return replace(bench, context=replace(bench.context, identifiers=names))


def fit(bench: Bench, text: str) -> str:
    return bench.planes.loop.run_until_complete(fitted(text, bench.context))


def test_a_long_result_is_kept_whole_behind_a_handle(bench: Bench) -> None:
    full = bench.in_mode(PhiMode.FULL)
    short = "x" * LARGEST_RESULT
    assert fit(full, short) == short
    long = "".join(f"line {number}\n" for number in range(5_000))
    shown = fit(full, long)
    assert len(shown) < LARGEST_RESULT
    assert shown.startswith(long[:1000])
    assert shown.endswith(long[-1000:])
    handle = re.search(r"read_result (result_1) from offset (\d+)", shown)
    assert handle is not None
    assert bench.context.results.read("result_1") == long
    assert shown.startswith(long[: int(handle.group(2))] + "\n[")


@pytest.mark.parametrize("shift", range(0, 24, 3))
def test_a_long_result_never_ends_within_an_identifier(bench: Bench, shift: int) -> None:
    told = knowing(bench)
    text = "-" * shift + f"{NAME} " * 2_000
    for part in re.split(r"\n\[.*\]\n", fit(told, text)):
        assert set(re.sub(NAME, "", part)) <= {" ", "-"}


def test_where_identifiers_cannot_be_told_there_is_a_handle_only(bench: Bench) -> None:
    async def unavailable(_: str) -> tuple[Span, ...]:
        raise UnavailableError("The detector cannot be reached.")

    deaf = replace(bench, context=replace(bench.context, identifiers=unavailable))
    shown = fit(deaf, f"{NAME} " * 2_000)
    assert "Quackenbush" not in shown
    assert "read_result result_1" in shown
    with pytest.raises(UnavailableError):
        deaf.call("read_result", handle="result_1", offset=3, limit=5)


def test_a_part_of_a_kept_result_cannot_spell_an_identifier(bench: Bench) -> None:
    told = knowing(bench)
    handle = told.context.results.keep(f"Seen today: {NAME}, well.")
    for offset in range(40):
        body = told.call("read_result", handle=handle, offset=offset, limit=1).text.partition("\n")[2]
        assert NAME in body or len(body) <= 1
        assert NAME in body or body not in NAME or not 12 <= offset < 12 + len(NAME)


def test_lines_are_shown_with_identifiers_whole_and_no_number_inside(bench: Bench) -> None:
    async def address(text: str) -> tuple[Span, ...]:
        start = text.index("12 Oak")
        return (Span(start, text.index("02139") + 5),)

    told = replace(bench, context=replace(bench.context, identifiers=address))
    told.write("note.txt", "Lives at\n12 Oak Street\nSpringfield, MA 02139\nsince May.\nWell.")
    for offset in (2, 3):
        text = told.call("read_file", path="note.txt", offset=offset, limit=1).text
        head, _, body = text.partition("\n")
        assert head.startswith("note.txt: lines 2-3 of 5, characters 9-44 of 61")
        assert body == "    2  12 Oak Street\nSpringfield, MA 02139"
    assert told.call("read_file", path="note.txt", offset=4, limit=9).text.partition("\n")[2] == (
        "    4  since May.\n    5  Well."
    )


def test_the_words_around_a_match_hold_identifiers_whole(bench: Bench) -> None:
    told = knowing(bench)
    for gap in range(95, 125, 3):
        told.write("note.txt", f"{NAME}{'.' * gap}needle{'.' * gap}{NAME}")
        line = told.call("grep", pattern="needle").text.splitlines()[1]
        assert not set(re.sub(rf"{NAME}|needle|note.txt:1 \[[0-9-]+\]", "", line)) - {".", " "}


@given(st.integers(0, 30), st.integers(0, 30), st.lists(st.tuples(st.integers(0, 29), st.integers(1, 9)), max_size=6))
def test_a_widened_part_cuts_nothing_and_holds_what_was_asked(
    one: int, other: int, places: list[tuple[int, int]]
) -> None:
    start, end = sorted((one, other))
    identifiers = [Span(first, first + length) for first, length in places]
    first, last = widened(start, end, identifiers)
    assert first <= start <= end <= last
    assert not any(span.start < border < span.end for span in identifiers for border in (first, last))
