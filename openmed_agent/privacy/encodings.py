"""Other encodings of a text that a model could read back: each as a view whose places lead to the original."""

import html
import re
import sys
from binascii import Error, a2b_base64, unhexlify
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

_ROUNDS: Final = 3
_ESCAPE: Final = re.compile(
    r"(?:%[0-9A-Fa-f]{2}){1,4096}"
    r"|(?:=[0-9A-F]{2}){1,4096}|=\r?\n"
    r"|&#[0-9]{1,7};|&#[xX][0-9A-Fa-f]{1,6};|&[A-Za-z]{2,8};"
    r"|(?:\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2})|\\u[0-9A-Fa-f]{4}|\\u\{[0-9A-Fa-f]{1,6}\}"
    r"|(?:\\x[0-9A-Fa-f]{2}){1,4096}|\\[nrtbf\"\\/']"
)
_CONTROLS: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_NOT_BASE64: Final = re.compile(r"[^A-Za-z0-9+/_-]+")
_HEX_RUN: Final = re.compile(r"(?:[0-9A-Fa-f]{2}[\s:,-]?){5,}")
_READABLE: Final = re.compile(
    rb"(?:[\x20-\x7e\t\r\n]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}){4,}"
)
_BASE64_BITS, _BYTE_BITS = 6, 8
_RUN: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_LINE_END: Final = re.compile(r"(?:\\r)?(?:\r?\n|\\n)[ \t]{0,16}")
_HEX_DIGITS: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_FEWEST_READABLE: Final = 0.9
_SEPARATOR: Final = " ￿ ￿ "
_SHORTEST: Final = 6


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a text that is another text in base64 or hexadecimal digits, and that text."""

    start: int
    end: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class View:
    """A decoded text; ``starts[i]`` and ``ends[i]`` say where its i-th character stands in the text it came from."""

    text: str = field(repr=False)
    starts: list[int] = field(repr=False)
    ends: list[int] = field(repr=False)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the original of a part that is not empty."""
        return min(self.starts[start:end]), max(self.ends[start:end])


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
    """Yield ``text`` with its escapes resolved, once, twice and three times, and what base64 and hex in it hold."""
    plain = View(text, [], [])
    current: View | None = None
    layers = [plain]
    for _ in range(_ROUNDS):
        current = _unescaped(layers[-1].text)
        if current is None:
            break
        current = current if layers[-1] is plain else _composed(current, layers[-1])
        layers.append(current)
        yield current
    for layer in (plain, layers[-1]) if len(layers) > 1 else (plain,):
        for inner in (*_base64_views(layer.text), *_hex_views(layer.text)):
            yield inner if layer is plain else _composed(inner, layer)


def _composed(inner: View, outer: View) -> View:
    """Return a view of a view's text as a view of the original."""
    starts = [outer.starts[place] if place >= 0 else -1 for place in inner.starts]
    ends = [outer.ends[place - 1] if place > 0 else -1 for place in inner.ends]
    return View(inner.text, starts, ends)


def _unescaped(text: str) -> View | None:
    """Return ``text`` with one layer of escapes resolved, or None where there is none."""
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for match in _ESCAPE.finditer(text):
        meant = _meaning(match.group())
        if meant is None:
            continue
        parts += (text[done : match.start()], meant)
        starts += range(done, match.start())
        ends += range(done + 1, match.start() + 1)
        starts += [match.start()] * len(meant)
        ends += [match.end()] * len(meant)
        done = match.end()
    if not done:
        return None
    parts.append(text[done:])
    starts += range(done, len(text))
    ends += range(done + 1, len(text) + 1)
    return View("".join(parts), starts, ends)


def _meaning(escape: str) -> str | None:
    match escape[:2]:
        case "\\u":
            numbers: list[str] = re.findall(r"[0-9A-Fa-f]+", escape)
            return _characters([int(number, 16) for number in numbers])
        case "\\x":
            return bytes.fromhex(escape.replace("\\x", "")).decode("utf-8", "replace")
        case "&#":
            digits = escape[2:-1]
            number = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
            return _characters([number])
    match escape[0]:
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
    """Yield what the base64 characters of ``text`` hold, read from each of the four places a group can begin."""
    letters = _NOT_BASE64.sub("", text)
    if len(letters) < _SHORTEST:
        return
    places: list[int] | None = None
    standard = letters.replace("-", "+").replace("_", "/")
    for phase in range(4):
        usable = (len(standard) - phase) // 4 * 4
        rest = standard[phase:]
        tail = len(rest) % 4
        padded = rest + "=" * (4 - tail) if tail > 1 else rest[:usable]
        try:
            content = a2b_base64(padded)
        except Error:
            continue
        runs = list(_READABLE.finditer(content))
        if not runs:
            continue
        if places is None:
            places = [place for place, character in enumerate(text) if _is_base64(character)]
        yield _readable(runs, places, phase, _BASE64_BITS)


def _is_base64(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in "+/_-")


def _hex_views(text: str) -> Iterator[View]:
    for match in _HEX_RUN.finditer(text):
        places = [place for place in range(*match.span()) if text[place] in "0123456789abcdefABCDEF"]
        content = unhexlify("".join(text[place] for place in places))
        runs = list(_READABLE.finditer(content))
        if runs:
            yield _readable(runs, places, 0, 4)


def _readable(runs: list[re.Match[bytes]], places: list[int], phase: int, bits: int) -> View:
    """Return the readable runs of decoded bytes, kept apart, each character with the letters that encode it."""
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for run in runs:
        at = run.start()
        for character in run.group().decode("utf-8", "replace"):
            size = len(character.encode("utf-8"))
            first = phase + at * _BYTE_BITS // bits
            last = phase + ((at + size) * _BYTE_BITS - 1) // bits
            parts.append(character)
            starts.append(places[min(first, len(places) - 1)])
            ends.append(places[min(last, len(places) - 1)] + 1)
            at += size
        parts.append(_SEPARATOR)
        starts += [starts[-1]] * len(_SEPARATOR)
        ends += [ends[-1]] * len(_SEPARATOR)
    return View("".join(parts), starts, ends)
