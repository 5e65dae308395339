"""What a model is told of the tools: enough to use them, little enough to send, and no way to decide or to leave."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

import openmed_agent.tools as room
from openmed_agent.models.messages import ToolSchema
from openmed_agent.tools.registry import all_tools, schema_of, tools_of
from openmed_agent.tools.tool import Family, Tool

TOOLS = all_tools()
FIRST: tuple[Family, ...] = ("files", "plan", "skills", "workflows")
CHARACTERS_PER_TOKEN = 4


def sent(schema: ToolSchema) -> str:
    """Return what goes over the wire for one tool, in the longer of the two formats."""
    function = {"name": schema.name, "description": schema.description, "parameters": dict(schema.parameters)}
    return json.dumps({"type": "function", "function": function}, separators=(",", ":"))


def tokens(tools: tuple[Tool[Any], ...]) -> float:
    return sum(len(sent(schema_of(tool))) for tool in tools) / CHARACTERS_PER_TOKEN


def nodes(schema: object) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from nodes(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from nodes(value)


def test_the_schemas_fit_a_small_budget() -> None:
    assert tokens(tools_of(FIRST)) < 2_500
    assert tokens(TOOLS) < 6_000


def test_names_are_unique_and_every_family_has_tools() -> None:
    names = [tool.name for tool in TOOLS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{2,30}", name) for name in names)
    assert {tool.family for tool in TOOLS} == set(get_args(Family))
    assert sum(len(tools_of((family,))) for family in get_args(Family)) == len(TOOLS)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_schema_is_plain_closed_and_described(tool: Tool[Any]) -> None:
    schema = schema_of(tool)
    parameters = json.loads(json.dumps(schema.parameters))
    assert parameters["type"] == "object"
    assert not [node for node in nodes(parameters) if "$ref" in node or isinstance(node.get("title"), str)]
    for node in nodes(parameters):
        if node.get("type") == "object":
            assert node["additionalProperties"] is False
            for name, field in node["properties"].items():
                assert field.get("description"), f"{tool.name}.{name} says nothing"
    assert 20 < len(schema.description) < 300
    assert schema.description.endswith(".")


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_no_tool_offers_to_decide_to_leave_or_to_run_a_command(tool: Tool[Any]) -> None:
    told = sent(schema_of(tool)).casefold().replace("vital signs", "")
    for word in (
        "approve", "approval", "approves", "sign", "signs", "sign-off", "signature", "finalize", "finalise", "accept",
        "passphrase", "token", "secret", "grant", "mode", "shell", "execute", "url", "http", "destination",
    ):  # fmt: skip
        assert not re.search(rf"\b{word}\b", told), f"{tool.name}: {word}"


def test_what_writes_says_so_and_shows_it_first() -> None:
    writing = {tool.name for tool in TOOLS if not tool.facts.read_only}
    assert writing == {"write_file", "edit_file", "deidentify_file", "run_workflow", "read_added_skill"}
    assert {tool.name for tool in TOOLS if tool.facts.destructive} == {"write_file", "edit_file"}
    for tool in TOOLS:
        assert not (tool.facts.concurrent_safe and not tool.facts.read_only)
        if tool.name in writing - {"run_workflow"}:
            assert tool.preview is not None


def test_no_tool_can_reach_what_decides_or_what_leaves() -> None:
    """Read the imports of the room: reviews, approvals, keys, clients and processes are none of them."""
    folder = Path(str(room.__file__)).parent
    forbidden = re.compile(
        r"openmed_agent\.(?:workflows\.(?:approval|finalize|review|verify|provenance)|secrets|net|login|store\.(?!store$))"
        r"|httpx|socket|urllib|subprocess|shutil|ctypes|pickle"
    )
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            for name in names:
                assert not forbidden.match(name), f"{file.name} imports {name}"


def test_the_document_lists_every_tool_with_its_facts() -> None:
    text = (Path(__file__).parents[2] / "docs" / "tools.md").read_text()
    rows = re.findall(r"^\| `([a-z0-9_]+)` \| [^|]+ \| ([a-z, ]+) \| [^|]+ \|$", text, re.MULTILINE)
    said = {name: set(facts.split(", ")) for name, facts in rows}
    assert len(said) == len(rows)
    known = {}
    for tool in TOOLS:
        facts = {"reads"} if tool.facts.read_only else {"writes"}
        facts |= {"beside"} if tool.facts.concurrent_safe else set()
        facts |= {"replaces"} if tool.facts.destructive else set()
        known[tool.name] = facts
    assert said == known
