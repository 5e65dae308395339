"""Text as the gate compares it: letters and digits only, without case, accents, width and look-alike letters.

Every character folds by itself to at most a few letters or digits, so that a place in the folded text leads back to
one in the original. The same folding is applied to what is known and to what is searched.
"""

import re
import unicodedata
from typing import Final

# Letters of other scripts that look like Latin ones, in lower case (after Unicode TR 39's idea of confusables).
_LOOK_ALIKES: Final = str.maketrans(
    "асеіјорѕухԁһӏкмтвнαβεζηικμνορτυχγɑɡıłᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ",
    "aceijopsyxdhlkmtbhabezhikmnoptyxyagilabcdefghijklmnoprstuvwyz",
)
# Letters that Unicode does not decompose.
_UNDECOMPOSED: Final = {"ø": "o", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe"}
_ASCII: Final = 128
# Hangul is decomposed by the folding.
_UNSPACED: Final = re.compile("[\u1100-\u11ff\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3々]+")


def _fold(character: str) -> str:
    lowered = unicodedata.normalize("NFKD", character).casefold()
    letters: list[str] = []
    for letter in unicodedata.normalize("NFKD", lowered):
        if unicodedata.decimal(letter, None) is not None:
            letters.append(str(unicodedata.decimal(letter)))
        elif letter.isalnum():
            letters.append(_UNDECOMPOSED.get(letter, letter.translate(_LOOK_ALIKES)))
    return "".join(letters)


class _Folds(dict[int, str]):
    """The folds of the characters seen so far; a character's fold never changes."""

    def __missing__(self, code: int) -> str:
        fold = _fold(chr(code))
        self[code] = fold
        return fold


_FOLDS: Final = _Folds({code: _fold(chr(code)) for code in range(_ASCII)})


def folded(text: str) -> str:
    """Return the letters and digits of ``text`` as they are compared."""
    return text.translate(_FOLDS)


def is_unspaced(key: str) -> bool:
    """Return whether a folded text is of a script that leaves no space between words: Chinese, Japanese, Korean."""
    return _UNSPACED.fullmatch(key) is not None


def origins(text: str) -> list[int]:
    """Return for each character of ``folded(text)`` the place in ``text`` that it comes from."""
    if text.isascii():
        return [place for place, character in enumerate(text) if character.isalnum()]
    return [place for place, character in enumerate(text) for _ in _FOLDS[ord(character)]]
