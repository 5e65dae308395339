"""The wheel, installed into a folder of its own, does the main job with the content that it carries."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        check=True,
        cwd=ROOT,
        capture_output=True,
    )
    [built] = folder.glob("*.whl")
    return built


def test_the_wheel_carries_workflows_skills_and_notices(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "openmed_agent/_content/workflows/chart_summary/workflow.yaml" in names
    assert "openmed_agent/_content/skills/running-clinical-workflows/SKILL.md" in names
    assert "openmed_agent/_content/examples/progress_note.txt" in names
    assert any(name.endswith("licenses/NOTICE") for name in names)
    assert not any(name.startswith(("tests/", "benchmarks/")) for name in names)


def test_nothing_installs_the_name_from_an_index() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        assert "openmed" not in lock.read_text()
    assert "--no-deps --no-build-isolation --editable ." in (ROOT / "Makefile").read_text()


@pytest.mark.slow
def test_an_installed_wheel_drafts_the_example(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    libraries = sysconfig.get_path("purelib")
    run = subprocess.run(
        [
            sys.executable,
            "-S",  # no site: the editable checkout must not be found
            "-P",
            "-m",
            "openmed_agent.cli.main",
            "run",
            "chart_summary",
            "--input",
            f"note_path={installed}/openmed_agent/_content/examples/progress_note.txt",
        ],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{installed}:{libraries}",
            "OPENMED_HOME": str(tmp_path / "home"),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "Unclear in the sources" in run.stdout
