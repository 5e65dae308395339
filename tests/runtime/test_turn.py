"""A turn over real HTTP: calls and results in pairs, interrupts at any moment, retries, limits, room."""

import asyncio
import json
import re
from pathlib import Path

import pytest
from scripted_model_server import (
    Call,
    Fail,
    Raw,
    Say,
    ScriptedModelServer,
    error_mid_stream,
    rate_limited,
    silence,
)
from turns import Word, asking, kinds, opened, tool, turn

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.runtime.events import Answered, Event, Steered, ToolEnded, TurnEnded, TurnStarted
from openmed_agent.runtime.limits import TurnLimits
from openmed_agent.runtime.permissions import Approve, PermissionPolicy, Reject
from openmed_agent.settings.permissions import PermissionMode


def word(text: str) -> str:
    return json.dumps({"word": text})


def ended(events: list[Event]) -> TurnEnded:
    last = events[-1]
    assert isinstance(last, TurnEnded)
    assert sum(isinstance(event, TurnEnded) for event in events) == 1
    return last


def results(events: list[Event]) -> list[ToolEnded]:
    return [event for event in events if isinstance(event, ToolEnded)]


async def test_an_answer_is_streamed_and_kept(tmp_path: Path) -> None:
    with ScriptedModelServer([Say("All is well.")]) as server:
        async with opened(tmp_path, server) as session:
            events = await turn(session, "How is it?")
            assert "".join(event.shown for event in events if event.type == "answer_delta") == "All is well."
            assert ended(events).outcome == "done"
            assert kinds(list(session.events)) == ["turn_started", "answered", "turn_ended"]
            assert [event.sequence for event in session.events] == [1, 2, 3]
    asked = server.conversations[0]
    assert [message["role"] for message in asked["messages"]] == ["system", "user"]
    assert asked["messages"][1]["content"] == "How is it?"


async def test_the_model_gets_each_result_and_goes_on(tmp_path: Path) -> None:
    script = [Say(calls=(Call("shout", word("cough")), Call("shout", word("fever"), "call_2"))), Say("Done.")]
    with ScriptedModelServer(script) as server:
        async with opened(tmp_path, server, [tool("shout")]) as session:
            events = await turn(session)
    assert [result.local_text for result in results(events)] == ["COUGH", "FEVER"]
    sent = server.conversations[1]["messages"]
    assert [message["role"] for message in sent[2:]] == ["assistant", "tool", "tool"]
    assert [message["content"] for message in sent[3:]] == ["COUGH", "FEVER"]
    assert [message["tool_call_id"] for message in sent[3:]] == [call["id"] for call in sent[2]["tool_calls"]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ('{"word": "cou', "too early"),
        ("{word: cough}", "not valid JSON"),
        ('{"word": "a", "word": "b"}', "twice"),
        ('{"word": "a", "more": 1}', "does not take"),
        ('{"word": 5}', "do not fit"),
        ("[]", "not a JSON object"),
    ],
)
async def test_arguments_that_cannot_be_used_are_told_to_the_model_and_never_run(
    tmp_path: Path, arguments: str, said: str
) -> None:
    ran: list[Word] = []
    with ScriptedModelServer([Say(calls=(Call("shout", arguments),)), Say("Sorry.")]) as server:
        async with opened(tmp_path, server, [tool("shout", ran.append)]) as session:
            events = await turn(session)
    assert not ran
    assert results(events)[0].outcome == "invalid"
    assert said in server.conversations[1]["messages"][-1]["content"]


async def test_the_last_call_of_an_answer_that_was_cut_off_is_never_run(tmp_path: Path) -> None:
    ran: list[str] = []
    calls = (Call("shout", word("one")), Call("shout", word("two"), "call_2"))
    with ScriptedModelServer([Say(calls=calls, finish="length"), Say("Sorry.")]) as server:
        async with opened(tmp_path, server, [tool("shout", lambda given: ran.append(given.word))]) as session:
            events = await turn(session)
    assert ran == ["one"]
    assert [result.outcome for result in results(events)] == ["done", "invalid"]


async def test_an_unknown_tool_is_an_error_for_the_model(tmp_path: Path) -> None:
    with ScriptedModelServer([Say(calls=(Call("shell", '{"command": "id"}'),)), Say("I see.")]) as server:
        async with opened(tmp_path, server, [tool("shout")]) as session:
            events = await turn(session)
    assert results(events)[0].outcome == "invalid"
    assert "shout" in server.conversations[1]["messages"][-1]["content"]


