"""An identifier cannot be spelled out by asking whether a piece of it stands somewhere."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tool_bench import CHART, Bench

from openmed_agent.errors import InputError
from openmed_agent.privacy.detection import united_detector
from openmed_agent.privacy.model_gate import ModelGate
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.privacy.vault import Vault
from openmed_agent.text.spans import Span
from openmed_agent.tools.probing import cuts, hidden


def stands(bench: Bench, words: str) -> bool:
    return "0 of 1" not in bench.call("check_quotes", path="note.txt", quotes=[words]).text


def test_a_quote_with_a_piece_of_an_identifier_is_not_confirmed(bench: Bench) -> None:
    bench.write("note.txt", CHART)
    for words in ("MRN: 4", "MRN: 447", "71902", "DOB: 03/1", "Zeb", "Quack", "617-55"):
        assert words in CHART
        assert not stands(bench, words)
    for words in ("MRN: 4471902", "DOB: 03/14/1951", "type 2 diabetes", "Metformin 5"):
        assert stands(bench, words)
    assert stands(bench.in_mode(PhiMode.FULL), "MRN: 447")


def test_a_search_cannot_spell_an_identifier(bench: Bench) -> None:
    bench.write("note.txt", CHART)
    nothing = "0 lines in 0 of 1 files"
    for digit in "047":
        assert bench.call("grep", pattern=f"MRN: {digit}").text == nothing
        for pattern in (rf"MRN: {digit}\d*", rf"MRN: (?={digit})", rf"^.*MRN: {digit}.*$", rf"(?<=MRN: ){digit}"):
            assert bench.call("grep", pattern=pattern, regex=True).text == nothing
    assert "type 2 diabetes" in bench.call("grep", pattern=r"type \d diab", regex=True).text
    whole = bench.call("grep", pattern="MRN: 4471902").text
    assert whole.startswith("1 lines")
    assert bench.in_mode(PhiMode.FULL).call("grep", pattern="MRN: 44").text.startswith("1 lines")


def test_an_edit_cannot_spell_an_identifier_and_can_replace_a_whole_one(bench: Bench) -> None:
    file = bench.write("note.txt", CHART)
    for old in ("MRN: 44", "DOB: 0"):
        with pytest.raises(InputError, match="does not stand"):
            bench.call("edit_file", path="note.txt", old_text=old, new_text="x")
        with pytest.raises(InputError, match="does not stand"):
            bench.preview("edit_file", path="note.txt", old_text=old, new_text="x")
    bench.call("edit_file", path="note.txt", old_text="MRN: 4471902", new_text="MRN: none")
    assert file.read_text() == CHART.replace("4471902", "none")


def test_what_the_gate_knows_counts_where_it_says_so(bench: Bench) -> None:
    bench.write("note.txt", CHART)

    async def known(text: str) -> tuple[Span, ...]:
        start = text.index("hypertension")
        return (Span(start, start + len("hypertension")),)

    told = replace(bench, context=replace(bench.context, identifiers=known))
    assert not stands(told, "hyper")
    assert stands(told, "hypertension")
    assert stands(told, "MRN: 44")


def test_a_name_that_a_record_announces_is_kept_back_piece_by_piece_too(bench: Bench) -> None:
    gate = ModelGate(PhiMode.DEID, Vault(), united_detector(bench.planes.inference, None))
    told = replace(bench, context=replace(bench.context, learn=gate.learn, identifiers=gate.identifiers))
    patient = {"resourceType": "Patient", "name": [{"family": "Xqwzt", "given": ["Vlkrj"]}], "birthDate": "1951-03-14"}
    told.write("note.txt", json.dumps(patient))
    for words in ("Xqw", "zt", "Vl", "1951-0"):
        assert not stands(told, words)
        assert told.call("grep", pattern=words).text.startswith("0 lines")
        assert told.call("grep", pattern=f"(?={words})", regex=True).text.startswith("0 lines")
    for words in ("Xqwzt", "1951-03-14"):
        assert stands(told, words)


@given(st.text("ab\n 1", max_size=40), st.lists(st.tuples(st.integers(0, 39), st.integers(1, 8)), max_size=4))
def test_a_hidden_text_keeps_its_lines_and_tells_nothing(text: str, places: list[tuple[int, int]]) -> None:
    spans = [Span(start, min(start + length, len(text))) for start, length in places if start < len(text)]
    shown = hidden(text, spans)
    assert len(shown) == len(text)
    assert [at for at, c in enumerate(text) if c == "\n"] == [at for at, c in enumerate(shown) if c == "\n"]
    for at, character in enumerate(shown):
        inside = any(span.start <= at < span.end for span in spans)
        assert character == (("\n" if text[at] == "\n" else "\ufffc") if inside else text[at])


def test_words_that_hold_every_identifier_whole_cut_none() -> None:
    assert cuts(Span(0, 5), [Span(4, 8)])
    assert cuts(Span(5, 6), [Span(4, 8)])
    assert not cuts(Span(0, 8), [Span(4, 8)])
    assert not cuts(Span(0, 4), [Span(4, 8)])
