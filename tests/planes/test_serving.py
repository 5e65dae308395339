import asyncio
import json
import threading
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from openmed_agent.planes.serving import MAXIMUM_REQUEST_BYTES, ServiceError, create_application

PLANTED = "Margaret-Connell-219-09-9999"
KEY = "a-key-of-some-length"


class Ask(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str
    share: float = 0.0


ROUTER = APIRouter()


@ROUTER.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@ROUTER.post("/echo")
def echo(ask: Ask) -> dict[str, int]:
    if ask.text == "fail":
        raise ZeroDivisionError(PLANTED)
    if ask.text == "busy":
        raise ServiceError(503, "backpressure", "Too busy", retry_after_seconds=3)
    return {"length": len(ask.text)}


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    application = create_application(service="test", title="t", version="1", routers=[ROUTER], api_key=KEY)
    config = uvicorn.Config(application, port=0, log_config=None, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        pass
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=5)


@pytest.fixture
def client(origin: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=origin, trust_env=False, headers={"X-API-Key": KEY}) as client:
        yield client


@pytest.mark.parametrize(
    "header", [("X-API-Key", KEY), ("Authorization", f"ApiKey {KEY}"), ("Authorization", f"Bearer {KEY}")]
)
def test_the_key_is_taken_in_all_three_forms(origin: str, header: tuple[str, str]) -> None:
    answer = httpx.post(f"{origin}/echo", json={"text": "abc"}, headers=dict([header]), trust_env=False)
    assert answer.json() == {"length": 3}


@pytest.mark.parametrize("key", ["", "wrong", KEY[:-1], f"{KEY}x", "\u00e9".encode().decode("latin-1")])
def test_another_key_is_refused_on_every_route_but_health(origin: str, key: str) -> None:
    headers = {"X-API-Key": key.encode("latin-1")} if key else {}
    for path in ("/echo", "/openapi.json", "/nothing"):
        answer = httpx.post(f"{origin}{path}", json={"text": "abc"}, headers=headers, trust_env=False)
        assert answer.status_code == 401
    assert httpx.get(f"{origin}/health", headers=headers, trust_env=False).status_code == 200


def test_a_wrong_body_names_the_field_and_never_the_value(client: httpx.Client) -> None:
    answer = client.post("/echo", json={"text": 7, "share": PLANTED, PLANTED: 1})
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == "validation_error"
    assert {"body.text", "body.share"} <= {detail["field"] for detail in error["details"]}
    assert PLANTED not in json.dumps([detail["message"] for detail in error["details"]])
    assert error["request_id"]


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"null", b'{"text":', b"\xff\xfe"])
def test_what_is_no_request_is_422(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/echo", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "validation_error")


def test_unknown_routes_and_methods_are_in_the_envelope(client: httpx.Client) -> None:
    assert client.get("/nothing").json()["error"]["code"] == "bad_request"
    assert client.get("/echo").status_code == 405
    assert client.get("/echo").json()["error"]["code"] == "bad_request"


def test_a_fault_of_the_service_shows_nothing_of_the_request(client: httpx.Client) -> None:
    answer = client.post("/echo", json={"text": "fail"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
    assert PLANTED not in answer.text


def test_a_busy_service_says_when_to_come_back(client: httpx.Client) -> None:
    answer = client.post("/echo", json={"text": "busy"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "3")


def test_a_body_that_is_too_large_is_413_announced_or_not(client: httpx.Client) -> None:
    announced = client.post("/echo", content=b"x" * (MAXIMUM_REQUEST_BYTES + 1))
    assert announced.status_code == 413

    def stream() -> Iterator[bytes]:
        for _ in range(MAXIMUM_REQUEST_BYTES // 65536 + 2):
            yield b" " * 65536

    chunked = client.post("/echo", content=stream(), headers={"content-type": "application/json"})
    assert chunked.status_code == 413
