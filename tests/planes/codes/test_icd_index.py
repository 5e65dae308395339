import subprocess
import sys
from pathlib import Path

import pytest

from openmed_agent.errors import UnavailableError
from openmed_agent.planes.codes.engine import CodesEngine, prepare
from openmed_agent.planes.codes.icd_index import ensure_index
from openmed_agent.planes.codes.icd_validation import validate
from openmed_agent.planes.codes.progress import Progress, ignore_progress

START = """
import sys
from pathlib import Path
from openmed_agent.planes.codes.icd_index import ensure_index
index = ensure_index(Path(sys.argv[1]), lambda _: print("built"))
print(index.connection().execute("SELECT display FROM concept WHERE code = 'I10'").fetchone()[0])
assert "simple_icd_10_cm" not in sys.modules
"""


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.endswith(".lock")}


def test_many_processes_start_at_once_on_an_empty_folder(tmp_path: Path) -> None:
    folder = tmp_path / "index with space#?"
    command = [sys.executable, "-c", START, str(folder)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(6)]
    results = [process.communicate(timeout=240) for process in started]
    assert [process.returncode for process in started] == [0] * 6, results
    assert all("Essential (primary) hypertension" in output for output, _ in results)
    assert sum("built" in output for output, _ in results) == 1
    assert len(names(folder)) == 2


def test_progress_is_reported_and_ends_complete(tmp_path: Path) -> None:
    seen: list[Progress] = []
    prepare(tmp_path, seen.append)
    assert seen[-1].done == seen[-1].total > 90_000
    assert [step.done for step in seen] == sorted(step.done for step in seen)
    seen.clear()
    prepare(tmp_path, seen.append)
    assert seen == []

    index = next(tmp_path.glob("*.sqlite"))
    content = bytearray(index.read_bytes())
    content[len(content) // 2] ^= 0xFF
    index.write_bytes(content)
    prepare(tmp_path, seen.append)
    assert seen != []
    assert len(names(tmp_path)) == 2

    seen.clear()
    next(tmp_path.glob("*.sqlite")).write_bytes(b"")
    (tmp_path / ".icd10cm-dead.building").write_bytes(b"half")
    prepare(tmp_path, seen.append)
    assert seen != []
    assert len(names(tmp_path)) == 2


def test_an_index_that_is_there_is_opened_without_writing(index_folder: Path, engine: CodesEngine) -> None:
    before = {path: path.stat().st_mtime_ns for path in [index_folder, *index_folder.iterdir()]}
    ensure_index(index_folder, ignore_progress)
    assert engine.search.search("asthma", limit=1)[0].code == "J45.909"
    assert {path: path.stat().st_mtime_ns for path in [index_folder, *index_folder.iterdir()]} == before


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match="index cannot be written"):
        ensure_index(tmp_path / "file" / "index", ignore_progress)


def test_the_release_has_every_billable_code(engine: CodesEngine) -> None:
    assert engine.icd_release.concepts == 74_719
    assert engine.icd_release.complete
    for code in ("B20", "F99", "P84", "R99", "Z66"):
        assert validate(engine.concepts, (code,), None).results[0].billable, code
    ranges = engine.search._index.connection().execute(
        "SELECT count(*) FROM concept WHERE billable AND kind IN ('chapter', 'block')"
    )
    assert ranges.fetchone()[0] == 0
