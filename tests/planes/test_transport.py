import json
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from pydantic import BaseModel, ConfigDict
from stub_service import Answer, Sent, stub_service

from openmed_agent.errors import ExitStatus, NotPermittedError
from openmed_agent.net.clients import DestinationKind, Outbound
from openmed_agent.planes.transport import Endpoint, PlaneError, PlaneTransport, retry_after_seconds

SECRET = "Margaret-Connell-219-09-9999"


class Reply(BaseModel):
    model_config = ConfigDict(extra="ignore")
    word: str


class Body(BaseModel):
    text: str


def good(word: str = "yes") -> Answer:
    return Answer(body=json.dumps({"word": word}).encode())


def transport(origin: str, *, timeout: float = 5.0, **options: object) -> PlaneTransport:
    endpoint = Endpoint(origin=origin, headers={"X-API-Key": "k"}, embedded=False)

    async def where() -> Endpoint:
        return endpoint

    return PlaneTransport(DestinationKind.INFERENCE, where, timeout_seconds=timeout, **options)  # type: ignore[arg-type]


async def ask(answers: Callable[[Sent, int], Answer], *, seconds: float = 5.0) -> tuple[Reply, list[Sent]]:
    with stub_service(answers) as stub:
        async with transport(stub.origin, timeout=seconds) as plane:
            reply = await plane.call(Reply, "POST", "analyze", body=Body(text=SECRET))
        return reply, stub.sent


async def failure(answers: Callable[[Sent, int], Answer], *, seconds: float = 5.0) -> PlaneError:
    with pytest.raises(PlaneError) as caught:
        await ask(answers, seconds=seconds)
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_status == ExitStatus.UNAVAILABLE
    return caught.value


async def test_a_good_reply_is_returned_and_the_key_was_sent() -> None:
    reply, sent = await ask(lambda *_: good())
    assert reply.word == "yes"
    assert sent[0].headers["x-api-key"] == "k"
    assert json.loads(sent[0].body) == {"text": SECRET}


@pytest.mark.parametrize(
    "body",
    [b"{}", b"", b"<html><body>200 OK</body></html>", b'{"word": "ye', b'{"word": 7}', b"[]", b"null", b"\xff\xfe"],
)
async def test_a_200_outside_the_contract_is_an_error_and_is_not_asked_again(body: bytes) -> None:
    calls: list[int] = []

    def answers(_: Sent, number: int) -> Answer:
        calls.append(number)
        return Answer(body=body)

    assert (await failure(answers)).code == "contract"
    assert calls == [1]


async def test_a_reply_that_echoes_the_chart_does_not_reach_the_error() -> None:
    body = json.dumps({"word": {"text": SECRET}, SECRET: 1}).encode()
    assert (await failure(lambda *_: Answer(body=body))).code == "contract"
    envelope = {"error": {"code": "internal_error", "message": SECRET, "details": {"text": SECRET}}}
    assert (await failure(lambda *_: Answer(500, json.dumps(envelope).encode()))).code == "internal_error"


@pytest.mark.parametrize("status", [400, 404, 422, 500, 501])
async def test_a_refusal_is_not_repeated(status: int) -> None:
    calls: list[int] = []

    def answers(_: Sent, number: int) -> Answer:
        calls.append(number)
        return Answer(status, b"<h1>no</h1>")

    error = await failure(answers)
    assert (error.status, error.code, calls) == (status, f"http_{status}", [1])


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_names_the_variable_to_set(status: int) -> None:
    envelope = {"error": {"code": "invalid_credentials", "message": "no"}}
    error = await failure(lambda *_: Answer(status, json.dumps(envelope).encode()))
    assert "OPENMED_INFERENCE_API_KEY" in str(error)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_a_transient_refusal_is_repeated_until_it_passes(status: int) -> None:
    reply, sent = await ask(lambda _, number: good() if number == 3 else Answer(status))
    assert (reply.word, len(sent)) == ("yes", 3)


async def test_retry_after_is_honoured() -> None:
    began = time.monotonic()
    reply, _ = await ask(lambda _, number: good() if number > 1 else Answer(503, headers={"Retry-After": "1"}))
    assert reply.word == "yes"
    assert time.monotonic() - began >= 1.0


async def test_retry_after_beyond_the_deadline_is_not_waited_for() -> None:
    began = time.monotonic()
    error = await failure(lambda *_: Answer(503, headers={"Retry-After": "3600"}))
    assert error.status == 503
    assert time.monotonic() - began < 2.0


