"""Names of diseases that stand for something else: a tracing, a questionnaire, a vaccine, an immunity, a test."""

import pytest

from openmed_agent.planes.inference.entities.engine import find_entities


def mentions(text: str) -> list[str]:
    found = find_entities(text, model="disease_detection_superclinical")
    return [text[entity.start : entity.end] for entity in found]


@pytest.mark.parametrize(
    "text",
    [
        "EKG today with ST depression V4-V6.",
        "T wave depression in lead III.",
        "There are ST-segment depressions in the lateral leads.",
        "Horizontal depression in V5 and V6.",
        "GAD-7: 9",
        "GAD 7 was 9 today.",
        "Geriatric Depression Scale 3/15.",
        "Insomnia severity index 14.",
        "Rubella immune.",
        "Varicella: non-immune",
        "She is immune to hepatitis B.",
        "Preeclampsia labs today.",
        "MMR #2 and varicella at next visit.",
        "Tdap, influenza and HPV are due.",
        "Influenza and pneumococcal vaccines up to date.",
        "Hepatitis B #3 given.",
    ],
)
def test_what_names_another_thing_is_no_disease(text: str) -> None:
    assert mentions(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Depression is better.", ["Depression"]),
        ("Has GAD, on sertraline.", ["GAD"]),
        ("Postpartum depression with insomnia.", ["Postpartum depression", "insomnia"]),
        ("The child has varicella and a fever.", ["varicella", "fever"]),
        ("Chronic hepatitis B, MMR given.", ["Chronic hepatitis B"]),
        ("She has preeclampsia.", ["preeclampsia"]),
        ("Influenza and RSV positive.", ["Influenza", "RSV"]),
    ],
)
def test_the_disease_itself_stays(text: str, expected: list[str]) -> None:
    assert mentions(text) == expected
