"""Every way a service can fail is an error of one sentence; none of them is an empty success."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from conftest import RunningService, client_of
from genuine_stub import Fault, GenuineStub, recorded, running

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.planes.inference.app import create_inference_application
from openmed_agent.planes.inference.client import InferenceClient
from openmed_agent.planes.inference.contract import Method
from openmed_agent.planes.transport import PlaneError

TEXT = "Margaret Connell has COPD and pneumonia, SSN 219-09-9999."
SECRETS = ("Margaret", "Connell", "COPD", "219", "9999", "pneumonia")

Ask = Callable[[InferenceClient], Awaitable[object]]
ASKS: dict[str, Ask] = {
    "/analyze": lambda client: client.analyze(TEXT, "local/tinydis"),
    "/pii/extract": lambda client: client.extract_pii(TEXT),
    "/pii/deidentify": lambda client: client.deidentify(TEXT, Method.MASK),
}
HTML = Fault(body=b"<html><body>Sign in</body></html>", headers={"content-type": "text/html"})
FAULTS = {
    "500": (Fault(500, b'{"error":{"code":"internal_error","message":"Margaret Connell"}}'), "internal_error"),
    "500 without envelope": (Fault(500, b"Margaret Connell"), "http_500"),
    "html": (HTML, "contract"),
    "empty object": (Fault(body=b"{}"), "contract"),
    "empty body": (Fault(body=b""), "contract"),
    "null": (Fault(body=b"null"), "contract"),
    "list": (Fault(body=b"[]"), "contract"),
    "truncated json": (Fault(body=b'{"text": "Margaret Connell has CO'), "contract"),
    "truncated body": (Fault(body=b'{"text": "Marg', announce=500), "contract"),
    "wrong key": (Fault(401, b'{"error":{"code":"invalid_credentials","message":"x"}}'), "invalid_credentials"),
    "forbidden": (Fault(403, b'{"error":{"code":"forbidden","message":"x"}}'), "forbidden"),
    "redirect": (Fault(302, b"", {"location": "http://127.0.0.1:9/"}), "http_302"),
    "not served": (Fault(422, json.dumps(recorded("error_model_not_served")).encode()), "model_not_served"),
}


async def failure(stub: GenuineStub, ask: Ask, *, seconds: float = 5.0) -> PlaneError:
    with running(stub) as origin:
        async with client_of(origin, seconds=seconds) as client:
            with pytest.raises(PlaneError) as caught:
                await ask(client)
    assert not [secret for secret in SECRETS if secret in str(caught.value)]
    assert caught.value.__cause__ is None
    return caught.value


@pytest.mark.parametrize("path", list(ASKS))
@pytest.mark.parametrize("name", list(FAULTS))
async def test_a_fault_is_an_error_without_the_chart(path: str, name: str) -> None:
    stub = GenuineStub()
    stub.faults[path], code = FAULTS[name]
    assert (await failure(stub, ASKS[path])).code == code


def _set(index: int, **values: Any) -> Callable[[dict[str, Any]], None]:
    def change(reply: dict[str, Any]) -> None:
        reply["entities" if "entities" in reply else "pii_entities"][index].update(values)

    return change


def _drop(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda reply: reply.pop(name, None)


BROKEN: dict[str, Callable[[dict[str, Any]], None]] = {
    "end outside": _set(0, end=10_000),
    "negative start": _set(0, start=-1),
    "shifted by one": lambda reply: [
        entity.update(start=entity["start"] + 1, end=entity["end"] + 1)
        for entity in reply.get("entities", reply.get("pii_entities"))
    ],
    "empty span": _set(0, start=3, end=3, text=""),
    "offset as text": _set(0, start="0"),
    "offset as fraction": _set(0, start=0.5),
    "confidence above one": _set(0, confidence=1.5),
    "confidence not a number": _set(0, confidence=float("nan")),
    "no label": lambda reply: (reply.get("entities") or reply["pii_entities"])[0].pop("label"),
    "entities missing": lambda reply: (_drop("entities")(reply), _drop("pii_entities")(reply)),
    "entities null": lambda reply: reply.update(entities=None, pii_entities=None),
}


@pytest.mark.parametrize("path", list(ASKS))
@pytest.mark.parametrize("name", list(BROKEN))
async def test_a_200_that_breaks_the_contract_is_an_error(path: str, name: str) -> None:
    stub = GenuineStub()
    stub.changes[path] = BROKEN[name]
    assert (await failure(stub, ASKS[path])).code == "contract"


@pytest.mark.parametrize("path", ["/analyze", "/pii/extract"])
async def test_an_analysis_of_another_text_is_an_error(path: str) -> None:
    stub = GenuineStub()
    stub.changes[path] = lambda reply: reply.update(text="Nothing here.", entities=[])
    assert (await failure(stub, ASKS[path])).code == "contract"


@pytest.mark.parametrize(
    "values",
    [
        {"deidentified_text": ""},
        {"deidentified_text": "[first_name]"},
        {"original_text": "Another text."},
        {"method": "hash"},
        {"pii_entities": []},
        {"num_entities_redacted": -1},
    ],
)
async def test_a_deidentified_text_that_its_entities_do_not_explain_is_an_error(values: dict[str, object]) -> None:
    stub = GenuineStub()
    stub.changes["/pii/deidentify"] = lambda reply: reply.update(values)
    assert (await failure(stub, ASKS["/pii/deidentify"])).code == "contract"


@pytest.mark.parametrize("path", list(ASKS))
async def test_a_slow_service_ends_at_the_deadline(path: str) -> None:
    stub = GenuineStub()
    stub.faults[path] = Fault(seconds=3.0)
    started = time.monotonic()
    error = await failure(stub, ASKS[path], seconds=0.4)
    assert error.code == "timeout"
    assert time.monotonic() - started < 6


async def test_one_deadline_holds_for_all_pieces_of_a_document() -> None:
    stub = GenuineStub()
    stub.changes["/analyze"] = lambda _: time.sleep(0.4)
    started = time.monotonic()
    error = await failure(stub, lambda client: client.analyze("Has COPD.\n" * 40_000), seconds=1.0)
    assert error.code == "timeout"
    assert time.monotonic() - started < 4


@pytest.mark.parametrize("path", list(ASKS))
async def test_a_connection_reset_once_is_tried_again(path: str) -> None:
    stub = GenuineStub()
    stub.faults[path] = Fault(reset=True, times=1)
    with running(stub) as origin:
        async with client_of(origin) as client:
            assert await ASKS[path](client)


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_service_is_asked_again_when_it_says(status: int) -> None:
    stub = GenuineStub()
    body = b'{"error":{"code":"backpressure","message":"busy"}}'
    stub.faults["/analyze"] = Fault(status, body, {"Retry-After": "1"}, times=1)
    with running(stub) as origin:
        async with client_of(origin) as client:
            started = time.monotonic()
            entities = await client.analyze(TEXT)
    assert [entity.text for entity in entities] == ["COPD", "pneumonia"]
    assert time.monotonic() - started >= 1


async def test_a_service_that_stays_busy_is_an_error() -> None:
    stub = GenuineStub()
    stub.faults["/analyze"] = Fault(503, b'{"error":{"code":"backpressure","message":"x"}}', {"Retry-After": "600"})
    error = await failure(stub, ASKS["/analyze"])
    assert (error.code, error.status) == ("backpressure", 503)


async def test_one_failing_piece_fails_the_document() -> None:
    stub = GenuineStub()
    seen: list[int] = []

    def third_breaks(reply: dict[str, Any]) -> None:
        seen.append(1)
        if len(seen) == 3:
            reply["entities"] = None

    stub.changes["/analyze"] = third_breaks
    error = await failure(stub, lambda client: client.analyze("Has COPD.\n" * 5_000))
    assert error.code == "contract"


async def test_only_fields_of_the_genuine_service_are_sent() -> None:
    stub = GenuineStub()
    with running(stub) as origin:
        async with client_of(origin) as client:
            for ask in ASKS.values():
                await ask(client)
    (analysis,) = stub.sent("/analyze")
    (extraction,) = stub.sent("/pii/extract")
    (deidentification,) = stub.sent("/pii/deidentify")
    assert {"text", "model_name", "confidence_threshold"} <= set(analysis)
    assert {"text", "confidence_threshold", "lang"} <= set(extraction)
    assert {"method", "keep_year", "confidence_threshold"} <= set(deidentification)
    assert "scope" not in deidentification


async def test_a_scope_is_refused_by_a_service_that_cannot_keep_it_and_sent_to_one_that_can() -> None:
    plain, scoped = GenuineStub(), GenuineStub(capabilities=("surrogate_scope",))
    error = await failure(plain, lambda client: client.deidentify(TEXT, Method.HASH, scope="patient-1"))
    assert error.code == "missing_capability"
    assert plain.sent("/pii/deidentify") == []
    with running(scoped) as origin:
        async with client_of(origin) as client:
            await client.deidentify(TEXT, Method.MASK, scope="patient-1")
    assert [body["scope"] for body in scoped.sent("/pii/deidentify")] == ["patient-1"]


async def test_health_is_asked_once() -> None:
    stub = GenuineStub()
    with running(stub) as origin:
        async with client_of(origin) as client:
            await asyncio.gather(*(client.analyze(TEXT) for _ in range(6)))
    assert [request.path for request in stub.requests].count("/health") == 1


async def test_a_service_that_does_not_promise_more_is_asked_one_thing_at_a_time() -> None:
    stub = GenuineStub()
    stub.changes["/analyze"] = lambda _: time.sleep(0.02)
    with running(stub) as origin:
        async with client_of(origin) as client:
            await asyncio.gather(*(client.analyze("Has COPD today.\n" * 1_500) for _ in range(3)))
    assert len(stub.sent("/analyze")) >= 9
    assert stub.most_at_once == 1


async def test_long_documents_travel_in_pieces_a_few_at_a_time() -> None:
    stub = GenuineStub(capabilities=("concurrent_requests",))
    stub.changes["/analyze"] = lambda _: time.sleep(0.05)
    with running(stub) as origin:
        async with client_of(origin) as client:
            await client.analyze("Has COPD today.\n" * 8_000)
    sent = stub.sent("/analyze")
    assert len(sent) >= 16
    assert max(len(body["text"]) for body in sent) <= 8_000
    assert 1 < stub.most_at_once <= 4


async def test_pieces_of_a_deidentified_document_join_exactly() -> None:
    stub = GenuineStub()
    paragraph = "Visit of Margaret Connell with COPD.\r\n\r\n \t Nothing else was said é 日本 𝒳 today.\n"
    text = "\n  " + paragraph * 700 + "  \n"
    with running(stub) as origin:
        async with client_of(origin) as client:
            document = await client.deidentify(text, Method.MASK)
    assert len(stub.sent("/pii/deidentify")) > 5
    assert document.text == text.replace("Margaret", "[first_name]").replace("Connell", "[last_name]")
    assert document.repaired == 0
    assert len(document.redactions) == 1400


async def test_dates_of_one_document_move_by_one_shift() -> None:
    stub = GenuineStub()
    with running(stub) as origin:
        async with client_of(origin) as client:
            await client.deidentify("Visit of Margaret Connell.\n" * 1_000, Method.SHIFT_DATES)
    shifts = {body["date_shift_days"] for body in stub.sent("/pii/deidentify")}
    assert len(shifts) == 1
    assert 0 not in shifts


async def test_what_is_left_is_refused_with_counts_and_nothing_else() -> None:
    stub = GenuineStub()
    with running(stub) as origin:
        async with client_of(origin) as client:
            with pytest.raises(NotPermittedError) as caught:
                await client.deidentify(recorded("pii_extract")["text"], Method.MASK)
    message = str(caught.value)
    assert "1 x telephone number" in message
    for identifier in ("508", "0173", "Margaret", "example", "Oak"):
        assert identifier not in message


async def test_a_replacement_that_changes_nothing_is_refused() -> None:
    stub = GenuineStub()

    def keep_the_name(reply: dict[str, Any]) -> None:
        reply["pii_entities"][0]["redacted_text"] = "Margaret"
        reply["deidentified_text"] = reply["deidentified_text"].replace("[first_name]", "Margaret")

    stub.changes["/pii/deidentify"] = keep_the_name
    with running(stub) as origin:
        async with client_of(origin) as client:
            with pytest.raises(NotPermittedError):
                await client.deidentify(TEXT, Method.REPLACE)


@pytest.mark.parametrize("options", [{"confidence_threshold": 2.0}, {"date_shift_days": 0}, {"scope": ""}])
async def test_options_out_of_range_are_the_callers_error(options: dict[str, Any]) -> None:
    stub = GenuineStub()
    with running(stub) as origin:
        async with client_of(origin) as client:
            with pytest.raises(InputError):
                await client.deidentify(TEXT, Method.SHIFT_DATES, **options)
    assert stub.requests == []


async def test_a_wrong_key_is_refused_by_our_service() -> None:
    with RunningService(create_inference_application(api_key="right")) as origin:
        async with client_of(origin, key="wrong") as client:
            assert (await client.health()).status == "ok"
            with pytest.raises(PlaneError) as caught:
                await client.analyze(TEXT)
        async with client_of(origin, key="right") as client:
            assert await client.analyze(TEXT)
    assert caught.value.code == "invalid_credentials"
    assert "right" not in str(caught.value)
    assert "wrong" not in str(caught.value)


def test_a_saturated_service_says_when_to_come_back_and_still_answers_health() -> None:
    slow = "Has COPD and dyspnea on stairs. " * 20_000
    with RunningService(create_inference_application(workers=1, waiting=0)) as origin:

        async def many() -> list[httpx.Response]:
            async with httpx.AsyncClient(base_url=origin, trust_env=False, timeout=60) as http:
                work = [http.post("/analyze", json={"text": slow}) for _ in range(4)]
                results = asyncio.gather(*work)
                await asyncio.sleep(0.1)
                assert (await http.get("/health", timeout=10)).status_code == 200
                return list(await results)

        replies = asyncio.run(many())
    statuses = sorted(reply.status_code for reply in replies)
    assert statuses[0] == 200
    assert statuses[-1] == 503
    turned_away = next(reply for reply in replies if reply.status_code == 503)
    assert turned_away.headers["retry-after"] == "1"
    assert turned_away.json()["error"]["code"] == "backpressure"
