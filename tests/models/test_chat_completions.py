"""Chat Completions against a server that behaves, and against every way of misbehaving."""

import asyncio
import json
from contextlib import aclosing
from typing import Any

import pytest
from asking import LIST_FILES, cleared, events_of, provider_of, reply_of, request
from scripted_model_server import (
    Call,
    Fail,
    Raw,
    Reply,
    Say,
    ScriptedModelServer,
    error_mid_stream,
    event,
    rate_limited,
    redirect,
    silence,
    web_page,
)

from openmed_agent.errors import NotPermittedError
from openmed_agent.models.connection import ModelChoice, open_provider
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
from openmed_agent.net.outbound_text import OutboundText


def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
    return event({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def stream(*pieces: bytes) -> Raw:
    return Raw((*pieces, b"data: [DONE]\n\n"))


async def answer(reply: Reply, **settings: Any) -> Any:
    with ScriptedModelServer([reply]) as server:
        async with provider_of(server, **settings) as provider:
            return await reply_of(provider)


async def failure(reply: Reply, **settings: Any) -> ModelError:
    with pytest.raises(ModelError) as raised:
        await answer(reply, **settings)
    return raised.value


async def test_an_answer_streams_and_ends_with_the_whole_of_it() -> None:
    said = "Naïve 🩺 text\nin two lines."
    with ScriptedModelServer([Say(said, reasoning="First think.", usage=(120, 9), cached=64)]) as server:
        async with provider_of(server) as provider:
            events = await events_of(provider)
    texts = [one.text for one in events if isinstance(one, TextDelta)]
    assert len(texts) > 1
    assert "".join(texts) == said
    assert "".join(one.text for one in events if isinstance(one, ReasoningDelta)) == "First think."
    last: Any = events[-1]
    assert (last.text, last.calls, last.finish) == (said, (), "stop")
    assert (last.usage.input_tokens, last.usage.output_tokens, last.usage.cached_tokens) == (120, 9, 64)


async def test_calls_that_come_in_turns_keep_their_own_arguments() -> None:
    calls = (Call("list_files", '{"folder": "notes"}', "call_a"), Call("read_file", '{"path": "a b.txt"}', "call_b"))
    with ScriptedModelServer([Say("Looking.", calls=calls, interleave=True, piece=3)]) as server:
        async with provider_of(server) as provider:
            events = await events_of(provider, request(tools=(LIST_FILES,)))
    started = [(one.index, one.name) for one in events if isinstance(one, CallStarted)]
    assert started == [(0, "list_files"), (1, "read_file")]
    last: Any = events[-1]
    assert last.finish == "tool_calls"
    assert [(one.call_id, one.name, one.arguments) for one in last.calls] == [
        ("call_a", "list_files", '{"folder": "notes"}'),
        ("call_b", "read_file", '{"path": "a b.txt"}'),
    ]


async def test_the_request_holds_the_whole_conversation() -> None:
    conversation = (
        UserMessage("Which files?"),
        AssistantMessage("Let me look.", (ToolCall("c1", "list_files", '{"folder":"x"}'),)),
        ToolMessage("c1", "a.txt"),
        AssistantMessage("", (ToolCall("c2", "list_files", '{"folder":"cut of'),)),
        ToolMessage("c2", "The arguments are no JSON.", failed=True),
    )
    asked = ModelRequest("scripted-model", "Be brief.", conversation, (LIST_FILES,), "low", 500)
    with ScriptedModelServer([Say("Done.")]) as server:
        async with provider_of(server) as provider:
            await reply_of(provider, asked)
        sent = server.conversations[0]
    assert sent["stream"] is True
    assert sent["stream_options"] == {"include_usage": True}
    assert (sent["model"], sent["reasoning_effort"], sent["max_tokens"]) == ("scripted-model", "low", 500)
    assert sent["tools"][0]["function"]["name"] == "list_files"
    roles = [one["role"] for one in sent["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "tool"]
    assert sent["messages"][2]["tool_calls"][0]["function"]["arguments"] == '{"folder":"x"}'
    # Several servers refuse a whole conversation for one old call that does not parse; its words stay.
    malformed = json.loads(sent["messages"][4]["tool_calls"][0]["function"]["arguments"])
    assert list(malformed.values()) == ['{"folder":"cut of']


async def test_what_is_sent_is_what_the_seal_returned_and_names_nothing_of_this_machine() -> None:
    reported = []
    body = b'{"model":"other","messages":[],"stream":true}'

    async def replaced(_: bytes) -> OutboundText:
        return OutboundText(body)

    with ScriptedModelServer([Say("Hi.")], key="sk-right") as server:
        choice = ModelChoice(
            server.url, "chat_completions", "m", "settings", credential={"authorization": "Bearer sk-right"}
        )
        provider = open_provider(choice, replaced, reported.append)
        await reply_of(provider)
        await provider.close()
        received = server.requests[0]
    assert received.body == body
    assert [(one.kind, one.host, one.sent_bytes) for one in reported] == [("model", choice.host, len(body))]
    names = {name.lower() for name, _ in received.headers}
    assert names == {
        "host",
        "user-agent",
        "accept",
        "accept-encoding",
        "content-type",
        "content-length",
        "authorization",
    }
    assert received.header("user-agent") == "openmed"


async def test_keys_and_accounts_of_the_environment_reach_no_other_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_ADMIN_KEY", "OPENAI_CUSTOM_HEADERS"):
        monkeypatch.setenv(name, "planted-header: planted")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://planted.example/v1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with ScriptedModelServer([Say("Hi.")]) as server:
        async with provider_of(server) as provider:
            await reply_of(provider)
        assert b"planted" not in server.received
        assert server.requests[0].header("authorization") is None


async def test_a_seal_that_refuses_sends_nothing() -> None:
    async def refused(_: bytes) -> OutboundText:
        raise NotPermittedError("An identifier is in it.")

    reported: list[object] = []
    with ScriptedModelServer([Say("Hi.")]) as server:
        provider = open_provider(ModelChoice(server.url, "chat_completions", "m", "settings"), refused, reported.append)
        with pytest.raises(NotPermittedError, match="An identifier"):
            await reply_of(provider)
        await provider.close()
        assert server.requests == []
    assert reported == []


async def test_a_server_that_refuses_an_option_by_name_is_asked_without_it_and_not_again() -> None:
    with ScriptedModelServer([Say("One."), Say("Two.")], refused_parameters=("stream_options",)) as server:
        async with provider_of(server) as provider:
            assert (await reply_of(provider)).text == "One."
            assert (await reply_of(provider)).text == "Two."
        assert ["stream_options" in one for one in server.conversations] == [True, False, False]


async def test_the_limit_of_an_answer_goes_by_either_name() -> None:
    words = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    refusal = Fail(400, {"error": {"message": words, "param": "max_tokens", "code": "unsupported_parameter"}})
    with ScriptedModelServer([refusal, Say("One.")]) as server:
        async with provider_of(server) as provider:
            await reply_of(provider, ModelRequest("m", "", (UserMessage("x"),), max_output_tokens=7))
        assert server.conversations[0]["max_tokens"] == 7
        assert server.conversations[1]["max_completion_tokens"] == 7
        assert "max_tokens" not in server.conversations[1]


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_reasoning_is_told_from_the_answer(field: str) -> None:
    assert (await answer(Say("Four.", reasoning="2 + 2", reasoning_field=field))).text == "Four."


@pytest.mark.parametrize("piece", [1, 3, 100])
async def test_a_thought_that_a_server_left_in_the_text_is_no_answer(piece: int) -> None:
    with ScriptedModelServer([Say("<think>a < b</thin k></think>\n\nSo < <think> it is.", piece=piece)]) as server:
        async with provider_of(server) as provider:
            events = await events_of(provider)
    assert "".join(one.text for one in events if isinstance(one, ReasoningDelta)) == "a < b</thin k>"
    last: Any = events[-1]
    assert last.text.lstrip("\n") == "So < <think> it is."


@pytest.mark.parametrize(
    ("finish", "expected"),
    [("stop", "stop"), ("eos", "stop"), ("length", "length"), ("content_filter", "refused"), ("tool_calls", "stop")],
)
async def test_finishes(finish: str, expected: str) -> None:
    assert (await answer(Say("Some text.", finish=finish))).finish == expected


async def test_a_refusal_is_an_answer_of_its_own_kind() -> None:
    refused = await answer(Say(refusal="I can't help with that."))
    assert (refused.text, refused.finish) == ("I can't help with that.", "refused")


async def test_arguments_that_were_cut_off_stay_cut_off() -> None:
    cut = await answer(Say(calls=(Call("list_files", '{"folder": "no'),), finish="length"))
    assert cut.finish == "length"
    assert cut.calls[0].arguments == '{"folder": "no'


async def test_a_call_without_arguments_is_not_given_any() -> None:
    assert (await answer(Say(calls=(Call("list_files", ""),)))).calls[0].arguments == ""


async def test_a_complete_answer_is_not_held_back_by_a_server_that_stays_silent() -> None:
    reply = Raw((chunk({"content": "Done."}), chunk({}, "stop")), hang=True)
    with ScriptedModelServer([reply]) as server:
        async with provider_of(server, timeout_seconds=1) as provider:
            assert (await asyncio.wait_for(reply_of(provider), 20)).text == "Done."


@pytest.mark.parametrize(
    ("reply", "kind", "transient"),
    [
        (Say("A longer text than seven.", cut_after=3), ModelFailure.PROTOCOL, True),
        (Raw((b"",)), ModelFailure.PROTOCOL, True),
        (stream(), ModelFailure.PROTOCOL, True),
        (stream(chunk({}, "stop")), ModelFailure.PROTOCOL, True),
        (stream(chunk({"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]}, "tool_calls")),
         ModelFailure.PROTOCOL, False),
        (stream(chunk({}, "length")), ModelFailure.OVERFLOW, False),
        (stream(chunk({"content": "x"}, "because")), ModelFailure.PROTOCOL, False),
        (stream(chunk({"content": "x"}, "error")), ModelFailure.SERVER, True),
        (stream(b"data: {\"choices\": [\n\n"), ModelFailure.PROTOCOL, False),
        (stream(b"data: \xff\xfe\n\n"), ModelFailure.PROTOCOL, False),
        (stream(b"data: null\n\n"), ModelFailure.PROTOCOL, False),
        (stream(b"data: [1]\n\n"), ModelFailure.PROTOCOL, False),
        (stream(event({"choices": [{"delta": {"content": ["planted"]}}]})), ModelFailure.PROTOCOL, False),
        (stream(event({"hello": "planted"})), ModelFailure.PROTOCOL, False),
        (stream(b"data: " + b"[" * 100_000 + b"\n\n"), ModelFailure.PROTOCOL, False),
        (web_page(), ModelFailure.PROTOCOL, False),
        (Raw((b'{"object": "chat.completion"}',), content_type="application/json"), ModelFailure.PROTOCOL, False),
        (error_mid_stream(message="planted words"), ModelFailure.SERVER, True),
        (Raw((b'{"error": "planted"}',), content_type="application/json"), ModelFailure.SERVER, True),
        (redirect("http://127.0.0.1:9/planted"), ModelFailure.PROTOCOL, False),
        (rate_limited(), ModelFailure.RATE_LIMIT, True),
        (Fail(401, {"error": {"message": "planted", "code": "invalid_api_key"}}), ModelFailure.AUTHENTICATION, False),
        (Fail(403, b"planted", content_type="text/plain"), ModelFailure.AUTHENTICATION, False),
        (Fail(404, {"error": {"message": "The model `planted` does not exist", "code": "model_not_found"}}),
         ModelFailure.NOT_FOUND, False),
        (Fail(404, {"error": "model 'planted' not found, try pulling it first"}), ModelFailure.NOT_FOUND, False),
        (Fail(404, b"404 page not found"), ModelFailure.NOT_FOUND, False),
        (Fail(400, {"error": {"message": "planted"}}), ModelFailure.PROTOCOL, False),
        (Fail(500, b"<html>planted</html>", content_type="text/html"), ModelFailure.SERVER, True),
        (Fail(503, {"error": {"message": "Loading planted model", "type": "unavailable_error"}}),
         ModelFailure.SERVER, True),
        (Fail(429, {"error": {"message": "planted", "code": "insufficient_quota"}}), ModelFailure.RATE_LIMIT, False),
    ],
)  # fmt: skip
async def test_what_is_no_answer_is_an_error_that_repeats_nothing(
    reply: Reply,
    kind: ModelFailure,
    transient: bool,  # noqa: FBT001
) -> None:
    error = await failure(reply)
    assert (error.failure, error.transient) == (kind, transient)
    assert "planted" not in str(error)


@pytest.mark.parametrize(
    "error",
    [
        {"message": "planted", "type": "invalid_request_error", "code": "context_length_exceeded"},
        {"code": 400, "message": "the request exceeds the available context size, try increasing it",
         "type": "exceed_context_size_error", "n_prompt_tokens": 9000, "n_ctx": 4096},
        {"message": "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.",
         "type": "BadRequestError", "code": 400},
        {"message": "The decoder prompt (length 9000) is longer than the maximum model length of 4096."},
        {"message": "Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded "
                    "with context length of only 4096 tokens, which is not enough."},
        {"message": "This endpoint's maximum context length is 32768 tokens. However, you requested about 40000."},
        {"message": "prompt is too long: 210000 tokens > 200000 maximum", "type": "invalid_request_error"},
        {"message": "the input length exceeds the context length"},
        {"message": "The input token count (40000) exceeds the maximum number of tokens allowed (32768)."},
        {"message": "This model's maximum prompt length is 8192 but the request contains 9000 tokens."},
    ],
)  # fmt: skip
async def test_every_wording_of_a_conversation_that_is_too_long(error: dict[str, Any]) -> None:
    assert (await failure(Fail(400, {"error": error}))).failure is ModelFailure.OVERFLOW
    assert (await failure(Raw((event({"error": error}),)))).failure is ModelFailure.OVERFLOW


async def test_a_text_about_context_is_no_overflow() -> None:
    words = "Invalid value for 'context': length must be positive. The prompt is missing."
    assert (await failure(Fail(400, {"error": {"message": words}}))).failure is ModelFailure.PROTOCOL


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("not a time", None), ("-1", None)])
async def test_retry_after_is_handed_on_where_it_can_be_read(header: str, seconds: float | None) -> None:
    assert (await failure(rate_limited(header))).retry_after_seconds == seconds


async def test_a_silent_server_is_given_up() -> None:
    assert (await failure(silence(), timeout_seconds=0.3)).failure is ModelFailure.TIMEOUT


async def test_a_server_that_is_not_there() -> None:
    with ScriptedModelServer() as server:
        url = server.url
    provider = open_provider(ModelChoice(url, "chat_completions", "m", "settings"), cleared, discard_outbound)
    with pytest.raises(ModelError) as raised:
        await reply_of(provider)
    await provider.close()
    assert raised.value.failure is ModelFailure.UNREACHABLE
    assert raised.value.transient


async def test_giving_up_ends_the_request_at_once() -> None:
    with ScriptedModelServer([Say("A long text that takes its time.", piece=1, pause_seconds=0.2)]) as server:
        async with provider_of(server) as provider, aclosing(provider.stream(request())) as events:  # type: ignore[type-var]
            assert isinstance(await anext(events), TextDelta)
        assert await asyncio.to_thread(server.client_left.wait, 5)


async def test_cancellation_ends_the_request_at_once() -> None:
    with ScriptedModelServer([silence()]) as server:
        async with provider_of(server) as provider:
            task = asyncio.create_task(reply_of(provider))
            assert await asyncio.to_thread(server.asked.wait, 10)
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await asyncio.to_thread(server.client_left.wait, 5)


async def test_the_sdk_prints_no_conversation(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OPENAI_LOG", "debug")
    with caplog.at_level("DEBUG"), ScriptedModelServer([Say("planted answer")]) as server:
        async with provider_of(server) as provider:
            await reply_of(provider, request(UserMessage("planted question")))
    assert "planted" not in caplog.text
