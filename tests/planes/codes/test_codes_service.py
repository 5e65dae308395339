import concurrent.futures
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MAPPED_RELEASE = {"system", "version", "source", "complete", "concepts", "stale"}


@pytest.fixture
def http(origin: str) -> httpx.Client:
    return httpx.Client(base_url=origin, trust_env=False, timeout=60)


@pytest.fixture(autouse=True)
def _close(http: httpx.Client) -> object:
    yield
    http.close()


def error_code(reply: httpx.Response) -> str:
    error = reply.json()["error"]
    assert error["message"]
    assert error["request_id"]
    return str(error["code"])


def test_health_names_every_release(http: httpx.Client) -> None:
    health = http.get("/health").json()
    assert health["capabilities"] == ["icd10cm", "hcc", "comorbidity", "crosswalk", "rxnorm", "drug_classes"]
    complete = {release["system"]: release["complete"] for release in health["releases"]}
    assert complete["icd10cm"] is True
    assert complete["rxnorm"] is False
    assert all(set(release) == MAPPED_RELEASE for release in health["releases"])


def test_search_answers_in_the_contract(http: httpx.Client) -> None:
    reply = http.get("/v1/icd10cm/search", params={"q": "asthma", "limit": 3}).json()
    assert reply["results"][0]["code"] == "J45.909"
    assert set(reply["results"][0]) == {"code", "display", "billable", "score", "matched"}
    assert isinstance(reply["results"][0]["score"], str)
    assert set(reply["release"]) == MAPPED_RELEASE
    assert http.get("/v1/icd10cm/search", params={"q": "zzzqqq"}).json()["results"] == []


def test_a_concept_has_its_place_and_notes(http: httpx.Client) -> None:
    concept = http.get("/v1/icd10cm/i50.9").json()
    assert concept["code"] == "I50.9"
    assert [parent["code"] for parent in concept["parents"]] == ["I50", "I30-I5A", "9"]
    assert "Congestive heart failure NOS" in concept["notes"]["inclusion_terms"]
    inherited = {held["code"]: held["notes"] for held in concept["inherited_notes"]}
    assert "heart failure due to hypertension (I11.0)" in inherited["I50"]["code_first"]
    fracture = http.get("/v1/icd10cm/S72.001").json()
    meanings = {held["character"]: held["meaning"] for held in fracture["seventh_characters"]}
    assert meanings["A"] == "initial encounter for closed fracture"
    assert not fracture["billable"]
    assert http.get("/v1/icd10cm/S72.001A").json()["billable"]
    assert http.get("/v1/icd10cm/E11").json()["children"][0]["code"] == "E11.0"


def test_validation_gives_reasons_and_suggestions(http: httpx.Client) -> None:
    codes = ["E11", "e119", "E11.99", "S72.001", "ZZZ", "Е11.9", " i10 "]
    reply = http.post("/v1/icd10cm/validate", json={"codes": codes, "date": "2031-11-02"}).json()
    results = reply["results"]
    assert [result["valid"] for result in results] == [False, True, False, False, False, False, True]
    assert results[0]["suggestions"][0]["code"] == "E11.9"
    assert results[2]["exists"] is False
    assert results[2]["suggestions"][0]["code"] == "E11.9"
    assert results[3]["suggestions"][0]["code"] == "S72.001A"
    assert "7th character" in results[3]["reason"] or "code below" in results[3]["reason"]
    assert reply["date_covered"] is False
    assert "2026-09-30" in results[1]["reason"]
    covered = http.post("/v1/icd10cm/validate", json={"codes": ["I10"], "date": "2026-05-01"}).json()
    assert covered["date_covered"] is True
    assert covered["results"][0]["reason"] == ""


def test_ten_thousand_codes_are_answered_and_more_refused(http: httpx.Client) -> None:
    reply = http.post("/v1/hcc/map", json={"codes": ["E11.9"] * 10_000})
    assert len(reply.json()["results"]) == 10_000
    assert http.post("/v1/icd10cm/validate", json={"codes": ["E11"] * 10_000}).status_code == 200
    assert http.post("/v1/hcc/map", json={"codes": ["E11.9"] * 10_001}).status_code == 422


@pytest.mark.parametrize("system", ["loinc", "snomed", "cpt", "icd10pcs", "cvx"])
def test_absent_systems_name_their_command(http: httpx.Client, system: str) -> None:
    for path in (f"/v1/{system}/search?q=x", f"/v1/{system}/12345"):
        reply = http.get(path)
        assert reply.status_code == 409
        assert error_code(reply) == "not_installed"
        assert f"openmed codes install {system} --from " in reply.json()["error"]["message"]


