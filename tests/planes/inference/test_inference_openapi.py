"""The service against its own OpenAPI document: whatever is sent, no 5xx, and an envelope for every error."""

import json
from itertools import product
from typing import Any

import httpx
import pytest
import schemathesis
from conftest import RunningService
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from openmed_agent.planes.inference.app import create_inference_application

ANSWERS = {200, 400, 404, 405, 415, 422}
PLANTED = "Zuzzanka-219-09-9999"
QUIETLY = settings(
    max_examples=15,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


@pytest.fixture(scope="module")
def application() -> FastAPI:
    return create_inference_application(surrogate_key=b"k" * 32)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_operation_holds_against_anything(application: FastAPI, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", application)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) == 5
    asked = 0
    for operation in operations:
        if operation.path == "/batch":
            continue  # its lines are no JSON document; they have a test of their own below

        @QUIETLY
        @given(case=operation.as_strategy(generation_mode=mode))
        def holds(case: schemathesis.Case) -> None:
            nonlocal asked
            asked += 1
            reply = case.call()
            assert reply.status_code in ANSWERS, (reply.status_code, case.method, case.formatted_path, case.body)
            if reply.status_code >= 400:
                error = reply.json()["error"]
                assert error["message"]
                assert error["request_id"]

        try:
            holds()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE  # an operation without parameters cannot be asked wrongly
    assert asked >= 20


def test_the_document_lists_every_route(application: FastAPI) -> None:
    assert set(application.openapi()["paths"]) == {"/health", "/analyze", "/pii/extract", "/pii/deidentify", "/batch"}


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=3)
)
FIELDS = ("id", "operation", "text", "method", "lang", "scope", "policy", "keep_mapping", "model_name")
LINE = (
    st.binary(max_size=60).filter(lambda raw: b"\n" not in raw)
    | st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=5).map(lambda line: json.dumps(line).encode())
    | st.fixed_dictionaries(
        {
            "id": st.text(min_size=1, max_size=9),
            "operation": st.sampled_from(["analyze", "extract", "deidentify"]),
            "text": st.text(min_size=1, max_size=60),
        },
        optional={"method": st.sampled_from(["mask", "replace", "hash", "shift_dates", "redact"])},
    ).map(lambda line: json.dumps(line).encode())
)


@pytest.fixture(scope="module")
def origin(application: FastAPI) -> Any:
    with RunningService(application) as origin:
        yield origin


@QUIETLY
@given(lines=st.lists(LINE, max_size=6))
def test_a_batch_of_anything_is_answered_line_by_line(origin: str, lines: list[bytes]) -> None:
    reply = httpx.post(f"{origin}/batch", content=b"\n".join(lines), trust_env=False)
    assert reply.status_code == 200
    answers = [json.loads(line) for line in reply.content.splitlines()]
    assert [answer["line"] for answer in answers] == [n for n, line in enumerate(lines, start=1) if line.strip()]
    assert all(answer["status"] == "ok" or answer["error"]["code"] != "internal_error" for answer in answers)


def test_a_request_that_is_wrong_in_any_field_is_refused_without_its_values(origin: str) -> None:
    fields = ("text", "lang", "method", "confidence_threshold", "model_name", "scope", "policy", PLANTED)
    values = (PLANTED, [PLANTED], {PLANTED: PLANTED}, 7, None, True, -1e400)
    with httpx.Client(base_url=origin, trust_env=False, headers={"content-type": "application/json"}) as client:
        for path, field, value in product(("/analyze", "/pii/extract", "/pii/deidentify"), fields, values):
            reply = client.post(path, content=json.dumps({"text": "COPD", field: value}))
            assert reply.status_code in {200, 422}, (path, field, value, reply.text)
            if reply.status_code == 422:
                assert "Zuzzanka" not in reply.text, (path, field, value, reply.text)
