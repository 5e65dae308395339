"""Whose note it is, read from many layouts, and when two notes are of one person."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.clinical.identity import PatientIdentity, Stated, compare_identities, read_identity
from openmed_agent.clinical.identity_names import same_name
from openmed_agent.text.spans import Span

NAMES = [
    ("Patient: Jane Q. Public\nDOB: 04/12/1951", "Jane Q. Public"),
    ("Name: PUBLIC, JANE\nMRN: 1234567", "PUBLIC, JANE"),
    ("Pt Name: jane public\nage 40", "jane public"),
    ("RE: John Smith, DOB 3/4/1960", "John Smith"),
    ("PUBLIC,JANE  F  72Y  MRN 12345", "PUBLIC,JANE"),
    ("Jane Public is a 72 y.o. female who presents", "Jane Public"),
    ("HISTORY\n\nJane Public is a pleasant 72-year-old woman", "Jane Public"),
    ("PATIENT NAME: DOE, JOHN A    DOB: 01/02/1970", "DOE, JOHN A"),
    ("| Name | Maria García-López |\n| DOB | 1980-05-06 |", "Maria García-López"),
    ("**Patient:** Alan Example\n**DOB:** 6/23/1962", "Alan Example"),
    ("Patient Name: John Sample MRN: 12345", "John Sample"),
    ("Zoë Núñez  DOB: Mar 3, 1990", "Zoë Núñez"),
    ("Mother's name: Ann Public\nPatient: Jane Public", "Jane Public"),
    ("Attending: Dr. Bob Stone\nPatient: Jane Public", "Jane Public"),
    ("DISCHARGE SUMMARY\nPATIENT: BLOGGS, JOE\nATTENDING: SMITH, ANN MD", "BLOGGS, JOE"),
    ("Attending: Bob Stone, MD", None),
    ("Dr. John Smith is a 50-year-old physician", None),
    ("Emergency contact name: Bill Example", None),
    ("Mother's name: Ann Public", None),
    ("Patient presents with cough", None),
    ("Patient: reports taking aspirin daily", None),
    ("Patient: 45-year-old man with cough", None),
    ("Patient: DOB: 1/1/1980", None),
    ("RE: Prior Authorization", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "expected"), NAMES)
def test_the_name_of_the_patient_is_read(text: str, expected: str | None) -> None:
    name = read_identity(text).name
    assert (name.span.of(text) if name else None) == expected


BIRTHS = [
    ("DOB: 04/12/1951", "1951-04-12"),
    ("Date of Birth: 12 April 1951", "1951-04-12"),
    ("DOB 1951-04-12", "1951-04-12"),
    ("D.O.B.: Apr 12, 1951", "1951-04-12"),
    ("Birthdate: April 12th, 1951", "1951-04-12"),
    ("born on 4/12/1951", "1951-04-12"),
    ("DOB: 13/04/1951", "1951-04-13"),
    ("DOB: 4-12-1951", "1951-04-12"),
    ("DOB: 19510412", "1951-04-12"),
    ("DOB: 12.04.1951", "1951-04-12"),
]


@pytest.mark.parametrize(("text", "expected"), BIRTHS)
def test_the_birth_date_is_read(text: str, expected: str) -> None:
    born = read_identity(text).birth_date
    assert born is not None
    assert born.value == expected


@pytest.mark.parametrize("text", ["DOB: 04/12/51", "DOB: 02/30/1951", "DOB: 13/13/1951"])
def test_a_doubtful_birth_date_has_a_span_and_no_value(text: str) -> None:
    born = read_identity(text).birth_date
    assert born is not None
    assert born.value is None
    assert born.span.of(text) == text.removeprefix("DOB: ")


@pytest.mark.parametrize("text", ["Date of service: 04/12/1951", "Father DOB: 04/12/1921", "no date here"])
def test_other_dates_are_no_birth_date(text: str) -> None:
    assert read_identity(text).birth_date is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MRN: 88231907", "88231907"),
        ("Medical Record #: 00-12-34", "001234"),
        ("MRN A1234567", "A1234567"),
        ("Medical record number: 445566", "445566"),
        ("MR# 778899", "778899"),
        ("Chart number: 5551", "5551"),
        ("MRN: pending", None),
        ("Phone: 555-0100", None),
    ],
)
def test_the_record_number_is_read(text: str, expected: str | None) -> None:
    number = read_identity(text).record_number
    assert (number.value if number else None) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sex: F", "female"),
        ("Gender: Male", "male"),
        ("72 y.o. female", "female"),
        ("a 60-year-old gentleman", ("male")),
        ("PUBLIC,JANE  F  72Y", "female"),
        ("45 yo M with pain", "male"),
        ("no word", None),
    ],
)
def test_the_sex_is_read(text: str, expected: str | None) -> None:
    sex = read_identity(text).sex
    assert (sex.value if sex else None) == expected


SAME_NAMES = [
    ("Jane Q. Public", "PUBLIC, JANE", True),
    ("Jane Public", "Jane Quinn Public", True),
    ("J. Public", "Jane Public", True),
    ("Robert Smith", "Bob Smith", True),
    ("William Jones", "Bill Jones", True),
    ("Maria García-López", "Maria Garcia Lopez", True),
    ("Maria Garcia", "Maria Garcia-Lopez", True),
    ("Mr. Fisher", "Joseph Fisher", True),
    ("John Smith Jr.", "John Smith", True),
    ("Jane Public", "John Public", False),
    ("Jane Public", "Jane Private", False),
    ("Mary Smith", "Anna Jones", False),
    ("", "Jane", False),
]


@pytest.mark.parametrize(("a", "b", "expected"), SAME_NAMES)
def test_names_are_compared_as_a_records_clerk_would(a: str, b: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    assert same_name(a, b) is expected
    assert same_name(b, a) is expected


def person(name: str | None = None, born: str | None = None, number: str | None = None) -> PatientIdentity:
    def stated(value: str | None) -> Stated | None:
        return Stated(Span(0, 1), value) if value else None

    return PatientIdentity(name=stated(name), birth_date=stated(born), record_number=stated(number))


JANE = person("Jane Public", "1951-04-12", "123")
VERDICTS = [
    (JANE, person("PUBLIC, JANE", "1951-04-12", "123"), "same"),
    (JANE, person("Jane Public", "1951-04-13", "123"), "conflicting"),
    (JANE, person("Jane Public", "1951-04-12", "999"), "conflicting"),
    (JANE, person("Ann Other", "1951-04-12", "123"), "conflicting"),
    (JANE, person("Ann Other", "1960-01-01"), "different"),
    (JANE, person("Ann Other", "1951-04-12", "999"), "different"),
    (JANE, person("Jane Public", "1960-01-01", "999"), "different"),
    (JANE, person("Ann Other"), "different"),
    (JANE, person("Jane Public"), "same"),
    (JANE, person(number="0123"), "same"),
    (JANE, person(), "unknown"),
    (person("Jane Public"), person(born="1951-04-12"), "unknown"),
]


@pytest.mark.parametrize(("a", "b", "verdict"), VERDICTS)
def test_identities_are_compared(a: PatientIdentity, b: PatientIdentity, verdict: str) -> None:
    assert compare_identities(a, b).verdict == verdict
    assert compare_identities(b, a).verdict == verdict


def test_the_comparison_names_its_fields() -> None:
    comparison = compare_identities(JANE, person("Jane Public", "1951-04-13", "123"))
    assert comparison.agreeing == ("name", "record_number")
    assert comparison.differing == ("birth_date",)


@given(
    st.one_of(
        st.text(max_size=300),
        st.lists(
            st.sampled_from(
                ["Patient:", "DOB", "MRN", "Jane", "PUBLIC,", "1/2/1990", "\n", "F", "72Y", "is a", "Dr.", ("|")]
            ),
            max_size=20,
        ).map(" ".join),
    )
)
def test_any_text_gives_spans_inside_it(text: str) -> None:
    identity = read_identity(text)
    for stated in (identity.name, identity.birth_date, identity.sex, identity.record_number):
        assert stated is None or (stated.span.end <= len(text) and stated.span.of(text).strip())
    assert compare_identities(identity, identity).verdict in {"same", "unknown"}


@given(st.text(max_size=60), st.text(max_size=60))
def test_name_comparison_is_symmetric(a: str, b: str) -> None:
    assert same_name(a, b) == same_name(b, a)


@pytest.mark.parametrize("unit", ["Patient: ", "A ", "Aa Bb, ", "DOB: 1/", "MRN 1-", " \t|", "a'", "\n"])
def test_a_long_hostile_text_is_read_quickly(unit: str) -> None:
    started = time.process_time()
    read_identity(unit * (1_000_000 // len(unit)))
    assert time.process_time() - started < 3
