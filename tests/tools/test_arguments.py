"""A model's arguments: what is broken, guessed or too much never reaches a tool."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.tools.clinical import EXTRACT_ENTITIES
from openmed_agent.tools.files import READ_FILE
from openmed_agent.tools.invoke import MOST_ARGUMENTS, ArgumentsError, parse_arguments
from openmed_agent.tools.plan import READ_PLAN, UPDATE_PLAN


def failure(text: str) -> str:
    with pytest.raises(ArgumentsError) as caught:
        parse_arguments(READ_FILE, text)
    return caught.value.failure


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "truncated"),
        ("{", "truncated"),
        ('{"path": "a.txt"', "truncated"),
        ('{"path": "a.t', "truncated"),
        ('{"path": "a.txt",', "truncated"),
        ('{"path": }', "malformed"),
        ("path: a.txt", "malformed"),
        ('["a.txt"]', "malformed"),
        ('"a.txt"', "malformed"),
        ("null", "malformed"),
        ('{"path": "a.txt"} {"path": "b.txt"}', "malformed"),
        ('{"path": "a.txt", "limit": NaN}', "malformed"),
        ("[" * 100_000, "malformed"),
        ('{"path": "a.txt", "path": "b.txt"}', "repeated"),
        ('{"path": "a.txt", "approve": true}', "unknown"),
        ('{"file": "a.txt"}', "unknown"),
        ("{}", "invalid"),
        ('{"path": 7}', "invalid"),
        ('{"path": "a.txt", "limit": "5"}', "invalid"),
        ('{"path": "a.txt", "limit": 1.5}', "invalid"),
        ('{"path": "a.txt", "limit": 0}', "invalid"),
        ('{"path": "a.txt", "offset": true}', "invalid"),
        ('{"path": null}', "invalid"),
        (json.dumps({"path": "x" * MOST_ARGUMENTS}), "too_large"),
    ],
)
def test_what_cannot_be_used_is_said_by_kind(text: str, expected: str) -> None:
    assert failure(text) == expected


def test_a_sentence_names_fields_and_repeats_no_value() -> None:
    with pytest.raises(ArgumentsError) as caught:
        parse_arguments(EXTRACT_ENTITIES, '{"path": "Quackenbush.txt", "kinds": ["Quackenbush"]}')
    assert "kinds.0" in str(caught.value)
    assert "disease" in str(caught.value)
    assert "Quackenbush" not in str(caught.value)


def test_a_record_is_given_as_a_path_or_as_text_but_not_both() -> None:
    for text in ("{}", '{"path": "a", "text": "b"}'):
        with pytest.raises(ArgumentsError, match="give either path or text"):
            parse_arguments(EXTRACT_ENTITIES, text)


def test_no_text_at_all_is_fine_for_a_tool_without_arguments_only() -> None:
    for text in ("", " \n", "{}"):
        assert parse_arguments(READ_PLAN, text) is not None
    with pytest.raises(ArgumentsError):
        parse_arguments(READ_PLAN, "{")


def test_one_step_of_a_plan_may_be_active() -> None:
    steps = [{"title": "one", "state": "active"}, {"title": "two", "state": "active"}]
    with pytest.raises(ArgumentsError, match="only one step"):
        parse_arguments(UPDATE_PLAN, json.dumps({"steps": steps}))


@given(st.text(alphabet='{}[]":,0123abcpath \\', max_size=40))
def test_no_text_gets_through_unless_it_is_exactly_one_object_that_fits(text: str) -> None:
    try:
        arguments = parse_arguments(READ_FILE, text)
    except ArgumentsError:
        return
    assert json.loads(text)["path"] == arguments.path


@given(st.integers(1, 40))
def test_a_call_cut_off_anywhere_is_never_run(cut: int) -> None:
    whole = '{"path": "notes/progress_note.txt", "limit": 40}'
    with pytest.raises(ArgumentsError):
        parse_arguments(READ_FILE, whole[:-cut])
