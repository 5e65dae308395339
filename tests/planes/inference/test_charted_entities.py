"""Procedures, laboratory values and vital signs on ``/analyze``: their parts, assertion, section, and names."""

from typing import Any

import httpx
import pytest
from conftest import RunningService, client_of
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st

from openmed_agent.planes.inference.contract import EntityMetadata
from openmed_agent.planes.inference.entities.charted import (
    CHART_MODELS,
    LABORATORY_MODEL,
    PROCEDURE_MODEL,
    VITAL_SIGN_MODEL,
    find_charted,
)

NOTE = """\
VITALS: BP 142/88, HR 96, SpO2 93% on RA 𝒳
LABS: K 5.9 mmol/L (H), Hgb <7.0 g/dL critical (12.0-16.0). Prior Na 128.
PLAN: Schedule MRI brain. s/p CABG x3 in 2015. Denies prior colonoscopy. Mother had a hysterectomy.
"""


def asked(origin: str, model: str, **body: object) -> dict[str, Any]:
    reply = httpx.post(f"{origin}/analyze", json={"text": NOTE, "model_name": model, **body}, trust_env=False)
    assert reply.status_code == 200, reply.text
    entities = reply.json()["entities"]
    for entity in entities:
        assert NOTE[entity["start"] : entity["end"]] == entity["text"]
    return {entity["text"]: entity for entity in entities}


def test_a_laboratory_value_has_its_value_unit_and_flag(our_origin: str) -> None:
    found = asked(our_origin, LABORATORY_MODEL)
    assert {entity["label"] for entity in found.values()} == {"LAB_VALUE"}
    potassium = found["K 5.9 mmol/L (H)"]["metadata"]
    assert (potassium["name"], potassium["value"], potassium["unit"], potassium["flag"]) == (
        "potassium",
        "5.9",
        "mmol/L",
        "high",
    )
    assert potassium["section"] == "laboratory"
    (hemoglobin,) = (entity["metadata"] for text, entity in found.items() if text.startswith("Hgb"))
    assert (hemoglobin["comparator"], hemoglobin["flag"], hemoglobin["reference_range"]) == (
        "<",
        "critical",
        "12.0-16.0",
    )
    assert found["Na 128"]["metadata"]["prior"] is True
    assert "flag" not in found["Na 128"]["metadata"], "none is stated"


def test_a_vital_sign_has_its_value_and_a_bare_number_ranks_lower(our_origin: str) -> None:
    found = asked(our_origin, VITAL_SIGN_MODEL)
    assert {text: entity["metadata"]["value"] for text, entity in found.items()} == {
        "BP 142/88": "142/88",
        "HR 96": "96",
        "SpO2 93%": "93",
    }
    assert found["HR 96"]["confidence"] < found["BP 142/88"]["confidence"]
    assert "HR 96" not in asked(our_origin, VITAL_SIGN_MODEL, confidence_threshold=0.9)


def test_a_procedure_has_its_timing_and_assertion(our_origin: str) -> None:
    found = asked(our_origin, PROCEDURE_MODEL)
    assert set(found) == {"MRI brain", "CABG x3", "colonoscopy", "hysterectomy"}
    assert found["MRI brain"]["metadata"]["timing"] == "planned"
    assert found["MRI brain"]["metadata"]["section"] == "plan"
    assert (found["CABG x3"]["metadata"]["timing"], found["CABG x3"]["metadata"]["date"]) == ("performed", "2015")
    assert found["colonoscopy"]["metadata"]["assertion"]["negated"] is True
    assert found["hysterectomy"]["metadata"]["assertion"]["experiencer"] == "family"


def test_health_lists_the_names_and_another_one_is_refused(our_origin: str) -> None:
    listed = httpx.get(f"{our_origin}/health", trust_env=False).json()["models"]
    assert listed == list(CHART_MODELS)
    body = {"text": NOTE, "model_name": "procedure_detection"}
    refused = httpx.post(f"{our_origin}/analyze", json=body, trust_env=False)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "model_not_served")


async def test_the_client_hands_the_parts_on(our_origin: str) -> None:
    async with client_of(our_origin) as client:
        (found, *_) = await client.analyze("K 5.9 mmol/L (H)", LABORATORY_MODEL)
        (disease,) = await client.analyze("COPD")
    assert found.stated is not None
    assert (found.stated.name, found.stated.value, found.stated.unit, found.stated.flag) == (
        "potassium",
        "5.9",
        "mmol/L",
        "high",
    )
    assert disease.stated is None


async def test_a_service_with_metadata_of_its_own_is_understood() -> None:
    application = FastAPI()
    entity = {"text": "COPD", "label": "DISEASE", "start": 0, "end": 4, "confidence": 0.9}

    @application.get("/health")
    def health() -> dict[str, object]:
        return {"status": "ok", "service": "openmed-rest", "version": "3.1.0"}

    @application.post("/analyze")
    def analyze() -> dict[str, object]:
        return {"text": "COPD", "entities": [{**entity, "metadata": {"flag": "H", "colour": 7}}]}

    with RunningService(application) as origin:
        async with client_of(origin) as client:
            (found,) = await client.analyze("COPD")
    assert found.stated is not None
    assert found.stated.flag == "H"


def test_metadata_without_parts_states_nothing() -> None:
    assert EntityMetadata(section="plan").stated is None


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.sampled_from("KNaBP 120/8.%mgdLMRIct\n,:()\u200bé𝒳")), st.sampled_from(CHART_MODELS))
def test_any_text_is_read_in_order_and_without_overlap(text: str, model: str) -> None:
    end = 0
    for one in find_charted(text, model=model, sections=()):
        assert end <= one.start < one.end <= len(text)
        end = one.end


def test_a_name_that_is_not_served_is_an_error() -> None:
    with pytest.raises(KeyError):
        find_charted("K 4.2", model="other", sections=())
