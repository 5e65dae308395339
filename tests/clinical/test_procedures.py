"""Procedures by name and by the form of the word; done, planned, and when."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.clinical.procedures import find_procedures

CASES: list[tuple[str, list[tuple[str, str, str | None]]]] = [
    ("She had a colonoscopy in 2018.", [("colonoscopy", "performed", "2018")]),
    ("s/p CABG x3 in 2015", [("CABG x3", "performed", "2015")]),
    ("Underwent PCI with stent.", [("PCI with stent", "performed", None)]),
    ("Appendectomy 1998", [("Appendectomy", "performed", "1998")]),
    ("Schedule MRI brain next week.", [("MRI brain", "planned", None)]),
    ("CT head without contrast showed no bleed.", [("CT head", "performed", None)]),
    ("CT of the abdomen and pelvis, 01/23/2020", [("CT of the abdomen and pelvis", "unknown", "01/23/2020")]),
    ("We will order an echocardiogram.", [("echocardiogram", "planned", None)]),
    ("overdue for a mammogram", [("mammogram", "planned", None)]),
    ("Laparoscopic cholecystectomy (2010)", [("Laparoscopic cholecystectomy", "performed", "2010")]),
    ("s/p lap chole and TAH/BSO", [("lap chole", "performed", None), ("TAH/BSO", "performed", None)]),
    ("Status post hysterectomy", [("hysterectomy", "performed", None)]),
    ("upper endoscopy recommended", [("upper endoscopy", "planned", None)]),
    ("1/2/2020: EGD with biopsy", [("EGD with biopsy", "unknown", "1/2/2020")]),
    ("The patient will undergo cataract surgery.", [("cataract surgery", "planned", None)]),
    ("I&D was performed.", [("I&D", "performed", None)]),
    ("ORIF left ankle 2012", [("ORIF left ankle", "performed", "2012")]),
    ("lumbar puncture was performed", [("lumbar puncture", "performed", None)]),
    ("EKG: normal sinus rhythm", [("EKG", "performed", None)]),
    ("Right carotid endarterectomy", [("Right carotid endarterectomy", "unknown", None)]),
    ("thoracentesis", [("thoracentesis", "unknown", None)]),
    ("herniorrhaphy", [("herniorrhaphy", "unknown", None)]),
    ("orchiopexy", [("orchiopexy", "unknown", None)]),
    ("X-ray is unremarkable, ordered last week", [("X-ray", "performed", None)]),
    ("the anatomy and geography of photography", []),
    ("us and ten pets had a ct", []),
    ("microscopy of the urine", []),
    ("He took aspirin.", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_procedures_are_found(text: str, expected: list[tuple[str, str, str | None]]) -> None:
    found = [(item.name, item.timing, item.date.of(text) if item.date else None) for item in find_procedures(text)]
    assert found == expected


COMMON = [
    "total knee replacement",
    "dialysis",
    "intubation",
    "liver biopsy",
    "C-section",
    "pacemaker placement",
    "chest x-ray",
    "stress test",
    "tonsillectomy",
    "laminectomy",
    "TURP",
    "colostomy",
    "arthroscopy",
    "cystoscopy",
    "bronchoscopy",
    "paracentesis",
    "amputation",
    "vasectomy",
    "mastectomy",
    "lumpectomy",
    "thyroidectomy",
    "nephrectomy",
    "splenectomy",
    "craniotomy",
    "cardioversion",
    "ablation",
    "tracheostomy",
    "hernia repair",
    "rhinoplasty",
    "MRI",
    "carpal tunnel release",
    "gastric bypass",
    "kidney transplant",
    "blood transfusion",
    "PFTs",
    "EMG",
    "DEXA scan",
    "Pap smear",
    "tubal ligation",
    "ERCP",
]


@pytest.mark.parametrize("name", COMMON)
def test_common_procedures_are_known(name: str) -> None:
    text = f"Other history: {name}, noted"
    assert [item.name for item in find_procedures(text)] == [name]


@given(
    st.one_of(
        st.text(max_size=200), st.lists(st.sampled_from(CASES).map(lambda case: case[0]), max_size=6).map(" ".join)
    )
)
def test_any_text_gives_ordered_spans_inside_it(text: str) -> None:
    last = 0
    for item in find_procedures(text):
        assert last <= item.span.start < item.span.end <= len(text)
        assert item.name == item.span.of(text)
        last = item.span.end


@pytest.mark.parametrize(
    "unit", ["total ", "right ", "a", "MRI ", "will had ", "x" * 30 + " ", "1/2/20 ", "CT of the "]
)
def test_a_text_of_nothing_but_cues_is_read_in_linear_time(unit: str) -> None:
    started = time.process_time()
    find_procedures(unit * (100_000 // len(unit)))
    assert time.process_time() - started < 5


def test_short_names_of_scales_and_tests_are_no_procedures() -> None:
    for text in ("ESI 2 at triage", "ESI level 3", "CEA 3.2", "CEA q3 months"):
        assert find_procedures(text) == ()
    assert [found.name for found in find_procedures("L4 ESI for pain. CEA in 2019.")] == ["ESI", "CEA"]


def test_a_year_behind_every_date_of_the_note_is_still_to_come() -> None:
    found = find_procedures("Seen 11/02/2026. Colonoscopy, 2028. Colonoscopy 2019.")
    assert [each.timing for each in found] == ["planned", "performed"]
    assert [each.timing for each in find_procedures("Colonoscopy 2028")] == ["performed"]  # no date to compare with
