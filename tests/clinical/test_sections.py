"""Sections: titles in the many forms that notes use."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.clinical.sections import SectionKind, find_sections, section_at

TITLES = [
    ("Medications: aspirin", "medications"),
    ("MEDICATIONS\naspirin", "medications"),
    ("## Medications\naspirin", "medications"),
    ("**Meds:** aspirin", "medications"),
    ("Current Medications:\naspirin", "medications"),
    ("Home Meds: aspirin", "home_medications"),
    ("Discharge Medications:\naspirin", "discharge_medications"),
    ("STOP TAKING:\naspirin", "stopped_medications"),
    ("A/P: stable", "assessment_and_plan"),
    ("**Assessment and Plan**\nstable", "assessment_and_plan"),
    ("Assessment & Plan:\nstable", "assessment_and_plan"),
    ("PMHx HTN, DM", "past_medical_history"),
    ("PMH: HTN", "past_medical_history"),
    ("Past Medical History\nHTN", "past_medical_history"),
    ("past medical history\nHTN", "past_medical_history"),
    ("2. Past Surgical History:\nCABG", "past_surgical_history"),
    ("HPI - 54M with pain", "history_of_present_illness"),
    ("HISTORY OF PRESENT ILLNESS\n\nPain.", "history_of_present_illness"),
    ("CC: cough", "chief_complaint"),
    ("FH: father MI", "family_history"),
    ("Social Hx: lives alone", "social_history"),
    ("ROS: negative", "review_of_systems"),
    ("Vital Signs: stable", "vitals"),
    ("PHYSICAL EXAMINATION\nwell", "physical_exam"),
    ("Labs: pending", "laboratory"),
    ("Imaging:\nclear", "imaging"),
    ("Hospital Course: good", "hospital_course"),
    ("Impression: stroke", "assessment"),
    ("Plan: rest", "plan"),
    ("Problem List\nHTN", "problem_list"),
    ("Follow-up: 2 weeks", "follow_up"),
    ("F/U: 2 weeks", "follow_up"),
    ("Discharge Instructions:\nrest", "instructions"),
    ("Immunizations: current", "immunizations"),
    ("Allergies: penicillin", "allergies"),
    ("Electronically signed by: A. Roe", "signature"),
]


@pytest.mark.parametrize(("text", "kind"), TITLES)
def test_title_opens_its_section(text: str, kind: str) -> None:
    assert [section.kind.value for section in find_sections(text)] == [kind]


def test_sections_on_one_line() -> None:
    text = "PMH: HTN, DM2. Meds: lisinopril 10 mg daily. NKDA. FH: father MI."
    found = [(section.kind.value, section.body.of(text).strip()) for section in find_sections(text)]
    assert found == [
        ("past_medical_history", "HTN, DM2."),
        ("medications", "lisinopril 10 mg daily."),
        ("allergies", "NKDA."),
        ("family_history", "father MI."),
    ]


def test_preamble_of_identifiers_is_a_header() -> None:
    text = "Patient: Jane Roe\nMRN: 12\n\nHPI: cough"
    assert [section.kind for section in find_sections(text)] == [
        SectionKind.HEADER,
        SectionKind.HISTORY_OF_PRESENT_ILLNESS,
    ]


@pytest.mark.parametrize("text", ["He takes his medications: all of them.", "There is no plan: he left.", "COPD."])
def test_prose_opens_nothing(text: str) -> None:
    assert [section.kind for section in find_sections(text)] == [SectionKind.OTHER]


def test_labels_within_a_plan_do_not_end_it() -> None:
    text = "Assessment and Plan:\n1. HTN: stable\nLabs: CBC\nDiet: low salt"
    assert [section.kind for section in find_sections(text)] == [SectionKind.ASSESSMENT_AND_PLAN]


def test_titles_and_look_up() -> None:
    text = "## Allergies\nnone\nPlan: rest"
    sections = find_sections(text)
    assert [section.title.of(text) for section in sections if section.title] == ["Allergies", "Plan"]
    assert section_at(sections, text.index("none")).kind is SectionKind.ALLERGIES
    assert section_at(sections, text.index("rest")).kind is SectionKind.PLAN
    assert section_at(sections, 0).kind is SectionKind.ALLERGIES


def test_nothing_in_no_text() -> None:
    assert find_sections("") == ()
    with pytest.raises(ValueError, match="no section"):
        section_at((), 0)


FRAGMENTS = ["PMH:", "Plan", "\n", " ", "NKDA.", "FH", "**", "##", "A/P:", "x", ". ", "Meds: ", "\r\n", "1. ", ":", "-"]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=20).map("".join) | st.text())
def test_sections_partition_any_text(text: str) -> None:
    sections = find_sections(text)
    assert "".join(section.span.of(text) for section in sections) == text
    for section in sections:
        assert section.span.contains(section.body)
        assert section.title is None or section.span.contains(section.title)


@pytest.mark.parametrize("piece", ["PMH: x ", "A:", "NKDA. ", "a - ", "\n", "- a\n", "#", "x  ", "Plan\n"])
def test_a_megabyte_of_hostile_text_is_quick(piece: str) -> None:
    text = (piece * (1_000_000 // len(piece) + 1))[:1_000_000]
    begun = time.process_time()
    find_sections(text)
    assert time.process_time() - begun < 10  # 5 s on an idle core; cores of a shared machine run at half speed


def test_a_fundal_height_opens_no_family_history() -> None:
    text = "O: BP 142/88. FHT 148. FH 29 cm. 1+ LE edema.\nFH breast cancer in mother."
    sections = find_sections(text)
    assert section_at(sections, text.index("edema")).kind is not SectionKind.FAMILY_HISTORY
    assert section_at(sections, text.index("breast")).kind is SectionKind.FAMILY_HISTORY
