"""Other encodings of a text that a model could read back: each as a view whose places lead to the original."""

import html
import re
import sys
from base64 import b32decode
from binascii import Error, a2b_base64, unhexlify
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final, Protocol

_ROUNDS: Final = 3
_ESCAPE: Final = re.compile(
    r"(?:%[0-9A-Fa-f]{2}){1,4096}"
    r"|(?:=[0-9A-F]{2}){1,4096}|=\r?\n"
    r"|&#[0-9]{1,7};?|&#[xX][0-9A-Fa-f]{1,6};?|&[A-Za-z]{2,8};"
    r"|(?:\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2})|[\\%]u[0-9A-Fa-f]{4}|\\u\{[0-9A-Fa-f]{1,6}\}"
    r"|\\U[0-9A-Fa-f]{8}|(?:\\[0-3][0-7]{2}){1,4096}"
    r"|(?:\\x[0-9A-Fa-f]{2}){1,4096}|\\[nrtbf\"\\/']"
    r"|</?[A-Za-z!][^<>]{0,200}>"
)
_CONTROLS: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_NOT_HEX: Final = re.compile(r"0[xX]|[^0-9A-Fa-f]+")
_NOT_BASE64: Final = re.compile(r"[^A-Za-z0-9+/_-]+")
_HEX_RUN: Final = re.compile(r"(?:(?:0[xX])?[0-9A-Fa-f]{2}[\s:,-]{0,2}){5,}")
_BASE32_RUN: Final = re.compile(r"[A-Z2-7]{8,}(?:={1,6})?")
_NOT_BASE32: Final = re.compile(r"[^A-Z2-7]+")
_READABLE: Final = re.compile(
    rb"(?:[\x20-\x7e]\x00){5,}|(?:[\x20-\x7e\t\r\n]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}){5,}"
)
_BASE64_BITS, _BASE32_BITS, _HEX_BITS, _BYTE_BITS = 6, 5, 4, 8
_NEAR: Final = 200
_RUN: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_LINE_END: Final = re.compile(r"(?:\\r)?(?:\r?\n|\\n)[ \t]{0,16}")
_HEX_DIGITS: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_FEWEST_READABLE: Final = 0.9
_SEPARATOR: Final = " \uffff" * 8  # wider than any gap within one identifier


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a text that is another text in base64 or hexadecimal digits, and that text."""

    start: int
    end: int
    text: str = field(repr=False)


class View(Protocol):
    """A decoded text, and the way back to the text that it was decoded from."""

    @property
    def text(self) -> str:
        """What can be read."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where in the original a part that is not empty stands."""


def encoded_passages(text: str) -> list[Passage]:
    """Return the stretches of ``text`` that hold a readable text in base64 (over several lines too) or hexadecimal."""
    found: list[Passage] = []
    for start, end in _runs(text):
        meant = _decoded(text[start:end])
        if meant is not None:
            found.append(Passage(start, end, meant))
    return found


def _runs(text: str) -> list[tuple[int, int]]:
    """Return where base64 may stand: runs of its letters, those on neighbouring lines as one."""
    runs: list[tuple[int, int]] = []
    for match in _RUN.finditer(text):
        if runs and _LINE_END.fullmatch(text, runs[-1][1], match.start()):
            runs[-1] = (runs[-1][0], match.end())
        else:
            runs.append(match.span())
    return runs


def _decoded(run: str) -> str | None:
    letters = _NOT_BASE64.sub("", run.replace("\\n", "").replace("\\r", ""))
    contents = [unhexlify(letters)] if _HEX_DIGITS.fullmatch(letters) else []
    standard = letters.replace("-", "+").replace("_", "/")
    with suppress(Error):
        contents.append(a2b_base64(standard + "=" * (-len(standard) % 4)))
    for content in contents:
        meant = content.decode("utf-8", "replace")
        readable = sum(character.isprintable() or character.isspace() for character in meant if character != "\ufffd")
        if readable >= _FEWEST_READABLE * len(meant):
            return meant
    return None


