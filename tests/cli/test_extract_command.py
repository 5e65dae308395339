"""``openmed extract`` shows what the plane knows beside a mention."""

from command_line import Machine

from openmed_agent.cli.clinical_text import _stated
from openmed_agent.clinical.assertion import Assertion
from openmed_agent.clinical.medication_direction import Direction
from openmed_agent.planes.inference.client import Entity
from openmed_agent.text.spans import Span

SIG = """DISCHARGE MEDICATIONS
1. Acetaminophen 650 mg PO q6h PRN for knee pain x 5 days
2. Lisinopril 10 mg daily for hypertension

Potassium 5.6 mmol/L (H)
"""


def test_the_direction_of_a_drug_is_printed_and_in_the_json(machine: Machine) -> None:
    machine.write("note.txt", SIG)
    entities = machine.openmed("extract", "note.txt", "--json").json()["entities"]
    directions = {entity["text"]: entity.get("direction") for entity in entities if entity["label"] == "DRUG"}
    assert directions["Acetaminophen"] == {
        "dose": "650 mg",
        "route": "by mouth",
        "frequency": "every 6 hours",
        "as_needed": True,
        "reason": "knee pain",
        "duration": "for 5 days",
        "status": "unknown",
    }
    assert directions["Lisinopril"]["indication"] == "hypertension"
    assert not any("direction" in entity for entity in entities if entity["label"] != "DRUG")


def test_the_table_says_a_direction_in_one_cell() -> None:
    direction = Direction(dose="1 tablet", route="by mouth", as_needed=True, reason="pain", status="planned")
    found = Entity(Span(0, 9), "oxycodone", "DRUG", 0.9, Assertion(), "plan", direction=direction)
    assert _stated(found) == "1 tablet by mouth as needed for pain (planned)"
