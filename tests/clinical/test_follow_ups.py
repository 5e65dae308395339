"""What is to happen next, when, and with whom; and follow-ups that are history."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.clinical.follow_ups import find_follow_ups
from openmed_agent.clinical.sections import find_sections

CASES: list[tuple[str, list[tuple[str, str | None, str | None]]]] = [
    ("Follow up BMP in 2 weeks.", [("test", "in 2 weeks", None)]),
    ("PLAN: refer to nephrology.", [("referral", None, "nephrology")]),
    ("RTC 3 months", [("appointment", "3 months", None)]),
    ("RTO 1 week", [("appointment", "1 week", None)]),
    ("FOLLOW-UP: Repeat basic metabolic panel in 2 weeks.", [("test", "in 2 weeks", None)]),
    ("Comprehensive metabolic panel in 7 days.", [("test", "in 7 days", None)]),
    ("Cardiology takes him to the cath lab in the morning.", []),
    ("Drop the 5-FU bolus.", []),
    ("Repeat CXR in 6 weeks.", [("test", "in 6 weeks", None)]),
    ("Return if fever develops.", [("return_precaution", None, None)]),
    ("Pending blood cultures at discharge.", [("pending_result", None, None)]),
    ("f/u with cardiology", [("appointment", None, "cardiology")]),
    (
        "Follow up with PCP in 1 week and cardiology in 2 weeks.",
        [("appointment", "in 1 week", "PCP"), ("appointment", "in 2 weeks", "cardiology")],
    ),
    ("The patient will follow up with me in 2 weeks.", [("appointment", "in 2 weeks", "me")]),
    ("Follow up with Dr. Tina Sample on 12/3.", [("appointment", "on 12/3", "Dr. Tina Sample")]),
    ("She will follow up as needed.", [("appointment", "as needed", None)]),
    ("Biopsy results are still pending.", [("pending_result", None, None)]),
    ("Return to clinic in 4 weeks.", [("appointment", "in 4 weeks", None)]),
    ("Call the office if you have chest pain.", [("return_precaution", None, None)]),
    ("I will refer him to cardiac rehab.", [("referral", None, "cardiac rehab")]),
    ("Recheck A1c in 3 months.", [("test", "in 3 months", None)]),
    ("Appointment with ophthalmology next month.", [("appointment", "next month", "ophthalmology")]),
    ("Colonoscopy in 5 years.", [("test", "in 5 years", None)]),
    ("Strict return precautions given.", [("return_precaution", None, None)]),
    ("Cardiology follow-up in 10 days.", [("appointment", "in 10 days", "Cardiology")]),
    ("The patient is due for a colonoscopy.", [("test", None, None)]),
    ("INSTRUCTIONS: Avoid heavy lifting.", [("instruction", None, None)]),
    ("HPI: She avoids heavy lifting.", []),
    ("He presents for routine follow up of his chronic problems.", []),
    ("Repeat MRI showed no change.", []),
    ("He was referred by his primary care physician.", []),
    ("He was lost to follow-up.", []),
    ("Patient had a repeat echocardiogram.", []),
    ("He denies fever.", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_follow_ups_are_found(text: str, expected: list[tuple[str, str | None, str | None]]) -> None:
    found = [
        (item.kind, item.when.of(text) if item.when else None, item.with_whom.of(text) if item.with_whom else None)
        for item in find_follow_ups(text, find_sections(text))
    ]
    assert found == expected


def test_the_action_is_word_for_word() -> None:
    text = "Plan:\nThe patient will follow up with nephrology in 3 to 4 weeks."
    (item,) = find_follow_ups(text, find_sections(text))
    assert item.action == "follow up with nephrology in 3 to 4 weeks"
    assert item.when is not None
    assert item.when.of(text) == "in 3 to 4 weeks"


@given(
    st.one_of(
        st.text(max_size=200), st.lists(st.sampled_from(CASES).map(lambda case: case[0]), max_size=6).map(("\n").join)
    )
)
def test_any_text_gives_spans_inside_it(text: str) -> None:
    for item in find_follow_ups(text, find_sections(text)):
        assert item.action in item.span.of(text)
        for span in (item.span, item.when, item.with_whom):
            assert span is None or span.end <= len(text)


@pytest.mark.parametrize(
    "unit",
    [
        "follow up ",
        "return ",
        "pending a ",
        "refer ",
        "repeat a ",
        "and ",
        "see dr. ",
        "in 1 ",
        "cbc ",
        "weekly ",
        "sleep referral ",
    ],
)
def test_a_text_of_nothing_but_cues_is_read_in_linear_time(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    sections = find_sections(text)
    started = time.process_time()
    find_follow_ups(text, sections)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("line", "kind", "action"),
    [
        ("Weekly BPP.", "test", "Weekly BPP"),
        ("CEA q3 months", "test", "CEA q3 months"),
        ("LDCT due", "test", "LDCT due"),
        ("Intensive outpatient referral placed", "referral", "Intensive outpatient referral placed"),
        ("She declined PT referral", "referral", "PT referral"),
    ],
)
def test_tests_in_a_series_and_named_referrals_are_whole(line: str, kind: str, action: str) -> None:
    text = f"PLAN\n{line}\n"
    assert [(item.kind, item.action) for item in find_follow_ups(text, find_sections(text))] == [(kind, action)]


@pytest.mark.parametrize(
    "line", ["Vitamin D weekly", "B12 monthly", "Anemia, labs stable", "Pain, X-ray due to a fall"]
)
def test_what_is_taken_or_explained_is_no_test_to_come(line: str) -> None:
    text = f"PLAN\n{line}\n"
    assert find_follow_ups(text, find_sections(text)) == ()
