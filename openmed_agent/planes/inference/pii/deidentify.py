"""Taking found identifiers out of a text: mask, remove, replace, hash, shift dates, or block out."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from openmed_agent.planes.inference.pii.date_shift import shift_days_of_scope, shifted
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.surrogates import Surrogates, normalised

Method = Literal["mask", "remove", "replace", "hash", "shift_dates", "redact"]

_HASH_DIGITS: Final = 12
_BLOCK: Final = "█"


@dataclass(frozen=True, slots=True)
class Replacement:
    """What stands now for code points [start, end) of the original."""

    start: int
    end: int
    new_text: str
    label: str


@dataclass(frozen=True, slots=True)
class Deidentified:
    """The new text, and every replacement in the order of the original."""

    text: str
    replacements: tuple[Replacement, ...]


def deidentify(
    text: str,
    findings: Sequence[PiiFinding],
    *,
    method: Method,
    keep_year: bool,
    date_shift_days: int | None,
    key: bytes,
    scope: str | None,
) -> Deidentified:
    """Return the text with every finding replaced; findings are in order and do not overlap.

    `key` is secret; `hash` and `replace` are functions of it, of the scope and of the identifier, so a scope's
    documents agree and nobody without the key can go back. `shift_dates` moves full dates by `date_shift_days` (or by
    a number of days drawn from key and scope), masks dates it cannot parse and every birth date, and masks the rest;
    with `keep_year` the year stays as it was, at the cost of intervals across New Year. Raises ValueError for an
    empty key or a shift of 0 days, which would change nothing.
    """
    if not key:
        raise ValueError("De-identification needs a secret key.")
    if date_shift_days == 0:
        raise ValueError("A date shift of 0 days leaves every date as it was.")
    days = shift_days_of_scope(key, scope) if date_shift_days is None else date_shift_days
    rewrite = _rewriter(text, findings, method=method, days=days, keep_year=keep_year, key=key, scope=scope)
    parts: list[str] = []
    replacements: list[Replacement] = []
    position = 0
    for finding in findings:
        new_text = rewrite(finding)
        parts += (text[position : finding.start], new_text)
        replacements.append(Replacement(finding.start, finding.end, new_text, finding.label))
        position = finding.end
    parts.append(text[position:])
    return Deidentified("".join(parts), tuple(replacements))


def _rewriter(
    text: str,
    findings: Sequence[PiiFinding],
    *,
    method: Method,
    days: int,
    keep_year: bool,
    key: bytes,
    scope: str | None,
) -> Callable[[PiiFinding], str]:
    """Return the function that gives one finding's new text."""

    def mask(finding: PiiFinding) -> str:
        return f"[{finding.label}]"

    def moved(finding: PiiFinding) -> str:
        date = (
            shifted(text[finding.start : finding.end], days, keep_year=keep_year) if finding.label == ("date") else None
        )
        return mask(finding) if date is None else date

    match method:
        case "mask":
            return mask
        case "remove":
            return lambda finding: f"[{finding.label}_REMOVED]"
        case "redact":
            return lambda finding: "".join(c if c in "\r\n" else _BLOCK for c in text[finding.start : finding.end])
        case "hash":
            return lambda finding: (
                f"{finding.label}_{_digest(text[finding.start : finding.end], finding.label, key, scope)}"
            )
        case "shift_dates":
            return moved
        case "replace":
            return Surrogates(text, findings, key=key, scope=scope, days=days).surrogate


def _digest(value: str, label: str, key: bytes, scope: str | None) -> str:
    message = "\x1f".join(("hash", scope or "", label, normalised(value)))
    return hmac.new(key, message.encode(), hashlib.sha256).hexdigest()[:_HASH_DIGITS]
