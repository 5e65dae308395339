import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from command_line import SCRIPT, Machine, assert_refused

sys.path.append(str(Path(__file__).parents[1] / "planes" / "codes"))  # for release_files, releases with invented rows
import release_files as made


def test_install_list_verify_remove(bare: Machine) -> None:
    source = made.prescribable(bare.folder)
    done = bare.openmed("codes", "install", "rxnorm", "--from", source)
    assert done.status == 0, done.stderr
    assert "RxNorm 2026-11-02 is installed: 23 concepts (partial)." in done.stdout
    assert done.stderr.splitlines() == ["openmed: Installing RxNorm..."]

    older = made.prescribable(bare.folder, "10052026", more_names=made.conso("77", "IN", "retired since"))
    done = bare.openmed("codes", "install", "rxnorm", "--from", older)
    assert "RxNorm 2026-11-02 is kept. Remove it: openmed codes remove rxnorm '2026-11-02'" in done.stdout

    listed = bare.openmed("codes", "list", "--json").json()["releases"]
    assert [(held["version"], held["served"]) for held in listed] == [("2026-10-05", True), ("2026-11-02", False)]
    assert re.search(r"rxnorm +2026-10-05 +24 +partial", bare.openmed("codes", "list").stdout)

    assert "RxNorm 2026-10-05: sound" in bare.openmed("codes", "verify").stdout
    index = bare.home / "cache" / "codes" / "releases" / listed[0]["file"]
    index.write_bytes(index.read_bytes()[:-1])
    damaged = bare.openmed("codes", "verify", "rxnorm")
    assert damaged.status == 1
    assert "RxNorm 2026-10-05: its index file is damaged" in damaged.stdout
    assert bare.openmed("codes", "verify", "loinc").status == 0

    assert bare.openmed("codes", "remove", "rxnorm", "2026-10-05").status == 0
    assert bare.openmed("codes", "verify", "--json").json()["releases"][0]["sound"] is True
    assert_refused(bare.openmed("codes", "remove", "rxnorm", "1999"), 3, "is not installed", "2026-11-02")
    assert bare.openmed("codes", "remove", "rxnorm").status == 0
    assert_refused(bare.openmed("codes", "remove", "rxnorm"), 3, "RxNorm is not installed")
    assert bare.openmed("codes", "list", "--json").json() == {"releases": []}


def test_an_installed_release_and_a_day_of_service_can_be_asked_for(bare: Machine) -> None:
    assert bare.openmed("codes", "install", "icd10cm", "--from", made.icd10cm(bare.folder)).status == 0
    assert "X01.0" in bare.openmed("codes", "search", "feverlet co", "--release", "FY2027").stdout
    assert "not billable" in bare.openmed("codes", "show", "X02", "--release", "FY2027").stdout

    that_day = bare.openmed("codes", "validate", "X01.0", "I42.0", "--date", "2026-11-02")
    assert that_day.status == 1, "the installed release decides on its dates"
    assert re.search(r"X01.0 +valid", that_day.stdout)
    assert re.search(r"I42.0 +not valid .*until 2026-09-30", that_day.stdout)
    early = bare.openmed("codes", "validate", "I42.0", "--date", "1999-01-01").stdout
    assert "No release at hand covers 1999-01-01" in early
    assert_refused(bare.openmed("codes", "validate", "I10", "--date", "tomorrow"), 2, "YYYY-MM-DD")


def test_bad_releases_change_nothing(bare: Machine) -> None:
    text = bare.write("RxNorm_full_prescribe_11022026.zip", "<html>")
    done = bare.openmed("codes", "install", "rxnorm", "--from", text)
    assert done.status == 3
    assert done.stdout == ""
    assert "is not a sound zip archive" in done.stderr.splitlines()[-1]
    assert bare.openmed("codes", "install", "loinc", "--from", "nothing.zip").status == 3
    evil = bare.write("a\x1b[31m.zip", "PK")
    assert bare.openmed("codes", "install", "loinc", "--from", evil).status == 3
    assert bare.openmed("codes", "list", "--json").json() == {"releases": []}
    assert_refused(bare.openmed("codes", "install", "loinc", "--download"), 2, "Only rxnorm can be downloaded")
    assert_refused(bare.openmed("codes", "install", "loinc"), 2, "--from")
    assert_refused(bare.openmed("codes", "install", "unknown", "--from", "x"), 2, "invalid choice")


def test_an_installed_release_answers_the_command(embedded: Machine) -> None:
    source = made.prescribable(embedded.folder)
    assert embedded.openmed("codes", "install", "rxnorm", "--from", source).status == 0
    found = embedded.openmed("codes", "drug", "Lasix", "--json").json()
    first = found["drugs"][0]
    assert (first["rxcui"], first["name"], first["exact"]) == ("202991", "Lasix", True)
    assert found["release"]["version"] == "2026-11-02"
    for written in ("0054-4297-25", "00054429725", "0054-4297"):
        shown = embedded.openmed("codes", "show", written, "--json").json()
        assert [drug["name"] for drug in shown["drugs"]] == ["furosemide 40 MG Oral Tablet"]
    assert "313988    SCD   furosemide 40 MG Oral Tablet" in embedded.openmed("codes", "show", "0054-4297-25").stdout
    assert_refused(embedded.openmed("codes", "show", "0054-4297-26"), 1, "no drug with that NDC")


def test_an_installation_that_is_killed_goes_on(bare: Machine) -> None:
    rows = "".join(made.conso(str(number), "IN", f"invented{number}") for number in range(1_000_000, 1_300_000))
    source = made.prescribable(bare.folder, more_names=rows)
    process = bare.start("codes", "install", "rxnorm", "--from", source)
    folder = bare.home / "cache" / "codes" / "releases"
    while not (folder / ".rxnorm.stage").exists():
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=20)
    assert process.returncode == -signal.SIGKILL
    assert bare.openmed("codes", "list", "--json").json() == {"releases": []}

    shutil.rmtree(bare.folder / "small", ignore_errors=True)
    (bare.folder / "small").mkdir()
    done = bare.openmed("codes", "install", "rxnorm", "--from", made.prescribable(bare.folder / "small"))
    assert done.status == 0, done.stderr
    assert list(folder.glob(".rxnorm*")) == []


def test_a_terminal_sees_a_bar(bare: Machine) -> None:
    source = made.loinc(bare.folder)
    leader, follower = pty.openpty()
    command = [SCRIPT, "codes", "install", "loinc", "--from", str(source)]
    done = subprocess.run(
        command, cwd=bare.folder, env=bare.variables(TERM="xterm-256color"), stdout=subprocess.PIPE, stderr=follower,
        timeout=60, check=False,
    )  # fmt: skip
    os.close(follower)
    seen = os.read(leader, 65536).decode()
    os.close(leader)
    assert done.returncode == 0
    assert "LOINC" in seen
    assert "100%" in seen
