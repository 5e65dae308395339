"""A cheap look first: what it turns down, no expression would have found in the whole text."""

import re

from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.planes.inference.pii import columns, credentials, dates, identifiers, numbers, phones
from openmed_agent.planes.inference.pii.numbers import find
from openmed_agent.planes.inference.pii.patterns import found, outline

_CODES = st.lists(
    st.one_of(
        st.sampled_from([*"xX*-.() \n", "İ", "ſ", "ß", "é", "‐", "•", "٣", "０", "²", "漢"]),
        st.text("0123456789", min_size=1, max_size=5),
        st.text("ABCDHIPQX", min_size=1, max_size=3),
    ),
    max_size=14,
).map("".join)
_VALUES = st.sampled_from(
    [
        "219-09-9999", "219 - 09 9999", "xxx-xx-6789", "AB 12 34 56 C", "4111111111111111", "4111 1111 1111 1111",
        "GB82 WEST 1234 5698 7654 32", "2123 45670 1", "1M8GDM9AXKP042788", "1234567893", "AB1234563",
        "1EG4-TE5-MK73", "(01)00844588003288(17)141120", "AB-1234567", "A1234567-XY99",
    ]
)  # fmt: skip
_FIGURES = st.lists(
    st.one_of(
        st.sampled_from([*"/-. ,:%Tx(+\n", " - ", "٣", "²", "é", "mg"]),
        st.integers(0, 35).map(str),
        st.sampled_from(["01", "09", "1999", "2024", "555", "0199", "+1", "(555)", " 555 0199"]),
    ),
    max_size=12,
).map("".join)
_WORDS_OF_DATES = st.lists(
    st.sampled_from(
        [
            "May", "may", "Mar", "March", "JUNE", "Sept", "Sept.", "Febrile", "Feb", "Octopus", "Wednesday,", "Sun",
            "5", "12th", "31st", "of", "the", "2024", "1999,", "'24", "in", "since", "to", "-", "mg", "5May",
            "5-Jan-20",
        ]
    ),
    max_size=9,
).map(" ".join)  # fmt: skip


@given(st.text(max_size=60) | _CODES)
def test_an_outline_has_a_nought_where_the_text_has_a_digit(text: str) -> None:
    assert [match.start() for match in re.finditer(r"\d", text)] == [
        place for place, character in enumerate(outline(text)) if character == ord("0")
    ]
    assert len(outline(text)) == len(text)


@given(_CODES, _VALUES, _CODES)
def test_the_outline_turns_down_no_number_that_an_expression_finds(head: str, value: str, tail: str) -> None:
    text = head + value + tail
    every = [
        finding
        for group in (numbers._PATTERNS, numbers._SEPARATED, numbers._VEHICLE)
        for pattern in group
        for finding in pattern.find(text, text.lower())
    ]
    assert [finding for finding in find(text, text.lower()) if finding in every] == every


@given(_CODES, _VALUES, _CODES)
def test_every_long_code_is_looked_at(head: str, value: str, tail: str) -> None:
    text = head + value + tail
    codes = {match.span() for match in numbers._UNNAMED.finditer(text)}
    unnamed = {(f.start, f.end) for f in find(text, text.lower()) if f.label == "unique_id"}
    long = {(start, end) for start, end in codes if len(re.findall("[0-9]", text[start:end])) >= 7}
    assert unnamed <= codes
    assert {span for span in long if text[: span[0]].strip(" ") == ""} <= unnamed


def test_a_pattern_is_asked_only_when_its_stretch_is_there() -> None:
    text = "4111111111111111"
    assert list(found(numbers._PATTERNS, text, text, b"")) == []
    assert [f.label for f in found(numbers._PATTERNS, text, text, outline(text))] == ["credit_card"]


@given(_FIGURES)
def test_a_date_in_numbers_is_found_from_its_marks(text: str) -> None:
    expected = {
        match.span()
        for match in dates._NUMERIC.finditer(text)
        if dates._calendar(match[1], match[3]) and dates._separator_fits(match)
    }
    expected |= {m.span() for m in dates._ISO.finditer(text) if int(m[3]) <= 12 and int(m[4]) <= 31}
    expected |= {m.span() for m in dates._PARTIAL.finditer(text) if dates._is_partial_date(text, m)}
    for expression in (dates._MONTH_OF_YEAR, dates._YEAR_AND_MONTH):
        expected |= {match.span() for match in expression.finditer(text)}
    assert {(start, end) for start, end, _ in dates._in_numbers(text)} == expected


@given(_WORDS_OF_DATES)
def test_a_date_in_words_is_found_from_its_month(text: str) -> None:
    found_dates = {(start, end) for start, end, _ in dates._spans(text, text.lower())}
    for expression in (dates._MONTH_AND_DAY, dates._DAY_AND_MONTH, *dates._MONTH_AND_YEAR):
        for match in expression.finditer(text):
            assert {(start, end) for start, end, _ in dates._worded(text, match)} <= found_dates
    for match in dates._MONTH_ALONE.finditer(text):
        assert match[1] in {"may", "march", "mar"} or match.span(1) in found_dates


@given(_FIGURES)
def test_a_telephone_number_is_found_from_its_beginning(text: str) -> None:
    spans = {(found.start, found.end) for found in phones.find(text, text.lower())}
    for expression in (phones._AMERICAN, phones._LOOSE_AMERICAN):
        assert {match.span() for match in expression.finditer(text)} <= spans
    assert {m.span() for m in phones._GROUPED.finditer(text) if phones._plausible(text, m)} <= spans


@given(
    st.lists(st.sampled_from(["MRN", "acct", "no.", "dose", "patientId", "is", "(", ":", "x_mrn", "="])).map(" ".join)
)
def test_a_plain_last_word_hides_no_name(lead: str) -> None:
    text = f"<b> {lead} 1234"  # a tag, so that all words before the number are read
    if identifiers._ends_unnamed(lead):
        assert identifiers._name_before(text, text.index("1234")) is None


def test_a_plain_last_word_is_known() -> None:
    assert identifiers._ends_unnamed("MRN and a dose")
    assert not identifiers._ends_unnamed("the patientId")
    assert not identifiers._ends_unnamed("MRN is")


@given(
    st.sampled_from("|;\t,"),
    st.lists(st.sampled_from(["mrn", "user", "12345", "a b"]), min_size=6, max_size=12),
    st.text("ab ,;|\n", max_size=20),
)
def test_headings_and_cells_are_seen_for_a_table(mark: str, cells: list[str], around: str) -> None:
    half = len(cells) // 2
    lines = [around, mark.join(cells[:half]), f"{mark} ".join(cells[half : 2 * half]), around]
    assert columns._may_hold_table("\n".join(lines))


@given(st.text(st.sampled_from("aA1_-@. \n"), max_size=80))
def test_a_long_run_is_seen_in_its_word(text: str) -> None:
    assert credentials._holds_long_run(text) == bool(credentials._LONG.search(text))
