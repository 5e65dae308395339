"""Anthropic's Messages against a server that behaves and against ways of misbehaving."""

from typing import Any

import pytest
from asking import LIST_FILES, cleared, events_of, provider_of, reply_of, request
from scripted_model_server import Call, Fail, Raw, Reply, Say, ScriptedModelServer, event, rate_limited, web_page

from openmed_agent.models.connection import ModelChoice, key_headers, open_provider
from openmed_agent.models.messages import AssistantMessage, ToolCall, ToolMessage, UserMessage
from openmed_agent.models.provider import (
    CallStarted,
    ModelError,
    ModelFailure,
    ModelRequest,
    ReasoningDelta,
    TextDelta,
)
from openmed_agent.net.clients import discard_outbound


def block(kind: str, **fields: object) -> bytes:
    return event({"type": kind, **fields}, kind)


async def test_an_answer_streams_and_ends_with_the_whole_of_it() -> None:
    calls = (Call("list_files", '{"folder": "é"}', "toolu_1"), Call("list_files", "", "toolu_2"))
    with ScriptedModelServer([Say("Let me look.", calls, reasoning="Think.", usage=(12, 3), cached=4)]) as server:
        async with provider_of(server, "anthropic") as provider:
            events = await events_of(provider, request(tools=(LIST_FILES,)))
    assert "".join(one.text for one in events if isinstance(one, TextDelta)) == "Let me look."
    assert "".join(one.text for one in events if isinstance(one, ReasoningDelta)) == "Think."
    assert [one.name for one in events if isinstance(one, CallStarted)] == ["list_files", "list_files"]
    last: Any = events[-1]
    assert last.finish == "tool_calls"
    # The protocol sends nothing for an object without fields; its block says that it ended whole.
    assert [(one.call_id, one.arguments) for one in last.calls] == [("toolu_1", '{"folder": "é"}'), ("toolu_2", "{}")]
    # All that was read is the sum of what was new and what was cached.
    assert (last.usage.input_tokens, last.usage.output_tokens, last.usage.cached_tokens) == (16, 3, 4)


async def test_the_conversation_comes_in_turns_that_alternate() -> None:
    conversation = (
        UserMessage("Which files?"),
        AssistantMessage("", (ToolCall("c.1", "list_files", '{"folder":"x"}'), ToolCall("c2", "list_files", '{"cut'))),
        ToolMessage("c.1", "a.txt"),
        ToolMessage("c2", "no JSON", failed=True),
        UserMessage("Go on."),
    )
    asked = ModelRequest("m", "Be brief.", conversation, (LIST_FILES,), "medium")
    with ScriptedModelServer([Say("Done.")], key="sk-right") as server:
        headers = key_headers("anthropic", "sk-right")
        provider = open_provider(
            ModelChoice(server.url, "anthropic", "m", "settings", credential=headers), cleared, discard_outbound
        )
        await reply_of(provider, asked)
        await provider.close()
        sent = server.conversations[0]
        received = server.requests[0]
    assert received.path == "/v1/messages"
    assert (received.header("x-api-key"), received.header("authorization")) == ("sk-right", None)
    assert received.header("anthropic-version") == "2023-06-01"
    assert (sent["system"], sent["output_config"]) == ("Be brief.", {"effort": "medium"})
    assert sent["max_tokens"] > 0
    assert [one["role"] for one in sent["messages"]] == ["user", "assistant", "user"]
    used, results = sent["messages"][1]["content"], sent["messages"][2]["content"]
    assert [one["type"] for one in used] == ["tool_use", "tool_use"]
    assert used[0]["input"] == {"folder": "x"}
    assert list(used[1]["input"].values()) == ['{"cut']
    assert [one["type"] for one in results] == ["tool_result", "tool_result", "text"]
    assert [one["tool_use_id"] for one in results[:2]] == [one["id"] for one in used]
    assert len({one["id"] for one in used}) == 2
    assert [one["is_error"] for one in results[:2]] == [False, True]


async def test_a_call_that_was_cut_off_has_no_arguments() -> None:
    pieces = (
        block("message_start", message={"usage": {"input_tokens": 5}}),
        block("content_block_start", index=0, content_block={"type": "tool_use", "id": "t", "name": "list_files"}),
        block("message_delta", delta={"stop_reason": "max_tokens"}, usage={"output_tokens": 9}),
        block("message_stop"),
    )
    with ScriptedModelServer([Raw(pieces)]) as server:
        async with provider_of(server, "anthropic") as provider:
            last = await reply_of(provider)
    assert (last.finish, last.calls[0].arguments) == ("length", "")


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Say("A longer text.", cut_after=4), ModelFailure.PROTOCOL),
        (Raw((block("message_stop"),)), ModelFailure.PROTOCOL),
        (Say("", finish="end_turn"), ModelFailure.PROTOCOL),
        (Say("", finish="model_context_window_exceeded"), ModelFailure.OVERFLOW),
        (Say("x", finish="because"), ModelFailure.PROTOCOL),
        (Raw((block("error", error={"type": "overloaded_error", "message": "planted"}),)), ModelFailure.SERVER),
        (Raw((event({"planted": 1}),)), ModelFailure.PROTOCOL),
        (web_page(), ModelFailure.PROTOCOL),
        (rate_limited(), ModelFailure.RATE_LIMIT),
        (Fail(529, {"type": "error", "error": {"type": "overloaded_error", "message": "planted"}}),
         ModelFailure.SERVER),
        (Fail(400, {"type": "error", "error": {"type": "invalid_request_error",
                    "message": "prompt is too long: 210000 tokens > 200000 maximum"}}), ModelFailure.OVERFLOW),
        (Fail(401, {"type": "error", "error": {"type": "authentication_error", "message": "planted"}}),
         ModelFailure.AUTHENTICATION),
        (Fail(404, {"type": "error", "error": {"type": "not_found_error", "message": "model: planted"}}),
         ModelFailure.NOT_FOUND),
    ],
)  # fmt: skip
async def test_what_is_no_answer_is_an_error_that_repeats_nothing(reply: Reply, kind: ModelFailure) -> None:
    with ScriptedModelServer([reply]) as server:
        async with provider_of(server, "anthropic") as provider:
            with pytest.raises(ModelError) as raised:
                await reply_of(provider)
    assert raised.value.failure is kind
    assert "planted" not in str(raised.value)


async def test_a_refusal_is_an_answer_of_its_own_kind() -> None:
    with ScriptedModelServer([Say("I can't.", finish="refusal")]) as server:
        async with provider_of(server, "anthropic") as provider:
            assert (await reply_of(provider)).finish == "refused"
