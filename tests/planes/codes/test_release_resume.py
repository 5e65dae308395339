"""An installation that is interrupted goes on where it was, and ends in the very same index."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
import release_files as made

from openmed_agent.errors import InputError
from openmed_agent.planes.codes.progress import Progress, ignore_progress
from openmed_agent.planes.codes.releases.catalog import InstalledRelease, remove_releases
from openmed_agent.planes.codes.releases.install import install_release
from openmed_agent.planes.codes.releases.systems import System

# Installs with a checkpoint every few rows, and kills itself with signal 9 before the row that a test names
# (0: while the finished index is verified).
KILLED = """
import os, signal, sys
from pathlib import Path
from openmed_agent.planes.codes.releases import stage
from openmed_agent.planes.codes.releases.install import install_release

stage.CHECKPOINT_ROWS = 7
last, add, rows = int(sys.argv[4]), stage.Stage.add, 0

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def counted(self, table, row):
    global rows
    rows += 1
    if rows == last:
        die()
    add(self, table, row)

def at_the_end(step):
    if not last and step.what.startswith("Verifying"):
        die()

stage.Stage.add = counted
install_release(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), version=None, progress=at_the_end)
"""


def killed_before(row: int, system: System, source: Path, index: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, system, str(source), str(index), str(row)], check=False, timeout=60
    )
    assert done.returncode == -signal.SIGKILL


def committed(index: Path, system: System) -> int:
    connection = sqlite3.connect(index / "releases" / f".{system}.stage")
    try:
        return int(connection.execute("SELECT seen FROM checkpoint").fetchone()[0])
    finally:
        connection.close()


def finished(system: System, source: Path, index: Path) -> tuple[InstalledRelease, set[str]]:
    steps: list[Progress] = []
    release, _ = install_release(system, source, index, version=None, progress=steps.append)
    return release, {step.what for step in steps}


def left_over(index: Path) -> set[str]:
    return {path.name for path in (index / "releases").iterdir() if path.name.startswith(".")}


@pytest.mark.parametrize(
    ("system", "make"),
    [
        ("rxnorm", made.prescribable),
        ("snomed", made.snomed),
        ("loinc", made.loinc),
        ("icd10cm", made.icd10cm),
    ],
)
def test_it_goes_on_from_the_last_checkpoint_to_the_same_bytes(
    tmp_path: Path, system: System, make: Callable[[Path], Path]
) -> None:
    source = make(tmp_path)
    whole, said = finished(system, source, tmp_path / "whole")
    assert not any(what.startswith("Continuing") for what in said)

    index = tmp_path / "index"
    killed_before(9, system, source, index)
    assert committed(index, system) == 7
    killed_before(0, system, source, index)  # the second run went on, and died before the swap
    assert committed(index, system) > 7
    release, said = finished(system, source, index)
    assert any(what.startswith("Continuing") for what in said)
    assert release.digest == whole.digest
    assert left_over(index) == set()


def test_another_release_begins_anew(tmp_path: Path) -> None:
    index = tmp_path / "index"
    killed_before(30, "rxnorm", made.prescribable(tmp_path), index)
    other = made.write_zip(
        tmp_path / "RxNorm_full_prescribe_12072026.zip", made.rxnorm_members(more_names=made.conso("78", "IN", "zorb"))
    )
    release, said = finished("rxnorm", other, index)
    assert not any(what.startswith("Continuing") for what in said)
    assert release.digest == finished("rxnorm", other, tmp_path / "whole")[0].digest


def test_a_damaged_stage_is_not_gone_on_with(tmp_path: Path) -> None:
    index, source = tmp_path / "index", made.prescribable(tmp_path)
    killed_before(30, "rxnorm", source, index)
    stage = index / "releases" / ".rxnorm.stage"
    content = bytearray(stage.read_bytes())
    content[100:-100] = bytes(len(content) - 200)
    stage.write_bytes(content)
    release, said = finished("rxnorm", source, index)
    assert not any(what.startswith("Continuing") for what in said)
    assert release.digest == finished("rxnorm", source, tmp_path / "whole")[0].digest


def test_what_is_refused_or_removed_leaves_no_stage(tmp_path: Path) -> None:
    index = tmp_path / "index"
    doubled = "code,display\n00001,one\n00001,two\n"
    (tmp_path / "mine_2026.csv").write_text(doubled)
    with pytest.raises(InputError, match="same code twice"):
        finished("cpt", tmp_path / "mine_2026.csv", index)
    assert left_over(index) == set()

    source = made.prescribable(tmp_path)
    finished("rxnorm", source, index)
    killed_before(9, "rxnorm", source, index)
    remove_releases(index, "rxnorm", None)
    assert left_over(index) == set()


TIMED = """
import sys
from pathlib import Path
from openmed_agent.planes.codes.releases.install import install_release
print("begun", flush=True)
install_release(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), version=None, progress=lambda _: None)
"""


def many_drugs(folder: Path) -> Path:
    """Return a release of RxNorm with 300,000 rows."""
    sys.path.append(str(Path(__file__).parents[3] / "benchmarks"))
    from code_releases import write_release

    source = folder / "RxNorm_full_11022026.zip"
    write_release(source, 300_000)
    return source


def tabular_list(folder: Path) -> Path:
    """Return ICD-10-CM whole, as CDC distributes it: the tabular list that the packaged release is built from."""
    carried = find_spec("simple_icd_10_cm")
    assert carried is not None
    assert carried.submodule_search_locations
    source = folder / "icd10cm-tabular-2026.xml"
    shutil.copy(next(Path(carried.submodule_search_locations[0]).glob("data/*tabular*.xml")), source)
    return source


@pytest.mark.proof
@pytest.mark.parametrize(("system", "make", "tries"), [("rxnorm", many_drugs, 24), ("icd10cm", tabular_list, 8)])
def test_killed_again_and_again_at_any_moment(
    tmp_path: Path, system: System, make: Callable[[Path], Path], tries: int
) -> None:
    """Every try is killed four times, each after a time drawn by chance, before it is let through."""
    source = make(tmp_path)
    begun = time.monotonic()
    whole, _ = install_release(system, source, tmp_path / "whole", version=None, progress=ignore_progress)
    seconds = time.monotonic() - begun
    dice = random.Random(11)
    for number in range(tries):
        index = tmp_path / f"index-{number}"
        for _ in range(4):
            with subprocess.Popen(
                [sys.executable, "-c", TIMED, system, str(source), str(index)], stdout=subprocess.PIPE, text=True
            ) as process:
                assert process.stdout is not None
                assert process.stdout.readline() == "begun\n"
                time.sleep(dice.uniform(0, seconds))
                os.kill(process.pid, signal.SIGKILL)
        release, _ = install_release(system, source, index, version=None, progress=ignore_progress)
        assert release.digest == whole.digest
        assert left_over(index) == set()
        shutil.rmtree(index)
