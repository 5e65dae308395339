"""Calls in pieces, as well-behaved and as sloppy servers send them."""

import json
import re
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from openmed_agent.models.call_assembly import (
    CallAssembly,
    CallPiece,
    FunctionPiece,
    replayable_arguments,
    with_own_ids,
)
from openmed_agent.models.messages import AssistantMessage, ToolCall, ToolMessage, UserMessage


def piece(
    index: int | None = None,
    call_id: str | None = None,
    name: str | None = None,
    arguments: str | dict[str, object] | None = None,
) -> CallPiece:
    return CallPiece(index=index, id=call_id, function=FunctionPiece(name=name, arguments=arguments))


def assembled(*pieces: CallPiece) -> list[tuple[str, str]]:
    assembly = CallAssembly()
    for one in pieces:
        assembly.add(one)
    return [(call.name, call.arguments) for call in assembly.calls()]


def test_pieces_out_of_order_of_their_index() -> None:
    found = assembled(
        piece(1, "b", "second", ""), piece(0, "a", "first", ""), piece(1, None, None, '{"b"'),
        piece(0, None, None, "{}"), piece(1, None, None, ":1}"),
    )  # fmt: skip
    assert found == [("second", '{"b":1}'), ("first", "{}")]


def test_calls_without_an_index_that_come_whole() -> None:
    assert assembled(piece(None, "a", "one", '{"x":1}'), piece(None, "b", "one", '{"x":2}')) == [
        ("one", '{"x":1}'),
        ("one", '{"x":2}'),
    ]
    assert assembled(piece(None, None, "one", '{"x":1}'), piece(None, None, "one", '{"x":2}')) == [
        ("one", '{"x":1}'),
        ("one", '{"x":2}'),
    ]


def test_calls_that_all_have_the_same_index() -> None:
    assert assembled(piece(0, "a", "one", '{"x":1}'), piece(0, "b", "two", "{}"), piece(0, None, None, "")) == [
        ("one", '{"x":1}'),
        ("two", "{}"),
    ]
    assert assembled(piece(0, None, "one", '{"x":1}'), piece(0, None, "one", '{"x":2}')) == [
        ("one", '{"x":1}'),
        ("one", '{"x":2}'),
    ]
    assert assembled(piece(0, "a", "one", ""), piece(0, "b", "two", "{}")) == [("one", ""), ("two", "{}")]


def test_calls_that_all_have_the_same_id() -> None:
    assert assembled(piece(None, "a", "one", "{}"), piece(None, "a", "two", "{}")) == [("one", "{}"), ("two", "{}")]
    assert assembled(piece(0, "a", "one", "{}"), piece(1, "a", "one", '{"x":1}')) == [("one", "{}"), ("one", '{"x":1}')]


def test_a_name_and_id_that_are_repeated_with_every_piece() -> None:
    assert assembled(*(piece(0, "a", "one", part) for part in ('{"x"', ': "{}"', "}"))) == [("one", '{"x": "{}"}')]
    assert assembled(*(piece(0, f"id{n}", "one", part) for n, part in enumerate(('{"x"', ": 1", "}")))) == [
        ("one", '{"x": 1}')
    ]


def test_a_name_in_pieces_is_told_once_it_is_whole() -> None:
    assembly = CallAssembly()
    told = [assembly.add(one) for one in (piece(0, "a", "list_"), piece(0, None, "files"), piece(0, None, None, "{"))]
    assert [[start.name for start in one] for one in told] == [[], [], ["list_files"]]
    assert assembly.finish() == ()


def test_arguments_that_are_an_object_become_its_json() -> None:
    assert json.loads(assembled(piece(0, "a", "one", {"name": "Zoë"}))[0][1]) == {"name": "Zoë"}


def test_every_call_has_an_id_of_its_own() -> None:
    history = (AssistantMessage("", (ToolCall("call_1", "one", "{}"),)),)
    assembly = CallAssembly(history)
    for one in (piece(0, "call_1", "one", "{}"), piece(1, None, "two", "{}"), piece(2, "x", "three", "{}"),
                piece(3, "x", "four", "{}")):  # fmt: skip
        assembly.add(one)
    ids = [call.call_id for call in assembly.calls()]
    assert len({*ids, "call_1"}) == 5
    assert ids[2] == "x"
    assert all(re.fullmatch(r"[a-z]{9}", one) for one in (ids[0], ids[1], ids[3]))


calls = st.lists(
    st.tuples(st.sampled_from(["list_files", "read_file", "search"]), st.dictionaries(st.text(max_size=5), st.text())),
    min_size=1,
    max_size=5,
)


@settings(max_examples=40, deadline=None)
@given(calls, st.integers(1, 9), st.randoms(use_true_random=False))
def test_calls_cut_and_mixed_in_any_way_come_back_whole(
    given_calls: list[tuple[str, dict[str, str]]],
    size: int,
    mix: Random,
) -> None:
    rows = []
    for index, (name, value) in enumerate(given_calls):
        text = json.dumps(value)
        parts = [text[at : at + size] for at in range(0, len(text), size)]
        rows.append([piece(index, f"id{index}", name, ""), *(piece(index, None, None, part) for part in parts)])
    assembly = CallAssembly()
    for row in rows:
        assembly.add(row.pop(0))
    while any(rows):
        assembly.add(mix.choice([row for row in rows if row]).pop(0))
    assert [(call.name, json.loads(call.arguments)) for call in assembly.calls()] == given_calls


@settings(deadline=None)
@given(st.text())
def test_arguments_in_a_history_are_always_an_object_and_lose_nothing(text: str) -> None:
    replayed = json.loads(replayable_arguments(text))
    assert isinstance(replayed, dict)
    try:
        whole = isinstance(json.loads(text), dict)
    except ValueError:
        whole = False
    assert whole or not text.strip() or list(replayed.values()) == [text]


def test_hostile_pieces_take_no_more_than_linear_work() -> None:
    assembly = CallAssembly()
    for _ in range(20_000):
        assembly.add(piece(0, "a", "one", "}" * 10))
    assert len(assembly.calls()[0].arguments) == 200_000


def test_ids_on_their_way_out_are_ours_and_still_tie_each_result_to_its_call() -> None:
    conversation = (
        UserMessage("x"),
        AssistantMessage("", (ToolCall("123-45-6789", "one", "{}"), ToolCall("b", "two", "{}"))),
        ToolMessage("b", "second"),
        ToolMessage("123-45-6789", "first"),
        AssistantMessage("", tuple(ToolCall(f"c{n}", "one", "{}") for n in range(30))),
        *(ToolMessage(f"c{n}", str(n)) for n in range(30)),
    )
    sent = with_own_ids(conversation)
    calls = [call.call_id for message in sent if isinstance(message, AssistantMessage) for call in message.calls]
    results = {one.call_id: one.text for one in sent if isinstance(one, ToolMessage)}
    assert all(re.fullmatch("[a-z]{9}", one) for one in calls)
    assert len(set(calls)) == 32
    assert [results[one] for one in calls] == ["first", "second", *map(str, range(30))]
    assert with_own_ids(conversation[:4]) == sent[:4]  # a conversation that grows keeps its beginning