def decoded_views(text: str) -> Iterator[View]:
    """Yield what the escapes in ``text`` mean, resolved once, twice and three times, and what base64 and hex hold.

    A view holds only the surroundings of what was decoded: the rest can be read as it is.
    """
    layer: View | None = None
    for _ in range(_ROUNDS):
        inner = _unescaped(text if layer is None else layer.text)
        if inner is None:
            break
        layer = _Composed(inner, layer) if layer is not None else inner
        yield layer
    for view in _byte_views(text):
        yield view
        for nested in _byte_views(view.text):
            yield _Composed(nested, view)
    if layer is not None:
        for view in _byte_views(layer.text):
            yield _Composed(view, layer)


def _byte_views(text: str) -> Iterator[View]:
    yield from _base64_views(text)
    yield from _base32_views(text)
    yield from _hex_views(text)


class _Composed:
    """A view of a view."""

    def __init__(self, inner: View, outer: View) -> None:
        self.text = inner.text
        self._inner = inner
        self._outer = outer

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self._outer.span(*self._inner.span(start, end))


class _Unescaped:
    """The surroundings of escapes, with the escapes resolved: pieces that stand as they were, and resolved ones."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._parts: list[str] = []
        self._begins: list[int] = []
        self._places: list[tuple[int, int, bool]] = []
        self._length = 0
        self._done = 0

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def resolve(self, start: int, end: int, meant: str) -> None:
        """Add the escape in ``[start, end)`` and what stands before it, if that is near."""
        if self._done and start - self._done > 2 * _NEAR:
            self._stand(self._done, self._done + _NEAR)
            self._add(_SEPARATOR, self._done, self._done, standing=False)
            self._done = start - _NEAR
        elif not self._done:
            self._done = max(0, start - _NEAR)
        self._stand(self._done, start)
        self._add(meant, start, end, standing=False)
        self._done = end

    def finish(self) -> None:
        """Add what follows the last escape."""
        self._stand(self._done, min(len(self._text), self._done + _NEAR))

    def _stand(self, start: int, end: int) -> None:
        self._add(self._text[start:end], start, end, standing=True)

    def _add(self, part: str, start: int, end: int, *, standing: bool) -> None:
        if part:
            self._parts.append(part)
            self._begins.append(self._length)
            self._places.append((start, end, standing))
            self._length += len(part)

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self._place(start)[0], self._place(end - 1)[1]

    def _place(self, at: int) -> tuple[int, int]:
        piece = bisect_right(self._begins, at) - 1
        start, end, standing = self._places[piece]
        if not standing:
            return start, end
        return start + at - self._begins[piece], start + at - self._begins[piece] + 1


def _unescaped(text: str) -> _Unescaped | None:
    """Return one layer of escapes in ``text`` resolved, or None where there is none."""
    view = _Unescaped(text)
    found = False
    for match in _ESCAPE.finditer(text):
        meant = _meaning(match.group())
        if meant is not None:
            view.resolve(match.start(), match.end(), meant)
            found = True
    if not found:
        return None
    view.finish()
    return view


def _meaning(escape: str) -> str | None:
    match escape[:2]:
        case "\\u" | "\\U" | "%u":
            numbers: list[str] = re.findall(r"[0-9A-Fa-f]+", escape)
            return _characters([int(number, 16) for number in numbers])
        case "\\x":
            return bytes.fromhex(escape.replace("\\x", "")).decode("utf-8", "replace")
        case "&#":
            digits = escape[2:].rstrip(";")
            number = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
            return _characters([number])
    match escape[0]:
        case "<":
            return ""
        case "\\" if escape[1].isdigit():
            octal = (int(number, 8) for number in escape.split("\\")[1:])
            return bytes(octal).decode("utf-8", "replace")
        case "%" | "=" if len(escape.strip()) > 1:
            return bytes.fromhex(escape.replace(escape[0], "")).decode("utf-8", "replace")
        case "=":
            return ""
        case "&":
            meant = html.unescape(escape)
            return meant if meant != escape else None
        case _:
            return _CONTROLS.get(escape[1], escape[1])


def _characters(numbers: list[int]) -> str | None:
    if any(number > sys.maxunicode for number in numbers):
        return None
    joined = "".join(map(chr, numbers))
    return joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _base64_views(text: str) -> Iterator[View]:
    """Yield what the base64 letters of ``text`` hold, read from each of the four places a group can begin."""
    letters = _Letters(text, _NOT_BASE64)
    standard = letters.text.replace("-", "+").replace("_", "/")
    for phase in range(4):
        rest = standard[phase:]
        tail = len(rest) % 4
        padded = rest + "=" * (4 - tail) if tail > 1 else rest[: len(rest) - tail]
        with suppress(Error):
            runs = list(_READABLE.finditer(a2b_base64(padded)))
            if runs:
                yield _Runs(runs, letters, phase, _BASE64_BITS)


def _base32_views(text: str) -> Iterator[View]:
    for match in _BASE32_RUN.finditer(text):
        letters = _Letters(match.group(), _NOT_BASE32, match.start())
        whole = letters.text[: len(letters.text) // 8 * 8]
        padded = whole + (letters.text[len(whole) :].ljust(8, "=") if len(letters.text) % 8 in {2, 4, 5, 7} else "")
        with suppress(Error):
            runs = list(_READABLE.finditer(b32decode(padded)))
            if runs:
                yield _Runs(runs, letters, 0, _BASE32_BITS)


def _hex_views(text: str) -> Iterator[View]:
    for match in _HEX_RUN.finditer(text):
        letters = _Letters(match.group(), _NOT_HEX, match.start())
        runs = list(_READABLE.finditer(unhexlify(letters.text)))
        if runs:
            yield _Runs(runs, letters, 0, _HEX_BITS)


class _Letters:
    """The letters of an encoding in a text, and where each stands, which is only worked out when it is asked."""

    def __init__(self, text: str, others: re.Pattern[str], offset: int = 0) -> None:
        self.text = others.sub("", text)
        self._original = text
        self._others = others
        self._offset = offset
        self._places: list[int] = []

    def place(self, letter: int) -> int:
        """Return where the ``letter``-th letter stands, the last one for any beyond."""
        if not self._places:
            gaps = [match.span() for match in self._others.finditer(self._original)]
            done = 0
            for start, end in (*gaps, (len(self._original), len(self._original))):
                self._places += range(done, start)
                done = end
        return self._places[min(letter, len(self._places) - 1)] + self._offset


class _Runs:
    """The readable runs of decoded bytes, kept apart."""

    def __init__(self, runs: list[re.Match[bytes]], letters: _Letters, phase: int, bits: int) -> None:
        self._runs = runs
        self._texts = [run.group().decode("utf-8", "replace") for run in runs]
        self._letters = letters
        self._phase = phase
        self._bits = bits
        self._begins: list[int] = []
        self.text = _SEPARATOR.join(self._texts)

    def span(self, start: int, end: int) -> tuple[int, int]:
        first, last = self._byte(start), self._byte(end) - 1
        return (
            self._letters.place(self._phase + first * _BYTE_BITS // self._bits),
            self._letters.place(self._phase + (last * _BYTE_BITS + _BYTE_BITS - 1) // self._bits) + 1,
        )

    def _byte(self, at: int) -> int:
        """Return the place among the decoded bytes at which a character begins, or the run before it ends."""
        if not self._begins:
            lengths = (len(text) + len(_SEPARATOR) for text in self._texts)
            self._begins = [0, *accumulate(lengths)]
        run = min(bisect_right(self._begins, at), len(self._texts)) - 1
        before = self._texts[run][: at - self._begins[run]]
        return self._runs[run].start() + len(before.encode("utf-8"))
