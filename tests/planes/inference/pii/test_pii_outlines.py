"""A look at the outline of a text first: what it turns down, no expression would have found."""

import re

from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.planes.inference.pii import numbers
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
