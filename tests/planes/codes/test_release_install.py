import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import release_files as made

from openmed_agent.errors import InputError, UnavailableError
from openmed_agent.planes.codes.progress import Progress, ignore_progress
from openmed_agent.planes.codes.releases.catalog import (
    InstalledRelease,
    fault,
    installed_releases,
    remove_releases,
)
from openmed_agent.planes.codes.releases.install import install_release
from openmed_agent.planes.codes.releases.installed import InstalledSystems
from openmed_agent.planes.codes.releases.systems import System
from openmed_agent.planes.codes.releases.term_index import TermIndex


def installed(system: System, source: Path, index: Path, version: str | None = None) -> InstalledRelease:
    return install_release(system, source, index, version=version, progress=ignore_progress)[0]


def terms(index: Path, system: System) -> TermIndex:
    return InstalledSystems(index).terms[system]


def text_file(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8", newline="")
    return path


def names(index: Path) -> set[str]:
    return {path.name for path in (index / "releases").iterdir() if not path.name.endswith(".lock")}


def test_loinc_has_its_axes_and_ranks_the_common_test_first(tmp_path: Path) -> None:
    release = installed("loinc", made.loinc(tmp_path), tmp_path)
    assert (release.version, release.concepts, release.complete) == ("2.81", 4, True)
    index = terms(tmp_path, "loinc")
    assert [hit.code for hit in index.search("zorbium", limit=5)] == ["10002-9", "10001-1"]
    assert index.search("zrb serpl", limit=5)[0].code == "10002-9"
    assert index.search("frobelin urine", limit=5)[0].code == "10004-5"
    assert index.search("10001-1", limit=5)[0].matched == "exact_code"
    concept = index.concept("10003-7")
    assert concept is not None
    assert concept.display == 'Quoted "name", with comma\nand line break'
    assert {detail.name: detail.values for detail in concept.details}["SCALE_TYP"] == ("Qn",)


def test_one_loinc_file_says_its_version_by_the_newest_change(tmp_path: Path) -> None:
    source = text_file(tmp_path / "Loinc.csv", made.csv_text(made.LOINC_HEADER, made.LOINC_ROWS))
    assert installed("loinc", source, tmp_path).version == "2.81"


def test_snomed_keeps_what_is_active_and_prefers_us_english(tmp_path: Path) -> None:
    release = installed("snomed", made.snomed(tmp_path), tmp_path)
    assert (release.version, release.concepts) == ("2026-09-01", 3)
    index = terms(tmp_path, "snomed")
    knee = index.concept("1002")
    assert knee is not None
    assert (knee.display, knee.kind) == ("Severe invented gonopathy", "disorder")
    assert [parent.code for parent in knee.parents] == ["1001"]
    assert set(knee.synonyms) == {'Severe "invented" knee', "Severe invented disorder of knee (disorder)"}
    assert index.concept("1004") is None
    procedure = index.concept("1003")
    assert procedure is not None
    assert (procedure.display, procedure.kind) == ("Invented procedure (procedure)", "procedure")
    assert index.search("knee severe invented", limit=3)[0].matched == "synonym"
    assert index.search("retired wording", limit=3) == ()


def test_icd10cm_takes_codes_from_the_order_file_and_notes_from_the_xml(tmp_path: Path) -> None:
    release = installed("icd10cm", made.icd10cm(tmp_path), tmp_path)
    assert (release.version, release.concepts) == ("FY2027", 5)
    index = InstalledSystems(tmp_path).icd10cm.named("FY2027")
    assert index is not None
    fever = index.concepts.concept("x01")
    assert fever is not None
    assert [child.code for child in fever.children] == ["X01.0", "X01.9"]
    assert fever.notes.excludes1 == ("real fever (R50.-)",)
    assert index.search.search("feverlet co", limit=1)[0].code == "X01.0"
    found = index.search.search("invented fracture", limit=5, billable_only=True)
    assert found[0].code == "X02.XXXA"


def test_the_xml_alone_has_7th_characters_as_codes(tmp_path: Path) -> None:
    source = text_file(tmp_path / "icd10cm-tabular-2027.xml", made.CM_TABULAR)
    assert installed("icd10cm", source, tmp_path).version == "FY2027"
    index = InstalledSystems(tmp_path).icd10cm.named("FY2027")
    assert index is not None
    fracture = index.concepts.concept("X02")
    assert fracture is not None
    assert not fracture.billable
    assert [(child.code, child.billable) for child in fracture.children] == [("X02.XXXA", True), ("X02.XXXS", True)]
    assert [(held.character, held.meaning) for held in fracture.seventh_characters] == [
        ("A", "initial encounter"), ("S", "sequela"),
    ]  # fmt: skip


def test_icd10pcs_cvx_and_cpt(tmp_path: Path) -> None:
    assert installed("icd10pcs", made.icd10pcs(tmp_path), tmp_path).version == "FY2027"
    open_approach = terms(tmp_path, "icd10pcs").concept("0ztj0zz")
    assert open_approach is not None
    assert (open_approach.billable, open_approach.parents[0].code) == (True, "0ZT")

    cvx = installed("cvx", text_file(tmp_path / "cvx.txt", made.CVX_PIPES), tmp_path)
    assert (cvx.version, cvx.concepts) == ("2026-09-30", 2)
    assert terms(tmp_path, "cvx").search("invented flu", limit=1)[0].code == "901"
    tabs = installed("cvx", text_file(tmp_path / "cvx.tab", made.CVX_TABS), tmp_path / "other")
    assert (tabs.version, tabs.concepts) == ("2026-09-30", 1)

    cpt = installed("cpt", text_file(tmp_path / "mine_2026.csv", made.CPT_TABLE), tmp_path)
    assert (cpt.version, cpt.complete) == ("2026", False)
    nameless = text_file(tmp_path / "mine.csv", made.CPT_TABLE)
    with pytest.raises(InputError, match="does not say which release"):
        installed("cpt", nameless, tmp_path)
    assert installed("cpt", nameless, tmp_path, "2025").version == "2025"


@pytest.mark.parametrize("make", [made.loinc, made.snomed, made.icd10cm, made.prescribable])
def test_a_folder_is_as_good_as_its_zip(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    import zipfile

    archive = make(tmp_path)
    folder = tmp_path / "unpacked" / archive.stem
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    system: System = {"Loinc_2.81": "loinc", "2027-code-descriptions": "icd10cm"}.get(archive.stem) or (  # type: ignore[assignment]
        "snomed" if "Snomed" in archive.stem else "rxnorm"
    )
    one, other = installed(system, archive, tmp_path / "a"), installed(system, folder, tmp_path / "b")
    assert (one.version, one.concepts) == (other.version, other.concepts)


def test_a_newer_release_is_served_and_the_older_kept_until_it_is_removed(tmp_path: Path) -> None:
    older = installed("rxnorm", made.prescribable(tmp_path, "10052026"), tmp_path)
    newer, kept = install_release(
        "rxnorm", made.prescribable(tmp_path), tmp_path, version=None, progress=ignore_progress
    )
    assert (newer.version, [release.version for release in kept]) == ("2026-11-02", ["2026-10-05"])
    drugs = InstalledSystems(tmp_path).rxnorm
    assert drugs is not None
    assert drugs.release.version == "2026-11-02"

    assert remove_releases(tmp_path, "rxnorm", newer.version) == (newer,)
    assert installed_releases(tmp_path, "rxnorm") == (older,)
    with pytest.raises(InputError, match="is not installed"):
        remove_releases(tmp_path, "rxnorm", "2026-11-02")
    remove_releases(tmp_path, "rxnorm", None)
    assert names(tmp_path) == {"rxnorm.json"}
    assert InstalledSystems(tmp_path).rxnorm is None


def test_damage_is_found_and_never_served(tmp_path: Path) -> None:
    release = installed("loinc", made.loinc(tmp_path), tmp_path)
    assert fault(tmp_path, release) is None
    path = tmp_path / "releases" / release.file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    assert fault(tmp_path, release) == "its index file is damaged"
    with pytest.raises(UnavailableError, match="cannot be used: its index file is damaged"):
        terms(tmp_path, "loinc").search("zorbium", limit=1)
    path.unlink()
    with pytest.raises(UnavailableError, match="cannot be read"):
        terms(tmp_path, "loinc").concept("10001-1")
    again = installed("loinc", made.loinc(tmp_path), tmp_path)
    assert fault(tmp_path, again) is None

    (tmp_path / "releases" / "loinc.json").write_text("{")
    with pytest.raises(UnavailableError, match="list of installed LOINC releases cannot be read"):
        InstalledSystems(tmp_path)


KILLED = """
import sys, time
from pathlib import Path
from openmed_agent.planes.codes.releases.install import install_release

def slow(step):
    if step.done == step.total:
        print("at the end", flush=True)
        time.sleep(60)

install_release("rxnorm", Path(sys.argv[1]), Path(sys.argv[2]), version=None, progress=slow)
"""


def test_a_killed_installation_changes_nothing_and_the_next_one_cleans_up(tmp_path: Path) -> None:
    older = installed("rxnorm", made.prescribable(tmp_path, "10052026"), tmp_path)
    before = names(tmp_path)
    newer = made.prescribable(tmp_path)
    command = [sys.executable, "-c", KILLED, str(newer), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "at the end\n"
        with pytest.raises(UnavailableError, match="Another process is changing RxNorm"):
            installed("rxnorm", newer, tmp_path)
        os.kill(process.pid, signal.SIGKILL)
    assert names(tmp_path) > before
    assert installed_releases(tmp_path, "rxnorm") == (older,)
    assert fault(tmp_path, older) is None

    again = installed("rxnorm", newer, tmp_path)
    assert names(tmp_path) == {"rxnorm.json", older.file, again.file}


def test_progress_ends_complete_and_never_goes_back(tmp_path: Path) -> None:
    steps: list[Progress] = []
    install_release("loinc", made.loinc(tmp_path), tmp_path, version=None, progress=steps.append)
    reading = [step.done for step in steps if step.what == "Installing LOINC"]
    assert reading == sorted(reading)
    assert steps[-1] == Progress(1, 1, "Verifying LOINC")


def test_an_index_folder_that_can_only_be_read_is_served(tmp_path: Path) -> None:
    installed("loinc", made.loinc(tmp_path), tmp_path)
    folder = tmp_path / "releases"
    before = {path: path.stat().st_mtime_ns for path in [folder, *folder.iterdir()]}
    for path in folder.iterdir():
        path.chmod(0o400)
    folder.chmod(0o500)
    try:
        assert terms(tmp_path, "loinc").search("zorbium", limit=1)[0].code == "10002-9"
    finally:
        folder.chmod(0o700)
    assert {path: path.stat().st_mtime_ns for path in [folder, *folder.iterdir()]} == before


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match="LOINC index cannot be written"):
        installed("loinc", made.loinc(tmp_path), tmp_path / "file" / "index")


def test_a_long_member_is_streamed(tmp_path: Path) -> None:
    """A table of 30 MB is read within a fraction of that."""
    rows = [made.loinc_row(f"{number}-1", f"Zorbium {number} [Mass/volume] in Blood") for number in range(20_000)]
    for row in rows:
        row["DefinitionDescription"] = "x" * 1_500
    source = made.write_zip(
        tmp_path / "Loinc_2.81.zip", {"LoincTable/Loinc.csv": made.csv_text(made.LOINC_HEADER, rows)}
    )
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from openmed_agent.planes.codes.releases.install import install_release\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "install_release('loinc', Path(sys.argv[1]), Path(sys.argv[2]), version=None, progress=lambda _: None)\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)\n"
    )
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code, str(source), str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 80, done.stdout
    assert time.monotonic() - begun < 60


def test_only_the_full_release_of_rxnorm_is_complete(tmp_path: Path) -> None:
    licensed = made.conso("6809", "CD", "METFORMIN TAB", sab="VANDF")
    full = made.rxnorm_members(more_names=licensed)
    # the full release carries the prescribable one in a folder of its own
    full |= made.rxnorm_members(folder="prescribe/rrf/", more_names=made.conso("78", "IN", "not this file"))

    release = installed("rxnorm", made.write_zip(tmp_path / "RxNorm_full_11022026.zip", full), tmp_path)
    assert (release.version, release.complete, release.concepts) == ("2026-11-02", True, 23)
    for name, members in (
        ("RxNorm_full_prescribe_11022026.zip", full),
        ("RxNorm_weekly_11022026.zip", full),
        ("RxNorm_full_11022026.zip", made.rxnorm_members()),
    ):
        release = installed("rxnorm", made.write_zip(tmp_path / name, members), tmp_path)
        assert not release.complete, name


LIMITED = """
import resource, sys
from pathlib import Path
from openmed_agent.errors import UnavailableError
from openmed_agent.planes.codes.releases.install import install_release
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    install_release("rxnorm", Path(sys.argv[1]), Path(sys.argv[2]), version=None, progress=lambda _: None)
except UnavailableError as error:
    print(error)
"""


@pytest.mark.parametrize("limit", [1_000, 30_000, 60_000])
def test_a_disk_that_takes_no_more_is_one_sentence(tmp_path: Path, limit: int) -> None:
    older = installed("rxnorm", made.prescribable(tmp_path, "10052026"), tmp_path)
    before = names(tmp_path)
    command = [sys.executable, "-c", LIMITED, str(made.prescribable(tmp_path)), str(tmp_path), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "RxNorm index cannot be written" in done.stdout
    assert "what was installed before is unchanged" in done.stdout
    assert names(tmp_path) == before
    assert fault(tmp_path, older) is None
