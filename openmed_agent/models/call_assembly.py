"""Puts the calls of one answer together from the pieces that a stream carries.

Chat Completions numbers the pieces by ``index`` and gives name and id once. Servers differ: the index may be
missing or the same for every call, the id missing or used twice, the name repeated with every piece or itself in
pieces, the arguments an object in place of text. Whatever comes, arguments are joined as they were written and
never completed: what was cut off stays cut off.
"""

import json
import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from pydantic import BaseModel, ConfigDict

from openmed_agent.models.messages import AssistantMessage, Message, ToolCall, ToolMessage, UserMessage
from openmed_agent.models.provider import CallStarted

_ID_LETTERS = string.ascii_lowercase
_ID_LENGTH = 9
"""Nine letters: a form of an id that every known server takes, and no detector takes for an identifier."""


class FunctionPiece(BaseModel):
    """What one piece says of a call's function."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: str | None = None
    arguments: str | dict[str, object] | None = None


class CallPiece(BaseModel):
    """One piece of one call, as Chat Completions streams it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    index: int | None = None
    id: str | None = None
    function: FunctionPiece = FunctionPiece()


@dataclass
class _Open:
    index: int | None
    call_id: str
    name: str = ""
    arguments: list[str] = field(default_factory=list)
    said: bool = False


class CallAssembly:
    """The calls of one answer, in the order in which they began."""

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        self._taken = _ids_of(messages)
        self._calls: list[_Open] = []

    def __len__(self) -> int:
        """Return how many calls have begun."""
        return len(self._calls)

    @property
    def nameless(self) -> bool:
        """Whether some call has no name, so that nobody can tell what was meant."""
        return any(not call.name for call in self._calls)

    def add(self, piece: CallPiece) -> tuple[CallStarted, ...]:
        """Take in one piece; return the calls whose name is complete by now and was not told before."""
        name = piece.function.name or ""
        call = self._find(piece)
        if call is None:
            call = _Open(index=piece.index, call_id=piece.id or "")
            self._calls.append(call)
        if piece.id and not call.call_id:
            call.call_id = piece.id
        if name != call.name and not call.arguments:
            call.name += name  # a name in pieces; the same name again adds nothing
        if piece.function.arguments:
            given = piece.function.arguments
            call.arguments.append(given if isinstance(given, str) else json.dumps(given, ensure_ascii=False))
        return self._named(every=False)

    def finish(self) -> tuple[CallStarted, ...]:
        """Return the calls that were not told yet; nothing more will come."""
        return self._named(every=True)

    def calls(self) -> tuple[ToolCall, ...]:
        """Return the calls, each with an id that no other call of the conversation has."""
        taken = set(self._taken)
        result = []
        for call in self._calls:
            call_id = call.call_id if call.call_id and call.call_id not in taken else new_call_id()
            taken.add(call_id)
            result.append(ToolCall(call_id=call_id, name=call.name, arguments="".join(call.arguments)))
        return tuple(result)

    def _find(self, piece: CallPiece) -> _Open | None:
        """Return the call that a piece continues, or None where it begins one."""
        candidates = [call for call in self._calls if piece.index is None or call.index == piece.index]
        known = [call for call in candidates if piece.id and call.call_id == piece.id]
        last = next(reversed(known or candidates), None)
        return None if last is None or _begins_another(piece, last) else last

    def _named(self, *, every: bool) -> tuple[CallStarted, ...]:
        started = []
        for position, call in enumerate(self._calls):
            if not call.said and call.name and (every or call.arguments or position + 1 < len(self._calls)):
                call.said = True
                started.append(CallStarted(index=position, name=call.name))
        return tuple(started)


def _begins_another(piece: CallPiece, call: _Open) -> bool:
    """Return whether a piece that could continue a call begins the next one: only a piece with a name can."""
    name = piece.function.name
    if not name:
        return False
    other_id = bool(piece.id and call.call_id and piece.id != call.call_id)
    if name != call.name:
        return other_id or bool(call.arguments) or piece.index is None
    if piece.id and not other_id:
        return False  # the same id and name again
    return bool(piece.function.arguments) and _is_complete("".join(call.arguments))


def _is_complete(arguments: str) -> bool:
    if not arguments.rstrip().endswith("}"):
        return False
    try:
        json.loads(arguments)
    except (ValueError, RecursionError):
        return False
    return True


def new_call_id() -> str:
    """Return a random id for a call that came without one."""
    return "".join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH))


def replayable_arguments(arguments: str) -> str:
    """Return a call's arguments as every server takes them back: the JSON text of an object.

    Several servers answer a whole conversation with an error when one old call does not parse. What does not is
    kept word for word inside an object, so that the model sees what it wrote.
    """
    if not arguments.strip():
        return "{}"  # in a history only; a call that is to be run never passes here
    try:
        parsed: object = json.loads(arguments)
    except (ValueError, RecursionError):
        parsed = None
    return arguments if isinstance(parsed, dict) else json.dumps({"not_an_object": arguments}, ensure_ascii=False)


def with_own_ids(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Return a conversation whose calls are numbered by us, nine letters each: callaaaaa, callaaaab...

    An id ties a result to its call and means nothing else, so that any will do; those that servers make up can look
    like an identifier to a detector, or be refused by another server.
    """
    own: dict[str, str] = {}

    def numbered(call_id: str) -> str:
        return own.setdefault(call_id, f"call{_in_letters(len(own))}")

    result: list[Message] = []
    for message in messages:
        match message:
            case AssistantMessage():
                calls = tuple(replace(call, call_id=numbered(call.call_id)) for call in message.calls)
                result.append(replace(message, calls=calls))
            case ToolMessage():
                result.append(replace(message, call_id=numbered(message.call_id)))
            case UserMessage():
                result.append(message)
    return tuple(result)


def _in_letters(number: int) -> str:
    letters = ""
    for _ in range(5):
        number, rest = divmod(number, len(_ID_LETTERS))
        letters = _ID_LETTERS[rest] + letters
    return letters


def _ids_of(messages: Iterable[Message]) -> frozenset[str]:
    ids: set[str] = set()
    for message in messages:
        if isinstance(message, AssistantMessage):
            ids.update(call.call_id for call in message.calls)
        elif isinstance(message, ToolMessage):
            ids.add(message.call_id)
    return frozenset(ids)
