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