async def test_tools_that_only_read_run_side_by_side(tmp_path: Path) -> None:
    both = asyncio.Barrier(2)

    async def meet(given: Word) -> str:
        async with asyncio.timeout(5):
            await both.wait()
        return given.word

    calls = (Call("meet", word("a")), Call("meet", word("b"), "call_2"))
    with ScriptedModelServer([Say(calls=calls), Say("Done.")]) as server:
        async with opened(tmp_path, server, [tool("meet", meet, beside=True)]) as session:
            events = await turn(session)
    assert [result.outcome for result in results(events)] == ["done", "done"]


async def test_tools_that_change_something_run_one_after_the_other(tmp_path: Path) -> None:
    running: list[str] = []
    most = 0

    async def alone(given: Word) -> str:
        nonlocal most
        running.append(given.word)
        most = max(most, len(running))
        await asyncio.sleep(0.02)
        running.remove(given.word)
        return given.word

    calls = tuple(Call("write", word(str(number)), f"call_{number}") for number in range(4))
    policy = PermissionPolicy(mode=PermissionMode.AUTO, attended=False)
    with ScriptedModelServer([Say(calls=calls), Say("Done.")]) as server:
        async with opened(tmp_path, server, [tool("write", alone, read_only=False)], policy=policy) as session:
            events = await turn(session)
    assert most == 1
    assert len(results(events)) == 4


async def test_a_fault_of_a_tool_ends_its_call_and_not_the_session(tmp_path: Path) -> None:
    def fail(_: Word) -> str:
        raise KeyError("Okafor")

    with ScriptedModelServer([Say(calls=(Call("break", word("a")),)), Say("It failed.")]) as server:
        async with opened(tmp_path, server, [tool("break", fail)]) as session:
            events = await turn(session)
    assert results(events)[0].outcome == "failed"
    assert "KeyError" in results(events)[0].local_text
    assert b"Okafor" not in server.received
    assert ended(events).outcome == "done"


