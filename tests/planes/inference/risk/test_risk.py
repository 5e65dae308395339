"""What a report on residual risk names, what it leaves alone, and which records stand alone."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openmed_agent.planes.inference.pii.policy import POLICIES
from openmed_agent.planes.inference.risk.assessment import TextRisk, assess_text, with_unique_records
from openmed_agent.planes.inference.risk.findings import RiskKind
from openmed_agent.planes.inference.risk.passages import find_passages

PASSAGES = [
    ("Followed for Erdheim-Chester disease since [date].", RiskKind.RARE_DIAGNOSIS, "Erdheim-Chester disease"),
    ("Wilson's disease, on penicillamine.", RiskKind.RARE_DIAGNOSIS, "Wilson's disease"),
    ("Dx: ALS, bulbar onset.", RiskKind.RARE_DIAGNOSIS, "ALS"),
    ("Exposed to rabies in [city].", RiskKind.RARE_DIAGNOSIS, "rabies"),
    ("She is the mayor of her town.", RiskKind.OCCUPATION, "mayor"),
    ("He works as a lighthouse keeper.", RiskKind.OCCUPATION, "lighthouse keeper"),
    ("Occupation: school bus driver", RiskKind.OCCUPATION, "school bus driver"),
    ("Lives on an island with two dogs.", RiskKind.PLACE, "Lives on an island"),
    ("The only dentist in town.", RiskKind.PLACE, "The only dentist in town"),
    ("Comes from a village of 300 people.", RiskKind.PLACE, "village of 300 people"),
    ("Stopped working after he won the state lottery.", RiskKind.EVENT, "won the state lottery"),
    ("Her case was in the local newspaper.", RiskKind.EVENT, "in the local newspaper"),
    ("Injured in the mass shooting of last spring.", RiskKind.EVENT, "mass shooting"),
    ("Lost the leg in a shark attack.", RiskKind.EVENT, "shark attack"),
    ("The first patient to receive this device.", RiskKind.EVENT, "first patient to"),
    ("Won an Olympic medal.", RiskKind.EVENT, "Olympic"),
    ("Born in Iceland, moved here as a child.", RiskKind.ORIGIN, "Born in Iceland"),
    ("Speaks only Navajo.", RiskKind.ORIGIN, "Speaks only Navajo"),
    ("An 87-year-old man.", RiskKind.AGE, "87-year-old"),
    ("Gave birth to quadruplets.", RiskKind.EVENT, "quadruplets"),
    ("Born in [city] in 1925, a retired teacher.", RiskKind.AGE, "Born in [city] in 1925"),
    ("Year of birth: 1936", RiskKind.AGE, "Year of birth: 1936"),
]


@pytest.mark.parametrize(("text", "kind", "passage"), PASSAGES)
def test_what_singles_out_is_named_with_its_place_and_a_reason(text: str, kind: RiskKind, passage: str) -> None:
    found = [finding for finding in assess_text(text).findings if finding.kind is kind and finding.span]
    assert [finding.span.of(text) for finding in found if finding.span] == [passage]
    assert all(len(finding.reason) > 10 and passage not in finding.reason for finding in found)


@pytest.mark.parametrize(
    "text",
    [
        "Hypertension, type 2 diabetes and COPD. Metformin 500 mg BID.",
        "No evidence of Wilson's disease. ALS ruled out.",
        "First visit. She elected to proceed with surgery.",
        "Also has the first day of her period on [date].",
        "The patient works in the garden and runs a mile a day.",
        "Weight 70 kg, height 172 cm. BP 135/60.",
        "[first_name] [last_name], a 67-year-old man with [date] and MRN [medical_record_number].",
    ],
)
def test_ordinary_notes_are_left_alone(text: str) -> None:
    assert assess_text(text).findings == ()


def test_direct_identifiers_come_first() -> None:
    risk = assess_text("She is the mayor. Call (508) 555-7173 or see Dr. Okafor.")
    assert risk.has_direct
    kinds = [finding.kind for finding in risk.findings]
    assert kinds == sorted(kinds, key=tuple(RiskKind).index)
    assert kinds[0] is RiskKind.DIRECT


def test_what_is_nobodys_is_no_identifier() -> None:
    text = "Call (508) 555-0173, mail user123456@example.org, SSN 912-34-5678, from 192.0.2.7."
    assert not assess_text(text).has_direct


def test_stand_ins_are_counted_and_not_judged_when_the_caller_says_so() -> None:
    text = "Seen by Dr. Okafor; works as a beekeeper."
    assert assess_text(text).has_direct
    replaced = assess_text(text, is_replaced=True)
    assert not replaced.has_direct
    assert replaced.unjudged == 1
    assert [finding.kind for finding in replaced.findings] == [RiskKind.OCCUPATION]


def test_what_a_limited_data_set_keeps_is_a_risk_and_no_identifier() -> None:
    text = "Seen on 03/04/2024."
    risk = assess_text(text, policy=POLICIES["limited_data_set"])
    assert not risk.has_direct
    assert [finding.kind for finding in risk.findings] == [RiskKind.DATE]


def test_traits_that_meet_in_one_text_are_a_combination() -> None:
    together = assess_text("A 47-year-old woman who works as a beekeeper.")
    assert [f.reason for f in together.findings if f.kind is RiskKind.COMBINATION] == [
        "age, occupation, sex are all stated: together they fit few people"
    ]
    assert not any(f.kind is RiskKind.COMBINATION for f in assess_text("A 47-year-old woman with COPD.").findings)


def alone(risks: tuple[TextRisk, ...]) -> list[str | None]:
    return [next((f.reason for f in risk.findings if f.kind is RiskKind.UNIQUE), None) for risk in risks]


def test_a_record_that_no_other_shares_is_named_with_the_smallest_combination() -> None:
    texts = [
        "A 47-year-old woman works as a teacher.",
        "A 47-year-old man works as a teacher.",
        "A 47-year-old man works as a teacher.",
        "A 47-year-old woman works as a driver.",
        "A 47-year-old woman works as a driver.",
    ]
    reasons = alone(with_unique_records([assess_text(text) for text in texts]))
    # A woman of 47 is there three times and a teacher three times, but a woman who teaches once.
    assert reasons[0] == "no other of the 5 records here has: occupation teacher, sex female"
    assert reasons[1:] == [None] * 4


def test_one_record_is_not_compared() -> None:
    assert alone(with_unique_records([assess_text("A 47-year-old woman.")])) == [None]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from([text for text, _, _ in PASSAGES] + ["Nothing. ", "\r\n", "🙂 "]), max_size=6))
def test_places_are_those_of_the_text(parts: list[str]) -> None:
    text = " ".join(parts)
    spans = [finding.span for finding in find_passages(text) if finding.span]
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert spans == sorted(spans, key=lambda span: span.start)


@pytest.mark.parametrize("unit", ["the only ", "small town of ", "works as a ", "won the a a ", "first known "])
def test_time_grows_with_length_alone(unit: str) -> None:
    find_passages("warm")
    took = []
    for size in (20_000, 80_000):
        text = (unit * size)[:size]
        began = time.process_time()
        find_passages(text)
        took.append(time.process_time() - began)
    assert took[1] < 12 * took[0] + 0.2  # four times as long; quadratic would be sixteen times
