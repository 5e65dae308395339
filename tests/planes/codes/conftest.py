import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from openmed_agent.planes.codes.app import create_codes_application
from openmed_agent.planes.codes.client import CodesClient
from openmed_agent.planes.codes.engine import CodesEngine

sys.path.append(str(Path(__file__).parents[1]))  # for stub_service, shared with the other planes' tests
from codes_serving import serve, transport_to


@pytest.fixture(scope="session")
def index_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "codes-index"


@pytest.fixture(scope="session")
def engine(index_folder: Path) -> CodesEngine:
    return CodesEngine(index_folder)


@pytest.fixture(scope="session")
def origin(index_folder: Path) -> Iterator[str]:
    yield from serve(create_codes_application(index_folder=index_folder, api_key=None))


@pytest.fixture(scope="session")
def guarded_origin(index_folder: Path) -> Iterator[str]:
    yield from serve(create_codes_application(index_folder=index_folder, api_key="a-test-key"))


@pytest.fixture
async def client(origin: str) -> AsyncIterator[CodesClient]:
    async with transport_to(origin) as transport:
        yield CodesClient(transport)
