"""Text that a person sees as it is: what is signed, and a name under a signature, must be what was read.

The tables are code points that Unicode has assigned for good, so the same text is judged alike by every version
of Python: a bundle that verified once verifies later.
"""

import re
import unicodedata
from typing import Final

# What shows nothing, or acts on its neighbours: Default_Ignorable_Code_Point, controls of writing (Cf), blanks
# other than the space (Zs, and the braille and Hangul ones), strokes and enclosures laid over a letter, private use.
_UNSEEN: Final = re.compile(
    "[\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f"
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\u0334-\u0338\u20d0-\u20f0\ue000-\uf8ff"
    "\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
_ALPHABETS: Final = frozenset({"LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC"})
_NAME_MARKS: Final = frozenset(" .,'’-")
_LETTER_CATEGORIES: Final = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nd"})


def holds_unseen(text: str) -> bool:
    """Return whether a character of the text shows nothing, looks like a space, or hides another one."""
    return _UNSEEN.search(text) is not None


def seems_equal(one: str, other: str) -> bool:
    """Return whether two texts differ in blanks and compatible forms of characters only."""
    return _folded(one) == _folded(other)


def is_plain_name(name: str) -> bool:
    """Return whether a name in NFKC has letters, digits, spaces and ``.,'’-`` only, of one alphabet.

    Alphabets whose letters look like those of another are not mixed: a Cyrillic і in a Latin name is no i.
    """
    letters = [character for character in name if character not in _NAME_MARKS]
    if any(unicodedata.category(character) not in _LETTER_CATEGORIES for character in letters) or holds_unseen(name):
        return False
    alphabets = {unicodedata.name(character, "").partition(" ")[0] for character in letters}
    return unicodedata.normalize("NFKC", name) == name and len(alphabets & _ALPHABETS) <= 1


def name_skeleton(name: str) -> str:
    """Return what two names that look the same have in common: folded letters and digits, nothing between them."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(character for character in folded if character.isalnum())


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())
