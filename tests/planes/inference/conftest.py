import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from fastapi import FastAPI

from openmed_agent.net.clients import DestinationKind
from openmed_agent.planes.inference.app import create_inference_application
from openmed_agent.planes.inference.client import InferenceClient
from openmed_agent.planes.transport import Endpoint, PlaneTransport


class RunningService:
    """Our application behind a real uvicorn on loopback."""

    def __init__(self, application: FastAPI) -> None:
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(64)
        self.origin = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        config = uvicorn.Config(application, log_config=None, log_level="critical", access_log=False, lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]}, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        return self.origin

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()


@asynccontextmanager
async def client_of(origin: str, *, key: str | None = None, seconds: float = 20.0) -> AsyncIterator[InferenceClient]:
    headers = {"X-API-Key": key} if key else {}

    async def endpoint() -> Endpoint:
        return Endpoint(origin=origin, headers=headers, embedded=False)

    async with PlaneTransport(DestinationKind.INFERENCE, endpoint, timeout_seconds=seconds) as transport:
        yield InferenceClient(transport)


@pytest.fixture(scope="session")
def our_origin() -> Iterator[str]:
    with RunningService(create_inference_application(surrogate_key=b"k" * 32)) as origin:
        yield origin


@pytest.fixture
def genuine_origin() -> str:
    """A genuine OpenMed REST service with the two tiny models, started by hand."""
    url = os.environ.get("OPENMED_GENUINE_URL")
    if not url:
        pytest.skip("set OPENMED_GENUINE_URL to a genuine OpenMed REST service to run this")
    return url
