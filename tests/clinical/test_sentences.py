"""Sentences: a bar stands where one ends."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.clinical.sentences import split_sentences

CASES = [
    ["Seen by Dr. Smith today.", "Takes metformin 500 mg. b.i.d. and 5 mg q.h.s.", "Denies pain."],
    ["Cr is 1.2.", "Patient well."],
    ["PMH: HTN, DM2.", "Meds: lisinopril 10 mg daily.", "NKDA.", "FH: father MI."],
    ["Has hepatitis C.", "No fever.", "J. Smith saw him."],
    ["CHF vs. COPD is likely.", "Plan is e.g. diuresis."],
    ["No chest pain; no dyspnea.", "Stable!"],
    ["Is there pain?", "No."],
    ["Dose is 0.5 mg.", "Next visit in 2 weeks."],
    ["1. HTN", "2. DM", "3. CKD"],
    ["pt doing well.", "denies fever.", "eating ok"],
    ["Takes aspirin p.o. daily.", "No bleeding."],
    ["Mrs. Doe was seen by Drs. Roe and Poe.", "She is well."],
]
LINES = [
    ["Denies:", "- chest pain", "- fever"],
    ["aspirin 81 mg daily", "lisinopril 10 mg daily"],
    ["MEDICATIONS", "metformin 500 mg"],
    ["1. HTN", "2. DM"],
    ["Na\t138", "K\t4.1"],
    ["| Na | 138 |", "| K | 4.1 |"],
    ["Vitals: stable", "General: well"],
]


@pytest.mark.parametrize("sentences", CASES)
def test_sentences_on_one_line(sentences: list[str]) -> None:
    text = " ".join(sentences)
    assert [span.of(text) for span in split_sentences(text)] == sentences


@pytest.mark.parametrize("lines", LINES)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_lines_that_end_sentences(lines: list[str], ending: str) -> None:
    text = ending.join(lines)
    assert [span.of(text) for span in split_sentences(text)] == lines


def test_wrapped_prose_continues() -> None:
    first = "The patient is a 68-year-old man with a long history of\ndiabetes and hypertension who has chest\npain."
    text = first + " He denies fever."
    assert [span.of(text) for span in split_sentences(text)] == [first, "He denies fever."]


def test_an_item_that_hangs_over_its_line_continues() -> None:
    text = "- chest pain that began\n  yesterday\n- fever"
    assert [span.of(text) for span in split_sentences(text)] == [text[:35], "- fever"]


def test_empty_text_has_no_sentences() -> None:
    assert split_sentences("") == ()
    assert split_sentences(" \n\t ") == ()


@given(st.text(alphabet="aB1.,:;-?!|() \n\r\t\u2028\u200b• ") | st.text())
def test_every_visible_character_is_in_exactly_one_sentence(text: str) -> None:
    sentences = split_sentences(text)
    covered = [at for span in sentences for at in range(span.start, span.end)]
    assert len(covered) == len(set(covered))
    assert {at for at, character in enumerate(text) if not character.isspace()} <= set(covered)
    assert list(sentences) == sorted(sentences)


@pytest.mark.parametrize("piece", ["a", ". ", "1. ", "a\n", "- a\n", "(" * 9, "Dr. ", "?!", "x  "])
def test_a_megabyte_of_hostile_text_is_quick(piece: str) -> None:
    text = (piece * (1_000_000 // len(piece) + 1))[:1_000_000]
    begun = time.process_time()
    split_sentences(text)
    assert time.process_time() - begun < 10  # 5 s on an idle core; cores of a shared machine run at half speed
