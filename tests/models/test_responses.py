"""Responses, used without its memory, against a server that behaves and against ways of misbehaving."""

from contextlib import aclosing
from typing import Any

import pytest
from asking import LIST_FILES, events_of, provider_of, reply_of, request
from scripted_model_server import (
    Call,
    Fail,
    Raw,
    Reply,
    Say,
    ScriptedModelServer,
    event,
    rate_limited,
    silence,
    web_page,
)

from openmed_agent.models.messages import AssistantMessage, ToolCall, ToolMessage, UserMessage
from openmed_agent.models.provider import (
    CallStarted,
    ModelError,
    ModelFailure,
    ModelRequest,
    ReasoningDelta,
    TextDelta,
)


async def test_an_answer_streams_and_ends_with_the_whole_of_it() -> None:
    calls = (Call("list_files", '{"folder": "é"}', "call_a"), Call("list_files", "{}", "call_b"))
    with ScriptedModelServer([Say("Let me look.", calls, reasoning="Think.", usage=(12, 3), cached=4)]) as server:
        async with provider_of(server, "responses") as provider:
            events = await events_of(provider, request(tools=(LIST_FILES,)))
    assert "".join(one.text for one in events if isinstance(one, TextDelta)) == "Let me look."
    assert "".join(one.text for one in events if isinstance(one, ReasoningDelta)) == "Think."
    assert [one.index for one in events if isinstance(one, CallStarted)] == [0, 1]
    last: Any = events[-1]
    assert (last.text, last.finish) == ("Let me look.", "tool_calls")
    assert [(one.call_id, one.arguments) for one in last.calls] == [("call_a", '{"folder": "é"}'), ("call_b", "{}")]
    assert (last.usage.input_tokens, last.usage.output_tokens, last.usage.cached_tokens) == (12, 3, 4)


async def test_the_service_is_told_to_remember_nothing_and_is_told_everything() -> None:
    conversation = (
        UserMessage("Which files?"),
        AssistantMessage("Let me look.", (ToolCall("c1", "list_files", '{"folder":"x"}'),)),
        ToolMessage("c1", "a.txt"),
    )
    asked = ModelRequest("m", "Be brief.", conversation, (LIST_FILES,), "high", 500)
    with ScriptedModelServer([Say("Done.")]) as server:
        async with provider_of(server, "responses") as provider:
            await reply_of(provider, asked)
        sent = server.conversations[0]
    assert sent["store"] is False
    assert "previous_response_id" not in sent
    assert (sent["instructions"], sent["reasoning"], sent["max_output_tokens"]) == (
        "Be brief.",
        {"effort": "high"},
        500,
    )
    assert [one.get("type", one.get("role")) for one in sent["input"]] == [
        "user",
        "assistant",
        "function_call",
        "function_call_output",
    ]
    assert sent["input"][2]["call_id"] == sent["input"][3]["call_id"]
    assert sent["tools"][0]["name"] == "list_files"


async def test_calls_that_only_the_end_tells_of() -> None:
    output = [{"type": "function_call", "call_id": "a", "name": "list_files", "arguments": "{}"}]
    reply = Raw((event({"type": "response.completed", "response": {"output": output}}),))
    with ScriptedModelServer([reply]) as server:
        async with provider_of(server, "responses") as provider:
            last = await reply_of(provider)
    assert ([one.name for one in last.calls], last.finish) == (["list_files"], "tool_calls")


async def test_a_limit_ends_an_answer_and_leaves_its_call_cut_off() -> None:
    cut = Say("Let me", (Call("list_files", '{"fol'),), finish="max_output_tokens")
    with ScriptedModelServer([cut]) as server:
        async with provider_of(server, "responses") as provider:
            last = await reply_of(provider)
    assert (last.finish, last.calls[0].arguments) == ("length", '{"fol')


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Say("A longer text.", cut_after=3), ModelFailure.PROTOCOL),
        (Raw((event({"type": "response.completed", "response": {"output": []}}),)), ModelFailure.PROTOCOL),
        (Raw((event({"kind": "planted"}),)), ModelFailure.PROTOCOL),
        (Raw((event({"type": "response.output_item.done", "item": "planted"}),)), ModelFailure.PROTOCOL),
        (Raw((event({"type": "error", "code": "rate_limit_exceeded", "message": "planted"}),)),
         ModelFailure.RATE_LIMIT),
        (Raw((event({"type": "response.failed",
                     "response": {"error": {"code": "server_error", "message": "planted"}}}),)), ModelFailure.SERVER),
        (Raw((event({"type": "response.failed",
                     "response": {"error": {"code": "context_length_exceeded", "message": "planted"}}}),)),
         ModelFailure.OVERFLOW),
        (Raw((event({"type": "response.incomplete",
                     "response": {"incomplete_details": {"reason": "max_output_tokens"}}}),)), ModelFailure.OVERFLOW),
        (web_page(), ModelFailure.PROTOCOL),
        (silence(), ModelFailure.TIMEOUT),
        (rate_limited("3"), ModelFailure.RATE_LIMIT),
        (Fail(401, {"error": {"message": "planted"}}), ModelFailure.AUTHENTICATION),
        (Fail(404, b"404 page not found", content_type="text/plain"), ModelFailure.NOT_FOUND),
    ],
)  # fmt: skip
async def test_what_is_no_answer_is_an_error_that_repeats_nothing(reply: Reply, kind: ModelFailure) -> None:
    with ScriptedModelServer([reply]) as server:
        async with provider_of(server, "responses", timeout_seconds=0.5) as provider:
            with pytest.raises(ModelError) as raised:
                await reply_of(provider)
    assert raised.value.failure is kind
    assert "planted" not in str(raised.value)


@pytest.mark.parametrize(
    ("say", "finish"),
    [(Say(refusal="No."), "refused"), (Say("A part", finish="content_filter"), "refused"), (Say("All."), "stop")],
)
async def test_finishes(say: Say, finish: str) -> None:
    with ScriptedModelServer([say]) as server:
        async with provider_of(server, "responses") as provider:
            assert (await reply_of(provider)).finish == finish


@pytest.mark.parametrize("protocol", ["chat_completions", "responses"])
async def test_one_connection_serves_several_requests(protocol: Any) -> None:
    with ScriptedModelServer([Say("One."), Say("Two."), Say("Three.")], keep_alive=True) as server:
        async with provider_of(server, protocol) as provider:
            for _ in range(3):
                await reply_of(provider)
        assert server.connections == 1


async def test_giving_up_ends_the_request() -> None:
    with ScriptedModelServer([Say("A long text.", piece=1, pause_seconds=0.2)]) as server:
        async with provider_of(server, "responses") as provider:
            async with aclosing(provider.stream(request())) as events:  # type: ignore[type-var]
                assert isinstance(await anext(events), TextDelta)
            assert server.client_left.wait(5)
