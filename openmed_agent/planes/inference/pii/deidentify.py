"""Taking found identifiers out of a text: mask, remove, replace, hash, shift dates, or block out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from openmed_agent.planes.inference.pii.block_out import blocks
from openmed_agent.planes.inference.pii.date_shift import DateShift, date_shift, shift_days_of_scope
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.keyed import KeyedChoices
from openmed_agent.planes.inference.pii.policy import SAFE_HARBOR, Parts, Policy
from openmed_agent.planes.inference.pii.surrogates import Surrogates, normalised

Method = Literal["mask", "remove", "replace", "hash", "shift_dates", "redact"]

_HASH_DIGITS: Final = 12
_MOVED: Final = frozenset({"date", "date_time"})
_DATES: Final = _MOVED | {"date_of_birth"}


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
    language: str = "en",
    policy: Policy = SAFE_HARBOR,
) -> Deidentified:
    """Return the text with every finding replaced; findings are in order, do not overlap, and are all acted on.

    `key` is secret; `hash` and `replace` are functions of it, of the scope and of the identifier, so a scope's
    documents agree and nobody without the key can go back. `shift_dates` moves full dates by `date_shift_days` (or by
    a number of days drawn from key and scope), masks dates it cannot parse and every birth date, and masks the rest;
    with `keep_year` the year stays as it was, at the cost of intervals across New Year. `policy` says what `mask`
    may leave of a value. Raises ValueError for an empty key or a shift of 0 days, which would change nothing.
    """
    if not key:
        raise ValueError("De-identification needs a secret key.")
    if date_shift_days == 0:
        raise ValueError("A date shift of 0 days leaves every date as it was.")
    days = shift_days_of_scope(key, scope) if date_shift_days is None else date_shift_days
    dates = [text[finding.start : finding.end] for finding in findings if finding.label in _DATES]
    shift = date_shift(text, dates, days=days, keep_year=keep_year, language=language)
    choices = KeyedChoices(key, scope or "")
    rewrite: Callable[[PiiFinding], str]
    match method:
        case "mask":
            rewrite = _Masks(text, Parts(text, policy.keep_parts)).of
        case "remove":
            rewrite = _removed
        case "redact":
            rewrite = _BlockedOut(text).of
        case "hash":
            rewrite = _Hashes(text, choices).of
        case "shift_dates":
            rewrite = _MovedDates(text, shift).of
        case "replace":
            rewrite = Surrogates(text, findings, choices=choices, language=language, dates=shift).surrogate
    return _rewritten(text, findings, rewrite)


@dataclass(frozen=True, slots=True)
class _Masks:
    """The label in brackets, or the part of the value that may stay."""

    text: str
    parts: Parts

    def of(self, finding: PiiFinding) -> str:
        return self.parts.of(finding.label, self.text[finding.start : finding.end]) or f"[{finding.label}]"


@dataclass(frozen=True, slots=True)
class _BlockedOut:
    text: str

    def of(self, finding: PiiFinding) -> str:
        return blocks(self.text[finding.start : finding.end])


@dataclass(frozen=True, slots=True)
class _Hashes:
    """The label and a keyed digest that spellings of one value share."""

    text: str
    choices: KeyedChoices

    def of(self, finding: PiiFinding) -> str:
        value = normalised(self.text[finding.start : finding.end])
        return f"{finding.label}_{self.choices.stream(f'hash {finding.label}', value).hex()[:_HASH_DIGITS]}"


@dataclass(frozen=True, slots=True)
class _MovedDates:
    """The moved date for a full date that is no birth, and a mask for all else."""

    text: str
    shift: DateShift

    def of(self, finding: PiiFinding) -> str:
        moved = self.shift.moved(self.text[finding.start : finding.end]) if finding.label in _MOVED else None
        return f"[{finding.label}]" if moved is None else moved


def _removed(finding: PiiFinding) -> str:
    return f"[{finding.label}_REMOVED]"


def _rewritten(text: str, findings: Sequence[PiiFinding], rewrite: Callable[[PiiFinding], str]) -> Deidentified:
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
