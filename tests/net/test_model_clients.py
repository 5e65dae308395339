"""The client of models: one origin, sealed bodies, its own headers, and a bound on what comes back."""

import asyncio
import datetime as dt
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from scripted_model_server import Raw, Say, ScriptedModelServer, redirect

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.net import model_clients
from openmed_agent.net.answers import NoAnswerError, ask
from openmed_agent.net.clients import DestinationKind, Outbound, discard_outbound, make_client, origin_of
from openmed_agent.net.destinations import require_allowed_model
from openmed_agent.net.model_clients import ModelAddress, make_model_client
from openmed_agent.net.outbound_text import OutboundText, Seal
from openmed_agent.settings.models import DestinationSettings


async def cleared(body: bytes) -> OutboundText:
    return OutboundText(body)


def client_of(url: str, *, seal: Seal | None = cleared, key: str = "", kind: DestinationKind = DestinationKind.MODEL):  # noqa: ANN201
    headers = {"authorization": f"Bearer {key}"} if key else {}
    address = ModelAddress(url, headers)
    return make_model_client(address, kind=kind, seal=seal, sink=discard_outbound, timeout_seconds=5)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://API.Example.org/v1/", "https://api.example.org"),
        ("https://api.example.org:443/v1", "https://api.example.org"),
        ("https://api.example.org:8443", "https://api.example.org:8443"),
        ("http://127.0.0.1:80/v1", "http://127.0.0.1"),
        ("http://[::1]:11434/v1", "http://[::1]:11434"),
    ],
)
def test_an_origin_has_one_form(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize("url", ["http://models.example.org/v1", "http://10.0.0.7:11434/v1"])
def test_plain_http_to_another_machine_is_refused(url: str) -> None:
    with pytest.raises(NotPermittedError, match="Plain http"):
        client_of(url)


@pytest.mark.parametrize("kind", [DestinationKind.CODES, DestinationKind.UPDATE])
def test_a_client_of_models_is_for_models_only(kind: DestinationKind) -> None:
    with pytest.raises(NotPermittedError):
        client_of("http://127.0.0.1:1/v1", kind=kind)


@pytest.mark.parametrize("kind", [DestinationKind.MODEL, DestinationKind.LOGIN])
def test_the_other_client_has_no_seal_and_is_not_for_models(kind: DestinationKind) -> None:
    with pytest.raises(NotPermittedError):
        make_client(kind, "http://127.0.0.1:1", headers={}, timeout_seconds=1, sink=discard_outbound)


async def test_a_key_stays_with_its_origin_and_text_out_of_addresses() -> None:
    with ScriptedModelServer() as server, ScriptedModelServer() as other:
        async with client_of(server.url, key="sk-right") as client:
            assert (await client.get("models")).status_code == 200
            for url in (f"{other.url}/models", "https://models.example.org/v1/models"):
                with pytest.raises(NotPermittedError, match="another host"):
                    await client.get(url)
            with pytest.raises(NotPermittedError, match="address"):
                await client.get("models", params={"q": "text"})
            with pytest.raises(NotPermittedError):
                await client.delete("models")
        assert [one.header("authorization") for one in server.requests] == ["Bearer sk-right"]
        assert other.requests == []


async def test_without_a_seal_no_body_leaves() -> None:
    with ScriptedModelServer([Say("x")]) as server:
        async with client_of(server.url, seal=None, kind=DestinationKind.LOGIN) as client:
            with pytest.raises(NotPermittedError, match="must not carry a text"):
                await client.post("chat/completions", content=b"{}")
            assert (await ask(client, "GET", "models")).good
        assert [one.path for one in server.requests] == ["/v1/models"]


async def test_the_bytes_that_leave_are_those_of_the_seal_and_are_counted() -> None:
    reported: list[Outbound] = []

    async def upper(body: bytes) -> OutboundText:
        return OutboundText(body.upper() * 2)

    with ScriptedModelServer() as server:
        address = ModelAddress(server.url)
        async with make_model_client(address, seal=upper, sink=reported.append, timeout_seconds=5) as client:
            await client.post("chat/completions", content=b"abc", headers={"x-planted": "1", "cookie": "planted"})
        assert server.requests[0].body == b"ABCABC"
        assert b"planted" not in server.received
        assert server.requests[0].header("content-length") == "6"
    assert [(one.host, one.sent_bytes) for one in reported] == [(address.host, 6)]


async def test_no_redirect_is_followed() -> None:
    with ScriptedModelServer() as other, ScriptedModelServer([redirect(f"{other.url}/models")]) as server:
        async with client_of(server.url, key="sk-right") as client:
            assert (await client.post("chat/completions", content=b"{}")).status_code == 307
        assert other.requests == []


async def test_an_answer_without_end_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_clients, "LARGEST_ANSWER_BYTES", 1000)
    with ScriptedModelServer([Raw((b"x" * 600,) * 3)]) as server:
        async with client_of(server.url) as client:
            with pytest.raises(httpx2.ReadError):
                await client.post("chat/completions", content=b"{}")


async def test_no_compressed_answer_is_asked_for() -> None:
    with ScriptedModelServer() as server:
        async with client_of(server.url) as client:
            await client.get("models", headers={"accept-encoding": "gzip"})
        assert server.requests[0].header("accept-encoding") == "identity"


async def test_a_question_without_answer() -> None:
    with ScriptedModelServer() as server:
        url = server.url
    async with client_of(url) as client:
        with pytest.raises(NoAnswerError) as raised:
            await ask(client, "GET", "models")
    assert not raised.value.late


@pytest.mark.parametrize(
    ("lists", "url", "allowed"),
    [
        ((None, None), "https://models.example.org/v1", True),
        ((("https://models.example.org",), None), "https://models.example.org:443/v1", True),
        ((("https://models.example.org",), None), "https://models.example.org:8443/v1", False),
        ((("https://models.example.org",), None), "https://models.example.org.evil.example/v1", False),
        ((("https://models.example.org",), None), "http://127.0.0.1:11434/v1", False),
        ((("loopback",), None), "http://127.0.0.1:11434/v1", True),
        ((("loopback",), None), "https://models.example.org/v1", False),
        (((), None), "http://127.0.0.1:11434/v1", False),
        ((None, ("loopback",)), "https://models.example.org/v1", False),
        ((("https://models.example.org",), ("loopback",)), "https://models.example.org/v1", False),
        ((("https://models.example.org",), ("https://models.example.org", "loopback")),
         "https://models.example.org/v1", True),
    ],
)  # fmt: skip
def test_every_list_of_destinations_must_hold_the_origin(
    lists: tuple[tuple[str, ...] | None, tuple[str, ...] | None],
    url: str,
    allowed: bool,  # noqa: FBT001
) -> None:
    destinations = DestinationSettings(models=lists[0], site_models=lists[1])
    if allowed:
        require_allowed_model(destinations, url)
        return
    with pytest.raises(NotPermittedError, match="allowed destinations"):
        require_allowed_model(destinations, url)


def test_an_entry_that_is_no_address_stops_everything() -> None:
    with pytest.raises(InputError):
        require_allowed_model(DestinationSettings(models=("models.example.org",)), "https://models.example.org/v1")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = tmp_path / "server.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
async def tls_port(certificate: Path) -> "Iterator[int]":  # type: ignore[misc]
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
            await writer.drain()
        finally:
            writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_certificate_that_nobody_trusts_ends_the_request(tls_port: int) -> None:
    async with client_of(f"https://localhost:{tls_port}/v1", key="sk-right") as client:
        with pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await client.get("models")
