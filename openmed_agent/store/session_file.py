"""The file of an exported session: JSON lines, one a header, an identifier, a result or an event, and an end.

The end counts the lines of each sort and holds the digest of all bytes before it, so that a file that was cut short or
changed by accident is noticed. Content that is no UTF-8 is written in base64; everything comes back byte for byte.
"""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, BinaryIO, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from openmed_agent.errors import InputError
from openmed_agent.store.event_logs import KIND, LARGEST_DOCUMENT
from openmed_agent.store.session_results import HANDLE, LARGEST_RESULT
from openmed_agent.store.vault import VaultEntry

# JSON writes a control character as six; an event has its document and what can be searched.
LONGEST_LINE = 6 * 2 * max(LARGEST_DOCUMENT, LARGEST_RESULT) + (1 << 16)
_LARGEST_FILE = 4 << 30
_PIECE = 1 << 20
_MOST_LINES = 2_000_000
_LARGEST_NUMBER = 2**53 - 1


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Encoded(_Line):
    """Bytes that are no UTF-8 text."""

    base64: str = Field(repr=False)


_Content = str | _Encoded
_Word = Annotated[str, Field(max_length=4000)]
_Number = Annotated[int, Field(ge=1, le=_LARGEST_NUMBER)]


class SessionHeader(_Line):
    """The first line: what is said of the session. Its ids stay behind."""

    type: Literal["session"] = "session"
    format: Literal["openmed.session/1"] = "openmed.session/1"
    title: _Word = Field(repr=False)
    phi_mode: _Word
    agent_mode: _Word
    model: _Word


class IdentifierLine(_Line):
    """An entry of the session's vault."""

    type: Literal["identifier"] = "identifier"
    surrogate: _Content = Field(repr=False)
    original: _Content = Field(repr=False)
    kind: _Word
    entity: Annotated[int, Field(ge=0, le=_LARGEST_NUMBER)]


class ResultLine(_Line):
    """A result that was kept for the event with this sequence."""

    type: Literal["result"] = "result"
    sequence: _Number
    handle: str = Field(pattern=HANDLE)
    content: _Content = Field(repr=False)


class EventLine(_Line):
    """An event; its document is JSON as text."""

    type: Literal["event"] = "event"
    sequence: _Number
    kind: str = Field(pattern=KIND)
    appended: AwareDatetime
    document: _Content = Field(repr=False)
    searchable: str = Field(default="", repr=False)


class EndLine(_Line):
    """The last line."""

    type: Literal["end"] = "end"
    lines: int
    digest: str


SessionLine = SessionHeader | IdentifierLine | ResultLine | EventLine
_LINE: TypeAdapter[SessionLine | EndLine] = TypeAdapter(Annotated[SessionLine | EndLine, Field(discriminator="type")])


@dataclass(frozen=True, slots=True)
class ImportRules:
    """What the rooms above say of an imported session; the store itself reads no event.

    `modes` takes the PHI mode and agent mode of the file and returns the ones that the session gets. The others raise a
    ValueError for what this program could not use later.
    """

    modes: Callable[[str, str], tuple[str, str]]
    check_event: Callable[[bytes, int], object]
    check_entry: Callable[[VaultEntry], object]


def held(content: bytes) -> _Content:
    """Return bytes as a line holds them."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _Encoded(base64=b64encode(content).decode())


def content_of(held: _Content) -> bytes:
    """Return the bytes that a line holds; a ValueError where they cannot be read."""
    return held.encode() if isinstance(held, str) else b64decode(held.base64, validate=True)


def write_lines(lines: Iterable[SessionLine]) -> Iterator[bytes]:
    """Yield the lines of a file, and its end."""
    digest, count = hashlib.sha256(), 0
    for line in lines:
        text = line.model_dump_json().encode() + b"\n"
        digest.update(text)
        count += 1
        yield text
    yield EndLine(lines=count, digest=f"sha256:{digest.hexdigest()}").model_dump_json().encode() + b"\n"


def read_lines(pieces: Iterable[bytes]) -> Iterator[SessionLine]:
    """Yield the lines of a file that comes in pieces; its end is checked, and not yielded.

    Raises:
        InputError: it is no such file, holds a line that is none of it, is too large, was cut short or changed.

    """
    digest = hashlib.sha256()
    texts = _split(pieces)
    for number, text in enumerate(texts, start=1):
        try:
            line = _LINE.validate_json(text)
        except ValidationError:
            raise _unreadable(number) from None
        if isinstance(line, SessionHeader) != (number == 1):
            raise _unreadable(number)
        if isinstance(line, EndLine):
            if (line.lines, line.digest) != (number - 1, f"sha256:{digest.hexdigest()}") or next(texts, None):
                raise _damaged()
            return
        if number > _MOST_LINES:
            raise InputError(f"The file holds more than {_MOST_LINES} lines.", remedy="Export a fork of it.")
        digest.update(text)
        yield line
    raise _damaged()


def pieces_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield what a file holds, a piece at a time."""
    while piece := file.read(_PIECE):
        yield piece


def _split(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines with their ends; nothing is searched twice."""
    total = 0
    begun: list[bytes] = []
    length = 0
    for piece in pieces:
        total += len(piece)
        *ended, rest = piece.split(b"\n")
        for part in ended:
            yield b"".join((*begun, part, b"\n"))
            begun, length = [], 0
        begun.append(rest)
        length += len(rest)
        if length > LONGEST_LINE or total > _LARGEST_FILE:
            raise InputError("The file is larger than any that a session is exported to.")
    if length:
        raise _damaged()


def _unreadable(number: int) -> InputError:
    if number == 1:
        return InputError(
            "The file is not an exported session.", remedy="Export one: openmed session export ID --out FILE"
        )
    return InputError(f"Line {number} of the file is none that a session is exported to, so nothing was imported.")


def _damaged() -> InputError:
    return InputError("The file was cut short or changed, so nothing was imported.", remedy="Export the session again.")
