"""Searching: what is found, and patterns and files that are made to harm."""

import time

import pytest
from tool_bench import CHART, Bench

from openmed_agent.errors import InputError, LimitReachedError, NotPermittedError, OpenMedError
from openmed_agent.privacy.modes import PhiMode


def test_words_are_found_in_any_case_with_their_place(bench: Bench) -> None:
    bench.write("a.txt", CHART)
    bench.write("sub/b.txt", "nothing of that kind")
    result = bench.call("grep", pattern="metformin 500")
    start = CHART.index("Metformin 500")
    line = CHART[:start].count("\n") + 1
    assert f"a.txt:{line} [{start}-{start + 13}] Metformin 500 mg by mouth twice daily" in result.text
    assert CHART in bench.learned
    assert bench.call("grep", pattern="metformin 500", ignore_case=False).text.startswith("0 lines")


def test_plain_words_are_no_pattern_and_a_pattern_is_one(bench: Bench) -> None:
    bench.write("a.txt", "BP 120/80\n(a+b)*c here")
    assert "(a+b)*c" in bench.call("grep", pattern="(a+b)*c").text
    assert "BP 120/80" in bench.call("grep", pattern=r"\d{2,3}/\d{2}", regex=True).text
    for pattern in ("(", "*", "(?P<x>a)(?P<x>b)", "a{99999999999}"):
        with pytest.raises(InputError):
            bench.call("grep", pattern=pattern, regex=True)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(.*.*.*.*)x$"])
def test_a_pattern_that_would_never_end_is_ended(bench: Bench, pattern: str) -> None:
    bench.write("a.txt", "a" * 15_000 + "!")
    start = time.monotonic()
    with pytest.raises((LimitReachedError, InputError)):
        bench.call("grep", pattern=pattern, regex=True)
    assert time.monotonic() - start < 20


def test_a_megabyte_on_one_line_is_searched_in_its_beginning_only(bench: Bench) -> None:
    bench.write("a.txt", "needle " + "x" * 1_000_000 + " lastword")
    full = bench.in_mode(PhiMode.FULL)
    text = full.call("grep", pattern="needle").text
    assert len(text) < 500
    assert full.call("grep", pattern="lastword").text.startswith("0 lines")


def test_all_that_is_searched_is_learned_and_refused_files_are_not_searched(bench: Bench) -> None:
    bench.write("a.txt", "needle one")
    bench.write("b.txt", "hay")
    bench.write("c.txt", "needle openmed-approval.1." + "A" * 200)
    (bench.folder / "d.txt").write_bytes(b"needle \x00\x01")
    (bench.folder / "e.txt").symlink_to(bench.folder / "a.txt")
    result = bench.call("grep", pattern="needle")
    assert bench.learned == ["needle one", "hay"]
    head = "1 lines in 1 of 2 files; 3 files not searched (no text, too large, or not for tools)"
    assert result.text.splitlines()[0] == head
    with pytest.raises(NotPermittedError):
        bench.call("grep", pattern="needle", path="c.txt")


def test_a_folder_is_searched_only_as_far_as_it_can_be_learned_in_time(bench: Bench) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        bench.write(name, "hay and needle\n" * 60_000)
    with pytest.raises(LimitReachedError, match="2 MB"):
        bench.call("grep", pattern="no such words")
    full = bench.in_mode(PhiMode.FULL).call("grep", pattern="needle", limit=3)
    assert full.text.startswith("3 lines in 1 of 3 files; there are more")


def test_a_second_place_on_the_line_counts_where_the_first_is_kept_back(bench: Bench) -> None:
    bench.write("a.txt", "MRN: 4471902, room 4471")
    text = bench.call("grep", pattern="4471").text
    assert text.startswith("1 lines")
    assert "[19-23]" in text


def test_lines_are_limited_and_it_is_said(bench: Bench) -> None:
    bench.write("a.txt", "needle\n" * 100)
    text = bench.call("grep", pattern="needle", limit=5).text
    assert len(text.splitlines()) == 6
    assert "there are more" in text


def test_a_search_outside_is_refused_and_strict_mode_has_none(bench: Bench) -> None:
    bench.write("a.txt", CHART)
    for path in ("..", "/etc"):
        with pytest.raises(OpenMedError):
            bench.call("grep", pattern="root", path=path)
    with pytest.raises(NotPermittedError):
        bench.in_mode(PhiMode.STRICT).call("grep", pattern="Quackenbush")
