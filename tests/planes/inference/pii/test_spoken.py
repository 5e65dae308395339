"""Identifiers that a transcript spells out in words."""

import time

import pytest

from openmed_agent.planes.inference.pii.deidentify import deidentify
from openmed_agent.planes.inference.pii.spoken import find, respelled


def found(text: str) -> list[tuple[str, str]]:
    return [(text[one.start : one.end], one.label) for one in find(text, text.lower())]


@pytest.mark.parametrize(
    ("text", "value", "label"),
    [
        ("my number is five five five oh one seven eight thanks", "five five five oh one seven eight", "phone"),
        ("area code four one two and then", "four one two", "phone"),
        ("last four of his social nine nine two one", "nine nine two one", "ssn"),
        ("medical record number four four eight, two nine one three.", "four four eight, two nine one three",
         "medical_record_number"),
        ("call back at six one seven double five oh one four two", "six one seven double five oh one four two",
         "phone"),
        ("date of birth is June third nineteen fifty four and", "June third nineteen fifty four", "date_of_birth"),
        ("on the twenty second of March, twenty twenty five", "twenty second of March, twenty twenty five", "date"),
        ("surgery was July fourteenth", "July fourteenth", "date"),
        ("born may first two thousand and six", "may first two thousand and six", "date_of_birth"),
        ("admitted on May second", "May second", "date"),
        ("since october nine nineteen ninety nine", "october nine nineteen ninety nine", "date"),
    ],
)  # fmt: skip
def test_what_is_spelled_out_is_found(text: str, value: str, label: str) -> None:
    assert found(text) == [(value, label)]


@pytest.mark.parametrize(
    "text",
    [
        "he counted nine eight seven six five four three two one",
        "one two three four five six seven eight nine",
        "two to three tablets every four to six hours for seven days",
        "digits forward five two nine one",
        "the patient may second guess this and may first need oxygen",
        "a march third in line",
        "pain is five, six at most",
        "one or two of the three nodules, four and five millimetres",
    ],
)
def test_counts_doses_and_verbs_are_left(text: str) -> None:
    assert found(text) == []


def test_a_hostile_text_takes_time_in_proportion_to_its_length() -> None:
    began = time.process_time()
    for piece in ("five ", "june ", "twenty ", "nineteen ", "five-", "may the "):
        list(find(piece * 20_000, piece * 20_000))
    assert time.process_time() - began < 6


def test_a_stand_in_is_spelled_out_too() -> None:
    text = "call five five five, oh one seven eight now"
    new = deidentify(
        text,
        tuple(find(text, text)),
        method="replace",
        keep_year=False,
        date_shift_days=5,
        key=b"k" * 32,
        scope="p1",
        language="en",
    ).text
    words = new.removeprefix("call ").removesuffix(" now").replace(",", "").split()
    assert len(words) == 7
    assert set(words) <= {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}
    assert new != text


def test_a_run_that_is_not_of_digits_alone_is_masked() -> None:
    assert respelled("five five double two one three", lambda digits: digits) is None
    assert respelled("June third", lambda digits: digits) is None
