"""JSON whose every value knows where it stands in the text.

Evidence from a FHIR resource needs the code points of a string or number in the file, which the standard
parser does not give. This one is strict (RFC 8259, and like I-JSON, RFC 7493, without repeated names and lone
surrogates), bounded in depth and number of values, and takes time linear in the text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder
from typing import Final, NoReturn

from openmed_agent.errors import InputError
from openmed_agent.text.spans import Span

MAXIMUM_DEPTH: Final = 200
MAXIMUM_VALUES: Final = 1_000_000
_BYTE_ORDER_MARK: Final = "\ufeff"
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
# Most names and strings hold no escape; these two take them in one step, the rest goes to the decoder.
_PLAIN_STRING: Final = re.compile(r'"([^"\\\x00-\x1f]*)"[ \t\n\r]*')
_PLAIN_NAME: Final = re.compile(r'"([^"\\\x00-\x1f]*)"[ \t\n\r]*:[ \t\n\r]*')
_LITERAL: Final = re.compile(r"true|false|null")
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_DECODER: Final = JSONDecoder(strict=True)
_LITERALS: Final[Mapping[str, bool | None]] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class JsonString:
    """A string: ``[start, end)`` are the characters between its quotes, escapes included as written."""

    value: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        """Where the content stands; for an empty string, the two quotes, as no span is empty."""
        return Span(self.start, self.end) if self.start < self.end else Span(self.start - 1, self.end + 1)


@dataclass(frozen=True, slots=True)
class JsonNumber:
    """A number exactly as written, so that no digit of a dose or result is lost or added."""

    text: str
    start: int

    @property
    def span(self) -> Span:
        """Where the number stands."""
        return Span(self.start, self.start + len(self.text))


@dataclass(frozen=True, slots=True)
class JsonLiteral:
    """``true``, ``false`` or ``null``."""

    value: bool | None
    start: int
    end: int

    @property
    def span(self) -> Span:
        """Where the word stands."""
        return Span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class JsonArray:
    """An array, brackets included in its span."""

    items: tuple["JsonValue", ...]
    start: int
    end: int

    @property
    def span(self) -> Span:
        """Where the array stands."""
        return Span(self.start, self.end)

    def __iter__(self) -> Iterator["JsonValue"]:
        """Iterate over the items."""
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class JsonObject:
    """An object, braces included in its span; its members are in the order of the text."""

    members: Mapping[str, "JsonValue"]
    start: int
    end: int

    @property
    def span(self) -> Span:
        """Where the object stands."""
        return Span(self.start, self.end)

    def get(self, name: str) -> "JsonValue | None":
        """Return the member ``name``, or nothing where it is missing or ``null``."""
        value = self.members.get(name)
        return None if isinstance(value, JsonLiteral) and value.value is None else value


JsonValue = JsonObject | JsonArray | JsonString | JsonNumber | JsonLiteral


def parse_json(text: str) -> JsonValue:
    """Return the value that ``text`` is, with the position of everything in it.

    Raises:
        InputError: the text is not JSON, repeats a name in an object, or is nested or split too far. The
            message names line and column (from 1, in code points), never what stands there.

    """
    reader = _Reader(text)
    value = reader.value(0)
    if reader.position < len(text):
        reader.refuse("something follows the end")
    return value


class _Reader:
    """Walks once through a text; ``position`` is always at the next character that is not white space."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 1 if text.startswith(_BYTE_ORDER_MARK) else 0
        self.values = 0
        self._move_to(self.position)

    def value(self, depth: int) -> JsonValue:
        """Read one value that stands inside ``depth`` arrays and objects."""
        self.values += 1
        if self.values > MAXIMUM_VALUES:
            self.refuse(f"it holds more than {MAXIMUM_VALUES:,} values")
        match self.text[self.position : self.position + 1]:
            case '"':
                return self._string()
            case "{":
                return self._object(depth + 1)
            case "[":
                return self._array(depth + 1)
            case _:
                return self._scalar()

    def refuse(self, reason: str, position: int | None = None) -> NoReturn:
        """Raise the error that names the place and the reason."""
        place = min(self.position if position is None else position, len(self.text))
        line = self.text.count("\n", 0, place) + 1
        column = place - self.text.rfind("\n", 0, place)
        raise InputError(
            f"The JSON cannot be read at line {line}, column {column}: {reason}.",
            remedy="Export the file again, or correct that place.",
        )

    def _object(self, depth: int) -> JsonObject:
        start = self._enter(depth)
        members: dict[str, JsonValue] = {}
        if end := self._take("}"):
            return JsonObject(members, start, end)
        while True:
            name_at = self.position
            name = self._name()
            if name in members:
                self.refuse("a name occurs twice in one object", name_at)
            members[name] = self.value(depth)
            if self._take(","):
                continue
            if end := self._take("}"):
                return JsonObject(members, start, end)
            self.refuse("a comma or a closing brace is expected")

    def _array(self, depth: int) -> JsonArray:
        start = self._enter(depth)
        items: list[JsonValue] = []
        if end := self._take("]"):
            return JsonArray((), start, end)
        while True:
            items.append(self.value(depth))
            if self._take(","):
                continue
            if end := self._take("]"):
                return JsonArray(tuple(items), start, end)
            self.refuse("a comma or a closing bracket is expected")

    def _name(self) -> str:
        if plain := _PLAIN_NAME.match(self.text, self.position):
            self.position = plain.end()
            return plain[1]
        if not self.text.startswith('"', self.position):
            self.refuse("a name in quotes is expected")
        name = self._string().value
        if not self._take(":"):
            self.refuse("a colon is expected")
        return name

    def _string(self) -> JsonString:
        if plain := _PLAIN_STRING.match(self.text, self.position):
            self.position = plain.end()
            return JsonString(plain[1], *plain.span(1))
        start = self.position + 1
        try:
            value, end = _DECODER.raw_decode(self.text, start - 1)
        except JSONDecodeError as error:
            self.refuse("a string is not closed or holds what needs an escape", error.pos)
        # Only an escape can make a lone surrogate, and an escape makes the value shorter than its text.
        if len(value) < end - 1 - start and _LONE_SURROGATE.search(value):
            self.refuse("a string holds half a character", start)
        self._move_to(end)
        return JsonString(value, start, end - 1)

    def _scalar(self) -> JsonNumber | JsonLiteral:
        start = self.position
        if number := _NUMBER.match(self.text, start):
            self._move_to(number.end())
            return JsonNumber(number.group(), start)
        word = _LITERAL.match(self.text, start)
        if word is None:
            self.refuse("a value is expected")
        self._move_to(word.end())
        return JsonLiteral(_LITERALS[word.group()], start, word.end())

    def _enter(self, depth: int) -> int:
        if depth > MAXIMUM_DEPTH:
            self.refuse(f"it is nested too deeply, beyond {MAXIMUM_DEPTH} levels")
        start = self.position
        self._move_to(start + 1)
        return start

    def _take(self, mark: str) -> int:
        """Step over ``mark`` if it stands here, and return where it ends; otherwise return 0."""
        if not self.text.startswith(mark, self.position):
            return 0
        end = self.position + 1
        self._move_to(end)
        return end

    def _move_to(self, position: int) -> None:
        space = _SPACE.match(self.text, position)
        self.position = space.end() if space else position
