"""Secrets and codes of machines: passwords, keys, tokens, wallets, booking codes, bank codes, passport lines.

What a word announces is read by the word; what no text holds by chance (a long run of letters and digits, a line
filled up with `<`) by its shape.
"""

import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.lexicon import lexicon
from openmed_agent.planes.inference.pii.patterns import Pattern, holds

SOURCE: Final = "credential"

_FEWEST_OF_EACH: Final = 3
_LONGEST_WORD_OF_KEY: Final = 9
_PASSWORD: Final = re.compile(
    r"p(?<![a-z]p)(?:ass ?(?:word|code|phrase)|asswd|wd|ass(?=\W{0,2}[:=]))['\"]?"
    r"(\s?(?:[:=]|->)|(?: (?:is|was|of|set to))?)\s{0,3}['\"]?([^\s'\"<>]{4,40})",
    re.IGNORECASE,
)
_KEYED: Final = re.compile(
    r"[apscrltb](?<![a-z].)(?:(?:(?<=a)pi|(?<=a)ccess|(?<=s)ecret|(?<=p)rivate|(?<=a)uth|(?<=c)lient|(?<=s)ession"
    r"|(?<=r)efresh|(?<=l)icen[cs]e|(?<=p)roduct|(?<=a)ctivation|(?<=s)ecurity)[ _-]?(?:key|token|secret|id)"
    r"|(?<=t)oken|(?<=s)ecret|(?<=c)ookie|(?<=b)earer)(?:[ _]id)?['\"]?"
    r"(?:\s?[:=]| is|)\s{0,3}['\"]?([a-z0-9][\w+/=.-]{7,200})",
    re.IGNORECASE,
)
_KEYED_NEEDS: Final = ("key", "token", "secret")
_LONG: Final = re.compile(r"[A-Za-z0-9_-]{20,}")
_PARTS: Final = re.compile(r"[_-]")
_SHORTEST_KEY: Final = 20
_BANK: Final = re.compile(
    r"(?i:\b(?:bic|swift)\b)[^\n]{0,40}?\b([A-Z]{4}(?:A[DELTU]|B[AEGHRY]|C[AHINORYZ]|D[EKO]|E[EGS]|F[IR]|G[BERT]|H[KRU]"
    r"|I[DELNRST]|J[OP]|K[RWZ]|L[BITUV]|M[ACDETUXY]|N[GLOZ]|OM|P[AHKLTY]|QA|R[OSU]|S[AEGIKMV]|T[HNRW]|U[AKSY]|V[GN]|XK|ZA)"
    r"[A-Z0-9]{2}(?:[A-Z0-9]{3})?)\b"
)
_PATTERNS: Final = (
    Pattern("bic", _BANK, 0.9, SOURCE, group=1, needs=("bic", "swift")),
    Pattern(
        "account_number",
        re.compile(r"(?i:\bsort[ _-]?code)[^\d\n]{0,40}(\d\d-\d\d-\d\d)(?![\w-])"),
        0.9,
        SOURCE,
        group=1,
        needs=("sort",),
    ),
    Pattern(
        "unique_id",
        re.compile(
            r"(?i:\b(?:pnr|(?:booking|reservation|confirmation)[ _]?(?:ref(?:erence)?|code|number|no\.?|id)?"
            r"|(?:record )?locator))(?i:(?: code| number| no\.?)?(?: is)?)['\"]?[^\w\n]{1,6}([A-Z0-9]{5,8})\b"
        ),
        0.8,
        SOURCE,
        group=1,
        needs=("pnr", "booking", "locator"),
    ),
    # The lines that machines read on passports and identity cards (ICAO 9303)
    Pattern(
        "certificate_number",
        re.compile(r"(?<![\w<])[A-Z0-9<]{28,46}(?![\w<])"),
        0.9,
        SOURCE,
        needs=("<<",),
        check=lambda value: "<<" in value,
    ),
    # The number of a case in a federal court
    Pattern(
        "unique_id",
        re.compile(r"(?i:\b\d:\d\d-(?:cv|cr)-\d{3,6}\b)"),
        0.9,
        SOURCE,
        needs=("-cv-", "-cr-"),
    ),
)


def find(text: str, lowered: str) -> Iterator[PiiFinding]:
    """Yield passwords, keys, wallets and the codes of bookings, banks, courts and passports."""
    for match in _PASSWORD.finditer(text) if holds(lowered, ("pass", "pwd")) else ():
        value = match[2].rstrip(".,;)")
        if _is_password(value, assigned=bool(match[1].strip(" iswaofet"))):
            yield PiiFinding(match.start(2), match.start(2) + len(value), "password", 0.9, (SOURCE,))
    for match in _KEYED.finditer(text) if holds(lowered, _KEYED_NEEDS) else ():
        value = match[1].rstrip(".-=")
        if _mixed(value):
            yield PiiFinding(match.start(1), match.start(1) + len(value), "api_key", 0.9, (SOURCE,))
    for match in _LONG.finditer(text) if _holds_long_run(text) else ():
        if _is_key(match.group()):
            yield PiiFinding(*match.span(), "unique_id", 0.8, (SOURCE,))
    for pattern in _PATTERNS:
        if holds(lowered, pattern.needs):  # a call of every pattern takes longer
            yield from pattern.find(text, lowered)


def _holds_long_run(text: str) -> bool:
    """Say whether a word of the text holds a run as long as a key; an address is as long, but no run."""
    words = text.split()
    if max(map(len, words), default=0) < _SHORTEST_KEY:
        return False
    return any(_LONG.search(word) for word in words if len(word) >= _SHORTEST_KEY)


def _is_password(value: str, *, assigned: bool) -> bool:
    """Tell a password from the next word of a sentence."""
    if assigned:
        return not (value.isalpha() and value.lower() in lexicon().words)
    return any(not c.isalpha() and c not in "-'." for c in value)


def _mixed(value: str) -> bool:
    return any(c.isdigit() for c in value) and any(c.isalpha() for c in value)


def _is_key(run: str) -> bool:
    """Tell a key from words and numbers joined by hyphens: letters and digits take turns inside its parts."""
    digits = sum(c.isdigit() for c in run)
    if digits < _FEWEST_OF_EACH or len(run) - digits < _FEWEST_OF_EACH:
        return False
    parts = _PARTS.split(run)
    return any(_mixed(part) and len(part) > _LONGEST_WORD_OF_KEY for part in parts)
