import json
from collections.abc import Awaitable, Callable

import httpx
import pytest
from codes_serving import transport_to
from stub_service import Answer, Sent, stub_service

from openmed_agent.planes.codes.client import CodesClient
from openmed_agent.planes.codes.contract import ComorbidityRequest, RafRequest
from openmed_agent.planes.transport import PlaneError

HEALTH = json.dumps(
    {"status": "ok", "service": "s", "version": "1", "releases": [],
     "capabilities": ["icd10cm", "hcc", "comorbidity", "crosswalk", "rxnorm", "drug_classes"]}
).encode()  # fmt: skip
RAF = RafRequest(codes=("E11.9",), age=70, sex="F", eligibility="CNA")
CALLS: dict[str, Callable[[CodesClient], Awaitable[object]]] = {
    "search": lambda client: client.icd10_search("asthma"),
    "candidates": lambda client: client.icd10_candidates("asthma"),
    "concept": lambda client: client.icd10_concept("I10"),
    "validate": lambda client: client.icd10_validate(["I10"]),
    "hcc_map": lambda client: client.hcc_map(["I10"]),
    "crosswalk": lambda client: client.crosswalk(["250.00"]),
    "hcc_compare": lambda client: client.hcc_compare(["I10"]),
    "drug_classes": lambda client: client.drug_classes(["6809"]),
    "drug_duplicates": lambda client: client.drug_duplicates(["6809"]),
    "raf": lambda client: client.raf(RAF),
    "comorbidity": lambda client: client.comorbidity(ComorbidityRequest(codes=("I10",))),
    "rxcui": lambda client: client.rxcui_by_name("metformin"),
    "approximate": lambda client: client.rx_approximate("metformin"),
    "candidate": lambda client: client.rx_candidate("metformin"),
    "properties": lambda client: client.rx_properties("6809"),
    "related": lambda client: client.rx_related("6809"),
    "ndcs": lambda client: client.rx_ndcs("6809"),
}
BROKEN: dict[str, Answer] = {
    "500": Answer(500, b'{"error":{"code":"internal_error","message":"secret chart text"}}'),
    "html": Answer(200, b"<html>hello</html>", {"content-type": "text/html"}),
    "empty": Answer(200, b"{}"),
    "list": Answer(200, b"[]"),
    "truncated": Answer(200, HEALTH, cut_after=20),
    "slow": Answer(200, b"{}", delay=3.0),
    "wrong key": Answer(401, b'{"error":{"code":"invalid_credentials","message":"no"}}'),
    "foreign 404": Answer(404, b"<html>not found</html>"),
}


@pytest.mark.parametrize("failure", BROKEN)
@pytest.mark.parametrize("call", CALLS)
async def test_a_failure_is_an_error_and_never_an_empty_success(call: str, failure: str) -> None:
    def answers(sent: Sent, _: int) -> Answer:
        return Answer(200, HEALTH) if sent.path == "/health" else BROKEN[failure]

    with stub_service(answers) as stub:
        async with transport_to(stub.origin, timeout=1.0) as transport:
            with pytest.raises(PlaneError) as caught:
                await CALLS[call](CodesClient(transport))
    assert "secret chart text" not in str(caught.value)


@pytest.mark.parametrize("failure", [name for name in BROKEN if name != "foreign 404"])
async def test_a_broken_health_is_an_error(failure: str) -> None:
    with stub_service(lambda *_: BROKEN[failure]) as stub:
        async with transport_to(stub.origin, timeout=1.0) as transport:
            with pytest.raises(PlaneError):
                await CodesClient(transport).health()


def rxnav(sent: Sent, _: int) -> Answer:
    """Answer as NLM's RxNav does: no /health, nulls for what is empty, repeated candidates."""
    path = sent.path.partition("?")[0]
    bodies: dict[str, object] = {
        "/REST/rxcui.json": {"idGroup": {"name": "metformin", "rxnormId": ["6809"]}},
        "/REST/approximateTerm.json": {
            "approximateGroup": {
                "inputTerm": None,
                "candidate": [
                    {"rxcui": "6809", "rxaui": "1", "score": "11.2", "rank": "1", "name": "", "source": "MMSL"},
                    {"rxcui": "6809", "rxaui": "2", "score": "11.2", "rank": "1", "name": "metformin",
                     "source": "RXNORM"},
                    {"rxcui": "235743", "rxaui": None, "score": "8", "rank": "2", "source": "RXNORM"},
                ],
            }
        },
        "/REST/rxcui/6809/properties.json": {
            "properties": {"rxcui": "6809", "name": "metformin", "synonym": "", "tty": "IN", "language": "ENG",
                           "suppress": "N", "umlscui": ""}
        },
        "/REST/rxcui/6809/allrelated.json": {
            "allRelatedGroup": {"rxcui": "6809", "conceptGroup": [
                {"tty": "BN", "conceptProperties": [{"rxcui": "151827", "name": "Glucophage", "tty": "BN"}]},
                {"tty": "BPCK"},
            ]}
        },
        "/REST/rxcui/6809/property.json": {"propConceptGroup": None},
        "/REST/rxcui/861007/property.json": {"propConceptGroup": {"propConcept": [
            {"propCategory": "CODES", "propName": "NDC", "propValue": "00093104801"}]}},
    }  # fmt: skip
    if path not in bodies:
        return Answer(404, b"<html>Not Found</html>")
    return Answer(200, json.dumps(bodies[path]).encode())


