"""The checks of an endpoint find the fault that a server has, and say what nobody can tell."""

from collections.abc import Callable
from typing import Any

import pytest
from scripted_model_server import (
    Call,
    Fail,
    Model,
    Raw,
    Reply,
    Say,
    ScriptedModelServer,
    ServerKind,
    error_mid_stream,
    event,
    web_page,
)

from openmed_agent.models.connection import ModelChoice
from openmed_agent.models.endpoint_doctor import CANARY, FILLER_WORDS, Check, examine
from openmed_agent.net.clients import discard_outbound

LARGE = Model("m", 32768)


def answers(
    counting: Reply | None = None, tool: Reply | None = None, several: Reply | None = None, canary: Reply | None = None
) -> Callable[[Any], Reply]:
    """Return a server that does all right but for what is given."""

    def answer(document: Any) -> Reply:
        text = document["messages"][-1]["content"]
        if "twice" in text:
            calls = (Call("report_word", '{"word":"left"}', "a"), Call("report_word", '{"word":"right"}', "b"))
            return several or Say(calls=calls)
        if document.get("tools"):
            return tool or Say(calls=(Call("report_word", '{"word":"ready"}'),))
        if CANARY in text:
            return canary or Say(f"It is {CANARY}.", usage=(FILLER_WORDS + 900, 4))
        return counting or Say("one two three four five six")

    return answer


async def checks_of(
    script: Callable[[Any], Reply],
    *,
    kind: ServerKind = "vllm",
    models: tuple[Model, ...] = (LARGE,),
    key: str | None = None,
    given: str = "",
    model: str | None = None,
) -> dict[str, Check]:
    with ScriptedModelServer(script, kind=kind, models=models, key=key) as server:
        headers = {"authorization": f"Bearer {given}"} if given else {}
        choice = ModelChoice(server.url, "chat_completions", "", "settings", credential=headers, timeout_seconds=5)
        return {check.subject: check async for check in examine(choice, discard_outbound, model=model)}


async def test_a_good_endpoint_has_no_fault() -> None:
    checks = await checks_of(answers(), key="sk-right", given="sk-right")
    assert {one.state for one in checks.values()} == {"ok"}
    assert list(checks) == [
        "reachable", "key", "models", "context", "streaming", "tools", "leaked calls", "several calls", "truncation",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("script", "subject", "state"),
    [
        (answers(counting=Say("one two three", piece=100)), "streaming", "unknown"),
        (answers(counting=web_page()), "streaming", "fault"),
        (answers(counting=error_mid_stream()), "streaming", "fault"),
        (answers(tool=Say("I cannot.")), "tools", "unknown"),
        (answers(tool=Fail(400, {"error": {"message": "m does not support tools"}})), "tools", "fault"),
        (answers(tool=Say(calls=(Call("other", "{}"),))), "tools", "fault"),
        (answers(tool=Say(calls=(Call("report_word", '{"word":'),))), "tools", "fault"),
        (answers(tool=Say('<tool_call>{"name": "report_word", "arguments": {"word": "ready"}}</tool_call>')),
         "leaked calls", "fault"),
        (answers(tool=Say('report_word(word="ready")')), "leaked calls", "fault"),
        (answers(several=Say(calls=(Call("report_word", '{"word":"left"}'),))), "several calls", "unknown"),
        (answers(several=Raw((
            event({"choices": [{"delta": {"tool_calls": [
                {"index": 0, "id": "a", "function": {"name": "report_word", "arguments": '{"word":"le'}},
                {"index": 1, "id": "b", "function": {"name": "report_word", "arguments": '{"word":"ri'}}]}}]}),
            event({"choices": [{"delta": {"tool_calls": [
                {"index": 0, "function": {"arguments": 'ft"}ght"}'}}]}, "finish_reason": "tool_calls"}]}),
            b"data: [DONE]\n\n"))), "several calls", "fault"),
        (answers(canary=Say("river", usage=(4096, 1))), "truncation", "fault"),
        (answers(canary=Say("river", usage=(FILLER_WORDS + 900, 1))), "truncation", "unknown"),
        (answers(canary=Say("river", usage=None)), "truncation", "unknown"),
        (answers(canary=Fail(400, {"error": {"code": "context_length_exceeded"}})), "truncation", "ok"),
    ],
)  # fmt: skip
async def test_each_check_tells_its_own_fault(script: Callable[[Any], Reply], subject: str, state: str) -> None:
    checks = await checks_of(script)
    assert checks[subject].state == state
    if state == "fault":
        assert checks[subject].remedy


async def test_a_window_that_is_unknown_or_too_small_is_said() -> None:
    assert (await checks_of(answers(), kind="openai"))["context"].state == "unknown"
    assert (await checks_of(answers(), models=(Model("m", 4096),)))["context"].state == "fault"


async def test_an_endpoint_whose_only_model_says_that_it_takes_no_tools_is_examined_all_the_same() -> None:
    checks = await checks_of(answers(tool=Say("I cannot.")), models=(Model("small", 32_000, tools=False),))
    assert checks["streaming"].state == "ok"
    assert checks["tools"].state == "unknown"
    assert checks["truncation"].state == "ok"


async def test_a_wrong_key_ends_the_examination() -> None:
    checks = await checks_of(answers(), key="sk-right", given="sk-wrong")
    assert [(one.subject, one.state) for one in checks.values()] == [("reachable", "ok"), ("key", "fault")]
    assert "sk-wrong" not in str(checks)


async def test_a_model_that_is_not_there_is_said() -> None:
    assert (await checks_of(answers(), models=()))["models"].state == "fault"
    assert (await checks_of(answers(), model="other"))["models"].state == "fault"


async def test_nothing_answers() -> None:
    with ScriptedModelServer() as server:
        url = server.url
    choice = ModelChoice(url, "chat_completions", "", "settings", timeout_seconds=2)
    checks = [check async for check in examine(choice, discard_outbound, model=None)]
    assert [(one.subject, one.state) for one in checks] == [("reachable", "fault")]
