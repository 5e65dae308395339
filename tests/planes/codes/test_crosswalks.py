"""The crosswalks that packages carry, over HTTP, and the routes that say what is absent."""

from collections.abc import Iterator

import httpx
import pytest

from openmed_agent.planes.codes.engine import CodesEngine
from openmed_agent.planes.codes.icd9_crosswalk import _gems
from openmed_agent.planes.codes.icd_concepts import dotted


@pytest.fixture
def http(origin: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=origin, trust_env=False, timeout=60) as client:
        yield client


def mapped(http: httpx.Client, source: str, *codes: str) -> list[dict[str, object]]:
    reply = http.post("/v1/crosswalk", json={"source": source, "codes": codes}).json()
    assert len(reply["results"]) == len(codes)
    assert reply["release"]["complete"] is False
    results: list[dict[str, object]] = reply["results"]
    return results


@pytest.mark.parametrize(
    ("nine", "ten", "approximate"),
    [("250.00", "E11.9", True), ("25000", "E11.9", True), ("401.9", "I10", True), ("428.0", "I50.9", True),
     ("001.0", "A00.0", False), ("v70.0", "Z00.00", True)],
)  # fmt: skip
def test_known_maps(http: httpx.Client, nine: str, ten: str, approximate: int) -> None:
    targets = mapped(http, "icd9cm", nine)[0]["targets"]
    first = next(target for target in targets if target["code"] == ten)  # type: ignore[attr-defined]
    assert first["approximate"] is bool(approximate)
    assert first["current"]


def test_a_combination_names_what_is_reported_together(http: httpx.Client) -> None:
    """Ornithosis with pneumonia: the infection, and the pneumonia in it."""
    targets = mapped(http, "icd9cm", "073.0")[0]["targets"]
    assert [(t["code"], t["scenario"], t["choice_list"]) for t in targets] == [("A70", 1, 1), ("J17", 1, 2)]  # type: ignore[attr-defined]


def test_backward_has_the_titles_of_icd9(http: httpx.Client) -> None:
    found = mapped(http, "icd10cm", "e11.9", "I10")
    assert found[0]["targets"][0]["code"] == "250.00"  # type: ignore[index]
    assert "type II" in found[0]["targets"][0]["display"]  # type: ignore[index]
    assert "401.9" in [target["code"] for target in found[1]["targets"]]  # type: ignore[attr-defined]


def test_what_has_no_map_says_why(http: httpx.Client) -> None:
    no_map, later, category, none, form = mapped(http, "icd10cm", "R40.2130", "E11.10", "E11", "E11.99", "../E11")
    assert not any(found["mapped"] for found in (no_map, later, category, none, form))
    assert "to none of ICD-9-CM" in str(no_map["reason"])  # coma scale: CMS gives no equivalent
    assert "came later" in str(later["reason"])  # new in October 2017
    assert "no such code" in str(none["reason"])
    assert "form" in str(form["reason"])
    for text in ("250", "250.0", "٢٥٠.٠٠", "E11.9", "", "V7O.0"):
        assert not mapped(http, "icd9cm", text)[0]["mapped"], text


def test_every_icd9_code_has_a_title_and_a_place_in_the_tables(engine: CodesEngine) -> None:
    gems = _gems()
    assert len(gems.titles) == 14_567  # the diagnoses of ICD-9-CM version 32
    assert set(gems.titles) == set(gems.forward)
    assert {found.target for maps in gems.backward.values() for found in maps} <= set(gems.titles)
    known = sum(engine.concepts.exists(dotted(code)) for code in gems.backward)
    assert known > 0.97 * len(gems.backward)


def test_v24_and_v28_side_by_side(http: httpx.Client) -> None:
    """I73.9 and D69.6 lost their payment HCC in V28; E11.9 kept one; I10 never had one."""
    codes = ["I73.9", "D69.6", "E11.9", "I10", "E11.99"]
    reply = http.post("/v1/hcc/compare", json={"codes": codes}).json()
    assert [found["change"] for found in reply["results"]] == ["only_v24", "only_v24", "both", "neither", "neither"]
    peripheral, platelets, diabetes, none, unknown = reply["results"]
    assert [category["hcc"] for category in peripheral["v24"]] == ["108"]
    assert [category["hcc"] for category in platelets["v24"]] == ["48"]
    assert ([c["hcc"] for c in diabetes["v24"]], [c["hcc"] for c in diabetes["v28"]]) == (["19"], ["38"])
    assert none["reason"] == "No payment HCC in V24 or V28."
    assert "no such code" in unknown["reason"].lower()
    assert len(reply["releases"]) == 2
    refused = http.post("/v1/hcc/compare", json={"codes": codes, "payment_year": 2027})
    assert refused.status_code == 422
    assert refused.json()["error"]["details"][0]["field"] == "body.payment_year"


@pytest.mark.parametrize("route", ["classes", "duplicates", "interactions"])
def test_what_is_absent_is_an_error_and_never_an_empty_list(http: httpx.Client, route: str) -> None:
    reply = http.post(f"/v1/drugs/{route}", json={"rxcuis": ["6809", "29046"]})
    assert reply.status_code == 409
    error = reply.json()["error"]
    if route == "interactions":
        assert error["code"] == "not_available"
        assert "no statement that the drugs go together" in error["message"]
    else:
        assert error["code"] == "not_installed"
        assert error["details"]["command"] == "openmed codes install rxnorm --from RxNorm_full_MMDDYYYY.zip"
    for wrong in ({"rxcuis": []}, {"rxcuis": ["x"]}, {"rxcuis": ["6809"] * 201}, {"rxcuis": ["１"]}, {}):
        assert http.post(f"/v1/drugs/{route}", json=wrong).status_code == 422


def test_ten_thousand_codes_in_one_call(http: httpx.Client) -> None:
    codes = [f"{number // 100:03}.{number % 100:02}" for number in range(10_000)]
    assert len(mapped(http, "icd9cm", *codes)) == 10_000
    assert http.post("/v1/crosswalk", json={"source": "icd9cm", "codes": [*codes, "1"]}).status_code == 422
    assert http.post("/v1/hcc/compare", json={"codes": codes}).status_code == 200