async def test_rxnav_itself_can_stand_behind_the_client() -> None:
    with stub_service(rxnav) as stub:
        async with transport_to(stub.origin) as transport:
            client = CodesClient(transport)
            health = await client.health()
            assert (health.capabilities, health.releases[0].version) == (("rxnorm",), "RxNav")
            assert await client.rxcui_by_name("metformin") == ("6809",)
            approximate = await client.rx_approximate("metfornin")
            assert [(found.rxcui, found.name) for found in approximate] == [("6809", "metformin"), ("235743", "")]
            drug = await client.rx_candidate("metformin")
            assert drug is not None
            assert (drug.rxcui, drug.tty, drug.release) == ("6809", "IN", "RxNav")
            assert [group.tty for group in await client.rx_related("6809")] == ["BN", "BPCK"]
            assert await client.rx_ndcs("6809") == ()
            assert await client.rx_ndcs("861007") == ("00093104801",)
            with pytest.raises(PlaneError, match="does not offer icd10cm"):
                await client.icd10_search("asthma")
        assert not any("icd10cm" in sent.path for sent in stub.sent)


async def test_the_client_of_our_service(client: CodesClient) -> None:
    candidates = await client.icd10_candidates("CKD stage 4")
    assert (candidates[0].code, candidates[0].matched, candidates[0].is_strong) == ("N18.4", "synonym", True)
    assert candidates[0].release == "FY2026 (April 1, 2026)"
    assert not any(candidate.is_strong for candidate in await client.icd10_candidates("hypertenson"))
    concept = await client.icd10_concept("N18.4")
    assert concept is not None
    assert concept.display == "Chronic kidney disease, stage 4 (severe)"
    assert (await client.icd10_validate(["N18"])).results[0].valid is False
    assert (await client.hcc_map(["N18.4"])).results[0].hcc == "327"
    assert (await client.raf(RAF)).hccs[0].hcc == "38"
    assert (await client.comorbidity(ComorbidityRequest(codes=("I21.9",), age=50))).age_adjusted_score == 2
    drug = await client.rx_candidate("lisinopril 10 mg oral tablet")
    assert drug is not None
    assert (drug.rxcui, drug.tty) == ("314076", "SCD")


async def test_crosswalks_and_what_is_absent(client: CodesClient) -> None:
    forward = await client.crosswalk(["401.9", "401.9"])
    assert [result.targets[0].code for result in forward.results] == ["I10", "I10"]
    back = await client.crosswalk(["I10"], source="icd10cm")
    assert (back.target, back.release.complete) == ("icd9cm", False)
    assert (await client.hcc_compare(["I73.9"], payment_year=2025)).results[0].change == "only_v24"
    for question in (client.drug_classes, client.drug_duplicates):
        with pytest.raises(PlaneError, match="openmed codes install rxnorm") as caught:
            await question(["6809"])
        assert caught.value.code == "not_installed"


async def test_interactions_are_refused_as_the_service_refuses_them(client: CodesClient, origin: str) -> None:
    async with httpx.AsyncClient(base_url=origin, trust_env=False) as http:
        reply = (await http.post("/v1/drugs/interactions", json={"rxcuis": ["6809"]})).json()
    with pytest.raises(PlaneError) as caught:
        await client.drug_interactions()
    assert (caught.value.code, str(caught.value)) == (reply["error"]["code"], reply["error"]["message"])


async def test_a_miss_is_a_miss(client: CodesClient) -> None:
    assert (await client.icd10_search("zzzqqq")).results == ()
    assert await client.icd10_concept("E11.99") is None
    assert await client.rxcui_by_name("unobtainium") == ()
    assert await client.rx_approximate("unobtainium") == ()
    assert await client.rx_candidate("metformin 500 mg") is None
    assert await client.rx_properties("1") is None
    assert await client.rx_related("1") == ()
    with pytest.raises(PlaneError) as caught:
        await client.rx_ndcs("861007")
    assert caught.value.code == "not_installed"


@pytest.mark.parametrize("hostile", ["../", "../../admin?x=1#", "%2e%2e", "search", "Е11.9", "", "I10/../E11.9"])
async def test_hostile_codes_reach_no_other_route(client: CodesClient, hostile: str) -> None:
    assert await client.icd10_concept(hostile) is None
    assert await client.rx_properties(hostile) is None
    assert await client.rx_related(hostile) == ()


async def test_terms_are_encoded() -> None:
    with stub_service(rxnav) as stub:
        async with transport_to(stub.origin) as transport:
            await CodesClient(transport).rxcui_by_name("a&b=c#d/é ?")
    assert stub.sent[-1].path == "/REST/rxcui.json?name=a%26b%3Dc%23d%2F%C3%A9+%3F&search=2"


async def test_fewer_results_than_codes_is_an_error() -> None:
    release = {"system": "icd10cm", "version": "v", "source": "s", "complete": True, "concepts": 1}

    def answers(sent: Sent, _: int) -> Answer:
        body = json.dumps({"results": [], "release": release}).encode()
        return Answer(200, HEALTH) if sent.path == "/health" else Answer(200, body)

    with stub_service(answers) as stub:
        async with transport_to(stub.origin) as transport:
            with pytest.raises(PlaneError, match="another number of codes"):
                await CodesClient(transport).icd10_validate(["I10"])
