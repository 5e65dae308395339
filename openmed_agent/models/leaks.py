"""Tells a tool call that a server left in the text from an answer.

A server whose parser does not know its model hands the call on as prose, and nothing runs. Each family of models
has marks of its own; the marks alone are not enough, since a person may ask about them, so something that looks like
a call has to follow. Bare JSON counts only where it is nothing but a call.
"""

import json
import re
from collections.abc import Collection, Iterator
from typing import Final

_NAME: Final = r"[A-Za-z_][\w.-]{0,63}"
_MARKS: Final = re.compile(
    r"<tool_calls?>\s{0,20}(?:[{\[<]|" + _NAME + r")"  # Hermes, Qwen, GLM
    r"|<(?:[a-z]{1,20}[:_])?tool_call>\s{0,20}[{\[<]"  # MiniMax, LongCat and other prefixes
    r"|</tool_call>\s{0,20}\Z"
    r"|<function=" + _NAME + r">"  # Qwen Coder, Llama
    r"|<(?:antml:)?invoke name=[\"']" + _NAME + r"[\"']>"  # Anthropic
    r"|<start_function_call>"  # Gemma
    r"|<\|(?:python_tag|tool_calls?|tool_calls?_(?:section_)?begin|tool_call_start|open)\|?>(?!`)"  # Llama, Kimi
    r"|<｜(?:tool▁calls?▁begin|DSML)｜"  # DeepSeek
    r"|\[TOOL_CALLS\]\s{0,20}(?:[\[{]|" + _NAME + r"\s{0,5}(?:\[ARGS\]|\{))"  # Mistral
    r"|\bto=functions\."
    + _NAME  # Harmony
    + r"|^\s{0,20}functions\."
    + _NAME
    + r"(?::\d{1,4})?\s{0,5}[({]"
    r"|^\s{0,20}```\s{0,5}tool_(?:code|call)\b",  # Gemini
    re.MULTILINE,
)
_CALLS_IN_BRACKETS: Final = re.compile(r"\[\s{0,20}(" + _NAME + r")\(")
_ONE_CALL: Final = re.compile(r"(" + _NAME + r")\(")
_IDENTIFIER: Final = re.compile(_NAME)
_FENCE: Final = "```"
_MOST_BLOCKS: Final = 20
_NAME_KEYS: Final = ("name", "tool", "tool_name", "function_name", "action")
_ARGUMENT_KEYS: Final = ("arguments", "parameters", "args", "input", "tool_input", "action_input", "kwargs")
_OTHER_KEYS: Final = frozenset({"id", "type", "function", "index", "call_id", "tool_calls"})
_CALL_KEYS: Final = frozenset({*_NAME_KEYS, *_ARGUMENT_KEYS}) | _OTHER_KEYS


def looks_like_leaked_call(text: str, names: Collection[str] = ()) -> bool:
    """Return whether an answer without calls holds the syntax of one.

    ``names`` are the tools that the model was offered; with them, plain calls such as ``list_files(...)`` are
    recognised too, and JSON counts for these names only.
    """
    if _MARKS.search(text):
        return True
    whole = text.strip()
    return _is_written_call(whole, names) or any(_is_calls(block, names) for block in _blocks(whole))


def _is_written_call(text: str, names: Collection[str]) -> bool:
    """Return whether the text is a call as a program would write it, and nothing else."""
    bracketed = _CALLS_IN_BRACKETS.match(text) if text.endswith(")]") else None
    found = bracketed or (_ONE_CALL.match(text) if text.endswith(")") and "\n\n" not in text else None)
    if found is None:
        return False
    return found[1] in names if names else bracketed is not None and "_" in found[1]


def _blocks(text: str) -> Iterator[str]:
    """Yield what could be JSON: the whole, fenced parts, and the end from the first line that opens a bracket."""
    if text.startswith(("{", "[")):
        yield text
    parts = text.split(_FENCE, 2 * _MOST_BLOCKS)
    for part in parts[1::2]:
        language, _, body = part.partition("\n")
        yield (body if language.strip().isalnum() or not language.strip() else part).strip()
    opening = re.search(r"\n\s{0,20}[{\[]", text)
    if opening and len(parts) == 1:
        yield text[opening.start() :].strip()


def _is_calls(text: str, names: Collection[str]) -> bool:
    """Return whether JSON text holds calls only; several may follow one another."""
    if not text.startswith(("{", "[")):
        return False
    decoder = json.JSONDecoder()
    position = 0
    found = False
    while position < len(text):
        try:
            value, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            return False
        if not _holds_calls(value, names):
            return False
        found = True
        while position < len(text) and text[position] in " \t\r\n,;":
            position += 1
    return found


def _holds_calls(value: object, names: Collection[str]) -> bool:
    match value:
        case list() if value:
            return all(isinstance(one, dict) and _holds_calls(one, names) for one in value)
        case {"tool_calls": list(calls)} if calls:
            return _holds_calls(calls, names)
        case dict() if value.keys() <= _CALL_KEYS:
            return _is_call(value, names)
    return False


def _is_call(value: dict[str, object], names: Collection[str]) -> bool:
    function = value.get("function")
    if isinstance(function, dict) and isinstance(function.get("name"), str):
        return _is_tool(function["name"], names, sure=True)
    name = next((value[key] for key in _NAME_KEYS if isinstance(value.get(key), str)), None)
    if not isinstance(name, str):
        return False
    key = next((key for key in _ARGUMENT_KEYS if isinstance(value.get(key), dict | str)), None)
    if key is None:
        return name in names  # a call without arguments
    return _is_tool(name, names, sure=key == "arguments")


def _is_tool(name: str, names: Collection[str], *, sure: bool) -> bool:
    if names:
        return name in names
    return _IDENTIFIER.fullmatch(name) is not None and (sure or "_" in name or "." in name)
