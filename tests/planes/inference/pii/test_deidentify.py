"""The methods, the shifting of dates, the stand-ins and the second look."""

import datetime as dt
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openmed_agent.planes.inference.pii import checksums
from openmed_agent.planes.inference.pii.block_out import blocks
from openmed_agent.planes.inference.pii.date_shift import shift_days_of_scope, shifted
from openmed_agent.planes.inference.pii.deidentify import Deidentified, Method, deidentify
from openmed_agent.planes.inference.pii.detector import detect
from openmed_agent.planes.inference.pii.labels import CANONICAL_LABELS, SafeHarborCategory, safe_harbor_category
from openmed_agent.planes.inference.pii.residual import residual_identifiers

NOTE = (
    "Patient: Margaret Connell, DOB 04/12/1951, SSN 219-09-9999, MRN 88231907, phone (508) 555-0173, NPI 1234567893.\n"
    "Seen 02/29/2024 and on 2/11. Mrs. Connell (M. Connell) writes from mc@mail.org. VIN 1HGCM82633A004352."
)
ORIGINALS = (
    "Margaret",
    "Connell",
    "04/12/1951",
    "219-09-9999",
    "88231907",
    "(508) 555-0173",
    "1234567893",
    "mc@mail.org",
    "1HGCM82633A004352",
)


def run(
    method: Method,
    text: str = NOTE,
    *,
    key: bytes = b"secret",
    scope: str | None = "p1",
    days: int | None = 30,
    keep_year: bool = False,
) -> Deidentified:
    return deidentify(
        text, detect(text), method=method, keep_year=keep_year, date_shift_days=days, key=key, scope=scope
    )


@pytest.mark.parametrize("method", ["mask", "remove", "replace", "hash", "shift_dates", "redact"])
def test_no_original_is_left_by_any_method(method: Method) -> None:
    text = run(method).text
    assert [original for original in ORIGINALS if original in text] == []


def test_shapes_are_those_of_the_recorded_service() -> None:
    text = "MRN 88231907."
    assert run("mask", text).text == "MRN [medical_record_number]."
    assert run("remove", text).text == "MRN [medical_record_number_REMOVED]."
    assert re.fullmatch(r"MRN medical_record_number_[0-9a-f]{8,}\.", run("hash", text).text)
    assert run("redact", text).text == "MRN ████████."


def test_replacements_say_what_stands_where() -> None:
    result = run("mask")
    rebuilt, position = "", 0
    for replacement in result.replacements:
        rebuilt += NOTE[position : replacement.start] + replacement.new_text
        position = replacement.end
    assert rebuilt + NOTE[position:] == result.text


def test_hash_is_keyed_and_scoped() -> None:
    assert run("hash").text == run("hash").text
    assert run("hash", key=b"other").text != run("hash").text
    assert run("hash", scope="p2").text != run("hash").text


def test_one_person_gets_one_surrogate_through_all_forms() -> None:
    result = run("replace")
    new = {NOTE[r.start : r.end]: r.new_text for r in result.replacements}
    surnames = {r.new_text for r in result.replacements if NOTE[r.start : r.end] == "Connell"}
    assert len(surnames) == 1
    assert new["M."][0] == new["Margaret"][0]
    assert new["Margaret"] != "Margaret"


def test_surrogates_keep_form_and_checksum() -> None:
    new = {r.label: r.new_text for r in run("replace").replacements}
    assert checksums.npi(new["npi"])
    assert checksums.vin(new["vin"])
    assert re.fullmatch(r"9\d\d-\d\d-\d{4}", new["ssn"])
    assert re.fullmatch(r"\(\d{3}\) 555-01\d\d", new["phone"])


@pytest.mark.parametrize(
    ("written", "days", "expected"),
    [
        ("02/29/2024", 1, "03/01/2024"),
        ("Feb 29, 2024", 366, "Mar 1, 2025"),
        ("2024-02-28", 1, "2024-02-29"),
        ("12/31/23", 1, "01/01/24"),
        ("25/12/2023", 7, "01/01/2024"),
        ("15-Jan-2024", -15, "31-Dec-2023"),
        ("JANUARY 31, 2024", 29, "FEBRUARY 29, 2024"),
        ("20240229", 365, "20250228"),
        ("Monday, March 04, 2024", 1, "Tuesday, March 05, 2024"),
    ],
)
def test_full_dates_move_and_keep_their_form(written: str, days: int, expected: str) -> None:
    assert shifted(written, days, keep_year=False) == expected


@pytest.mark.parametrize(
    "written", ["2/11", "3/4", "March 2024", "Feb 3rd", "Christmas", "02/30/2024", "13/13/2024", "9999-12-31"]
)
def test_partial_or_impossible_dates_are_never_filled_in(written: str) -> None:
    assert shifted(written, 30, keep_year=False) is None