def test_ndcs_are_not_here_and_say_so(http: httpx.Client) -> None:
    reply = http.get("/REST/rxcui/861007/property.json", params={"propName": "NDC"})
    assert (reply.status_code, error_code(reply)) == (409, "not_installed")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/hcc/raf", {"codes": ["E11.9"], "age": -1, "sex": "F", "eligibility": "CNA"}),
        ("/v1/hcc/raf", {"codes": ["E11.9"], "age": 300, "sex": "F", "eligibility": "CNA"}),
        ("/v1/hcc/raf", {"codes": ["E11.9"], "age": 40, "sex": "F", "eligibility": "CNA"}),
        ("/v1/hcc/raf", {"codes": ["E11.9"], "age": 70, "sex": "X", "eligibility": "CNA"}),
        ("/v1/hcc/raf", {"codes": ["E11.9"], "age": 70, "sex": "F", "eligibility": "CNA", "extra": 1}),
        ("/v1/hcc/map", {"codes": ["E11.9"], "model": "V99"}),
        ("/v1/hcc/map", {"codes": ["E11.9"], "payment_year": 2019}),
        ("/v1/hcc/map", {"codes": []}),
        ("/v1/hcc/map", {"codes": ["x" * 100]}),
        ("/v1/comorbidity", {"codes": ["E11.9"], "index": "apache"}),
        ("/v1/icd10cm/validate", {"codes": ["E11.9"], "date": "yesterday"}),
    ],
)
def test_wrong_input_is_422_with_the_field(http: httpx.Client, path: str, body: object) -> None:
    reply = http.post(path, json=body)
    assert (reply.status_code, error_code(reply)) == (422, "validation_error")
    assert reply.json()["error"]["details"][0]["field"].startswith("body")


@pytest.mark.parametrize(
    "segment",
    ["../", "..", "%2e%2e", "..%2f..%2fhealth", "../../admin?x=1#", "Е11.9", "\x00", "E11.9\u202e", "search/.."],
)
def test_hostile_segments_reach_no_other_route(http: httpx.Client, segment: str) -> None:
    for template in ("/v1/icd10cm/{}", "/REST/rxcui/{}/properties.json", "/v1/{}/search", "/v1/loinc/{}"):
        reply = http.get(template.format(quote(segment, safe="")))
        if template.startswith("/REST") and reply.status_code == 200:
            assert reply.json()["properties"] is None
        else:
            assert reply.status_code in {404, 409, 422}, (template, segment)


@given(segment=st.text(min_size=1, max_size=60))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_segment_is_answered_with_an_envelope(http: httpx.Client, segment: str) -> None:
    path = quote(segment.encode("utf-8", "surrogatepass"), safe="")
    for reply in (
        http.get(f"/v1/icd10cm/{path}"),
        http.get(f"/v1/icd10cm/search?q={path}"),
        http.get(f"/REST/rxcui.json?name={path}&search=9"),
        http.get(f"/REST/approximateTerm.json?term={path}"),
        http.get(f"/REST/rxcui/{path}/allrelated.json"),
    ):
        assert reply.status_code in {200, 404, 405, 422}, reply.text
        if reply.status_code in {404, 405, 422}:
            error_code(reply)


@given(codes=st.lists(st.text(max_size=12), max_size=8), age=st.integers(-5, 200))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_codes_are_scored_or_refused(http: httpx.Client, codes: list[str], age: int) -> None:
    codes = [code.encode("utf-8", "replace").decode() for code in codes]
    body = {"codes": codes, "age": age, "sex": "F", "eligibility": "INS"}
    reply = http.post("/v1/hcc/raf", json=body)
    assert reply.status_code in {200, 422}
    if reply.status_code == 200:
        kept = {code for category in reply.json()["hccs"] for code in category["codes"]}
        told = {ignored["code"] for ignored in reply.json()["ignored"]}
        assert set(codes) <= kept | told | {code for drop in reply.json()["dropped"] for code in drop["codes"]}
    assert http.post("/v1/comorbidity", json={"codes": codes}).status_code == 200


def test_rxnav_shapes(http: httpx.Client) -> None:
    assert http.get("/REST/rxcui.json?name=lisinopril&search=2").json()["idGroup"] == {"rxnormId": ["29046"]}
    assert "rxnormId" not in http.get("/REST/rxcui.json?name=unobtainium").json()["idGroup"]
    group = http.get("/REST/approximateTerm.json?term=metformin+500+mg&maxEntries=2").json()["approximateGroup"]
    assert set(group["candidate"][0]) == {"rxcui", "rxaui", "score", "rank", "name", "source"}
    properties = http.get("/REST/rxcui/861007/properties.json").json()["properties"]
    assert set(properties) == {"rxcui", "name", "synonym", "tty", "language", "suppress", "umlscui"}
    assert properties["tty"] == "SCD"


def test_the_key_is_needed_everywhere_but_health(guarded_origin: str) -> None:
    with httpx.Client(base_url=guarded_origin, trust_env=False) as http:
        assert http.get("/health").status_code == 200
        assert http.get("/v1/icd10cm/I10").status_code == 401
        assert http.get("/v1/icd10cm/I10", headers={"X-API-Key": "wrong"}).status_code == 401
        assert http.get("/v1/icd10cm/I10", headers={"X-API-Key": "a-test-key"}).status_code == 200


def test_many_readers_at_once(http: httpx.Client) -> None:
    def ask(number: int) -> str:
        reply = http.get("/v1/icd10cm/search", params={"q": ["asthma", "COPD", "gout"][number % 3], "limit": 1})
        return str(reply.json()["results"][0]["code"])

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(120)))
    assert answers == ["J45.909", "J44.9", "M10.9"] * 40
