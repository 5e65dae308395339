"""Keeps a pasted text from acting as keys.

A terminal sends a paste between two marks. Textual reads an escape character between them as the beginning of a key
and gives what follows to the application key by key, Enter included: a text copied from elsewhere could answer a
question or decide an item. So within a paste each escape character becomes its picture before anything else reads it.
"""

from typing import Final

_BEGINS: Final = "\x1b[200~"
_ENDS: Final = "\x1b[201~"
_ESCAPE: Final = "\x1b"
_ESCAPE_PICTURE: Final = "\u241b"


class PasteGuard:
    """Follows what a terminal sends, which arrives in pieces cut anywhere."""

    def __init__(self) -> None:
        self._pasting = False
        self._behind = ""
        """Outside of a paste the last characters handed on; within one what may be the beginning of its end."""

    def feed(self, text: str) -> str:
        """Return what may be read of the next piece."""
        safe: list[str] = []
        while text:
            piece, text = self._within(text) if self._pasting else self._outside(text)
            safe.append(piece)
        return "".join(safe)

    def _outside(self, text: str) -> tuple[str, str]:
        """Return what comes up to the beginning of a paste, and the rest; nothing waits, since Escape is a key."""
        seen = self._behind + text
        place = seen.find(_BEGINS)
        if place < 0:
            self._behind = seen[-(len(_BEGINS) - 1) :]
            return text, ""
        end = place + len(_BEGINS) - len(self._behind)
        self._pasting, self._behind = True, ""
        return text[:end], text[end:]

    def _within(self, text: str) -> tuple[str, str]:
        """Return what is pasted, up to its end, and the rest."""
        seen, self._behind = self._behind + text, ""
        place = seen.find(_ENDS)
        if place >= 0:
            self._pasting = False
            return seen[:place].replace(_ESCAPE, _ESCAPE_PICTURE) + _ENDS, seen[place + len(_ENDS) :]
        begun = next((size for size in range(len(_ENDS) - 1, 0, -1) if seen.endswith(_ENDS[:size])), 0)
        self._behind = seen[len(seen) - begun :]
        return seen[: len(seen) - begun].replace(_ESCAPE, _ESCAPE_PICTURE), ""
