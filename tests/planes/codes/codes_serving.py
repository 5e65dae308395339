import socket
import threading
import time
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from openmed_agent.net.clients import DestinationKind
from openmed_agent.planes.transport import Endpoint, PlaneTransport


def serve(application: FastAPI) -> Iterator[str]:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    server = uvicorn.Server(uvicorn.Config(application, log_config=None, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listener.close()


def transport_to(origin: str, headers: dict[str, str] | None = None, timeout: float = 20.0) -> PlaneTransport:
    async def endpoint() -> Endpoint:
        return Endpoint(origin=origin, headers=headers or {}, embedded=True)

    return PlaneTransport(DestinationKind.CODES, endpoint, timeout_seconds=timeout)
