import json
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.text.reading_lines import is_hard_to_read, json_lines, own_lines

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=9), inner, max_size=5),
    max_leaves=40,
)


@given(VALUES, st.sampled_from([None, 1, 2]))
def test_lines_of_json_hold_all_of_it_once_and_in_order(value: object, indent: int | None) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    lines = json_lines(text)
    assert all(before.end <= after.start for before, after in pairwise(lines))
    between = [text[before.end : after.start] for before, after in pairwise(lines)]
    assert "".join(between).strip(" \t\r\n") == ""
    assert json.loads("".join(text[line.start : line.end] for line in lines)) == value


def test_json_on_one_line_is_read_member_by_member() -> None:
    text = json.dumps(
        {
            "resourceType": "MedicationRequest",
            "status": "active",
            "medicationCodeableConcept": {"coding": [{"system": "rxnorm", "code": "6809", "display": 'a "b", {c}'}]},
            "dosageInstruction": [{"text": "500 mg twice a day", "timing": {"repeat": {"frequency": 2}}}],
        }
    )
    shown = [" " * line.indent + text[line.start : line.end] for line in json_lines(text)]
    assert shown == [
        "{",
        '  "resourceType": "MedicationRequest",',
        '  "status": "active",',
        '  "medicationCodeableConcept": {',
        '    "coding": [',
        '      {"system": "rxnorm", "code": "6809", "display": "a \\"b\\", {c}"}',
        "    ]",
        "  },",
        '  "dosageInstruction": [',
        "    {",
        '      "text": "500 mg twice a day",',
        '      "timing": {',
        '        "repeat": {"frequency": 2}',
        "      }",
        "    }",
        "  ]",
        "}",
    ]


@given(st.text(alphabet="ab \t\r\n\u2028é", max_size=60))
def test_own_lines_end_at_newlines_only(text: str) -> None:
    lines = own_lines(text)
    expected = text.removesuffix("\n").split("\n")
    assert [text[line.start : line.end] for line in lines] == [one.removesuffix("\r") for one in expected]


@pytest.mark.parametrize("piece", ['"\\', '\\"', "[{", "},", '{"a":'])
def test_hostile_text_costs_no_more_than_its_length(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    begun = time.process_time()
    lines = json_lines(text)
    assert time.process_time() - begun < 3  # what is quadratic takes minutes
    assert all(line.indent <= 24 for line in lines)


def test_what_is_broken_up() -> None:
    assert not is_hard_to_read("short\nlines\n" * 50)
    assert is_hard_to_read('{"a":' * 100)
