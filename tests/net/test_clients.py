import asyncio

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.net.clients import DestinationKind, Outbound, checked_origin, is_loopback, make_client


@pytest.mark.parametrize(
    "url",
    [
        "https://inference.example.org",
        "http://127.0.0.1:8601/",
        "http://localhost",
        "http://[::1]:8601",
        "HTTP://127.0.0.1",
    ],
)
def test_addresses_that_may_be_used(url: str) -> None:
    assert checked_origin(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1",
        "http://example.org",
        "http://localhost.example.org",
        "http://127.0.0.1.example.org",
        "http://0.0.0.0",
        "http://[2001:db8::1]",
        "http://2130706433.example",
    ],
)
def test_plain_http_to_another_machine_is_not_permitted(url: str) -> None:
    with pytest.raises(NotPermittedError):
        checked_origin(url)


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.org", "//example.org", "ftp://example.org", "file:///etc/passwd", "https://", "http://[::1"),
        *("https://user@example.org", "https://u:planted@example.org", "https://example.org?key=planted"),
        *("https://example.org#planted", "http://127.0.0.1:99999", "http://127.0.0.1:x", "javascript:alert(1)"),
    ],
)
def test_what_is_no_plain_address_is_wrong_input_and_not_repeated(url: str) -> None:
    with pytest.raises(InputError) as raised:
        checked_origin(url)
    assert "planted" not in str(raised.value)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_one_of_two_errors(text: str) -> None:
    try:
        checked_origin(text)
    except (InputError, NotPermittedError):
        return
    assert text.lower().startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        *(("127.0.0.1", True), ("127.8.9.1", True), ("::1", True), ("localhost", True), ("", False)),
        *(("0.0.0.0", False), ("example.org", False), ("localhost.example.org", False)),  # noqa: S104
        *(("10.0.0.1", False), ("2130706433", False)),
    ],
)
def test_only_this_machine_is_loopback(host: str, expected: bool) -> None:  # noqa: FBT001
    assert is_loopback(host) is expected


def test_a_client_reports_what_it_sends_and_follows_and_trusts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    reported: list[Outbound] = []

    async def exchange() -> int:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n")
            await writer.drain()
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        client = make_client(
            DestinationKind.CODES,
            f"http://127.0.0.1:{port}",
            headers={"X-API-Key": "k"},
            timeout_seconds=10,
            sink=reported.append,
        )
        async with server, client:
            reply = await client.post("/v1/hcc/map", content=b"12345")
            with pytest.raises(NotPermittedError):
                await client.get("http://127.0.0.1:9/elsewhere")
        assert reported[0].host == f"127.0.0.1:{port}"
        return reply.status_code

    assert asyncio.run(exchange()) == httpx.codes.FOUND
    assert [(one.kind, one.sent_bytes) for one in reported] == [(DestinationKind.CODES, 5)]
