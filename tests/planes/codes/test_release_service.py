"""Installed releases over HTTP, with a packaged ICD-10-CM index beside them."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
import release_files as made
from codes_serving import serve, transport_to
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openmed_agent.planes.codes.app import create_codes_application
from openmed_agent.planes.codes.client import CodesClient
from openmed_agent.planes.codes.engine import CodesEngine
from openmed_agent.planes.codes.progress import ignore_progress
from openmed_agent.planes.codes.releases.install import install_release


@pytest.fixture(scope="module")
def folder(engine: CodesEngine, index_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert engine.icd_release.complete
    folder = tmp_path_factory.mktemp("installed")
    shutil.copytree(index_folder, folder, dirs_exist_ok=True)
    sources = tmp_path_factory.mktemp("sources")
    (sources / "cvx.txt").write_text(made.CVX_PIPES, newline="")
    for system, source in (
        ("rxnorm", made.prescribable(sources)),
        ("loinc", made.loinc(sources)),
        ("snomed", made.snomed(sources)),
        ("icd10cm", made.icd10cm(sources)),
        ("icd10pcs", made.icd10pcs(sources)),
        ("cvx", sources / "cvx.txt"),
    ):
        install_release(system, source, folder, version=None, progress=ignore_progress)  # type: ignore[arg-type]
    return folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    yield from serve(create_codes_application(index_folder=folder, api_key=None))


@pytest.fixture(scope="module")
def http(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        yield client


def test_health_lists_what_is_installed_and_how_much_of_it(http: httpx.Client) -> None:
    health = http.get("/health").json()
    assert {"loinc", "snomed", "icd10pcs", "cvx"} <= set(health["capabilities"])
    assert "cpt" not in health["capabilities"]
    releases = {(release["system"], release["version"]): release["complete"] for release in health["releases"]}
    assert releases["rxnorm", "2026-11-02"] is False
    assert releases["loinc", "2.81"] is True
    assert releases["icd10cm", "FY2027"] is True
    assert [system for system, _ in releases].count("rxnorm") == 1


def related(http: httpx.Client, rxcui: str) -> dict[str, set[str]]:
    groups = http.get(f"/REST/rxcui/{rxcui}/allrelated.json").json()["allRelatedGroup"]["conceptGroup"]
    return {group["tty"]: {concept["rxcui"] for concept in group["conceptProperties"]} for group in groups}


def test_rxnorm_is_answered_from_the_release(http: httpx.Client) -> None:
    found = http.get("/REST/rxcui.json", params={"name": "METFORMIN HCL 500 mg oral tablet", "search": "0"}).json()
    assert found["idGroup"] == {"rxnormId": ["861007"]}
    assert found["release"]["complete"] is False
    assert "rxnormId" not in http.get("/REST/rxcui.json", params={"name": "withdrawn", "search": "2"}).json()["idGroup"]

    properties = http.get("/REST/rxcui/316256/properties.json").json()["properties"]
    assert (properties["tty"], properties["suppress"]) == ("SCDC", "N")
    assert http.get("/REST/rxcui/861007/properties.json").json()["properties"]["synonym"].startswith("metformin HCl")
    assert http.get("/REST/rxcui/999/properties.json").json()["properties"]["suppress"] == "O"
    assert http.get("/REST/rxcui/123/properties.json").json()["properties"] is None

    ndcs = http.get("/REST/rxcui/861007/property.json", params={"propName": "NDC"}).json()["propConceptGroup"]
    assert [held["propValue"] for held in ndcs["propConcept"]] == ["00093104801", "65862000801"]
    assert http.get("/REST/rxcui/6809/property.json?propName=NDC").json()["propConceptGroup"] is None


def test_related_concepts_are_those_that_rxnorm_relates(http: httpx.Client) -> None:
    tablet = related(http, "861007")
    assert tablet["IN"] == {"6809"}
    assert tablet["PIN"] == {"235743"}
    assert tablet["BN"] == {"151827"}
    assert tablet["SBD"] == {"861009"}
    assert tablet["SCDC"] == {"316256"}
    assert tablet["DF"] == {"317541"}
    assert tablet["DFG"] == {"1151133"}
    assert tablet["GPCK"] == {"900001"}
    assert tablet["SCD"] == {"861007"}  # no other strength

    ingredient = related(http, "6809")
    assert ingredient["SCD"] == {"861007", "860975", "861004"}
    assert ingredient["IN"] == {"6809"}
    assert related(http, "151827")["SCD"] == {"861007"}
    both = related(http, "197885")
    assert both["IN"] == {"5487", "29046"}
    assert both["MIN"] == {"214618"}
    assert "SBD" not in both


@pytest.mark.parametrize(
    ("written", "rxcui"),
    [
        ("metformin 500mg bid", "861007"),
        ("Metformin 500 mg ER daily", "860975"),
        ("Lasix", "202991"),
        ("lasix 40 mg po daily", "200809"),
        ("furosemide 40mg tab", "313988"),
        ("furosmide", "4603"),
        ("hctz", "5487"),
        ("HCTZ 25 mg qd", "310798"),
        ("lisinopril-hctz 20-12.5", "214618"),
        ("glucophage 500 mg", "861009"),
    ],
)
def test_written_drugs(http: httpx.Client, written: str, rxcui: str) -> None:
    group = http.get("/REST/approximateTerm.json", params={"term": written, "maxEntries": 3}).json()
    assert group["approximateGroup"]["candidate"][0]["rxcui"] == rxcui


def test_another_strength_is_no_match(http: httpx.Client) -> None:
    for written in ("metformin 850 mg", "lasix 80 mg tablet", "unobtainium"):
        group = http.get("/REST/approximateTerm.json", params={"term": written}).json()["approximateGroup"]
        assert "candidate" not in group, written


def test_terminologies_answer_in_the_shapes_of_icd(http: httpx.Client) -> None:
    reply = http.get("/v1/loinc/search", params={"q": "zorbium", "limit": 1}).json()
    assert set(reply["results"][0]) == {"code", "display", "billable", "score", "matched"}
    assert reply["release"]["version"] == "2.81"
    concept = http.get("/v1/snomed/1001").json()
    assert [child["code"] for child in concept["children"]] == ["1002"]
    assert http.get("/v1/cvx/901").json()["display"] == "influenza, invented, intranasal"
    missing = http.get("/v1/loinc/99999-9")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found")
    absent = http.get("/v1/cpt/12345")
    assert (absent.status_code, absent.json()["error"]["code"]) == (409, "not_installed")
    assert "openmed codes install cpt --from " in absent.json()["error"]["message"]


def test_another_release_of_icd10cm_decides_on_its_dates(http: httpx.Client) -> None:
    body = {"codes": ["X01", "x010", "E11.9", "X01.07"], "date": "2026-11-02"}
    reply = http.post("/v1/icd10cm/validate", json=body).json()
    assert (reply["release"]["version"], reply["date_covered"]) == ("FY2027", True)
    assert [result["valid"] for result in reply["results"]] == [False, True, False, False]
    assert [found["code"] for found in reply["results"][0]["suggestions"]] == ["X01.9", "X01.0"]
    assert reply["results"][3]["suggestions"][0]["code"] == "X01.0"
    spring = http.post("/v1/icd10cm/validate", json={"codes": ["X01.0"], "date": "2027-05-01"}).json()
    assert "an update may be in force" in spring["results"][0]["reason"]
    packaged = http.post("/v1/icd10cm/validate", json={"codes": ["E11.9"], "date": "2026-05-01"}).json()
    assert packaged["results"][0]["valid"]
    assert packaged["release"]["version"] != "FY2027"
    later = http.post("/v1/icd10cm/validate", json={"codes": ["E11.9"], "date": "2028-05-01"}).json()
    assert later["date_covered"] is False

    assert http.get("/v1/icd10cm/X01.0", params={"release": "FY2027"}).json()["display"].startswith("Invented fever")
    misplaced = http.post("/v1/icd10cm/validate", json={"codes": ["X02A"], "date": "2026-11-02"}).json()["results"][0]
    assert (misplaced["valid"], misplaced["suggestions"][0]["code"]) == (False, "X02.XXXA")
    found = http.get("/v1/icd10cm/search", params={"q": "feverlet co", "release": "FY2027"}).json()
    assert found["results"][0]["code"] == "X01.0"
    assert http.get("/v1/icd10cm/X02.XXXA").status_code == 404
    assert http.get("/v1/icd10cm/X01.0", params={"release": "FY1999"}).status_code == 409


@given(segment=st.text(min_size=1, max_size=60))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_segment_is_answered(http: httpx.Client, segment: str) -> None:
    path = quote(segment.encode("utf-8", "surrogatepass"), safe="")
    for reply in (
        http.get(f"/v1/loinc/{path}"),
        http.get(f"/v1/snomed/search?q={path}"),
        http.get(f"/REST/rxcui.json?name={path}&search=9"),
        http.get(f"/REST/approximateTerm.json?term={path}"),
        http.get(f"/REST/rxcui/{path}/allrelated.json"),
        http.get(f"/REST/rxcui/6809/property.json?propName={path}"),
    ):
        assert reply.status_code in {200, 404, 405, 422}, reply.text


async def test_the_client_asks_installed_systems(address: str) -> None:
    async with transport_to(address) as transport:
        client = CodesClient(transport)
        found = await client.term_search("loinc", "zorbium", limit=1)
        assert found.results[0].code == "10002-9"
        concept = await client.term("snomed", "1002")
        assert concept is not None
        assert concept.parents[0].code == "1001"
        assert await client.term("loinc", "1-1") is None
        assert await client.term("loinc", "../health") is None
        drug = await client.rx_candidate("furosemide 40 mg oral tablet")
        assert drug is not None
        assert (drug.rxcui, drug.tty, drug.release) == ("313988", "SCD", "2026-11-02")
        assert await client.rx_ndcs("313988") == ("00054429725",)


def test_a_damaged_index_is_503_and_the_rest_still_answers(folder: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(folder, damaged)
    for path in (damaged / "releases").glob("loinc-*.sqlite"):
        path.write_bytes(path.read_bytes()[:-100] + b"x" * 100)
    for origin in serve(create_codes_application(index_folder=damaged, api_key=None)):
        with httpx.Client(base_url=origin, trust_env=False) as client:
            reply = client.get("/v1/loinc/search?q=zorbium")
            assert (reply.status_code, reply.json()["error"]["code"]) == (503, "index_unavailable")
            assert "openmed codes install loinc" in reply.json()["error"]["message"]
            assert client.get("/v1/cvx/901").status_code == 200


WORKER = """
import sys
from pathlib import Path
import uvicorn
from openmed_agent.planes.codes.app import create_codes_application

