"""Characters that act on a terminal or show as nothing, in a text that a person edits.

Each is held by a private-use character, so that it takes one cell, can be stepped over and deleted, and is drawn as a
symbol; what is sent or copied has the character itself. Offsets stay the same.
"""

import re
from typing import Final

from openmed_agent.text.terminal import unsafe_replaced

_PLANE_15: Final = 0xF0000
_PLANE_16: Final = 0x100000
_PLANE: Final = 0x10000
_ELSEWHERE: Final = (0x10000, 0xE0000)
"""Planes 1 and 14, the only others that have such characters; their last 16 bits never agree."""
_HELD: Final = re.compile(f"[{chr(_PLANE_15)}-{chr(0x10FFFF)}]")
_LAST_CONTROL: Final = 0x1F
_DELETE: Final = 0x7F
_UNKNOWN: Final = "\ufffd"


def held(text: str) -> str:
    """Return the text with stand-ins; what looks like one already becomes U+FFFD, since it could not come back."""
    return unsafe_replaced(_HELD.sub(_kept, text), _stand_in)


def meant(text: str) -> str:
    """Return the text that stand-ins stand for."""
    return _HELD.sub(lambda found: _original(found.group()), text)


def drawn(text: str) -> str:
    """Return how a held text is drawn: a symbol of one cell for each stand-in."""
    return _HELD.sub(lambda found: _symbol(_original(found.group())), text)


def _stand_in(character: str) -> str:
    code = ord(character)
    return chr(_PLANE_16 + code) if code < _PLANE else chr(_PLANE_15 + code % _PLANE)


def _original(character: str) -> str:
    code = ord(character)
    places = (code - _PLANE_16,) if code >= _PLANE_16 else tuple(plane + code - _PLANE_15 for plane in _ELSEWHERE)
    return next((chr(one) for one in places if _is_unsafe(chr(one))), character)


def _kept(found: re.Match[str]) -> str:
    return found.group() if _original(found.group()) == found.group() else _UNKNOWN


def _symbol(character: str) -> str:
    code = ord(character)
    if code <= _LAST_CONTROL:
        return chr(0x2400 + code)
    if code == _DELETE:
        return "\u2421"
    return character if _HELD.match(character) else _UNKNOWN


def _is_unsafe(character: str) -> bool:
    return unsafe_replaced(character, lambda _: "") == ""
