"""A genuine llama.cpp server with a small model: streaming, counts, its own word on the window, overflow, cancelling.

Set OPENMED_LLAMA_SERVER to the program ``llama-server`` and OPENMED_LLAMA_MODEL to a model's file (GGUF).
"""

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest
from asking import LIST_FILES, cleared, events_of

from openmed_agent.models.connection import ModelChoice, open_provider
from openmed_agent.models.endpoint_doctor import examine
from openmed_agent.models.messages import AssistantMessage, ToolCall, ToolMessage, UserMessage
from openmed_agent.models.provider import ModelError, ModelFailure, ModelRequest, Reply, TextDelta
from openmed_agent.net.clients import discard_outbound

PROGRAM = os.environ.get("OPENMED_LLAMA_SERVER", "")
MODEL = os.environ.get("OPENMED_LLAMA_MODEL", "")
WINDOW = 4096

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not (PROGRAM and MODEL), reason="OPENMED_LLAMA_SERVER and OPENMED_LLAMA_MODEL are not set"),
]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [PROGRAM, "-m", MODEL, "--host", "127.0.0.1", "--port", str(port), "--jinja", "-c", str(WINDOW), "-np", "1"],
        env={**os.environ, "LD_LIBRARY_PATH": str(Path(PROGRAM).parent)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait(20)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("the engine did not start")


def choice(url: str) -> ModelChoice:
    return ModelChoice(url, "chat_completions", "local", "settings", timeout_seconds=240)


def asked(text: str) -> ModelRequest:
    return ModelRequest("local", "Answer briefly.", (UserMessage(text),), max_output_tokens=24)


async def test_it_streams_counts_and_says_its_window(url: str) -> None:
    provider = open_provider(choice(url), cleared, discard_outbound)
    described = await provider.models()
    assert [one.context_window for one in described] == [WINDOW]
    events = await events_of(provider, asked("Count from one to ten."))
    await provider.close()
    reply = events[-1]
    assert isinstance(reply, Reply)
    assert sum(isinstance(event, TextDelta) for event in events) > 3
    assert reply.usage.input_tokens
    assert reply.usage.output_tokens
    assert reply.usage.output_tokens <= 24


async def test_it_takes_a_conversation_with_a_call_that_was_malformed(url: str) -> None:
    conversation = (
        UserMessage("Which files are there?"),
        AssistantMessage("", (ToolCall("a", "list_files", '{"folder": "no'),)),
        ToolMessage("a", "The arguments are no JSON.", failed=True),
    )
    provider = open_provider(choice(url), cleared, discard_outbound)
    request = ModelRequest("local", "Be brief.", conversation, (LIST_FILES,), max_output_tokens=16)
    events = await events_of(provider, request)
    await provider.close()
    assert isinstance(events[-1], Reply)


async def test_a_conversation_that_is_too_long_is_an_overflow(url: str) -> None:
    provider = open_provider(choice(url), cleared, discard_outbound)
    with pytest.raises(ModelError) as raised:
        await events_of(provider, asked("river stone " * WINDOW))
    await provider.close()
    assert raised.value.failure is ModelFailure.OVERFLOW


async def test_giving_up_frees_the_engine_for_the_next_request(url: str) -> None:
    provider = open_provider(choice(url), cleared, discard_outbound)
    long = ModelRequest("local", "", (UserMessage("Write a very long story."),), max_output_tokens=3000)
    async with aclosing(provider.stream(long)) as stream:  # type: ignore[type-var]
        await anext(stream)
    events = await events_of(provider, asked("Hello."))
    await provider.close()
    assert isinstance(events[-1], Reply)


async def test_the_doctor_says_what_a_small_window_is(url: str) -> None:
    checks = {check.subject: check async for check in examine(choice(url), discard_outbound, model=None)}
    assert checks["reachable"].state == checks["models"].state == checks["streaming"].state == "ok"
    assert checks["context"].state == "fault"
    assert checks["truncation"].state == "ok"  # it refuses what does not fit, and says so
