"""The direction of a drug in plain phrases, as the inference plane tells it."""

import pytest

from openmed_agent.clinical.medication_direction import Direction, directions
from openmed_agent.text.spans import Span


def said(text: str, drug: str) -> Direction | None:
    start = text.index(drug)
    return directions(text, [Span(start, start + len(drug))])[0]


def test_every_part_of_a_direction_is_told() -> None:
    text = "Takes hydrocodone 5 mg by mouth every 6 hours as needed for pain for 3 days."
    found = said(text, "hydrocodone")
    assert found is not None
    assert (found.dose, found.route, found.frequency) == ("5 mg", "by mouth", "every 6 hours")
    assert (found.as_needed, found.reason, found.duration) == (True, "pain", "for 3 days")


def test_an_indication_is_no_reason_to_take_it_only_when_needed() -> None:
    found = said("Lisinopril 10 mg daily for hypertension.", "Lisinopril")
    assert found is not None
    assert (found.as_needed, found.reason, found.indication) == (False, None, "hypertension")


@pytest.mark.parametrize(
    ("text", "status"), [("Metformin was stopped.", "stopped"), ("Will start Metformin.", "planned")]
)
def test_planned_and_stopped_are_told_apart(text: str, status: str) -> None:
    found = said(text, "Metformin")
    assert found is not None
    assert found.status == status


def test_a_bare_name_has_no_direction() -> None:
    assert said("Warfarin.", "Warfarin") is None


def test_each_drug_has_its_own_direction() -> None:
    text = "Metformin 500 mg twice daily, lisinopril 10 mg once daily."
    drugs = [Span(0, 9), Span(text.index("lisinopril"), text.index("lisinopril") + 10)]
    first, second = directions(text, drugs)
    assert first is not None
    assert second is not None
    assert (first.dose, first.frequency) == ("500 mg", "twice daily")
    assert (second.dose, second.frequency) == ("10 mg", "once daily")


@pytest.mark.parametrize(
    ("text", "drug", "form"),
    [
        ("Started on heparin gtt overnight.", "heparin", "infusion"),
        ("Latanoprost 0.005% gtt OU at bedtime.", "Latanoprost", "drops"),
    ],
)
def test_gtt_is_a_drip_but_for_an_eye(text: str, drug: str, form: str) -> None:
    found = said(text, drug)
    assert found is not None
    assert found.form == form
