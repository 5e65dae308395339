import zipfile
from pathlib import Path

import pytest
import release_files as made
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openmed_agent.errors import InputError
from openmed_agent.planes.codes.progress import ignore_progress
from openmed_agent.planes.codes.releases.catalog import fault, installed_releases
from openmed_agent.planes.codes.releases.install import install_release
from openmed_agent.planes.codes.releases.systems import System


def refused(system: System, source: Path, index: Path, words: str) -> None:
    """Check that ``source`` is refused in one sentence and that the release installed before stands."""
    before = installed_releases(index, system)
    with pytest.raises(InputError, match=words) as caught:
        install_release(system, source, index, version=None, progress=ignore_progress)
    assert "\n" not in str(caught.value)
    assert installed_releases(index, system) == before
    assert all(fault(index, release) is None for release in before)
    left = [path.name for path in (index / "releases").iterdir() if "building" in path.name]
    assert left == []


@pytest.fixture
def index(tmp_path: Path) -> Path:
    folder = tmp_path / "index"
    (tmp_path / "good").mkdir()
    for system, make in (("rxnorm", made.prescribable), ("loinc", made.loinc), ("snomed", made.snomed)):
        install_release(system, make(tmp_path / "good"), folder, version=None, progress=ignore_progress)  # type: ignore[arg-type]
    return folder


def changed(folder: Path, replaced: made.Members) -> Path:
    return made.write_zip(folder / "RxNorm_full_prescribe_12072026.zip", made.rxnorm_members() | replaced)


def test_archives_that_are_none(tmp_path: Path, index: Path) -> None:
    text = tmp_path / "RxNorm_full_prescribe_12072026.zip"
    text.write_text("<html>sign in</html>")
    refused("rxnorm", text, index, "is not a sound zip archive")
    good = made.prescribable(tmp_path, "12072026")
    content = good.read_bytes()
    for size in (10, len(content) // 2, len(content) - 5):
        good.write_bytes(content[:size])
        refused("rxnorm", good, index, "is not a sound zip archive")
    swapped = bytearray(content)
    swapped[200] ^= 0xFF
    good.write_bytes(swapped)
    refused("rxnorm", good, index, "is not a sound zip archive")
    refused("rxnorm", tmp_path / "nothing.zip", index, "cannot be read")
    refused("rxnorm", Path("/dev/null"), index, "is not a file")


def test_a_zip_bomb_is_refused_before_it_is_read(tmp_path: Path, index: Path) -> None:
    bomb = changed(tmp_path, {"rrf/RXNCONSO.RRF": b"\0" * (64 * 1024**2)})
    refused("rxnorm", bomb, index, "far more than any release")
    line = changed(tmp_path, {"rrf/RXNCONSO.RRF": b"ab" * (3 * 1024**2)})
    refused("rxnorm", line, index, "not a text file of this layout")


@pytest.mark.parametrize(
    "name", ["../RXNCONSO.RRF", "rrf/../../etc/passwd", "/etc/passwd", "..\\RXNCONSO.RRF", "C:\\x"]
)
def test_members_that_point_outside(tmp_path: Path, index: Path, name: str) -> None:
    refused("rxnorm", changed(tmp_path, {name: "x"}), index, "points outside")


def test_an_encrypted_member(tmp_path: Path, index: Path) -> None:
    source = made.prescribable(tmp_path, "12072026")
    content = source.read_bytes()
    at = content.index(b"PK\x01\x02")
    source.write_bytes(content[: at + 8] + b"\x01" + content[at + 9 :])
    refused("rxnorm", source, index, "password")


@pytest.mark.parametrize("missing", ["RXNCONSO", "RXNREL", "RXNSAT"])
def test_a_missing_member(tmp_path: Path, index: Path, missing: str) -> None:
    members = made.rxnorm_members()
    del members[f"rrf/{missing}.RRF"]
    source = made.write_zip(tmp_path / "RxNorm_full_prescribe_12072026.zip", members)
    refused("rxnorm", source, index, f"holds no {missing}.RRF")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a|b|c|\n", "line 1, does not have 18 fields"),
        (made.conso("6809", "IN", "metformin") + made.conso("1", "IN", "x")[:-2] + "\n", "line 2, does not have 18"),
        (made.conso("six", "IN", "metformin"), "RXCUI that is no number"),
        ("", "holds no RxNorm concept"),
        (made.conso("6809", "IN", "metformin").encode("utf-16"), "not"),
        (made.conso("6809", "IN", "metformin \u00e9").encode("latin-1"), "is not UTF-8"),
    ],
)
def test_a_member_that_departs_from_the_layout(tmp_path: Path, index: Path, content: str | bytes, words: str) -> None:
    refused("rxnorm", changed(tmp_path, {"rrf/RXNCONSO.RRF": content}), index, words)


