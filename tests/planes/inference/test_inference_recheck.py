"""What the local check of a de-identified text sees, and what it mends."""

from itertools import pairwise

import pytest

from openmed_agent.errors import NotPermittedError
from openmed_agent.planes.inference.recheck import Redaction, recheck, repaired
from openmed_agent.text.spans import Span


def redaction(text: str, value: str, label: str, replacement: str, *, occurrence: int = 0) -> Redaction:
    start = -1
    for _ in range(occurrence + 1):
        start = text.index(value, start + 1)
    return Redaction(Span(start, start + len(value)), label, replacement)


def left_texts(text: str, redactions: list[Redaction]) -> set[str]:
    return {span.of(text) for span, _ in recheck(text, redactions, language="en").found}


def test_nothing_is_left_when_all_is_covered() -> None:
    text = "SSN 219-09-9999 seen today"
    assert recheck(text, [redaction(text, "219-09-9999", "ssn", "[ssn]")], language="en").nothing


def test_what_the_service_did_not_see_is_left() -> None:
    text = "SSN 219-09-9999, call (508) 555-0173"
    left = left_texts(text, [redaction(text, "219-09-9999", "ssn", "[ssn]")])
    assert any("555-0173" in value for value in left)


def test_half_an_identifier_is_left() -> None:
    text = "portal http://p.example.org/x was used"
    assert left_texts(text, [redaction(text, "http://p.example", "url", "[url]")])


@pytest.mark.parametrize(
    ("text", "value", "again"),
    [
        ("Zuzzanka came. later ZUZZANKA left", "Zuzzanka", "ZUZZANKA"),
        ("Zuzzanka came. later zuzzanka left", "Zuzzanka", "zuzzanka"),
        ("code 77-88-991 and then 7788991 again", "77-88-991", "7788991"),
        ("code 77-88-991 and then 77 88 991 again", "77-88-991", "77 88 991"),
    ],
)
def test_a_repetition_of_what_the_service_found_is_left(text: str, value: str, again: str) -> None:
    assert again in left_texts(text, [redaction(text, value, "last_name", "[last_name]")])


def test_a_name_that_is_also_a_word_is_no_repetition_in_small_letters() -> None:
    text = "Ask Will when he will be back"
    assert "will" not in left_texts(text, [redaction(text, "Will", "first_name", "[first_name]")])


def test_a_replacement_equal_to_the_original_is_left() -> None:
    text = "Seen by Zuzzanka here"
    assert "Zuzzanka" in left_texts(text, [redaction(text, "Zuzzanka", "first_name", "zuzzanka")])


def test_the_refusal_counts_categories_and_shows_nothing() -> None:
    text = "SSN 219-09-9999 and SSN 078-05-1120, call (508) 555-0173"
    error = recheck(text, [], language="en").refusal()
    assert isinstance(error, NotPermittedError)
    assert "2 x social security number" in str(error)
    assert not set("0123456789") & set(error.message.replace("2 x", "").replace("1 x", ""))


def test_repair_covers_what_was_left_and_keeps_what_was_done() -> None:
    text = "Zuzzanka, portal http://p.example.org/x, call (508) 555-0173. Zuzzanka again."
    done = [
        redaction(text, "Zuzzanka", "first_name", "Dana"),
        redaction(text, "http://p.example", "url", "http://other.example"),
    ]
    mended, added = repaired(done, recheck(text, done, language="en"))
    assert added >= 3
    assert recheck(text, mended, language="en").nothing
    assert all(first.span.end <= second.span.start for first, second in pairwise(mended))
    assert mended[0].replacement == "Dana"


def test_a_language_that_cannot_be_checked_is_refused() -> None:
    with pytest.raises(NotPermittedError, match="language"):
        recheck("abc", [], language="tlh")


@pytest.mark.parametrize("value", ["101", "7"])
def test_a_short_number_stands_elsewhere_by_chance(value: str) -> None:
    text = f"Fern Moody is {value} years old. Temp {value}.3, HR {value}, platelets {value}."
    redactions = [
        redaction(text, "Fern", "first_name", "[first_name]"),
        redaction(text, "Moody", "last_name", "[last_name]"),
        redaction(text, value, "age", "90+"),
    ]
    assert recheck(text, redactions, language="en").nothing


def test_a_longer_number_that_repeats_is_left() -> None:
    text = "Ext. 4471, card 4471"
    assert left_texts(text, [redaction(text, "4471", "phone", "[phone]")]) == {"4471"}