def test_a_kept_year_stays() -> None:
    moved = shifted("12/20/2023", 30, keep_year=True)
    assert moved == "01/19/2023"


def test_shift_masks_births_and_partial_dates() -> None:
    text = run("shift_dates", days=1).text
    assert "[date_of_birth]" in text
    assert "03/01/2024" in text
    assert "on [date]." in text


@given(
    st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)),
    st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)),
    st.integers(-400, 400),
)
def test_intervals_are_kept(first: dt.date, second: dt.date, days: int) -> None:
    moved = [shifted(date.isoformat(), days, keep_year=False) for date in (first, second)]
    one, two = (dt.date.fromisoformat(date or "") for date in moved)
    assert two - one == second - first


def test_the_drawn_shift_is_never_zero_and_belongs_to_the_scope() -> None:
    drawn = {shift_days_of_scope(b"k", f"p{number}") for number in range(500)}
    assert 0 not in drawn
    assert max(map(abs, drawn)) <= 365
    assert shift_days_of_scope(b"k", "p1") == shift_days_of_scope(b"k", "p1")


@pytest.mark.parametrize(("key", "days"), [(b"", 3), (b"k", 0)])
def test_what_would_protect_nothing_is_refused(key: bytes, days: int) -> None:
    with pytest.raises(ValueError, match=r"secret key|0 days"):
        deidentify("x", (), method="mask", keep_year=False, date_shift_days=days, key=key, scope=None)


PARTS = st.sampled_from(
    [
        "Mr. Connell ",
        "Dr. Okafor, ",
        "(508) 555-0173 ",
        "02/29/2024 ",
        "MRN 448812\n",
        "a.b@mail.org ",
        "🙂 ",
        "12 Oak St, ",
        "219-09-9999 ",
        "\r\n",
        "and ",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PARTS, max_size=10).map("".join), st.sampled_from(["mask", "remove", "hash", "replace", "redact"]))
def test_no_found_original_survives(text: str, method: Method) -> None:
    findings = detect(text)
    result = deidentify(text, findings, method=method, keep_year=False, date_shift_days=5, key=b"k", scope=None)
    assert [(r.start, r.end, r.label) for r in result.replacements] == [(f.start, f.end, f.label) for f in findings]
    rebuilt, position = "", 0
    for replacement in result.replacements:
        assert text[replacement.start : replacement.end] not in replacement.new_text
        rebuilt += text[position : replacement.start] + replacement.new_text
        position = replacement.end
    assert rebuilt + text[position:] == result.text


@pytest.mark.parametrize(
    ("text", "blocked"),
    [
        ("Connell", "███████"),
        ("田中 太郎", "████ ████".replace(" ", "█")),  # ideographs take two cells
        ("Ｊｏ", "████"),  # full-width letters too
        ("Zoe\u0301", "███"),  # a combining accent none
        ("Jo\u200bhn", "████"),  # a zero-width space none
        ("12 Oak St\r\nBoston\n", "█████████\r\n██████\n"),  # line breaks stay
        ("a\tb", "███"),
        ("\u0301", "█"),  # something stood there
        ("", "█"),
    ],
)
def test_block_out_takes_a_block_a_cell(text: str, blocked: str) -> None:
    assert blocks(text) == blocked


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=40))
def test_block_out_keeps_the_length_of_plain_text(text: str) -> None:
    note = f"Mr. Connell {text} 219-09-9999"
    assert len(run("redact", note).text) == len(note)


@pytest.mark.parametrize("method", ["mask", "remove", "hash", "redact"])
def test_our_own_results_have_no_residue(method: Method) -> None:
    assert residual_identifiers(run(method).text, ORIGINALS) == ()


def test_residue_of_a_careless_server_is_found() -> None:
    text = (
        "[first_name] [last_name], call (508) 555-0173, lives at 12 Oak St; CONNELL again, mrn 8823 1907; annual visit"
    )
    values = {text[f.start : f.end] for f in residual_identifiers(text, ["Connell", "88231907", "Ann"])}
    assert {"(508) 555-0173", "12 Oak St", "CONNELL", "8823 1907"} <= values
    assert not any("annual" in value for value in values)


def test_surrogates_that_the_caller_vouches_for_are_passed_over() -> None:
    text = "Seen by Dr. Hawthorne."
    span = (text.index("Hawthorne"), text.index("Hawthorne") + len("Hawthorne"))
    assert residual_identifiers(text, (), allowed=(span,)) == ()


def test_labels_map_to_the_eighteen_categories() -> None:
    assert len(SafeHarborCategory) == 18
    assert safe_harbor_category("first_name") is SafeHarborCategory.NAME
    assert safe_harbor_category("FAX") is SafeHarborCategory.FAX
    assert safe_harbor_category("something new") is SafeHarborCategory.OTHER
    assert CANONICAL_LABELS["postcode"] == "ZIPCODE"
