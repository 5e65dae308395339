"""Untrusted text made safe for a terminal.

Notes, file names, service replies and model output may hold escape sequences, control characters and
bidirectional overrides that would rewrite the screen, set the clipboard or make a line read differently from
what it says. A character that shows as nothing is no better: two texts would look the same and differ.
Everything that did not come from this program passes ``terminal_safe`` before it is printed.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from typing import Final

_CONTROL_PICTURES: Final = 0x2400
_DELETE: Final = 0x7F
_DELETE_PICTURE: Final = "\u2421"
_LAST_C0: Final = 0x1F
# All of the Unicode category Cf and of the property Default_Ignorable_Code_Point (Unicode 16), written out: to look
# a million characters up would slow every start.
_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and newline, DEL, C1
    "\u00ad\u034f"  # soft hyphen, combining grapheme joiner
    "\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"  # Arabic letter mark, Arabic and Syriac number signs
    "\u115f\u1160\u3164\uffa0"  # Hangul fillers: letters that look like nothing
    "\u17b4\u17b5\u180b-\u180f"  # Khmer inherent vowels, Mongolian selectors and vowel separator
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero-width and joiners, separators, bidi embeddings and isolates
    "\u2800"  # the braille pattern without a dot
    "\ufe00-\ufe0f\ufeff\ufff0-\ufffb"  # variation selectors, byte order mark, specials
    "\ud800-\udfff"  # lone surrogates cannot be encoded
    "\U000110bd\U000110cd\U00013430-\U0001343f"  # Kaithi number signs, joiners of Egyptian hieroglyphs
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # format characters of shorthand and of musical notation
    "\U000e0000-\U000e0fff]"  # tags and variation selectors supplement
)

_KEYCAP: Final = "\u20e3"
_SYMBOL: Final = re.compile("[\u00a9\u00ae\u203c\u2049\u2100-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]")
_SPELT_WITH_NON_JOINER: Final = re.compile("[\u0620-\u06ff\u0750-\u077f\u0900-\u0dff]")


def terminal_safe(text: str, *, single_line: bool = False) -> str:
    r"""Return ``text`` with all characters that act on a terminal or are invisible replaced by a visible symbol.

    C0 controls become control pictures (ESC becomes ``␛``), all else becomes ``‹U+202E›``; what only asks for
    the colours of an emoji, or joins letters as their spelling wants it, is left out. Tabs and newlines stay unless
    ``single_line``, where they become ``␉`` and ``␊``; ``\r\n`` counts as one newline.
    """
    unified = text.replace("\r\n", "\n")
    safe = _UNSAFE.sub(lambda match: "" if _is_ordinary(unified, match.start()) else _visible(match.group()), unified)
    if not single_line:
        return safe
    return safe.replace("\t", "\u2409").replace("\n", "\u240a")


def unsafe_replaced(text: str, replacement: Callable[[str], str]) -> str:
    """Return ``text`` with each character that acts on a terminal or is invisible replaced; tabs and newlines stay."""
    return _UNSAFE.sub(lambda match: replacement(match.group()), text)


def json_terminal_safe(text: str) -> str:
    """Return JSON ``text`` that says the same with every such character escaped as JSON escapes it."""
    return _UNSAFE.sub(lambda match: json.dumps(match.group())[1:-1], text)


def _is_ordinary(text: str, place: int) -> bool:
    """Tell whether the invisible character there only styles or joins its neighbours, as people type it."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    match text[place]:
        case "\ufe0e" | "\ufe0f":
            return bool(_SYMBOL.match(before)) or (after == _KEYCAP and before in {*"0123456789#*"})
        case "\u200d":
            base = text[place - 2 : place - 1] if before in {"\ufe0e", "\ufe0f"} else before
            return bool(_SYMBOL.match(base) and _SYMBOL.match(after))
        case "\u200c":
            return bool(_SPELT_WITH_NON_JOINER.match(before) and _SPELT_WITH_NON_JOINER.match(after))
        case _:
            return False


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
