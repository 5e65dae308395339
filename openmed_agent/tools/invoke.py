"""Between a model's call and a tool: arguments that are exactly what the tool takes, results that fit a context."""

import json
from typing import Any, Final, Literal, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from openmed_agent.errors import InputError, OpenMedError
from openmed_agent.tools.context import ToolContext
from openmed_agent.tools.probing import whole_part
from openmed_agent.tools.tool import Arguments, Tool
from openmed_agent.tools.values import render_values

__all__ = ["ArgumentsError", "ArgumentsFailure", "fitted", "parse_arguments", "render_values"]

MOST_ARGUMENTS: Final = 2_000_000
LARGEST_RESULT: Final = 12_000
"""Characters of a result that a model gets whole; about 3,000 tokens."""

_HEAD: Final = 8_000
_TAIL: Final = 2_000
_MOST_ERRORS: Final = 3

ArgumentsFailure = Literal["malformed", "truncated", "repeated", "unknown", "invalid", "too_large"]
Given = TypeVar("Given", bound=Arguments)


class ArgumentsError(InputError):
    """A call's arguments cannot be used; the sentence is for the model and repeats none of its values."""

    def __init__(self, message: str, *, failure: ArgumentsFailure, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.failure = failure


def parse_arguments(tool: Tool[Given], json_text: str) -> Given:
    """Return the arguments that ``json_text`` holds; nothing is guessed, completed or left out.

    Empty text counts as no arguments only for a tool that has none.

    Raises:
        ArgumentsError: it is no JSON object, ends too early, repeats a field, or does not fit the tool.

    """
    if len(json_text) > MOST_ARGUMENTS:
        raise ArgumentsError("The arguments are too large.", failure="too_large", remedy="Pass a path, or less text.")
    if not json_text.strip() and not tool.arguments.model_fields:
        json_text = "{}"
    _check_json(json_text)
    try:
        return tool.arguments.model_validate_json(json_text, strict=True)
    except ValidationError as error:
        raise _misfit(tool, error.errors(include_input=False, include_url=False)) from None


async def fitted(text: str, context: ToolContext) -> str:
    """Return ``text``, or its beginning and end with a handle to the whole where it is too long for a context.

    No identifier is cut in two: half of one would be unknown to the gate. Where that cannot be told, there is a
    handle only.
    """
    if len(text) <= LARGEST_RESULT:
        return text
    handle = context.results.keep(text)
    try:
        _, head = await whole_part(context, text, 0, _HEAD)
        tail, _ = await whole_part(context, text, len(text) - _TAIL, len(text))
    except OpenMedError:
        return f"[all {len(text):,} characters are kept; read_result {handle} has them]"
    note = f"[{tail - head:,} of {len(text):,} characters left out; read_result {handle} from offset {head} has them]"
    return f"{text[:head]}\n{note}\n{text[tail:]}"


class _RepeatedError(ValueError):
    """A field stands twice in one object; which of both counts is nobody's to guess."""


def _check_json(text: str) -> None:
    try:
        parsed = json.loads(text, object_pairs_hook=_each_once, parse_constant=_no_constant)
    except _RepeatedError:
        raise ArgumentsError(
            "The arguments name a field twice.", failure="repeated", remedy="Name each field once."
        ) from None
    except json.JSONDecodeError as error:
        raise _not_json(text, error) from None
    except (ValueError, RecursionError):
        raise ArgumentsError(
            "The arguments are not valid JSON.", failure="malformed", remedy="Pass one plain JSON object."
        ) from None
    if not isinstance(parsed, dict):
        raise ArgumentsError(
            "The arguments are not a JSON object.", failure="malformed", remedy="Pass one object with the fields."
        )


def _not_json(text: str, error: json.JSONDecodeError) -> ArgumentsError:
    is_cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
    if is_cut:
        return ArgumentsError(
            "The arguments end too early, so nothing was run.",
            failure="truncated",
            remedy="Call again with the whole object; pass less text if it was cut off.",
        )
    return ArgumentsError(
        f"The arguments are not valid JSON (character {error.pos + 1}), so nothing was run.",
        failure="malformed",
        remedy="Call again with one valid JSON object.",
    )


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _RepeatedError
    return fields


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _misfit(tool: Tool[Any], errors: list[ErrorDetails]) -> ArgumentsError:
    known = ", ".join(tool.arguments.model_fields) or "none"
    if any(error["type"] == "extra_forbidden" for error in errors):
        return ArgumentsError(
            f"The arguments have a field that {tool.name} does not take.",
            failure="unknown",
            remedy=f"Its fields are: {known}.",
        )
    said = "; ".join(_sentence(error) for error in errors[:_MOST_ERRORS])
    return ArgumentsError(f"The arguments do not fit {tool.name}: {said}.", failure="invalid")


def _sentence(error: ErrorDetails) -> str:
    place = ".".join(str(part) for part in error["loc"])
    said = error["msg"].removeprefix("Value error, ").rstrip(".")
    return f"{place}: {said}" if place else said
