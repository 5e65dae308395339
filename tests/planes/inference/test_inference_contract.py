"""One contract, several services: ours, a stand-in that replays recordings, and a genuine one where it runs."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from conftest import client_of
from genuine_stub import GenuineStub, recorded, running

from openmed_agent.planes.inference.contract import (
    SENT_TEXT,
    AnalyzeReply,
    DeidentifyReply,
    Health,
    Method,
)
from openmed_agent.planes.transport import PlaneError

RECORDED_TEXT = recorded("pii_extract")["text"]


@dataclass(frozen=True)
class Service:
    origin: str
    disease_model: str
    pii_model: str | None


@pytest.fixture(params=["ours", "stub", "genuine"])
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    match request.param:
        case "ours":
            yield Service(request.getfixturevalue("our_origin"), "disease_detection_superclinical", None)
        case "stub":
            with running(GenuineStub()) as origin:
                yield Service(origin, "local/tinydis", "local/tinypii")
        case _:
            yield Service(request.getfixturevalue("genuine_origin"), "local/tinydis", "local/tinypii")


@pytest.mark.parametrize("name", ["analyze_leading_space", "pii_extract"])
def test_recorded_analyses_are_the_contract(name: str) -> None:
    body = recorded(name)
    reply = AnalyzeReply.model_validate(body, context={SENT_TEXT: body["text"]})
    assert len(reply.entities) == len(body["entities"]) > 0


@pytest.mark.parametrize("method", list(Method))
def test_recorded_deidentifications_are_the_contract(method: Method) -> None:
    body = recorded(f"pii_deidentify_{method}")
    reply = DeidentifyReply.model_validate(body, context={SENT_TEXT: body["original_text"]})
    assert reply.method is method
    assert len(reply.pii_entities) == reply.num_entities_redacted


def test_recorded_health_lists_no_extension() -> None:
    assert Health.model_validate(recorded("health")).capabilities == ()


async def test_health_names_the_service(service: Service) -> None:
    async with client_of(service.origin) as client:
        health = await client.health()
    assert health.status == "ok"
    assert health.service
    assert health.version


async def test_offsets_point_into_the_callers_text(service: Service) -> None:
    text = " \n\t\u3000History of COPD. 𝒳 é 日本. Denies pneumonia or dyspnea.  \r\n"
    async with client_of(service.origin) as client:
        entities = await client.analyze(text, service.disease_model)
    assert [entity.span.of(text) for entity in entities] == ["COPD", "pneumonia", "dyspnea"]
    assert [entity.text for entity in entities] == ["COPD", "pneumonia", "dyspnea"]
    assert {entity.label for entity in entities} == {"DISEASE"}


async def test_every_entity_has_assertion_and_section_whoever_answers(service: Service) -> None:
    text = "HPI: Has COPD. Denies pneumonia or dyspnea.\n\nFAMILY HISTORY: Mother has COPD.\n"
    async with client_of(service.origin) as client:
        own, pneumonia, dyspnea, mothers = await client.analyze(text, service.disease_model)
    assert not own.assertion.negated
    assert own.section == "history_of_present_illness"
    assert pneumonia.assertion.negated
    assert dyspnea.assertion.negated
    assert mothers.assertion.experiencer == "family"
    assert mothers.section == "family_history"


async def test_a_text_of_100k_characters_keeps_every_offset(service: Service) -> None:
    line = "Note é 日本 𝒳: known COPD, no pneumonia seen, some dyspnea on stairs today.\n"
    text = line * (100_000 // len(line) + 1)
    async with client_of(service.origin, seconds=120) as client:
        entities = await client.analyze(text, service.disease_model)
    wanted = {
        (start + line.index(word), start + line.index(word) + len(word))
        for start in range(0, len(text), len(line))
        for word in ("COPD", "pneumonia", "dyspnea")
    }
    found = {(entity.span.start, entity.span.end) for entity in entities}
    assert all(entity.span.of(text) == entity.text for entity in entities)
    assert len(entities) == len(found), "no entity twice"
    assert wanted == found


async def test_identifiers_have_categories(service: Service) -> None:
    text = f"\n{RECORDED_TEXT}\n"
    async with client_of(service.origin) as client:
        found = await client.extract_pii(text, model=service.pii_model)
    assert all(entity.span.of(text) == entity.text for entity in found)
    categories = {entity.text: str(entity.category) for entity in found}
    assert categories["219-09-9999"] == "social security number"
    assert categories["mc@x.org"] == "email address"
    assert "name" in {category for text, category in categories.items() if "Margaret" in text}


@pytest.mark.parametrize("method", list(Method))
async def test_what_a_service_leaves_is_repaired_here(service: Service, method: Method) -> None:
    async with client_of(service.origin) as client:
        document = await client.deidentify(RECORDED_TEXT, method, model=service.pii_model, repair=True)
    for identifier in ("Margaret", "Connell", "219-09-9999", "88231907", "555-0173", "mc@x.org", "12 Oak St", "01609"):
        assert identifier not in document.text
    assert "lives at" in document.text


async def test_united_findings_hold_what_either_side_finds(service: Service) -> None:
    async with client_of(service.origin) as client:
        found = await client.united_pii(RECORDED_TEXT, model=service.pii_model)
    covered = {index for finding in found for index in range(finding.start, finding.end)}
    for identifier in ("Margaret", "219-09-9999", "(508) 555-0173", "http://p.example.org"):
        start = RECORDED_TEXT.index(identifier)
        open_letters = [
            RECORDED_TEXT[i]
            for i in range(start, start + len(identifier))
            if i not in covered and RECORDED_TEXT[i].isalnum()
        ]
        assert open_letters == []


@pytest.mark.parametrize("text", ["", " \n\t "])
async def test_a_blank_text_is_never_sent(text: str) -> None:
    stub = GenuineStub()
    with running(stub) as origin:
        async with client_of(origin) as client:
            assert await client.analyze(text) == ()
            assert await client.extract_pii(text) == ()
            assert (await client.deidentify(text)).text == text
    assert stub.requests == []


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/analyze", {"text": " \n"}, "validation_error"),
        ("/analyze", {"text": "COPD", "colour": 1}, "validation_error"),
        ("/analyze", {"confidence_threshold": 2}, "validation_error"),
        ("/analyze", {"text": "COPD", "model_name": "no/such-model"}, "model_not_served"),
        ("/pii/extract", {"text": "COPD", "model_name": "no/such-model"}, "model_not_served"),
        ("/pii/deidentify", {"text": "COPD", "method": "burn"}, "validation_error"),
        ("/pii/extract", {"text": "COPD", "lang": "xx"}, "validation_error"),
    ],
)
def test_our_service_refuses_in_the_words_of_the_contract(
    our_origin: str, path: str, body: dict[str, object], code: str
) -> None:
    reply = httpx.post(our_origin + path, json=body, trust_env=False)
    assert reply.status_code == 422
    error = reply.json()["error"]
    assert error["code"] == code
    assert error["message"]
    assert "details" in error


async def test_an_unknown_model_is_an_error_of_the_client(our_origin: str) -> None:
    async with client_of(our_origin) as client:
        with pytest.raises(PlaneError) as caught:
            await client.analyze("COPD", "no/such-model")
    assert caught.value.code == "model_not_served"
