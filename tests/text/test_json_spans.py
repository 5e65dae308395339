"""Positions, strictness and bounds of the JSON reader."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openmed_agent.errors import InputError
from openmed_agent.text.json_spans import (
    JsonArray,
    JsonLiteral,
    JsonNumber,
    JsonObject,
    JsonString,
    JsonValue,
    parse_json,
)


def plain(value: JsonValue) -> Any:
    match value:
        case JsonObject():
            return {name: plain(member) for name, member in value.members.items()}
        case JsonArray():
            return [plain(item) for item in value]
        case JsonNumber():
            return json.loads(value.text)
        case JsonString() | JsonLiteral():
            return value.value


def every(value: JsonValue) -> list[JsonValue]:
    match value:
        case JsonObject():
            return [value, *(inner for member in value.members.values() for inner in every(member))]
        case JsonArray():
            return [value, *(inner for item in value for inner in every(item))]
        case _:
            return [value]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=("Cs",))), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(deadline=None)
@given(value=json_values, indent=st.sampled_from([None, 0, 2]), ascii_only=st.booleans())
def test_reads_what_the_standard_library_wrote(value: Any, indent: int | None, *, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert plain(parse_json(text)) == value


@settings(deadline=None)
@given(value=json_values, indent=st.sampled_from([None, 2]), ascii_only=st.booleans())
def test_every_span_holds_its_own_value(value: Any, indent: int | None, *, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    for part in every(parse_json(text)):
        written = part.span.of(text)
        if isinstance(part, JsonString) and part.value:
            assert json.loads(f'"{written}"') == part.value
        else:
            assert json.loads(written) == plain(part)


@settings(deadline=None)
@given(st.text(alphabet='{}[]",:0123456789.eE+-truefalsn \n\\u"x', max_size=40))
def test_accepts_exactly_what_strict_json_is(text: str) -> None:
    def refuse(_: str) -> None:
        raise ValueError

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError
        return dict(pairs)

    try:
        expected = json.loads(text, parse_constant=refuse, object_pairs_hook=once)
        json.dumps(expected, ensure_ascii=False).encode()
    except ValueError:
        with pytest.raises(InputError):
            parse_json(text)
    else:
        assert plain(parse_json(text)) == expected


def test_a_string_without_escapes_is_quoted_exactly_where_it_stands() -> None:
    text = '\ufeff{"name": "Kidney\u00a0disease \U0001f9ea", "dose": 7.20}'
    chart = parse_json(text)
    assert isinstance(chart, JsonObject)
    name, dose = chart.get("name"), chart.get("dose")
    assert isinstance(name, JsonString)
    assert isinstance(dose, JsonNumber)
    assert (name.span.start, name.span.of(text)) == (11, name.value)
    assert dose.text == dose.span.of(text) == "7.20"


def test_a_string_with_escapes_spans_the_text_as_written() -> None:
    text = r'["caf\u00e9 \"x\""]'
    array = parse_json(text)
    assert isinstance(array, JsonArray)
    (word,) = array
    assert isinstance(word, JsonString)
    assert word.value == 'café "x"'
    assert word.span.of(text) == r"caf\u00e9 \"x\""


def test_null_members_count_as_missing() -> None:
    chart = parse_json('{"a": null, "b": false}')
    assert isinstance(chart, JsonObject)
    assert chart.get("a") is None
    assert chart.get("c") is None
    assert chart.get("b") is not None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"a": 1,\n "a": 2}', "line 2, column 2"),
        ("[1, 2", "line 1, column 6"),
        ("[1,]", "line 1, column 4"),
        ('{"Smith" 1}', "line 1, column 10"),
        ("{Smith: 1}", "line 1, column 2"),
        ("[NaN]", "line 1, column 2"),
        ("[01]", "line 1, column 3"),
        ("[1] Smith", "line 1, column 5"),
        ('\r\n["Smi\nth"]', "line 2, column 6"),
        (r'["\ud800"]', "line 1, column 3"),
        ("", "line 1, column 1"),
    ],
)
def test_malformed_text_is_refused_with_its_place_and_without_its_content(text: str, place: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_json(text)
    assert place in str(caught.value)
    assert "Smi" not in str(caught.value)


def test_depth_is_bounded() -> None:
    assert isinstance(parse_json("[" * 200 + "]" * 200), JsonArray)
    with pytest.raises(InputError, match="nested too deeply"):
        parse_json("[" * 201 + "]" * 201)
    with pytest.raises(InputError, match="nested too deeply"):
        parse_json('{"a":' * 1_000_000)


@pytest.mark.slow
def test_the_number_of_values_is_bounded() -> None:
    with pytest.raises(InputError, match="more than 1,000,000 values"):
        parse_json("[" + "0," * 1_000_000 + "0]")


@pytest.mark.slow
def test_eight_megabytes_of_records_take_seconds() -> None:
    record = '{"resourceType": "Condition", "code": {"text": "Asthma"}, "recorded": "2020-01-02", "rank": 1.5},\n'
    text = "[" + record * (8 * 1024 * 1024 // len(record) - 1) + "{}]"
    start = time.process_time()
    parse_json(text)
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    "text", ['"' + "\\u0041" * 1_300_000, "1" * 8_000_000 + "x", " " * 8_000_000 + "x", "[" + '"' * 8_000_000]
)
def test_hostile_megabytes_are_refused_quickly(text: str) -> None:
    start = time.process_time()
    with pytest.raises(InputError):
        parse_json(text)
    assert time.process_time() - start < 5
