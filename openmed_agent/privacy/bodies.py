"""Reading the body of a request strictly: every text in it that could say something of a person."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Never

from openmed_agent.errors import NotPermittedError

JSON_STRING: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_DEEPEST: Final = 200
_PROTOCOL_WORD: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TOKEN: Final = re.compile(r"(?=[^A-Za-z]{0,64}[A-Za-z])[A-Za-z0-9_.:/+|=-]{1,512}")
_NUMBER: Final = re.compile(r"[0-9][0-9.eE+-]*")
_KEY_END: Final = re.compile(r"\s*:")
_ROLES: Final = frozenset(
    {
        *("user", "assistant", "system", "developer", "tool", "function", "message", "text", "input_text"),
        *("output_text", "function_call", "function_call_output", "tool_use", "tool_result"),
    }
)
_EDGE: Final = 60
_APART: Final = " \uffff" * 8
# What an endpoint or a setting named: the model, and the ids that pair a call with its result.
_TOKEN_KEYS: Final = frozenset({"model", "id", "call_id", "tool_call_id", "item_id", "tool_use_id"})


@dataclass(frozen=True, slots=True)
class RequestBody:
    """The JSON body of a request: its ``text``, the keys and strings in it, and the model that it names.

    Left out of ``strings`` are single words as protocols and tools use them (``tool_calls``), and one-word names under
    ``model`` or the key of an id: they are only looked at in the text as a whole, where what is known counts, as
    numbers are.
    """

    text: str = field(repr=False)
    strings: tuple[str, ...] = field(repr=False)
    model: str | None

    def read(self, is_own: Callable[[str], bool]) -> str:
        """Return the text as it is read: escapes of JSON resolved, the program's own strings and the model left out.

        What an own string says was written before there was a patient, so a name in it is an ordinary word.
        """
        last: tuple[int, str] = (0, "")

        def meant(match: re.Match[str]) -> str:
            nonlocal last
            (end, before), text = last, json_text(match.group())
            last = (match.end(), text)
            names_model = before == "model" and self.text[end : match.start()].strip() == ":" and text == self.model
            return '""' if names_model or is_own(text) else f'"{text}"'

        return JSON_STRING.sub(meant, self.text)

    def joined(self, is_own: Callable[[str], bool]) -> str:
        """Return the values one behind the other, without keys, roles and own strings: ``Oka`` and ``for`` are a name.

        Of a long value only its two ends are there, as only they can stand beside another one.
        """
        parts: list[str] = []
        done = 0
        for match in JSON_STRING.finditer(self.text):
            parts += _NUMBER.findall(self.text, done, match.start())
            done = match.end()
            text = json_text(match.group())
            if not (_KEY_END.match(self.text, done) or text in _ROLES or text == self.model or is_own(text)):
                parts.append(text if len(text) <= 2 * _EDGE else f"{text[:_EDGE]}{_APART}{text[-_EDGE:]}")
        return " ".join((*parts, *_NUMBER.findall(self.text, done)))


def read_body(body: bytes) -> RequestBody:
    """Return what a JSON body says.

    Raises:
        NotPermittedError: it is not one JSON value, or one that readers would understand differently (a key
            that comes twice, NaN, text that is not UTF-8): what cannot be read for sure is not sent.

    """
    try:
        text = body.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=_once, parse_int=_no_text, parse_float=_no_text, parse_constant=_refuse
        )
        strings = tuple(dict.fromkeys(text for text in _texts(value, 0) if not _PROTOCOL_WORD.fullmatch(text)))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise _unreadable() from None
    model = value.get("model") if isinstance(value, dict) else None
    return RequestBody(text, strings, model if isinstance(model, str) and _TOKEN.fullmatch(model) else None)


def json_text(token: str) -> str:
    """Return what a JSON string says.

    Raises:
        json.JSONDecodeError: it is none.

    """
    text: str = json.loads(token, strict=False)
    return text


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _unreadable()
    return members


def _no_text(_: str) -> None:
    """Stand for a number: a long one would take long to read, and none is a text."""


def _refuse(_: str) -> Never:
    raise _unreadable()


def _unreadable() -> NotPermittedError:
    return NotPermittedError(
        "A request to a model is not JSON that can be read in only one way, so it was not sent.",
        remedy="Report this; the request was built wrongly.",
    )


def _texts(value: object, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise RecursionError
    match value:
        case str():
            yield value
        case dict():
            for key, member in value.items():
                yield key
                if not (key in _TOKEN_KEYS and isinstance(member, str) and _TOKEN.fullmatch(member)):
                    yield from _texts(member, depth + 1)
        case list():
            for member in value:
                yield from _texts(member, depth + 1)