async def test_interrupting_a_tool_leaves_a_paired_result(tmp_path: Path) -> None:
    begun = asyncio.Event()

    async def wait(_: Word) -> str:
        begun.set()
        await asyncio.sleep(60)
        return "never"

    calls = (Call("wait", word("a")), Call("wait", word("b"), "call_2"))
    with ScriptedModelServer([Say(calls=calls), Say("Going on.")]) as server:
        async with opened(tmp_path, server, [tool("wait", wait)]) as session:

            async def interrupt() -> None:
                await begun.wait()
                session.control.interrupt()

            task = asyncio.create_task(interrupt())
            async with asyncio.timeout(5):
                events = await turn(session)
            await task
            assert ended(events).outcome == "interrupted"
            assert ended(events).exit_status == 130
            assert [result.outcome for result in results(events)] == ["interrupted", "interrupted"]
            again = await turn(session, "Go on.")
    assert ended(again).outcome == "done"
    roles = [message["role"] for message in server.conversations[1]["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "tool", "user"]


async def test_interrupting_an_answer_keeps_what_was_said(tmp_path: Path) -> None:
    with ScriptedModelServer([Say("word " * 200, piece=5, pause_seconds=0.02), Say("Yes.")]) as server:
        async with opened(tmp_path, server) as session:
            events: list[Event] = []
            async with asyncio.timeout(10):
                async for event in session.ask("Talk."):
                    events.append(event)
                    if sum(one.type == "answer_delta" for one in events) == 5:
                        session.control.interrupt()
            assert ended(events).outcome == "interrupted"
            answer = next(event for event in events if isinstance(event, Answered))
            assert answer.cut
            assert 5 <= answer.model_text.count("word") < 200
            await asyncio.to_thread(server.client_left.wait, 5)
            await turn(session, "Go on.")
    assert server.conversations[1]["messages"][2]["content"] == answer.model_text


async def test_an_endpoint_that_hangs_is_interrupted_at_once(tmp_path: Path) -> None:
    with ScriptedModelServer([silence()]) as server:
        async with opened(tmp_path, server) as session:
            asyncio.get_running_loop().call_later(0.3, session.control.interrupt)
            async with asyncio.timeout(3):
                events = await turn(session)
    assert ended(events).outcome == "interrupted"


async def test_a_detector_that_hangs_is_interrupted_at_once_and_nothing_is_kept(tmp_path: Path) -> None:
    async def hang(_: str) -> list[PiiFinding]:
        await asyncio.sleep(60)
        return []

    with ScriptedModelServer() as server:
        async with opened(tmp_path, server, mode=PhiMode.DEID, detect=hang) as session:
            asyncio.get_running_loop().call_later(0.3, session.control.interrupt)
            async with asyncio.timeout(3):
                events = await turn(session, "Is Mrs Okafor due?")
            assert ended(events).outcome == "interrupted"
            assert session.events == ()
    assert not server.requests


async def test_leaving_the_stream_ends_the_turn(tmp_path: Path) -> None:
    with ScriptedModelServer([Say("word " * 200, piece=5, pause_seconds=0.02)]) as server:
        async with opened(tmp_path, server) as session:
            stream = session.ask("Talk.")
            async for event in stream:
                if event.type == "answer_delta":
                    break
            await stream.aclose()
            last = session.events[-1]
            assert isinstance(last, TurnEnded)
            assert last.outcome == "interrupted"


async def test_steering_is_read_before_the_next_answer(tmp_path: Path) -> None:
    with ScriptedModelServer([Say(calls=(Call("look", word("a")),)), Say("Now with that.")]) as server:
        session_steer = []
        look = tool("look", lambda given: session_steer[0]() or given.word)
        async with opened(tmp_path, server, [look]) as session:
            session_steer.append(lambda: session.control.steer("Only the left side."))
            events = await turn(session)
    assert [event.shown for event in events if isinstance(event, Steered)] == ["Only the left side."]
    roles = [message["role"] for message in server.conversations[1]["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "user"]


async def test_steering_an_answer_that_asks_for_nothing_makes_it_go_on(tmp_path: Path) -> None:
    with ScriptedModelServer([Say("First.", pause_seconds=0.05), Say("Second.")]) as server:
        async with opened(tmp_path, server) as session:
            steered = False
            async for event in session.ask("Go."):
                if event.type == "answer_delta" and not steered:
                    session.control.steer("And the second?")
                    steered = True
    assert server.conversations[-1]["messages"][-1]["content"] == "And the second?"


async def test_what_was_queued_becomes_a_turn_of_its_own(tmp_path: Path) -> None:
    with ScriptedModelServer([Say("One."), Say("Two.")]) as server:
        async with opened(tmp_path, server) as session:
            session.control.queue("Next.")
            events = await turn(session, "First.")
    starts = [event.shown for event in events if isinstance(event, TurnStarted)]
    assert starts == ["First.", "Next."]


async def test_a_busy_endpoint_is_asked_again_after_the_pause_it_wants(tmp_path: Path) -> None:
    with ScriptedModelServer([rate_limited("1"), error_mid_stream(), Say("Here.")]) as server:
        async with opened(tmp_path, server) as session:
            events = await turn(session)
    retries = [event for event in events if event.type == "retrying"]
    assert retries[0].seconds == 1.0
    assert ended(events).outcome == "done"
    assert len(server.conversations) == 3


async def test_an_endpoint_that_asks_for_a_long_pause_ends_the_turn(tmp_path: Path) -> None:
    with ScriptedModelServer([rate_limited("3600")]) as server:
        async with opened(tmp_path, server) as session:
            events = await turn(session)
    assert ended(events).outcome == "failed"
    assert ended(events).exit_status == 5


@pytest.mark.parametrize(
    "reply",
    [
        Fail(401, {"error": {"message": "no key"}}),
        Raw((b"data: {not json}\n\n",)),
        Raw((b"<html></html>",), content_type="text/html"),
        Fail(404, {"error": {"message": "no such model", "code": "model_not_found"}}),
    ],
)
async def test_a_failing_endpoint_ends_the_turn_with_one_sentence(tmp_path: Path, reply: Fail | Raw) -> None:
    with ScriptedModelServer(lambda _: reply) as server:
        async with opened(tmp_path, server) as session:
            async with asyncio.timeout(20):
                events = await turn(session)
    last = ended(events)
    assert (last.outcome, last.exit_status) == ("failed", 5)
    assert last.shown
    assert not any(isinstance(event, Answered) for event in events)


async def test_tool_syntax_as_prose_is_no_answer(tmp_path: Path) -> None:
    leaked = '<tool_call>\n{"name": "shout", "arguments": {"word": "cough"}}\n</tool_call>'
    with ScriptedModelServer([Say(leaked)]) as server:
        async with opened(tmp_path, server, [tool("shout")]) as session:
            events = await turn(session)
    assert next(event for event in events if isinstance(event, Answered)).leaked_call
    assert ended(events).outcome == "failed"
    assert "endpoint-doctor" in ended(events).shown


async def test_a_turn_stops_at_its_limit_of_requests(tmp_path: Path) -> None:
    with ScriptedModelServer(lambda _: Say(calls=(Call("shout", word("again")),))) as server:
        async with opened(tmp_path, server, [tool("shout")], limits=TurnLimits(requests=3)) as session:
            events = await turn(session)
    assert len(server.conversations) == 3
    assert (ended(events).outcome, ended(events).exit_status) == ("limit", 7)


async def test_a_turn_stops_at_its_limit_of_time(tmp_path: Path) -> None:
    with ScriptedModelServer([Say("word " * 500, piece=5, pause_seconds=0.02)]) as server:
        async with opened(tmp_path, server, limits=TurnLimits(seconds=0.4)) as session:
            async with asyncio.timeout(5):
                events = await turn(session)
    assert (ended(events).outcome, ended(events).exit_status) == ("limit", 7)


async def test_what_changes_something_asks_and_a_refusal_is_told_with_its_reason(tmp_path: Path) -> None:
    ask, asked = asking(Reject("not that file"), Approve("session"))
    write = tool("write", read_only=False)
    script = [
        Say(calls=(Call("write", word("a.txt")),)),
        Say(calls=(Call("write", word("b.txt")),)),
        Say(calls=(Call("write", word("b.txt")),)),
        Say("Done."),
    ]
    with ScriptedModelServer(script) as server:
        async with opened(tmp_path, server, [write], ask=ask) as session:
            events = await turn(session)
    assert [question.subject for question in asked] == ["a.txt", "b.txt"]
    assert [result.outcome for result in results(events)] == ["refused", "done", "done"]
    assert "not that file" in server.conversations[1]["messages"][-1]["content"]


async def test_room_is_made_ahead_only_against_a_known_window(tmp_path: Path) -> None:
    long_answer = Say("x" * 1500, usage=None)
    for window, summaries in ((1200, 1), (None, 0)):
        script = [long_answer, long_answer, long_answer, Say("Notes."), Say("Fourth.")]
        with ScriptedModelServer(script) as server:
            async with opened(tmp_path / str(window), server, window=window) as session:
                for number in range(4):
                    events = await turn(session, f"Question {number}")
                    assert ended(events).outcome == "done"
                assert kinds(list(session.events)).count("compacted") == summaries


async def test_an_overflow_makes_room_and_goes_on(tmp_path: Path) -> None:
    overflow = Fail(400, {"error": {"message": "too long", "code": "context_length_exceeded"}})
    with ScriptedModelServer([Say("One."), overflow, Say("Summary of it."), Say("Two.")]) as server:
        async with opened(tmp_path, server) as session:
            await turn(session, "First.")
            events = await turn(session, "Second.")
    assert "compacted" in kinds(events)
    assert ended(events).outcome == "done"
    last = [message["content"] for message in server.conversations[-1]["messages"]]
    assert "Summary of it." in last[1]
    assert last[-1] == "Second."
    assert "First." not in last


async def test_room_is_made_whatever_a_detector_thinks_of_the_program_s_own_words(tmp_path: Path) -> None:
    async def suspicious(text: str) -> list[PiiFinding]:
        found = [re.search(word, text) for word in ("You write", "Write the")]
        return [PiiFinding(one.start(), one.end(), "last_name", 0.9, ("test",)) for one in found if one]

    overflow = Fail(400, {"error": {"message": "too long", "code": "context_length_exceeded"}})
    with ScriptedModelServer([Say("One."), overflow, Say("Notes."), Say("Two.")]) as server:
        async with opened(tmp_path, server, mode=PhiMode.DEID, detect=suspicious) as session:
            await turn(session, "First.")
            events = await turn(session, "Second.")
    assert ended(events).outcome == "done", ended(events).shown
    assert "compacted" in kinds(events)


async def test_undo_takes_the_last_turn_from_the_model_and_not_from_the_log(tmp_path: Path) -> None:
    with ScriptedModelServer([Say("One."), Say("Two."), Say("Three.")]) as server:
        async with opened(tmp_path, server) as session:
            await turn(session, "First.")
            await turn(session, "Second.")
            session.undo()
            await turn(session, "Third.")
            assert "Two." in [event.shown for event in session.events if isinstance(event, Answered)]
            assert [event.turn for event in session.events if isinstance(event, TurnStarted)] == [1, 2, 3]
    contents = [message["content"] for message in server.conversations[-1]["messages"]]
    assert contents[1:] == ["First.", "One.", "Third."]


async def test_a_session_goes_on_where_it_was_left(tmp_path: Path) -> None:
    with ScriptedModelServer([Say("One."), Say("Two.")]) as server:
        async with opened(tmp_path, server) as session:
            await turn(session, "First.")
            session_id = session.session_id
        async with opened(tmp_path, server, session_id=session_id) as session:
            await turn(session, "Second.")
    contents = [message["content"] for message in server.conversations[-1]["messages"]]
    assert contents[1:] == ["First.", "One.", "Second."]
