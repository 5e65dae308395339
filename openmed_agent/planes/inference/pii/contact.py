"""E-mail and web addresses, network addresses, user names."""

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.lexicon import lexicon
from openmed_agent.planes.inference.pii.patterns import Pattern, before, found, holds, outline

SOURCE: Final = "contact"

# Addresses are found from their middle (the at sign, the top-level domain) and widened to the left by hand, so
# that a long run of letters is read once and not once a letter.
_AT: Final = re.compile(
    r"[@\[(](?:(?<=@)|(?<=[\[(])at[\])]) ?[A-Za-z0-9-]{1,63}(?: ?\. ?[A-Za-z0-9-]{1,63}){0,6} ?\. ?[A-Za-z]{2,24}"
)
_TIGHT_AT: Final = re.compile(
    r"[@\[(](?:(?<=@)|(?<=[\[(])at[\])])[\w-]{1,63}(?:\.[\w-]{1,63}){0,7}\.[A-Za-z]{2,24}(?![A-Za-z])"
)
_BARE_AT: Final = re.compile(r"@[A-Za-z][A-Za-z0-9]{2,20}\b(?![.@-]?\w)")  # of a payment service
_LOCAL: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-'")
_LONGEST_LOCAL: Final = 64
_SCHEME: Final = re.compile(r"\b(?:https?|ftp)://[^\s<>\"]{2,2000}|\bwww\.[^\s<>\"]{3,2000}", re.IGNORECASE)
_DOMAIN: Final = re.compile(
    r"\.(?:com|org|net|edu|gov|mil|int|info|health|care|clinic|hospital|io|app|us|co\.uk|ca|de|fr|eu)\b"
    r"(?![\w@])(?:/[^\s<>\"]{0,2000})?",
    re.IGNORECASE,
)
_HOST: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")
_LONGEST_HOST: Final = 120
_LONG_HANDLE: Final = 10  # a shorter word in small letters after "login" is a word
_DOTS_OF_ADDRESS: Final = 3
_DIGITS_OF_BYTE: Final = 3
_TRAILING: Final = ".,;:!?)]}'"


def _address(text: str) -> bool:
    if text.count(".") == _DOTS_OF_ADDRESS:  # numbers over 255 are mistyped ones
        return any(len(part) == _DIGITS_OF_BYTE for part in text.split(".")) or _is_address(text)
    return _is_address(text)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


_USER_NEEDS: Final = ("user", "login", "screen", "handle")


def _is_word(value: str) -> bool:
    return value.isalpha() and (value.islower() or value.istitle()) and value.lower() in lexicon().words


