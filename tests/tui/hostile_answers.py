"""Answers of a working process whose every string is hostile, made from the models that requests are answered with.

Nothing lists the requests here: what a later area adds is covered as soon as it has a handler.
"""

import re
import types
import typing
from collections.abc import AsyncGenerator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ValidationError

from openmed_agent.workbench.areas import AREAS, handlers_of
from openmed_agent.workbench.handling import Handler

MARK = "Zq7"
"""Is in every hostile string, so that a test can tell that it was shown at all."""
PIECES = (
    "\x1b[31;5m",
    "\x1b[13;37H\x1b[2J",
    "\x1b]8;;http://hostile.example/\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]52;c;aG9zdGlsZQ==\x07",
    "\x1b]0;hostile title\x07",
    "\x1bP1$r0m\x1b\\",
    "\x1bPtmux;\x1b\x1b]52;c;aG9zdGlsZQ==\x07\x1b\\",
    "\x1b_hostile\x1b\\",
    "\x9b31;8m",
    "\x9d52;c;aG9zdGlsZQ==\x9c",
    "\x90q\x9c",
    "\x1bc",
    "\x1b(0",
    "\x1b[?1049l\x1b[?2004l",
    "\x1b[200~\x1b[201~",
    "\x00\x05\x07\x08\x0b\x0c\x0e\x0f\x7f",
    "\u202eoverride\u202c\u2066isolate\u2069\u200f",
    "\u200b\u200c\u200d\ufeff\u00ad\u2060\U000e0041",
    "[@click=app.hostile_fired]click[/]",
    "[@click=app.quit]quit[/]",
    "[/foo]",
    "[link=http://hostile.example/]link[/link]",
    "[bold red]markup[/bold red]",
    "one\ntwo\r\n\tthree\rfour",
    "five\x85six\u2028seven\u2029",
    "$accent {self!r} %s \\[",
    "[click](app.hostile_fired) ![image](http://hostile.example/i.png) <http://hostile.example/>",
    "\n```\n\x1b[31m code\n```\n# \x9b2J heading\n| a | b |\n|---|---|\n| \x1b[1A | [/c] |\n",
    "漢字 مرحبا 👩‍👩‍👧 e\u0301\u0301\u0301",
)
RAW = tuple(piece for piece in PIECES if re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", piece))
"""Pieces that a terminal would act on: none of them may ever be written to one."""
LONG = 10_000
_LONG_EACH = 9
_NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
_SAME = {"source": "digest"}
"""A field that holds what another field of the same answer is called by."""


def hostile_text(number: int) -> str:
    """Return the hostile text of a number: all pieces, each time another one first; every ninth is very long."""
    start = number % len(PIECES)
    text = MARK + "".join((*PIECES[start:], *PIECES[:start]))
    return text + "x" * LONG if number % _LONG_EACH == 0 else text


def harmless_text(number: int) -> str:
    """Return plain words of a number, with what Markdown draws in styles of its own."""
    return f"{MARK} plain words {number}\n\n# heading\n\n## second\n\n**bold** *italic* ~~struck~~ `code`\n"


def hostile_script(*, flags: bool, harmless: bool = False) -> dict[str, Any]:
    """Return the script of a working process that answers every kind of request; ``flags`` is each yes or no.

    With ``harmless`` the texts are plain words.
    """
    maker = _Maker(flags=flags, text=harmless_text if harmless else hostile_text)
    return {handler.request.kind: maker.step(handler) for area in sorted(AREAS) for handler in handlers_of(area)}


class _Maker:
    def __init__(self, *, flags: bool, text: Callable[[int], str]) -> None:
        self._flags = flags
        self._make_text = text
        self._number = 0

    def step(self, handler: Handler) -> dict[str, Any]:
        answering = handler.answers or handler.streams
        returned = get_type_hints(answering)["return"]
        if get_origin(returned) is AsyncGenerator:
            return {"parts": [self.model(get_args(returned)[0], place) for place in range(2)]}
        return {"reply": self.model(returned, 0)}

    def model(self, kind: type[BaseModel], place: int) -> dict[str, Any]:
        """Return the fields of a valid instance; what a rule of its own forbids to be hostile is plain."""
        body = {name: self._field(name, field.annotation, place) for name, field in kind.model_fields.items()}
        for name in ("locked", "running"):
            if name in body and isinstance(body[name], bool):
                body[name] = False
        for plain in ("plain", "a" * 64, "sha256:" + "a" * 64, "http://127.0.0.1:1", "2026-11-22"):
            try:
                return kind.model_validate(body).model_dump(mode="json")
            except ValidationError as error:
                for fault in error.errors():
                    _replace(body, fault["loc"], plain)
        raise AssertionError(f"no answer of {kind.__name__} can be made: {body}")

    def _field(self, name: str, annotation: Any, place: int) -> Any:
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is typing.Annotated:
            return self._field(name, arguments[0], place)
        if origin in (Union, types.UnionType):
            kinds = [one for one in arguments if one is not type(None)]
            return self._field(name, kinds[place % len(kinds)], place)
        if origin is Literal:
            return arguments[place % len(arguments)]
        if origin is tuple:
            return self._tuple(name, arguments)
        if origin in (list, frozenset, set):
            return [self._field(name, arguments[0], one) for one in range(2)]
        if origin is dict:
            return {self._field(name, arguments[0], one): self._field(name, arguments[1], one) for one in range(2)}
        return self._single(name, annotation, place)

    def _tuple(self, name: str, arguments: tuple[Any, ...]) -> list[Any]:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return [self._field(name, arguments[0], place) for place in range(_members(arguments[0]))]
        return [self._field(name, one, place) for place, one in enumerate(arguments)]

    def _single(self, name: str, annotation: Any, place: int) -> Any:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return self.model(annotation, place)
        if annotation is str:
            return self._text(name, place)
        if annotation is bool:
            return self._flags
        if annotation is int:
            return {"start": 40 * place, "end": 40 * place + 40}.get(name, place + 1)
        if annotation is float:
            return 1.5
        if annotation is datetime:
            return _NOW
        return self._text(name, place)

    def _text(self, name: str, place: int) -> str:
        """Return another hostile text each time; a name by which things are found is the same wherever it stands."""
        if name in _SAME or name in _SAME.values():
            return f"{self._make_text(1)} {0 if name in _SAME else place}"
        self._number += 1
        return self._make_text(self._number)


def _members(annotation: Any) -> int:
    """Return how many entries a list gets: two, or one of each kind where there are several."""
    if get_origin(annotation) is typing.Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return len(get_args(annotation))
    return 2


def _replace(body: dict[str, Any], place: tuple[int | str, ...], value: str) -> None:
    target: Any = body
    steps = list(_steps(body, place))
    for step in steps[:-1]:
        target = target[step]
    target[steps[-1]] = value


def _steps(body: Any, place: tuple[int | str, ...]) -> Iterator[int | str]:
    """Yield the part of an error's place that leads through the body; tags of unions are no steps."""
    for step in place:
        inside = isinstance(body, dict) and step in body
        inside = inside or (isinstance(body, list) and isinstance(step, int) and step < len(body))
        if inside:
            yield step
            body = body[step]
