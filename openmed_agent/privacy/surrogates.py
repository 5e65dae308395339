"""The grammar of surrogates, what only looks like one, and the way back for the person and for local tools.

A surrogate is ``[KIND_N]`` or ``[KIND_N_FORM]``: ``KIND`` is a word of a closed list, ``N`` (1 to 999999, no leading
zero) numbers whom or what it stands for, and ``FORM`` (B to Z, then AA and so on) tells the spellings of one of them
apart. ``[PERSON_2]`` and ``[PERSON_2_B]`` are two spellings of one person, and each stands for exactly one sequence of
characters.

Text that looks like a surrogate (also in lower case, with spaces, full-width brackets or invisible characters
inside) gets one ``!`` behind its bracket on the way to the model and loses it on the way back.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from openmed_agent.privacy.folding import folded
from openmed_agent.privacy.kinds import IdentifierKind

_OPEN: Final = r"\[［⟦【〔❲⁅〚"
_CLOSE: Final = r"\]］⟧】〕❳⁆〛"
_MOST_ESCAPES: Final = 8
_LONGEST_INSIDE: Final = 48
_ALPHABET: Final = 26
LONGEST: Final = 1 + _MOST_ESCAPES + _LONGEST_INSIDE + 1
"""Characters of the longest text that can look like a surrogate."""

_KINDS: Final = "|".join(IdentifierKind)
_EXACT: Final = re.compile(rf"\[(?P<kind>{_KINDS})_(?P<number>[1-9][0-9]{{0,5}})(?:_(?P<form>[A-Z]{{1,4}}))?\]")
_BRACKETED: Final = re.compile(
    rf"(?P<open>[{_OPEN}])(?P<escapes>!{{0,{_MOST_ESCAPES}}})"
    rf"(?P<inside>[^!{_OPEN}{_CLOSE}][^{_OPEN}{_CLOSE}]{{0,{_LONGEST_INSIDE - 1}}})[{_CLOSE}]"
)
_LOOKS: Final = re.compile(rf"(?:{_KINDS.lower()})[0-9]{{1,9}}[a-z]{{0,4}}")
_OPENING: Final = re.compile(rf"[{_OPEN}]")
_BRACKET: Final = re.compile(rf"[{_OPEN}{_CLOSE}]")

Original = Callable[[str], str | None]
"""Returns what a surrogate stands for, or None where it is unknown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A model's text for the person, and the surrogates in it that stand for nothing known."""

    text: str = field(repr=False)
    unknown: tuple[str, ...] = ()


def surrogate(kind: IdentifierKind, number: int, form: int) -> str:
    """Return the surrogate for the ``form``-th spelling (from 1) of the ``number``-th of its kind (from 1)."""
    letters = _letters(form) if form > 1 else ""
    return f"[{kind}_{number}_{letters}]" if letters else f"[{kind}_{number}]"


def _letters(number: int) -> str:
    """Return 1 as A, 26 as Z, 27 as AA, and so on."""
    letters = ""
    while number:
        number, place = divmod(number - 1, _ALPHABET)
        letters = chr(ord("A") + place) + letters
    return letters


def surrogate_spans(text: str) -> list[tuple[int, int]]:
    """Return where exact surrogates stand in ``text``, in order, known or not."""
    return [match.span() for match in _EXACT.finditer(text)]


def escaped(text: str) -> str:
    """Return ``text`` with an escape in everything that looks like a surrogate."""
    return _BRACKETED.sub(lambda match: _with_escape(match) if _looks(match) else match.group(), text)


def unescapable_spans(text: str) -> list[tuple[int, int]]:
    """Return where text looks like a surrogate and has as many escapes as fit; it needs a surrogate of its own."""
    return [match.span() for match in _BRACKETED.finditer(text) if _is_full(match)]


def looks_like_surrogate(text: str) -> bool:
    """Return whether the whole of ``text`` is, or only looks like, a surrogate."""
    match = _BRACKETED.fullmatch(text)
    return match is not None and _looks(match)


def restored(text: str, original: Original) -> Shown:
    """Return ``text`` with each surrogate replaced by what it stands for, each escape taken off, the rest marked."""
    unknown: dict[str, None] = {}

    def replace(match: re.Match[str]) -> str:
        if not _looks(match):
            return match.group()
        if match["escapes"]:
            return match["open"] + match.group()[2:]
        value = original(match.group()) if _EXACT.fullmatch(match.group()) else None
        if value is not None:
            return value
        unknown[match.group()] = None
        return f"{match.group()[:-1]} (unknown){match.group()[-1]}"

    return Shown(_BRACKETED.sub(replace, text), tuple(unknown))


class SurrogateStream:
    """A model's text that comes in pieces, for the person: held back while it could still become a surrogate.

    The pieces that come out, joined, are what ``restored`` makes of the pieces that went in, joined. At most
    ``LONGEST`` characters are held back.
    """

    def __init__(self, show: Callable[[str], Shown]) -> None:
        self._show = show
        self._held = ""
        self._unknown: dict[str, None] = {}

    @property
    def unknown(self) -> tuple[str, ...]:
        """The surrogates so far that stand for nothing known."""
        return tuple(self._unknown)

    def feed(self, piece: str) -> str:
        """Return what can be shown now."""
        text = self._held + piece
        cut = _open_end(text)
        self._held = text[cut:]
        return self._shown(text[:cut])

    def close(self) -> str:
        """Return the rest."""
        text, self._held = self._held, ""
        return self._shown(text)

    def _shown(self, text: str) -> str:
        if not text:
            return ""
        shown = self._show(text)
        self._unknown.update(dict.fromkeys(shown.unknown))
        return shown.text


def _open_end(text: str) -> int:
    """Return where the end of ``text`` begins that could become a surrogate, or its length."""
    start = max(0, len(text) - LONGEST + 1)
    last = None
    for bracket in _BRACKET.finditer(text, start):
        last = bracket
    if last is None or not _OPENING.fullmatch(last.group()):
        return len(text)
    return last.start()


def _looks(match: re.Match[str]) -> bool:
    return _LOOKS.fullmatch(folded(match["inside"])) is not None


def _is_full(match: re.Match[str]) -> bool:
    return len(match["escapes"]) == _MOST_ESCAPES and _looks(match)


def _with_escape(match: re.Match[str]) -> str:
    return match.group() if _is_full(match) else f"{match['open']}!{match.group()[1:]}"
