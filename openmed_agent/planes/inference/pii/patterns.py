"""The small grammar every pattern family is written in."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import AnyStr, Final

from openmed_agent.planes.inference.pii.finding import PiiFinding

_BEYOND: Final = 60  # characters after an ending, more than any ending has

_OTHER_DIGIT: Final = re.compile(r"[^\x00-\xff](?<=\d)")  # "٣"; no digit of Latin-1 is missing in ASCII
_DIGITS: Final = re.compile("[0-9]+")
_OUTLINE: Final = bytes.maketrans(b"123456789BCDEFGHIJKLMNOPQRSTUVWXYZ", b"0" * 9 + b"A" * 25)

Part = tuple[int, int]
"""Where a stretch of a text begins and ends."""


def outline(text: str) -> bytes:
    """Return the text, character by character, with 0 for every digit and A for every capital from A to Z.

    What stands in no outline stands in no text, and one look at it answers for all digits and capitals.
    """
    try:
        characters = text.encode("latin-1")
    except UnicodeEncodeError:
        characters = _OTHER_DIGIT.sub("0", text).encode("latin-1", "replace")
    return characters.translate(_OUTLINE)


def parts_around(text: str, anchor: re.Pattern[str], *, left: int, right: int) -> list[Part]:
    """Return the stretches of the text around the matches of an anchor, in order, joined where they touch.

    Expressions that cannot match without the anchor then need not look at the rest.
    """
    parts: list[Part] = []
    begin, finish = 0, -1
    for match in anchor.finditer(text):
        start, end = match.span()
        if start - left > finish:
            if finish >= 0:
                parts.append((begin, finish))
            begin = start - left if start > left else 0
        finish = end + right
    if finish >= 0:
        parts.append((begin, min(finish, len(text))))
    return parts


def line_parts_around(text: str, anchor: re.Pattern[str], *, left: int, right: int) -> list[Part]:
    """Return the same as `parts_around` for expressions that match no end of a line: the rest of the line only."""
    parts: list[Part] = []
    for match in anchor.finditer(text):
        start, end = match.start(), match.end()
        begin = max(0, start - left, text.rfind("\n", max(0, start - left), start) + 1)
        line_end = text.find("\n", end, end + right)
        finish = line_end if line_end >= 0 else min(len(text), end + right)
        if parts and begin <= parts[-1][1]:
            parts[-1] = (parts[-1][0], finish)
        else:
            parts.append((begin, finish))
    return parts


def within(text: str, expression: re.Pattern[str], parts: Sequence[Part]) -> Iterator[re.Match[str]]:
    """Yield the matches of an expression that lie in the parts."""
    for start, end in parts:
        yield from expression.finditer(text, start, end)


def holds(text: AnyStr, words: Sequence[AnyStr]) -> bool:
    """Say whether the text holds one of the words."""
    for word in words:  # noqa: SIM110 - `any` takes half as long again
        if word in text:
            return True
    return False


@dataclass(frozen=True, slots=True)
class Pattern:
    r"""One regular expression and what a match of its group means.

    `check` sees the matched characters and turns a look-alike down. `needs` are words in small letters without one
    of which a text holds no match; looking for them first is a hundred times as fast. `shape` is an expression of the
    same kind, for what no word tells, and `outlines` are stretches of an outline, which `found` asks for. `ends` is
    what a match ends with, at most `longest` characters after its beginning: an expression that tries many ways to
    divide a text need not look elsewhere.

    An expression that begins with a character or a class of them is searched ten times as fast as one that begins
    with a look behind, so what must not stand before is asked after the first character: `\d(?<!\w\d)`.
    """

    label: str
    expression: re.Pattern[str]
    confidence: float
    source: str
    group: int = 0
    check: Callable[[str], bool] | None = None
    needs: tuple[str, ...] = ()
    shape: re.Pattern[str] | None = None
    outlines: tuple[bytes, ...] = ()
    ends: re.Pattern[str] | None = None
    longest: int = 0

    def find(self, text: str, lowered: str) -> Iterator[PiiFinding]:
        """Yield the findings in the text, which is given in small letters too."""
        if self.needs and not holds(lowered, self.needs):
            return
        if self.shape is not None and self.shape.search(text) is None:
            return
        for match in self._matches(text):
            value = match.group(self.group)
            if value and (self.check is None or self.check(value)):
                start, end = match.span(self.group)
                yield PiiFinding(start, end, self.label, self.confidence, (self.source,))

    def _matches(self, text: str) -> Iterator[re.Match[str]]:
        if self.ends is None:
            return self.expression.finditer(text)
        return within(text, self.expression, parts_around(text, self.ends, left=self.longest, right=_BEYOND))


def found(patterns: Sequence[Pattern], text: str, lowered: str, outlined: bytes) -> Iterator[PiiFinding]:
    """Yield what the patterns find, without a call of those that need a stretch that the outline does not hold."""
    for pattern in patterns:
        if not pattern.outlines or holds(outlined, pattern.outlines):
            yield from pattern.find(text, lowered)


def before(text: str, position: int, width: int) -> str:
    """Return up to `width` characters before a position, on the same line, in lower case."""
    start = max(text.rfind("\n", max(0, position - width), position) + 1, position - width, 0)
    return text[start:position].lower()


def after(text: str, position: int, width: int) -> str:
    """Return up to `width` characters after a position, on the same line, in lower case."""
    end = text.find("\n", position, position + width)
    return text[position : end if end >= 0 else position + width].lower()


def digits_of(text: str) -> str:
    """Return the ASCII digits of the text."""
    return "".join(_DIGITS.findall(text))
