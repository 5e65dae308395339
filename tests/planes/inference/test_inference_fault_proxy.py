"""Ours and a genuine service behind a proxy that spoils their answers: an error or the whole answer, never a part."""

from collections.abc import Awaitable, Callable
from typing import get_args

import pytest
from conftest import client_of
from fault_proxy import FaultProxy, Spoil, proxying

from openmed_agent.planes.inference.client import InferenceClient
from openmed_agent.planes.inference.contract import Method
from openmed_agent.planes.transport import PlaneError

TEXT = "Margaret Connell has COPD and pneumonia, é 日本 𝒳, SSN 219-09-9999.\n"
SECRETS = ("Margaret", "Connell", "COPD", "219", "pneumonia")
PASSING = {"reset", "429", "503"}  # tried again within one call
SPOILS: tuple[Spoil, ...] = get_args(Spoil)

Ask = Callable[[InferenceClient], Awaitable[object]]


@pytest.fixture(params=["ours", "genuine"])
def upstream(request: pytest.FixtureRequest) -> tuple[str, str, str | None]:
    """An origin, its model of diseases, and its model of identifiers."""
    if request.param == "ours":
        return request.getfixturevalue("our_origin"), "disease_detection_superclinical", None
    return request.getfixturevalue("genuine_origin"), "local/tinydis", "local/tinypii"


def asks(diseases: str, identifiers: str | None) -> dict[str, Ask]:
    return {
        "analyze": lambda client: client.analyze(TEXT, diseases),
        "extract": lambda client: client.extract_pii(TEXT, model=identifiers),
        "deidentify": lambda client: client.deidentify(TEXT, Method.MASK, model=identifiers, repair=True),
    }


@pytest.mark.parametrize("spoil", SPOILS)
async def test_a_spoilt_answer_is_an_error_or_is_asked_for_again(
    upstream: tuple[str, str, str | None], spoil: Spoil
) -> None:
    origin, diseases, identifiers = upstream
    proxy = FaultProxy(origin)
    with proxying(proxy) as spoilt_origin:
        for name, ask in asks(diseases, identifiers).items():
            async with client_of(spoilt_origin, seconds=120) as client:
                whole = await ask(client)
                proxy.spoil, proxy.times = spoil, 1
                if spoil in PASSING:
                    assert await ask(client) == whole, name
                    continue
            async with client_of(spoilt_origin, seconds=1.5 if spoil == "stall" else 120) as client:
                await client.health()
                proxy.times = 100
                with pytest.raises(PlaneError) as caught:
                    await ask(client)
                assert not [secret for secret in SECRETS if secret in str(caught.value)]
                proxy.times = 0
            async with client_of(spoilt_origin, seconds=120) as client:
                assert await ask(client) == whole, name


async def test_one_spoilt_piece_spoils_a_long_document(upstream: tuple[str, str, str | None]) -> None:
    origin, diseases, _ = upstream
    text = "Note é 日本 𝒳: known COPD, no pneumonia seen.\n" * 700
    proxy = FaultProxy(origin)
    with proxying(proxy) as spoilt_origin:
        async with client_of(spoilt_origin, seconds=60) as client:
            whole = await client.analyze(text, diseases)
        assert len(whole) == 1_400
        assert all(entity.span.of(text) == entity.text for entity in whole)
        pieces = proxy.seen
        assert pieces > 3
        proxy.spoil, proxy.times = "reset", 2  # two pieces are asked for again
        async with client_of(spoilt_origin, seconds=60) as client:
            assert await client.analyze(text, diseases) == whole
        proxy.spoil, proxy.times = "truncated", 100
        async with client_of(spoilt_origin, seconds=60) as client:
            with pytest.raises(PlaneError):
                await client.analyze(text, diseases)