_PATTERNS: Final = (
    Pattern(
        "ip_address",
        re.compile(r"\d(?<![\w.]\d)\d{0,2}(?:\.\d{1,3}){3}(?![\w]|\.\d)"),
        0.9,
        SOURCE,
        check=_address,
        outlines=(b".0.", b".00.", b".000."),
    ),
    Pattern(
        "ip_address",
        re.compile(r"(?<![:\w])(?:[0-9A-Fa-f]{1,4}:{1,2}){2,7}[0-9A-Fa-f]{1,4}(?![:\w])"),
        0.9,
        SOURCE,
        check=_address,
        shape=re.compile(r":[0-9A-Fa-f]{1,4}:"),
    ),
    Pattern(
        "mac_address",
        re.compile(r"(?<![:\w-])[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}(?![:\w-])"),
        0.95,
        SOURCE,
        shape=re.compile(r"[:-](?:[0-9A-Fa-f]{2}[:-]){4}"),
    ),
    Pattern(
        "mac_address",
        re.compile(r"\b[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\b"),
        0.9,
        SOURCE,
        shape=re.compile(r"\.[0-9A-Fa-f]{4}\."),
    ),
    Pattern("username", re.compile(r"@(?<![\w.@/]@)[A-Za-z]\w{2,30}\b(?![.@]\w)"), 0.6, SOURCE, needs=("@",)),
    Pattern(
        "username",
        re.compile(
            r"\b(?:user ?(?:name|id)?|login(?: id| name)?|screen name|handle)(?: (?:on|for|in|to) (?:the|my"
            r"|his|her) [a-z]{3,12})?\s?(?:is|:|=)?\s{1,2}([\w.@-]{3,40})",
            re.IGNORECASE,
        ),
        0.8,
        SOURCE,
        group=1,
        needs=_USER_NEEDS,
        check=lambda value: (
            not value.islower() or any(c in ("0123456789._-") for c in value) or len(value) >= _LONG_HANDLE
        ),
    ),
    # A field of a form, a record or a log: user=jdoe7, "userName": "jdoe7", <td>Username</td><td>jdoe7
    Pattern(
        "username",
        re.compile(
            r"[ulshna](?<![a-z].)(?:(?<=u)ser(?:[ _-]?(?:name|id))?|(?<=l)ogin(?:[ _-]?(?:id|name))?"
            r"|(?<=s)creen[ _]?name|(?<=h)andle|(?<=n)ick(?:name)?|(?<=u)id|(?<=a)ccount|(?<=a)cct)"
            r"(?:['\"]?\s?[:=]\s{0,3}['\"]?|(?:</?\w{1,12}>){1,3}|['\"]\s?[:=,]\s?['\"])"
            r"([A-Za-z][\w.-]{2,39})\b(?![@(:=])",
            re.IGNORECASE,
        ),
        0.8,
        SOURCE,
        group=1,
        needs=("user", "login", "handle", "account", "uid=", "uid:"),
        check=lambda value: not _is_word(value),
    ),
    Pattern(
        "gps_coordinates",
        re.compile(
            r"(?<![\d.])[-+]?\d{1,3}\.\d{3,15}(?:° ?[NS]?| ?[NS])?[,;/] ?[-+]?\d{1,3}\.\d{3,15}(?:° ?[EW]?| ?[EW]\b)?"
            r"(?!\d|\.\d)"
        ),
        0.9,
        SOURCE,
        outlines=(b".000",),
        shape=re.compile(r"\.\d{3,15}[° NS]{0,3}[,;/] ?[-+]?\d{1,3}\.\d{3}"),
    ),
    Pattern(
        "gps_coordinates",
        re.compile(
            r"\b(?:lat|lon|lng|long)(?:itude)?['\"]?\s?(?:[:=]|is)?\s{0,2}['\"]?([-+]?\d{1,3}\.\d{4,15})(?!\d)",
            re.IGNORECASE,
        ),
        0.9,
        SOURCE,
        group=1,
        outlines=(b"0.0000",),
    ),
)


def find(text: str, lowered: str) -> Iterator[PiiFinding]:
    """Yield addresses of mail, the web and networks, and user names."""
    if "@" in text or "at]" in text or "at)" in text:
        yield from _emails(text)
    for match in _SCHEME.finditer(text) if holds(lowered, ("://", "www.")) else ():
        yield _web(text, match.start(), match.end(), 0.95)
    for match in _DOMAIN.finditer(text):
        start = _leftmost(text, match.start(), _HOST, _LONGEST_HOST)
        if start < match.start() and text[start - 1 : start] != "@":
            yield _web(text, start, match.end(), 0.75)
    for finding in found(_PATTERNS, text, lowered, outline(text)):
        if finding.label != "ip_address" or "version" not in before(text, finding.start, 12):
            yield finding


def _emails(text: str) -> Iterator[PiiFinding]:
    for match in _TIGHT_AT.finditer(text):
        start = _leftmost(text, match.start(), _LOCAL, _LONGEST_LOCAL)
        if start < match.start():
            yield PiiFinding(start, match.end(), "email", 0.95, (SOURCE,))
    for match in _BARE_AT.finditer(text):
        start = _leftmost(text, match.start(), _LOCAL, _LONGEST_LOCAL)
        if start < match.start() and text[start].isalpha():
            yield PiiFinding(start, match.end(), "email", 0.7, (SOURCE,))
    for match in _AT.finditer(text):  # spaces put in by optical character recognition
        begin = match.start() - (text[match.start() - 1 : match.start()] == " ")
        loose = text[begin : match.end()]
        if " " not in loose or loose.rsplit(".", 1)[1].strip().lower() not in {"com", "org", "net", "edu", "gov"}:
            continue
        start = _leftmost(text, begin, _LOCAL, _LONGEST_LOCAL)
        if start < begin:
            yield PiiFinding(start, match.end(), "email", 0.85, (SOURCE,))


def _web(text: str, start: int, end: int, confidence: float) -> PiiFinding:
    while end > start and text[end - 1] in _TRAILING:
        end -= 1
    return PiiFinding(start, end, "url", confidence, (SOURCE,))


def _leftmost(text: str, end: int, allowed: frozenset[str], width: int) -> int:
    start = end
    while start > 0 and end - start < width and text[start - 1] in allowed:
        start -= 1
    return start
