"""Working processes under test: the genuine one, and one that can also do odd things."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from openmed_agent.workbench.client import Workbench

sys.path.append(str(Path(__file__).parents[1] / "tui"))  # for terminal_driver

ODD = Path(__file__).with_name("odd_workbench.py")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of its own, in full mode, which needs no plane."""
    folder = tmp_path / "home"
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "config.toml").write_text('[privacy]\nphi_mode = "full"\n')
    monkeypatch.setenv("OPENMED_HOME", str(folder))
    monkeypatch.setenv("OPENMED_STORE_KEY", "file")
    return folder


@pytest.fixture
async def odd_bench(home: Path) -> AsyncIterator[Workbench]:
    """A workbench whose process also answers the requests of odd_requests.py."""
    del home
    workbench = Workbench((sys.executable, str(ODD)))
    yield workbench
    await workbench.close()
