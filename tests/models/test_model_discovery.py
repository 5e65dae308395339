"""What servers say of their models, each in its own way; what none says stays unknown."""

import asyncio
import socket
import time

import pytest
from scripted_model_server import Model, ScriptedModelServer, ServerKind

from openmed_agent.models.discovery import described_model, find_local_servers, offered_models
from openmed_agent.models.offered import ListedModel, LlamaProperties, OllamaModel
from openmed_agent.models.provider import ModelDescription, ModelError, ModelFailure
from openmed_agent.net.clients import DestinationKind, discard_outbound
from openmed_agent.net.model_clients import ModelAddress, make_model_client
from openmed_agent.privacy.program_text import clear_program_text


async def offered(server: ScriptedModelServer, key: str = "") -> tuple[ModelDescription, ...]:
    address = ModelAddress(server.url, {"authorization": f"Bearer {key}"} if key else {})
    async with make_model_client(address, seal=clear_program_text, sink=discard_outbound, timeout_seconds=5) as client:
        return await offered_models(client, address)


@pytest.mark.parametrize(("kind", "tools"), [("ollama", True), ("llama.cpp", True), ("vllm", None), ("lmstudio", True)])
async def test_a_local_server_says_what_window_it_gives(kind: ServerKind, tools: bool | None) -> None:  # noqa: FBT001
    with ScriptedModelServer(kind=kind, models=(Model("m", 12345),)) as server:
        assert await offered(server) == (
            ModelDescription("m", 12345, takes_tools=tools, reasons=False if kind == "ollama" else None),
        )


@pytest.mark.parametrize("kind", ["openai", "ollama", "llama.cpp", "lmstudio"])
async def test_an_unknown_window_stays_unknown(kind: ServerKind) -> None:
    with ScriptedModelServer(kind=kind, models=(Model("m", None, tools=False),)) as server:
        assert [one.context_window for one in await offered(server)] == [None]


async def test_only_a_model_s_name_is_ever_sent() -> None:
    with ScriptedModelServer(kind="ollama", models=(Model("a"), Model("b"))) as server:
        await offered(server)
        sent = sorted(one.body for one in server.requests if one.method == "POST")
        assert sent == [b'{"model": "a"}', b'{"model": "b"}']
        assert all("?" not in one.path for one in server.requests)


async def test_without_a_seal_nothing_but_questions_by_get() -> None:
    with ScriptedModelServer(kind="ollama", models=(Model("m", 4096),)) as server:
        address = ModelAddress(server.url)
        async with make_model_client(
            address, kind=DestinationKind.LOGIN, seal=None, sink=discard_outbound, timeout_seconds=5
        ) as client:
            assert [one.context_window for one in await offered_models(client, address)] == [4096]
        assert {one.method for one in server.requests} == {"GET"}


async def test_one_model_is_described_by_its_name_or_its_name_alone() -> None:
    with ScriptedModelServer(kind="ollama", models=(Model("m:latest", 4096),)) as server:
        address = ModelAddress(server.url)
        async with make_model_client(
            address, seal=clear_program_text, sink=discard_outbound, timeout_seconds=5
        ) as client:
            assert (await described_model(client, address, "m")).context_window == 4096
            assert await described_model(client, address, "other") == ModelDescription("other")


async def test_a_wrong_key_is_said_in_one_sentence_that_repeats_nothing() -> None:
    with ScriptedModelServer(key="sk-right") as server:
        with pytest.raises(ModelError) as raised:
            await offered(server, "sk-wrong")
        assert raised.value.failure is ModelFailure.AUTHENTICATION
        assert "sk-wrong" not in str(raised.value)
        assert "planted" not in str(raised.value)
        assert await offered(server, "sk-right")
        with pytest.raises(ModelError, match="asks for a key"):
            await offered(server)


@pytest.mark.parametrize(
    ("document", "window", "tools"),
    [
        ({"id": "m", "context_length": 100, "top_provider": {"max_completion_tokens": 7},
          "supported_parameters": ["tools", "reasoning"]}, 100, True),
        ({"id": "m", "context_length": 100, "supported_parameters": ["temperature"]}, 100, False),
        ({"id": "m", "context_window": 200, "max_completion_tokens": 7}, 200, None),
        ({"id": "m", "max_context_length": 300, "capabilities": {"function_calling": True}}, 300, True),
        ({"id": "m", "max_model_len": 400}, 400, None),
        ({"id": "m", "object": "model", "owned_by": "openai"}, None, None),
    ],
)  # fmt: skip
def test_lists_of_gateways(document: dict[str, object], window: int | None, tools: bool | None) -> None:  # noqa: FBT001
    described = ListedModel.model_validate(document).described()
    assert (described.context_window, described.takes_tools) == (window, tools)


def test_the_window_of_a_model_s_file_counts_and_that_of_its_training_does_not() -> None:
    shown = OllamaModel.model_validate({
        "parameters": 'stop "<|eot|>"\nnum_ctx                        16384',
        "model_info": {"llama.context_length": 131072},
    })  # fmt: skip
    assert shown.context_window == 16384
    assert OllamaModel.model_validate({"model_info": {"llama.context_length": 131072}}).context_window is None
    assert OllamaModel.model_validate({"parameters": "num_ctx many"}).context_window is None
    assert LlamaProperties.model_validate({"default_generation_settings": {}}).takes_tools is None


async def test_local_servers_are_found_at_the_same_time_and_nothing_else_is_taken_for_one() -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    with (
        silent,
        ScriptedModelServer(kind="ollama") as ollama,
        ScriptedModelServer(kind="vllm", models=(Model("v", 777),)) as vllm,
        ScriptedModelServer(kind="openai", models=()) as empty,
        ScriptedModelServer(key="sk") as closed,
        ScriptedModelServer() as gone,
    ):
        gone_url = gone.url
        servers = {
            "Ollama": ollama.url,
            "silent": f"http://127.0.0.1:{silent.getsockname()[1]}/v1",
            "empty": empty.url,
            "closed": closed.url,
            "vLLM": vllm.url,
        }
        began = time.monotonic()
        found = await find_local_servers(seal=clear_program_text, servers=servers, timeout_seconds=3)
        assert time.monotonic() - began < 9
        assert [(one.name, one.models[0].context_window) for one in found] == [("Ollama", 8192), ("vLLM", 777)]
    assert await find_local_servers(servers={"gone": gone_url}) == ()


async def test_a_web_page_is_no_server_of_models() -> None:
    with ScriptedModelServer() as server:
        wrong = {"page": f"{server.origin}/elsewhere"}
        assert await asyncio.wait_for(find_local_servers(servers=wrong), 10) == ()
