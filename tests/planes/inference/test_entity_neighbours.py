import pytest

from openmed_agent.planes.inference.entities.engine import find_entities


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("PMH: hypertension, type 2 diabetes", ["hypertension", "type 2 diabetes"]),
        ("pulmonary hypertension, type 2 diabetes", ["pulmonary hypertension", "type 2 diabetes"]),
        ("Diabetes mellitus, type 2, and gout", ["Diabetes mellitus, type 2", "gout"]),
        ("sleep apnea, left knee pain", ["sleep apnea", "left knee pain"]),
    ],
)
def test_a_modifier_belongs_to_one_mention(text: str, mentions: list[str]) -> None:
    found = find_entities(text, model="disease_detection_superclinical")
    assert [text[entity.start : entity.end] for entity in found] == mentions


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("Osteoporosis - DEXA T -2.5 in 2020", ["Osteoporosis"]),
        ("PMH:\n- Osteoporosis - DEXA T -2.5 in 2020\n- Gout - allopurinol", ["Osteoporosis", "Gout"]),
        ("Right knee - swelling, hip pain", ["swelling", "hip pain"]),
        ("cough -fever", ["cough", "fever"]),
        ("non-small cell lung cancer", ["non-small cell lung cancer"]),
    ],
)
def test_a_hyphen_after_a_blank_ends_a_mention(text: str, mentions: list[str]) -> None:
    found = find_entities(text, model="disease_detection_superclinical")
    assert [text[entity.start : entity.end] for entity in found] == mentions


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("AKI on CKD 4, resolved", ["AKI", "CKD 4"]),
        ("CKD-3b with anemia", ["CKD-3b", "anemia"]),
        ("chronic kidney disease IV", ["chronic kidney disease IV"]),
        ("CKD 4 years ago", ["CKD"]),
        ("CKD 4.5 mmol/L", ["CKD"]),
        ("CKD 5/5 strength", ["CKD"]),
    ],
)
def test_a_kidney_disease_holds_the_stage_behind_it(text: str, mentions: list[str]) -> None:
    found = find_entities(text, model="disease_detection_superclinical")
    assert [text[entity.start : entity.end] for entity in found] == mentions
