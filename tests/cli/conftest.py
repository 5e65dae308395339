import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import EXAMPLES, SCRIPT, Machine
from filelock import FileLock

sys.path.append(str(Path(__file__).parents[1] / "planes"))  # for stub_service, a real server that misbehaves
sys.path.append(str(Path(__file__).parents[1] / "secrets"))  # for keyring_session


def _serve(machine: Machine, plane: str) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [SCRIPT, "serve", plane, "--port", "0"],
        cwd=machine.folder,
        env=machine.variables(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"http://[0-9.:]+", line):
            return process, found.group()
    raise AssertionError(f"openmed serve {plane} ended with {process.wait()}")


@pytest.fixture(scope="session")
def indexed(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A home whose cache holds the codes index; built once a test run, by the command itself."""
    base = tmp_path_factory.getbasetemp()
    shared = (base if worker_id == "master" else base.parent) / "cli-indexed"
    with FileLock(f"{shared}.lock"):
        if not (shared / "ready").exists():
            folder = shared / "work"
            folder.mkdir(parents=True)
            done = Machine(shared / "home", folder).openmed("codes", "show", "I10", "--json")
            assert done.json()["code"] == "I10"
            (shared / "ready").touch()
    return shared / "home"


@pytest.fixture(scope="session")
def planes(indexed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Both planes, served by the command; yields the variables that point to them."""
    machine = Machine(indexed, tmp_path_factory.mktemp("serving"))
    served = [_serve(machine, plane) for plane in ("inference", "codes")]
    yield {"OPENMED_INFERENCE_URL": served[0][1], "OPENMED_MED_CODES_API_URL": served[1][1]}
    for process, _ in served:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
        assert process.stderr is not None
        process.stderr.close()


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose store exists and is empty, to be copied."""
    folder = tmp_path_factory.mktemp("opened")
    machine = Machine(folder / "home", folder)
    assert machine.openmed("drafts").status == 0
    return machine.home


@pytest.fixture
def bare(tmp_path: Path) -> Machine:
    """A machine with nothing on it and no service configured."""
    folder = tmp_path / "work"
    folder.mkdir()
    return Machine(tmp_path / "home", folder)


@pytest.fixture
def machine(bare: Machine, opened: Path, planes: dict[str, str]) -> Machine:
    """A machine with an empty store, both services configured and a note in the working folder."""
    shutil.copytree(opened, bare.home)
    shutil.copy(EXAMPLES / "progress_note.txt", bare.folder / "note.txt")
    return replace(bare, environment=dict(planes))


@pytest.fixture
def embedded(bare: Machine, opened: Path, indexed: Path) -> Machine:
    """The same with embedded services and a ready index."""
    shutil.copytree(opened, bare.home)
    shutil.copytree(indexed / "cache", bare.home / "cache")
    shutil.copy(EXAMPLES / "progress_note.txt", bare.folder / "note.txt")
    return bare


@pytest.fixture(scope="session")
def drafted_home(opened: Path, planes: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drafted")
    shutil.copytree(opened, folder / "home")
    shutil.copy(EXAMPLES / "progress_note.txt", folder / "note.txt")
    Machine(folder / "home", folder, dict(planes)).summary("note.txt")
    return folder / "home"


@pytest.fixture
def drafted(bare: Machine, drafted_home: Path) -> Machine:
    """A machine whose store holds one draft; no service is configured."""
    shutil.copytree(drafted_home, bare.home)
    return bare
