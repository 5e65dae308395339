"""What goes over the wire: every request of every area, and every refusal, arrives as it was sent."""

import importlib
import pkgutil
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from openmed_agent import errors
from openmed_agent.workbench import handlers, requests
from openmed_agent.workbench.areas import handlers_of
from openmed_agent.workbench.wire import LONGEST_LINE, Answer, Order, Refusal, Request, error_of, refusal_of

AREAS = sorted(one.name for one in pkgutil.iter_modules(requests.__path__))


def requests_of(area: str) -> list[type[Request]]:
    module = importlib.import_module(f"{requests.__name__}.{area}")
    found = (value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Request))
    own = {one for one in found if one.__module__ == module.__name__ and hasattr(one, "kind")}  # not their bases
    return sorted(own, key=lambda one: one.__name__)


REQUESTS = [request for area in AREAS for request in requests_of(area)]
ERRORS = [
    value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, errors.OpenMedError)
]


def wired(model: BaseModel) -> dict[str, Any]:
    """Return the body of a model as the other side reads it from its line."""
    line = Order(number=7, kind="x.y", body=model.model_dump(mode="json")).model_dump_json().encode()
    assert b"\n" not in line
    return Order.model_validate_json(line).body


@pytest.mark.parametrize("request_type", REQUESTS, ids=lambda one: one.__name__)
def test_every_request_arrives_as_it_was_sent(request_type: type[Request]) -> None:
    @settings(max_examples=15, deadline=None, database=None)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        try:
            request = data.draw(st.builds(request_type))
        except ValidationError:
            return  # no value of this model, so nobody sends it
        assert request_type.model_validate(wired(request)) == request

    holds()


@pytest.mark.parametrize("area", sorted(one.name for one in pkgutil.iter_modules(handlers.__path__)))
def test_every_request_of_an_area_has_one_handler(area: str) -> None:
    answered = [one.request for one in handlers_of(area)]
    assert len(answered) == len(set(answered))
    assert {one.kind for one in answered} == {one.kind for one in requests_of(area)}
    assert all(one.kind.startswith(f"{area}.") for one in answered)
    assert all((one.answers is None) != (one.streams is None) for one in handlers_of(area))


def test_no_two_requests_have_one_name() -> None:
    kinds = [one.kind for one in REQUESTS]
    assert sorted(kinds) == sorted(set(kinds))
    assert len(kinds) > 10


@given(message=st.text(), remedy=st.none() | st.text(min_size=1), error=st.sampled_from(ERRORS))
@settings(deadline=None, database=None)
def test_a_refusal_keeps_its_kind_message_and_remedy(
    message: str, remedy: str | None, error: type[errors.OpenMedError]
) -> None:
    line = Answer(number=1, refusal=refusal_of(error(message, remedy=remedy))).model_dump_json(exclude_defaults=True)
    refusal = Answer.model_validate_json(line).refusal
    assert refusal is not None
    arrived = error_of(refusal)
    assert (arrived.message, arrived.remedy, arrived.exit_status) == (message, remedy, error.exit_status)
    assert isinstance(arrived, error) or error is errors.OpenMedError


def test_a_refusal_of_a_status_without_an_error_of_its_own_is_still_an_error() -> None:
    assert str(error_of(Refusal(message="No.", exit_status=130))) == "No."


@given(text=st.text(alphabet=st.characters(exclude_categories=())))
@settings(max_examples=50, deadline=None, database=None)
def test_any_text_stays_on_one_line(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    line = Order(number=1, kind="a.b", body={"text": text}).model_dump_json().encode()
    assert b"\n" not in line
    assert Order.model_validate_json(line).body == {"text": text}


def test_the_requests_are_light() -> None:
    """They load in the screen's process, where nothing heavy may."""
    names = ", ".join(f"{requests.__name__}.{area}" for area in AREAS)
    script = f"import sys, {names}; print(*sys.modules)"
    loaded = set(
        subprocess.run((sys.executable, "-c", script), capture_output=True, text=True, check=True).stdout.split()
    )
    heavy = {"httpx", "httpx2", "openai", "sqlcipher3", "cryptography", "keyring", "fastapi", "yaml", "textual", "rich"}
    assert not heavy & loaded
    rooms = ("store", "workflows", "planes", "privacy", "net", "login", "secrets", "skills")
    assert not [name for name in loaded if name.startswith(tuple(f"openmed_agent.{room}" for room in rooms))]
    assert LONGEST_LINE == 64 << 20
