"""The shorthand of charts, whose words papers hardly have."""

import pytest

from openmed_agent.planes.inference.entities.engine import find_entities

DISEASE = "disease_detection_superclinical"
DRUG = "pharma_detection_superclinical"


def found(text: str, model: str = DISEASE) -> list[str]:
    return [text[entity.start : entity.end] for entity in find_entities(text, model=model)]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("PMH of HFrEF (EF 30%), CAD s/p CABG x3 in 2018, CKD stage 3b.", ["HFrEF", "CAD", "CKD stage 3b"]),
        ("PMH: GERD, HTN, DM2, OSA, MS, DJD, NASH, PTSD.", ["GERD", "HTN", "DM2", "OSA", "MS", "DJD", "NASH", "PTSD"]),
        ("Type II DM c/b neuropathy, retinopathy", ["Type II DM", "neuropathy", "retinopathy"]),
        ("Assessment/Plan: 1. AKI on CKD 3. 2. Hyponatremia, improving with fluids.", ["AKI", "CKD 3", "Hyponatremia"]),
        ("Developed a. fib with RVR on day 3.", ["a. fib"]),
        ("TTE: moderate MR, mild TR, normal RV.", ["MR", "TR"]),
        ("Fell on the ice, now with L hip fx and wrist fx.", ["L hip fx", "wrist fx"]),
        ("Stage IV NSCLC with brain mets.", ["Stage IV NSCLC", "brain mets"]),
    ],
)
def test_problems_in_shorthand_are_found(text: str, problems: list[str]) -> None:
    assert found(text) == problems


@pytest.mark.parametrize(
    "text",
    [
        "ALLERGIES: NKDA",
        "MR of the brain was ordered.",
        "Exercised to 10 METs on the treadmill.",
        "TR band removed. AI tools were used.",
        "He met with the care team.",
        "Ms. Payne was seen today.",
    ],
)
def test_other_meanings_are_left(text: str) -> None:
    assert found(text) == []


def test_a_class_in_an_allergy_is_found() -> None:
    assert found("ALLERGIES: Penicillin (hives), sulfa - rash.", DRUG) == ["Penicillin", "sulfa"]
