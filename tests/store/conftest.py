from collections.abc import Iterator
from pathlib import Path

import pytest
from store_samples import open_with_file

from openmed_agent.store import Store


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "home" / "openmed"


@pytest.fixture
def store(root: Path) -> Iterator[Store]:
    with open_with_file(root) as opened:
        yield opened
