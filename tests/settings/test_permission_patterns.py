"""What a rule speaks of: the documented grammar, against a plain reference, and hostile texts."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.settings.permission_patterns import (
    LONGEST_PATTERN,
    PatternError,
    absolute_pattern,
    compile_glob,
    normalised,
    parse_pattern,
)


@pytest.mark.parametrize(
    ("pattern", "tool", "subject", "expected"),
    [
        ("read_file", "read_file", "/a/b", True),
        ("read_file", "read_files", "", False),
        ("read_file", "read_fil", "", False),
        ("read*", "read_file", "", True),
        ("read*", "read", "", True),
        ("read*", "write_file", "", False),
        ("*", "anything", "/x", True),
        ("*(/a/**)", "write_file", "/a/b", True),
        ("write_file(/a/*)", "write_file", "/a/b", True),
        ("write_file(/a/*)", "write_file", "/a/b/c", False),
        ("write_file(/a/*)", "write_file", "/a/", False),
        ("write_file(/a/**)", "write_file", "/a/b/c", True),
        ("write_file(/a/**)", "write_file", "/a", True),
        ("write_file(/a/**)", "write_file", "/ab", False),
        ("write_file(/a/**)", "write_file", "/ab/c", False),
        ("write_file(/a/**/secret.txt)", "write_file", "/a/secret.txt", True),
        ("write_file(/a/**/secret.txt)", "write_file", "/a/x/y/secret.txt", True),
        ("write_file(/a/**/secret.txt)", "write_file", "/a/xsecret.txt", False),
        ("write_file(**/secret.txt)", "write_file", "/a/secret.txt", True),
        ("write_file(/a/?.txt)", "write_file", "/a/b.txt", True),
        ("write_file(/a/?.txt)", "write_file", "/a//.txt", False),
        ("write_file(/a/**)", "write_file", "/a/../etc/passwd", False),
        ("write_file(/etc/**)", "write_file", "/a/../etc/passwd", True),
        ("write_file(/etc/**)", "write_file", "//etc//./passwd", True),
        ("write_file(/etc/../a/**)", "write_file", "/a/b", True),
        ("write_file(/a/note (1).txt)", "write_file", "/a/note (1).txt", True),
        ("write_file(/a/[b].txt)", "write_file", "/a/b.txt", False),
        ("write_file(/a/[b].txt)", "write_file", "/a/[b].txt", True),
        ("write_file(/a/.+)", "write_file", "/a/bb", False),
        ("write_file(/a/b)", "write_file", "/a/b\n", False),
        ("run_workflow(chart_*)", "run_workflow", "chart_summary", True),
        ("run_workflow(chart_*)", "run_workflow", "", False),
    ],
)
def test_a_pattern_speaks_of_what_the_page_says(pattern: str, tool: str, subject: str, expected: bool) -> None:  # noqa: FBT001
    assert parse_pattern(pattern).matches(tool, subject) is expected


@pytest.mark.parametrize(
    "subject", ["/charts/LEE.txt", "/CHARTS/Lee.TXT", "/charts/le\u0301e.txt", "/charts/l\u00e9e.txt"]
)
def test_what_forbids_does_not_hang_on_case_or_the_form_of_letters(subject: str) -> None:
    rules = [parse_pattern("read_file(/charts/lee.txt)"), parse_pattern("read_file(/charts/l\u00e9e.txt)")]
    assert any(rule.matches_alike("read_file", subject) for rule in rules)
    assert not any(rule.matches_alike("read_file", "/charts/leo.txt") for rule in rules)
    assert not rules[0].matches("read_file", "/CHARTS/Lee.TXT"), "what allows is exact"


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("", "empty"),
        (" ", "no name"),
        ("Read", "no name"),
        ("read file", "no name"),
        ("re*d", "no name"),
        ("**", "no name"),
        ("(/a)", "no name"),
        ("read_file()", "nothing between"),
        ("read_file(", "do not match"),
        ("read_file)", "no name"),
        ("read_file(/a", "do not match"),
        ("read_file(/a))", "do not match"),
        ("read_file((/a)", "do not match"),
        ("read_file(/a)(", "do not match"),
        ("read_file(/a)x", "do not match"),
        ("read_file()(a)", "do not match"),
        ("read_file(/a/***)", "two stars"),
        ("read_file(/a/)", "write /\\*\\*"),
        ("read_file(/a\x00)", "control"),
        ("read_file(/a\u202eb)", "control"),
        ("read_file(/a\u200bb)", "control"),
        ("read_file(/a\n)", "control"),
        ("read_file(" + "*a" * LONGEST_PATTERN + ")", "longer"),
        ("a" * 70, "no name"),
    ],
)
def test_what_cannot_be_held_is_refused_without_being_repeated(pattern: str, why: str) -> None:
    with pytest.raises(PatternError, match=why) as raised:
        parse_pattern(pattern)
    assert str(raised.value).startswith("the pattern")
    assert len(pattern.strip()) < 6 or pattern not in str(raised.value)


def test_a_megabyte_is_matched_in_one_pass_whatever_the_pattern() -> None:
    glob = compile_glob("/" + "**a*b?" * 160 + "z")
    start = time.process_time()
    assert not glob.matches("/" + "ab" * 500_000)
    assert not compile_glob("**" + "a" * 1000 + "b").matches("a" * 1_000_000)
    assert time.process_time() - start < 20, "quadratic matching would take hours"


PIECES = st.sampled_from(["a", "b", "/", "*", "**", "?", ".", "/**/", "/**"])
SUBJECTS = st.text(alphabet="ab/.", max_size=12)


@given(st.lists(PIECES, min_size=1, max_size=7).map("".join), SUBJECTS)
def test_matching_agrees_with_a_plain_expression(glob: str, subject: str) -> None:
    if "***" in glob:
        with pytest.raises(PatternError):
            compile_glob(glob)
        return
    assert compile_glob(glob).matches(subject) is bool(re.fullmatch(reference(glob), subject))


def reference(glob: str) -> str:
    """The documented meaning, written for Python's own matcher."""
    parts: list[str] = []
    position = 0
    while position < len(glob):
        at_start = position == 0 or glob[position - 1] == "/"
        if glob.startswith("**/", position) and at_start:
            parts.append("(?:.*/)?")
            position += 3
        elif glob.startswith("**", position):
            parts.append(".*")
            position += 2
        else:
            parts.append({"*": "[^/]*", "?": "[^/]"}.get(glob[position], re.escape(glob[position])))
            position += 1
    return "(?s)" + "".join(parts)


def test_a_pattern_may_start_at_home_or_in_its_project() -> None:
    home, base = Path("/home/lee"), Path("/work/p")
    assert absolute_pattern("read_file(~/notes/**)", home=home) == "read_file(/home/lee/notes/**)"
    assert absolute_pattern("read_file(./notes/*)", home=home, base=base) == "read_file(/work/p/notes/*)"
    assert absolute_pattern("read_file(./../x)", home=home, base=base) == "read_file(/work/x)"
    assert absolute_pattern("read_file", home=home) == "read_file"
    with pytest.raises(PatternError, match="only a pattern of a project"):
        absolute_pattern("read_file(./notes/*)", home=home)
    with pytest.raises(PatternError, match="write the whole path"):
        absolute_pattern("read_file(~/notes/**)", home=Path("/home/*"))


@given(SUBJECTS)
def test_a_normalised_path_is_whole_and_stays_as_it_is(subject: str) -> None:
    once = normalised("/" + subject)
    assert once == normalised(once)
    assert once.startswith("/")
    assert not {"", ".", ".."} & set(once.split("/")[1:]) or once == "/"
