"""De-identifies one record and looks at the result again before anybody gets it.

A pure function of the record and the treatment, key included, so that one process, many and a cluster agree byte for
byte. Nothing is raised and nothing logged: an error could quote the text.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from openmed_agent.planes.inference.corpus.records import MAXIMUM_RECORD_BYTES, Outcome, Problem, Record
from openmed_agent.planes.inference.models.local_models import NO_MODELS, LocalModels, load_models
from openmed_agent.planes.inference.pii.deidentify import Method, Replacement, deidentify
from openmed_agent.planes.inference.pii.detector import detect
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.merge import unite
from openmed_agent.planes.inference.pii.policy import Policy
from openmed_agent.planes.inference.pii.residual import residual_identifiers

_THRESHOLD: Final = 0.5
_REPAIRS: Final = 3


@dataclass(frozen=True, slots=True)
class ModelsPlace:
    """A folder of local models and its lock; ``digest`` is that of the lock, which pins every file."""

    folder: Path
    lock: Path
    digest: str


@dataclass(frozen=True, slots=True)
class Treatment:
    """How every record is de-identified; the ``key`` is secret. ``models`` are united with the rules."""

    method: Method
    keep_year: bool
    date_shift_days: int | None
    language: str
    policy: Policy
    key: bytes = field(repr=False)
    models: ModelsPlace | None = None

    @property
    def key_check(self) -> str:
        """A digest that tells whether a key is the same, and nothing else of it."""
        return hmac.new(self.key, b"openmed deid-batch", hashlib.sha256).hexdigest()[:32]


def treat_all(records: Sequence[Record], treatment: Treatment) -> tuple[Outcome, ...]:
    """Return what comes of each record, in order.

    Raises:
        OpenMedError: the local models cannot be loaded, or are not those that the lock pins.

    """
    place = treatment.models
    models = NO_MODELS if place is None else loaded_models(place)
    return tuple(treat(record, treatment, models) for record in records)


@cache
def loaded_models(place: ModelsPlace) -> LocalModels:
    """Return the models, loaded once a process.

    Raises:
        OpenMedError: they cannot be loaded, or are not those that the lock pins.

    """
    return load_models(place.folder, place.lock)


def treat(record: Record, treatment: Treatment, models: LocalModels = NO_MODELS) -> Outcome:
    """Return what comes of a record: a text in which nothing is found any more, or an error."""
    if record.problem is not None:
        return _failed(record, record.problem)
    text = record.text
    if text is None or not text.strip():
        return Outcome(record=record.number, status="ok", text=text)
    if len(text.encode()) > MAXIMUM_RECORD_BYTES:
        return _failed(record, Problem.TOO_LARGE)
    try:
        return _treated(record, text, treatment, models)
    except Exception:  # noqa: BLE001 - one failing record never stops the rest, and a fault's text may quote it
        return _failed(record, Problem.FAILED)


def _failed(record: Record, problem: Problem) -> Outcome:
    return Outcome(record=record.number, status="error", error=problem)


def _treated(record: Record, text: str, treatment: Treatment, models: LocalModels) -> Outcome:
    policy = treatment.policy
    findings = policy.chosen(text, _identifiers(text, treatment.language, models))
    done = deidentify(
        text,
        findings,
        method=treatment.method,
        keep_year=treatment.keep_year,
        date_shift_days=treatment.date_shift_days,
        key=treatment.key,
        scope=f"\0record {record.number}" if record.scope is None else record.scope,
        language=treatment.language,
        policy=policy,
    )
    known = [text[finding.start : finding.end] for finding in findings]
    now, allowed, repaired = done.text, _spans(done.replacements), 0
    for _ in range(_REPAIRS):
        found = residual_identifiers(now, known, allowed=allowed, threshold=_THRESHOLD, language=treatment.language)
        left = policy.chosen(now, found)
        if not left:
            return Outcome(record=record.number, status="ok", identifiers=len(findings), repaired=repaired, text=now)
        repaired += len(left)
        now, allowed = _masked(now, left, allowed)
    return _failed(record, Problem.RESIDUAL)


def _identifiers(text: str, language: str, models: LocalModels) -> Sequence[PiiFinding]:
    """Return what the rules find, and with it what the local models of identifiers find."""
    found = detect(text, language=language, threshold=_THRESHOLD)
    if not models.identifier_names:
        return found
    return unite([*found, *models.identifiers(text, model=None, threshold=_THRESHOLD)], text)


def _spans(replacements: Sequence[Replacement]) -> list[tuple[int, int]]:
    """Return where the replacements stand in the new text."""
    spans: list[tuple[int, int]] = []
    moved = 0
    for one in replacements:
        start = one.start + moved
        spans.append((start, start + len(one.new_text)))
        moved += len(one.new_text) - (one.end - one.start)
    return spans


def _masked(
    text: str, left: Sequence[PiiFinding], allowed: Sequence[tuple[int, int]]
) -> tuple[str, list[tuple[int, int]]]:
    """Return the text with what is left masked, whole replacements that it touches with it, and where all stand."""
    stretches: list[tuple[int, int, str | None]] = []
    every = [(one.start, one.end, one.label) for one in left] + [(start, end, None) for start, end in allowed]
    for start, end, label in sorted(every, key=lambda one: one[:2]):
        if stretches and start < stretches[-1][1]:
            first, last, known = stretches[-1]
            stretches[-1] = (first, max(last, end), known or label)
        else:
            stretches.append((start, end, label))
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    at = length = 0
    for start, end, label in stretches:
        new = text[start:end] if label is None else f"[{label}]"
        parts += (text[at:start], new)
        length += start - at
        spans.append((length, length + len(new)))
        length += len(new)
        at = end
    parts.append(text[at:])
    return "".join(parts), spans
