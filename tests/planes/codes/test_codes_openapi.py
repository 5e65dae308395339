"""The service against its own OpenAPI document: whatever is sent, no 5xx, and an envelope for every error."""

import re
from pathlib import Path

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from openmed_agent.planes.codes.app import create_codes_application

ANSWERS = {200, 400, 404, 405, 409, 422}
QUIETLY = settings(
    max_examples=30,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


@pytest.fixture(scope="module")
def application(index_folder: Path) -> FastAPI:
    return create_codes_application(index_folder=index_folder, api_key=None)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_operation_holds_against_anything(application: FastAPI, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", application)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) == sum(len(methods) for methods in application.openapi()["paths"].values())
    asked = 0
    for operation in operations:

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
    assert asked >= 10 * len(operations)


def test_the_document_lists_every_route(application: FastAPI) -> None:
    assert {"/health", "/v1/icd10cm/validate", "/v1/hcc/raf", "/REST/rxcui.json"} <= set(application.openapi()["paths"])


def test_the_documentation_lists_every_route_and_no_other(application: FastAPI) -> None:
    text = (Path(__file__).parents[3] / "docs" / "codes.md").read_text("utf-8")
    listed = re.findall(r"^\| `(GET|POST) (/[^` ?]*)` \|", text, flags=re.MULTILINE)
    served = {(method.upper(), path) for path, methods in application.openapi()["paths"].items() for method in methods}
    assert set(listed) == served
    assert len(listed) == len(served)
