"""Lower case for ASCII letters alone, so that patterns need no IGNORECASE, which makes long alternations slow."""

from typing import Final

_LOWER: Final = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def ascii_lower(text: str) -> str:
    """Return the text with A to Z in lower case; offsets stay, as no other letter changes."""
    return text.lower() if text.isascii() else text.translate(_LOWER)
