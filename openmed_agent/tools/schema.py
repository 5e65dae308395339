"""A tool's arguments as the compact JSON Schema that a model reads: no references, no titles, no repeated words."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from openmed_agent.models.messages import ToolSchema
from openmed_agent.tools.tool import Arguments, Tool

Schema = dict[str, Any]
_DEFINITIONS = "#/$defs/"


def schema_of(tool: Tool[Any]) -> ToolSchema:
    """Return the tool as a model sees it."""
    return ToolSchema(tool.name, tool.description, parameters_of(tool.arguments))  # type: ignore[arg-type]  # a class hashes


@cache  # made for every session and every request to a model, and never changed
def parameters_of(arguments: type[Arguments]) -> Mapping[str, object]:
    """Return the schema of a tool's arguments."""
    whole = arguments.model_json_schema()
    definitions = whole.pop("$defs", {})
    compact = _compact(whole, definitions)
    compact.pop("description", None)  # of the class, for people who read the source
    compact.setdefault("properties", {})
    return compact


def _compact(node: Schema, definitions: Mapping[str, Schema]) -> Schema:
    reference = node.get("$ref")
    if isinstance(reference, str):
        inlined = _compact(definitions[reference.removeprefix(_DEFINITIONS)], definitions)
        inlined.pop("description", None)
        return inlined | {name: value for name, value in node.items() if name == "description"}
    choices = [choice for choice in node.get("anyOf", ()) if choice.get("type") != "null"]
    if len(choices) == 1:  # an argument that may be left out
        return _compact(choices[0] | _described(node), definitions)
    return {name: _value(name, value, definitions) for name, value in node.items() if not _is_noise(name, value)}


def _value(name: str, value: Any, definitions: Mapping[str, Schema]) -> Any:  # noqa: ANN401 - JSON
    match name:
        case "properties":
            return {field: _compact(inner, definitions) for field, inner in value.items()}
        case "items":
            return _compact(value, definitions)
        case "anyOf":
            return [_compact(inner, definitions) for inner in value]
        case _:
            return value


def _is_noise(name: str, value: object) -> bool:
    return name in {"title", "pattern", "minLength", "maxLength"} or (name == "default" and value in (None, (), []))


def _described(node: Schema) -> Schema:
    return {"description": node["description"]} if "description" in node else {}