def application():
    return create_codes_application(index_folder=Path(sys.argv[1]), api_key=None)

if __name__ == "__main__":
    import socket
    listener = socket.socket(fileno=int(sys.argv[2]))
    uvicorn.Server(uvicorn.Config(application(), log_level="critical", lifespan="off")).run(sockets=[listener])
"""


def test_several_workers_serve_one_folder_that_can_only_be_read(folder: Path, tmp_path: Path) -> None:
    """Two processes accept on one socket; each answers the same from the same files."""
    import socket

    mounted = tmp_path / "mounted"
    shutil.copytree(folder, mounted)
    for path in (mounted, *mounted.rglob("*")):
        path.chmod(0o500 if path.is_dir() else 0o400)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    command = [sys.executable, str(script), str(mounted), str(listener.fileno())]
    workers = [subprocess.Popen(command, pass_fds=[listener.fileno()]) for _ in range(2)]
    try:
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        deadline = time.monotonic() + 60
        for _ in range(40):
            while True:
                try:
                    reply = httpx.get(f"{origin}/v1/loinc/search?q=zorbium", trust_env=False, timeout=30)
                    break
                except httpx.TransportError:
                    assert time.monotonic() < deadline
            assert reply.json()["results"][0]["code"] == "10002-9"
        assert all(worker.poll() is None for worker in workers)
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(20)
        listener.close()
        for path in (mounted, *mounted.rglob("*")):
            if path.is_dir():
                path.chmod(0o700)
