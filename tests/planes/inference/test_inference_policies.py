"""Policies and scopes through the service: what the fields do, what `/health` promises, and what is refused."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from conftest import RunningService, client_of

from openmed_agent.net.clients import DestinationKind
from openmed_agent.planes.inference.app import create_inference_application
from openmed_agent.planes.inference.client import InferenceClient
from openmed_agent.planes.inference.contract import Capability, Method
from openmed_agent.planes.inference.pii.policy import POLICIES, Policy
from openmed_agent.planes.supervisor import EmbeddedPlane, PlaneWatcher
from openmed_agent.planes.transport import PlaneTransport

TEXT = "Patient: John Smith, seen 02/28/2024 at Mercy General Hospital, MRN 88231907."


def post(origin: str, **fields: object) -> httpx.Response:
    return httpx.post(f"{origin}/pii/deidentify", json={"text": TEXT, "confidence_threshold": 0.5, **fields})


def test_a_policy_by_name_and_in_full(our_origin: str) -> None:
    limited = post(our_origin, policy="limited_data_set").json()["deidentified_text"]
    assert "02/28/2024" in limited
    assert "Smith" not in limited
    mine = post(our_origin, policy={"name": "mine", "act_on": ["name"], "keep_terms": ["Mercy General Hospital"]})
    assert mine.json()["deidentified_text"] == TEXT.replace("John Smith", "[first_name] [last_name]")


@pytest.mark.parametrize(
    "policy",
    [
        "unheard_of",
        {"name": "mine", "act_on": ["Quintanilla"]},
        {"name": "mine", "unknown": 1},
        7,
        {"keep_terms": ["x"]},
    ],
)
def test_a_policy_that_is_none_is_refused_without_an_echo(our_origin: str, policy: object) -> None:
    reply = post(our_origin, policy=policy)
    assert reply.status_code == 422
    assert "John" not in reply.text


def test_a_policy_that_keeps_dates_cannot_shift_them(our_origin: str) -> None:
    assert post(our_origin, policy="limited_data_set", method="shift_dates").status_code == 422


def test_health_promises_lasting_stand_ins_only_with_a_key_that_was_given(our_origin: str) -> None:
    assert Capability.KEPT_SURROGATE_KEY in httpx.get(f"{our_origin}/health").json()["capabilities"]
    with RunningService(create_inference_application()) as origin:
        capabilities = httpx.get(f"{origin}/health").json()["capabilities"]
    assert Capability.KEPT_SURROGATE_KEY not in capabilities
    assert {Capability.SURROGATE_SCOPE, Capability.POLICIES} <= set(capabilities)


async def test_two_services_with_one_key_agree_and_others_do_not() -> None:
    texts = []
    for key in (b"a" * 32, b"a" * 32, b"b" * 32):
        with RunningService(create_inference_application(surrogate_key=key)) as origin:
            async with client_of(origin) as client:
                document = await client.deidentify(TEXT, Method.REPLACE, scope="7")
                texts.append(document.text)
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]


async def test_a_long_document_of_a_scope_has_one_person_and_one_shift(our_origin: str) -> None:
    pages = [f"Mr. Smith was seen 02/{number:02}/2024 and is well.\n" for number in range(1, 29)]
    text = "Patient: John Smith.\n" + "".join(page * 16 for page in pages)
    assert len(text) > 16_000
    async with client_of(our_origin) as client:
        document = await client.deidentify(text, Method.REPLACE, scope="7")
        alone = await client.deidentify("Mr. Smith was seen 02/01/2024 and is well.", Method.REPLACE, scope="7")
    new = {r.span.of(text): r.replacement for r in document.redactions}
    assert alone.text == f"Mr. {new['Smith']} was seen {new['02/01/2024']} and is well."
    assert len({r.replacement for r in document.redactions if r.span.of(text) == "Smith"}) == 1


async def test_a_policy_through_the_client(our_origin: str) -> None:
    policy = Policy(name="mine", act_on=("name", "medical_record"), keep_terms=("Smith",))
    async with client_of(our_origin) as client:
        document = await client.deidentify(TEXT, Method.MASK, policy=policy)
        parts = await client.deidentify(TEXT, Method.MASK, policy=POLICIES["safe_harbor_parts"])
    assert document.text == TEXT.replace("John", "[first_name]").replace("88231907", "[medical_record_number]")
    assert document.repaired == 0
    assert "seen 2024 at" in parts.text


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")
async def test_an_embedded_service_gets_the_secret_and_nobody_else_sees_it() -> None:
    key = secrets.token_bytes(32)
    watcher = PlaneWatcher(prepared=lambda _: None, notice=lambda _: None)
    plane = EmbeddedPlane(DestinationKind.INFERENCE, watcher=watcher, surrogate_key=key)
    try:
        async with PlaneTransport(DestinationKind.INFERENCE, plane.endpoint, timeout_seconds=60) as transport:
            client = InferenceClient(transport)
            health = await client.health()
            document = await client.deidentify(TEXT, Method.REPLACE, scope="7")
            seen = b"".join(process_text(name) for name in ("cmdline", "environ"))
    finally:
        await plane.stop()
    assert health.has(Capability.KEPT_SURROGATE_KEY)
    assert key not in seen
    assert key.hex().encode() not in seen
    assert b"openmed_agent.planes.child" in seen
    with RunningService(create_inference_application(surrogate_key=key)) as origin:
        async with client_of(origin) as other:
            assert (await other.deidentify(TEXT, Method.REPLACE, scope="7")).text == document.text


def process_text(name: str) -> bytes:
    """Return one file of /proc of every process that can be read, this one's left out."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            with suppress(OSError):
                found.append((folder / name).read_bytes())
    return b"".join(found)