async def test_a_missing_extra_is_not_asked_for_again() -> None:
    envelope = json.dumps({"error": {"code": "missing_extra", "message": "install"}}).encode()
    calls: list[int] = []

    def answers(_: Sent, number: int) -> Answer:
        calls.append(number)
        return Answer(503, envelope)

    assert (await failure(answers)).code == "missing_extra"
    assert calls == [1]


async def test_a_slow_service_ends_at_the_deadline() -> None:
    began = time.monotonic()
    error = await failure(lambda *_: Answer(delay=3.0), seconds=0.5)
    assert error.code == "timeout"
    assert time.monotonic() - began < 2.0


async def test_a_service_that_drips_bytes_ends_at_the_deadline_too() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"

    import threading

    def drip() -> None:
        peer, _ = listener.accept()
        with peer:
            peer.recv(65536)
            peer.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
            try:
                for _ in range(40):
                    peer.sendall(b"x")
                    time.sleep(0.1)
            except OSError:
                return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    began = time.monotonic()
    async with transport(origin, timeout=0.6) as plane:
        with pytest.raises(PlaneError) as caught:
            await plane.call(Reply, "GET", "health")
    assert caught.value.code == "timeout"
    assert time.monotonic() - began < 2.5
    listener.close()
    thread.join(timeout=5)


async def test_a_body_that_breaks_off_is_an_error() -> None:
    error = await failure(lambda *_: Answer(body=json.dumps({"word": "y" * 500}).encode(), cut_after=100))
    assert error.code in {"contract", "unreachable"}


async def test_a_connection_that_closes_once_is_tried_again() -> None:
    reply, sent = await ask(lambda _, number: good() if number > 1 else Answer(close_at_once=True))
    assert (reply.word, len(sent)) == ("yes", 2)


async def test_nobody_listening_is_said() -> None:
    probe = socket.create_server(("127.0.0.1", 0))
    port = probe.getsockname()[1]
    probe.close()
    async with transport(f"http://127.0.0.1:{port}") as plane:
        with pytest.raises(PlaneError) as caught:
            await plane.call(Reply, "GET", "health")
    assert caught.value.code == "unreachable"


async def test_a_redirect_to_another_host_is_not_followed() -> None:
    error = await failure(lambda *_: Answer(307, headers={"Location": "http://127.0.0.2:9/steal"}))
    assert error.status == 307


async def test_hostile_segments_stay_one_segment() -> None:
    with stub_service(lambda *_: good()) as stub:
        async with transport(stub.origin) as plane:
            await plane.call(Reply, "GET", "v1", "icd10cm", "../../admin?x=1#")
        assert stub.sent[0].path == "/v1/icd10cm/..%2F..%2Fadmin%3Fx%3D1%23"


async def test_proxy_variables_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    with stub_service(lambda *_: good("stolen")) as proxy, stub_service(lambda *_: good()) as stub:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.origin)
        monkeypatch.delenv("NO_PROXY", raising=False)
        async with transport(stub.origin) as plane:
            reply = await plane.call(Reply, "POST", "analyze", body=Body(text=SECRET))
        assert reply.word == "yes"
        assert proxy.sent == []


async def test_every_request_is_reported_with_its_destination_and_size() -> None:
    reported: list[Outbound] = []
    with stub_service(lambda *_: good()) as stub:
        async with transport(stub.origin, sink=reported.append) as plane:
            await plane.call(Reply, "POST", "analyze", body=Body(text="abc"))
        host = stub.origin.removeprefix("http://")
    assert reported == [Outbound(DestinationKind.INFERENCE, host, len('{"text":"abc"}'))]


async def test_a_sink_that_refuses_stops_the_request() -> None:
    def refuse(_: Outbound) -> None:
        raise NotPermittedError("The audit chain cannot be written.")

    with stub_service(lambda *_: good()) as stub:
        async with transport(stub.origin, sink=refuse) as plane:
            with pytest.raises(NotPermittedError):
                await plane.call(Reply, "GET", "health")
        assert stub.sent == []


def test_retry_after_is_read_in_both_forms() -> None:
    assert retry_after_seconds("7") == 7.0
    later = datetime.now(UTC) + timedelta(seconds=90)
    seconds = retry_after_seconds(format_datetime(later, usegmt=True))
    assert seconds is not None
    assert 80 < seconds <= 90
    assert retry_after_seconds("soon") is None
    assert retry_after_seconds(None) is None
    assert retry_after_seconds("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
