"""Identifiers as tools: the model reads kinds, places and counts; the words stay with the person."""

import re

import pytest
from tool_bench import CHART, Bench

from openmed_agent.errors import InputError

WORDS = ("Zebulon", "Quackenbush", "4471902", "03/14/1951", "617-555-0142")


def test_identifiers_are_told_by_kind_and_place_and_shown_to_the_person(bench: Bench) -> None:
    bench.write("note.txt", CHART)
    result = bench.call("find_identifiers", path="note.txt")
    assert not [word for word in WORDS if word in result.text]
    assert "phone" in result.text
    start = CHART.index("617-555-0142")
    assert f"[{start}-{start + 12}]" in result.text
    assert "617-555-0142" in result.display.body


def test_a_treated_text_holds_none_of_them(bench: Bench) -> None:
    for method in ("mask", "remove", "replace", "hash"):
        result = bench.call("deidentify_text", text=CHART, method=method)
        assert not [word for word in WORDS if word in result.text]
        assert "type 2 diabetes mellitus" in result.text


def test_a_copy_is_a_new_file_and_the_original_stays(bench: Bench) -> None:
    file = bench.write("note.txt", CHART)
    shown = bench.preview("deidentify_file", path="note.txt", new_path="copy.txt")
    assert not (bench.folder / "copy.txt").exists()
    assert "mask, safe_harbor" in shown.body
    bench.call("deidentify_file", path="note.txt", new_path="copy.txt")
    written = (bench.folder / "copy.txt").read_text()
    assert not [word for word in WORDS if word in written]
    assert file.read_text() == CHART
    with pytest.raises(InputError, match="exists"):
        bench.call("deidentify_file", path="note.txt", new_path="copy.txt")
    with pytest.raises(InputError, match="exists"):
        bench.call("deidentify_file", path="note.txt", new_path="note.txt")
    assert file.read_text() == CHART


def test_a_check_finds_what_was_left_in_any_spelling(bench: Bench) -> None:
    bench.write("note.txt", CHART)
    bench.write("good.txt", re.sub("|".join(WORDS), "[X]", CHART).replace("Ottilie", "[X]"))
    bench.write("bad.txt", "Seen: QUACKENBUSH, Zebulon. Phone 617 555 0142.")
    assert bench.call("check_deidentified", copy_path="good.txt", original_path="note.txt").text.startswith(
        "good.txt: 0 places"
    )
    bad = bench.call("check_deidentified", copy_path="bad.txt", original_path="note.txt")
    assert "0142" not in bad.text
    assert "quackenbush" not in bad.text.casefold()
    places = re.findall(r"\[(\d+)-(\d+)\] ", bad.text)
    copy = (bench.folder / "bad.txt").read_text()
    found = {copy[int(start) : int(end)] for start, end in places}
    assert "617 555 0142" in found
    assert {"QUACKENBUSH", "Zebulon"} <= found


def test_a_kind_that_no_list_knows_is_an_other_identifier() -> None:
    from openmed_agent.tools.privacy import known_label

    assert known_label("Date_of_Birth") == "date_of_birth"
    assert known_label("Zebulon Quackenbush") == "other_identifier"
