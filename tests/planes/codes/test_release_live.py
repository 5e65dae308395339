"""A service that is running serves what is installed or removed beside it, without a restart."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import release_files as made
from codes_serving import serve, transport_to

from openmed_agent.planes.codes.app import create_codes_application
from openmed_agent.planes.codes.client import CodesClient
from openmed_agent.planes.codes.engine import CodesEngine
from openmed_agent.planes.codes.progress import ignore_progress
from openmed_agent.planes.codes.releases.catalog import remove_releases
from openmed_agent.planes.codes.releases.install import install_release
from openmed_agent.planes.codes.releases.installed import InstalledSystems
from openmed_agent.planes.transport import PlaneError


@pytest.fixture
def folder(engine: CodesEngine, index_folder: Path, tmp_path: Path) -> Path:
    assert engine.icd_release.complete
    folder = tmp_path / "index"
    folder.mkdir()
    for path in index_folder.glob("icd10cm*"):
        shutil.copy(path, folder)
    return folder


@pytest.fixture
def workers(folder: Path) -> Iterator[tuple[str, str]]:
    """Two services over one folder, as two workers of one address are."""
    first, second = (serve(create_codes_application(index_folder=folder, api_key=None)) for _ in range(2))
    yield next(first), next(second)
    for service in (first, second):
        next(service, None)


def install(folder: Path, tmp_path: Path, date: str, *concepts: tuple[str, str, str]) -> None:
    more = "".join(made.conso(*concept) for concept in concepts)
    install_release(
        "rxnorm", made.prescribable(tmp_path, date, more_names=more), folder, version=None, progress=ignore_progress
    )


def test_every_worker_notices(folder: Path, workers: tuple[str, str], tmp_path: Path) -> None:
    def asked(path: str) -> list[dict[str, object]]:
        return [httpx.get(f"{origin}{path}", trust_env=False, timeout=30).json() for origin in workers]

    def versions() -> list[object]:
        return [
            release["version"]
            for health in asked("/health")
            for release in health["releases"]  # type: ignore[attr-defined]
            if release["system"] == "rxnorm"
        ]

    subset = asked("/REST/rxcui.json?name=glucophage")
    assert [reply["idGroup"] for reply in subset] == [{}, {}]
    install(folder, tmp_path, "11022026")
    assert [reply["idGroup"] for reply in asked("/REST/rxcui.json?name=glucophage")] == [{"rxnormId": ["151827"]}] * 2
    assert versions() == ["2026-11-02"] * 2
    install(folder, tmp_path, "12072026", ("424242", "IN", "zorbium"))
    assert [reply["idGroup"] for reply in asked("/REST/rxcui.json?name=zorbium")] == [{"rxnormId": ["424242"]}] * 2
    remove_releases(folder, "rxnorm", None)
    assert [reply["release"] for reply in asked("/REST/rxcui.json?name=zorbium")] == [
        reply["release"] for reply in subset
    ]
    for origin in workers:
        assert httpx.get(f"{origin}/v1/loinc/search?q=zorbium", trust_env=False).status_code == 409
    install_release("loinc", made.loinc(tmp_path), folder, version=None, progress=ignore_progress)
    for origin in workers:
        assert httpx.get(f"{origin}/v1/loinc/search?q=zorbium", trust_env=False).json()["results"]


def test_every_answer_is_of_one_release_while_releases_change(
    folder: Path, workers: tuple[str, str], tmp_path: Path
) -> None:
    install(folder, tmp_path, "11022026")
    finished = threading.Event()
    wrong: list[object] = []

    def ask() -> None:
        with httpx.Client(base_url=workers[0], trust_env=False, timeout=30) as client:
            while not finished.is_set():
                reply = client.get("/REST/rxcui/151827/properties.json").json()
                expected = {"2026-11-02": "Glucophage", "2026-12-07": "Glucophage renamed"}
                if reply["properties"]["name"] != expected.get(reply["release"]["version"]):
                    wrong.append(reply)

    asking = threading.Thread(target=ask)
    asking.start()
    renamed = made.rxnorm_members()
    renamed["rrf/RXNCONSO.RRF"] = str(renamed["rrf/RXNCONSO.RRF"]).replace("|Glucophage|", "|Glucophage renamed|")
    other = made.write_zip(tmp_path / "RxNorm_full_prescribe_12072026.zip", renamed)
    for _ in range(3):
        install_release("rxnorm", other, folder, version=None, progress=ignore_progress)
        install(folder, tmp_path, "11022026")
    finished.set()
    asking.join(30)
    assert wrong == []


def test_what_stays_is_not_opened_again(folder: Path, tmp_path: Path) -> None:
    install_release("loinc", made.loinc(tmp_path), folder, version=None, progress=ignore_progress)
    systems = InstalledSystems(folder)
    before = systems.now()
    assert systems.now() is before
    assert before.terms["loinc"].search("zorbium", limit=1)
    connection = next(iter(before.files.values())).connection()
    install(folder, tmp_path, "11022026")
    after = systems.now()
    assert after is not before
    assert next(iter(before.files.values())).connection() is connection
    assert set(before.files.values()) < set(after.files.values())


async def test_an_ndc_has_its_rxcui_in_every_form(folder: Path, workers: tuple[str, str], tmp_path: Path) -> None:
    async with transport_to(workers[0]) as transport:
        client = CodesClient(transport)
        with pytest.raises(PlaneError, match="openmed codes install rxnorm") as refused:
            await client.rxcui_by_ndc("0093-1048-01")
        assert refused.value.code == "not_installed"
        install(folder, tmp_path, "11022026")
        for written in ("0093-1048-01", "00093-1048-01", "00093104801", "0093-1048"):
            assert await client.rxcui_by_ndc(written) == ("861007",), written
        assert await client.rxcui_by_ndc("0054-4297-25") == ("313988",)
        assert await client.rxcui_by_ndc("0093-1048-02") == ()
        assert await client.rxcui_by_ndc("0093104801") == ()  # ten digits: could be three codes


def test_ndcs_over_http(folder: Path, workers: tuple[str, str], tmp_path: Path) -> None:
    install(folder, tmp_path, "11022026")
    with httpx.Client(base_url=workers[0], trust_env=False, timeout=30) as client:
        reply = client.get("/REST/rxcui.json", params={"idtype": "NDC", "id": "0093-1048-01"}).json()
        assert reply["idGroup"] == {"rxnormId": ["861007"]}
        assert reply["release"]["version"] == "2026-11-02"
        assert client.get("/REST/rxcui/861007/ndcs.json").json()["ndcGroup"]["ndcList"]["ndc"] == [
            "00093104801", "65862000801",
        ]  # fmt: skip
        for wrong in ({}, {"id": "0093-1048-01"}, {"idtype": "NDC"}, {"idtype": "NDC", "id": "x", "name": "x"},
                      {"idtype": "NDC", "id": "0093104801"}, {"idtype": "SNOMEDCT", "id": "1"}):  # fmt: skip
            reply = client.get("/REST/rxcui.json", params=wrong)
            assert reply.status_code == 422, wrong
            assert reply.json()["error"]["details"][0]["field"].startswith("query")