def test_other_systems_refuse_other_layouts(tmp_path: Path, index: Path) -> None:
    def file(name: str, content: str) -> Path:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8", newline="")
        return path

    refused("loinc", made.snomed(tmp_path), index, "holds no Loinc.csv")
    refused("loinc", file("Loinc.csv", "a,b\n1,2\n"), index, "line 1, does not have the columns LOINC_NUM")
    header = ",".join(made.LOINC_HEADER)
    refused("loinc", file("Loinc.csv", f"{header}\n1-1,x\n"), index, "line 2, does not have 40 columns")
    refused("loinc", file("Loinc.csv", f'{header}\n"1-1'), index, "comma-separated")
    wrong = made.csv_text(made.LOINC_HEADER, [made.loinc_row("not a code", "x")])
    refused("loinc", file("Loinc.csv", wrong), index, "LOINC number")
    twice = made.csv_text(made.LOINC_HEADER, [made.loinc_row("1-1", "x")] * 2)
    refused("loinc", file("Loinc.csv", twice), index, "same code twice")
    refused("snomed", made.loinc(tmp_path), index, "holds no snapshot of concepts")
    members = made.snomed_members()
    concepts = next(name for name in members if "Concept" in name)
    refused(
        "snomed", made.write_zip(tmp_path / "s.zip", members | {concepts: "id\tactive\r\n"}), index, "the header id"
    )
    refused("icd10cm", file("icd10cm-order-2027.txt", "A00 Cholera\n"), index, "columns of an order file")
    refused("icd10cm", file("t.xml", "<html></html>"), index, "not a tabular list")
    refused("icd10cm", file("t.xml", made.CM_TABULAR[:-40]), index, "not a tabular list")
    entity = '<!DOCTYPE x [<!ENTITY a "aaaa">]><ICD10CM.tabular>&a;</ICD10CM.tabular>'
    refused("icd10cm", file("t.xml", entity), index, "not a tabular list")
    refused("icd10pcs", made.icd10cm(tmp_path), index, "holds no ICD-10-PCS order file")
    refused("cvx", file("cvx.txt", "one|two\n"), index, "CVX code")
    refused("cpt", file("c_2026.csv", "code,display\n1,x\n"), index, "CPT code")


@given(place=st.integers(0, 4_000), value=st.integers(0, 255))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_changed_byte_is_refused_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, place: int, value: int
) -> None:
    folder = tmp_path_factory.mktemp("changed")
    source = made.loinc(folder)
    content = bytearray(source.read_bytes())
    content[place % len(content)] = value
    source.write_bytes(content)
    try:
        release, _ = install_release("loinc", source, folder, version=None, progress=ignore_progress)
    except InputError:
        assert installed_releases(folder, "loinc") == ()
    else:
        assert release.concepts == 4


def test_the_good_archive_is_sound(tmp_path: Path) -> None:
    assert zipfile.ZipFile(made.prescribable(tmp_path)).testzip() is None
