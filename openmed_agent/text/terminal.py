"""Untrusted text made safe for a terminal.

Notes, file names, service replies and model output may hold escape sequences, control characters and
bidirectional overrides that would rewrite the screen, set the clipboard or make a line read differently from
what it says. Everything that did not come from this program passes ``terminal_safe`` before it is printed.
"""

import json
import re
import unicodedata
from typing import Final

_CONTROL_PICTURES: Final = 0x2400
_DELETE: Final = 0x7F
_DELETE_PICTURE: Final = "\u2421"
_LAST_C0: Final = 0x1F
_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and newline, DEL, C1
    "\u00ad\u061c\u180e"  # soft hyphen, Arabic letter mark, Mongolian vowel separator
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero-width, separators, bidi embeddings and isolates
    "\ufeff\ufff0-\ufffb"  # byte order mark, specials
    "\ud800-\udfff"  # lone surrogates cannot be encoded
    "\U000e0000-\U000e0fff]"  # tags and variation selectors supplement
)


def terminal_safe(text: str, *, single_line: bool = False) -> str:
    r"""Return ``text`` with every character that could act on a terminal replaced by a visible symbol.

    C0 controls become control pictures (ESC becomes ``␛``), all else becomes ``‹U+202E›``. Tabs and newlines
    stay unless ``single_line``, where they become ``␉`` and ``␊``; ``\r\n`` counts as one newline.
    """
    unified = text.replace("\r\n", "\n")
    safe = _UNSAFE.sub(lambda match: _visible(match.group()), unified)
    if not single_line:
        return safe
    return safe.replace("\t", "\u2409").replace("\n", "\u240a")


def json_terminal_safe(text: str) -> str:
    """Return JSON ``text`` that says the same with every such character escaped as JSON escapes it."""
    return _UNSAFE.sub(lambda match: json.dumps(match.group())[1:-1], text)


def _visible(character: str) -> str:
    code = ord(character)
    if code <= _LAST_C0:
        return chr(_CONTROL_PICTURES + code)
    if code == _DELETE:
        return _DELETE_PICTURE
    return f"\u2039U+{code:04X}\u203a"


def cell_width(text: str) -> int:
    """Return the number of terminal cells that ``text`` takes on one line (wide characters take two)."""
    width = 0
    for character in text:
        if unicodedata.combining(character):
            continue
        width += 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
    return width
