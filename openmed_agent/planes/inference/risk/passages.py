"""Passages that single people out: rare diagnoses, work, places, events, origin, ages and sizes. English only."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from itertools import groupby
from typing import Final

from openmed_agent.clinical.assertion import assess
from openmed_agent.clinical.sections import find_sections
from openmed_agent.planes.inference.pii.wordfile import section
from openmed_agent.planes.inference.risk.findings import RiskFinding, RiskKind
from openmed_agent.text.spans import Span

_DIAGNOSES: Final = "risk/diagnoses.txt"
_PEOPLE: Final = "risk/people.txt"
_RARE: Final = "rare by Regulation (EC) No 141/2000: at most 5 in 10,000 people have it"
_REPORTED: Final = "so few cases a year that each is reported, and many are in the news"
_STRIKING: Final = "so striking that those around the person know of it"
_PUBLIC: Final = "a role that one or a few people at a time have in a place, and that is public"
_UNUSUAL: Final = "work that few people do"
_STATED: Final = "stated work; with a region and an age it can be enough"

_WORK: Final = re.compile(
    r"\b(?:works? as an?|worked as an?|employed as an?|career as an?|job as an?|occupation(?: is)?:?|profession:?|"
    r"retired(?: as an?)?|by trade an?|self-employed)\s(?!from\b|in\b|and\b|on\b|since\b|due\b|because\b|military\b)"
    r"((?:[a-z][\w'-]{2,20})(?:\s(?!and\b|who\b|with\b|in\b|at\b|for\b|from\b|but\b|since\b|lives\b|now\b|on\b|has\b)"
    r"[a-z][\w'-]{1,20}){0,2})",
    re.IGNORECASE,
)
_EXPRESSIONS: Final = "passages.txt"
_HEADING: Final = re.compile(r"\[(\w+)\] (.+)")
_CASE_COUNTS: Final = frozenset({RiskKind.ORIGIN})


def find_passages(text: str) -> tuple[RiskFinding, ...]:
    """Return the passages that could single a person out, in order; a negated diagnosis is none."""
    found = [*_diagnoses(text), *_people(text)]
    for kind, expression, reason in _expressions():
        found += (RiskFinding(kind, Span(*match.span()), reason) for match in expression.finditer(text))
    return _without_repetition(found)


def _diagnoses(text: str) -> Iterator[RiskFinding]:
    spans: list[tuple[Span, str]] = []
    for name, reason in (("rare", _RARE), ("reported", _REPORTED), ("striking", _STRIKING)):
        spans += ((Span(*match.span()), reason) for match in _phrases(_DIAGNOSES, name).finditer(text))
    assertions = assess(text, [span for span, _ in spans], sections=find_sections(text)) if spans else ()
    for (span, reason), assertion in zip(spans, assertions, strict=True):
        if not assertion.negated:
            yield RiskFinding(RiskKind.RARE_DIAGNOSIS, span, reason)


def _people(text: str) -> Iterator[RiskFinding]:
    for name, reason in (("public_roles", _PUBLIC), ("unusual_work", _UNUSUAL)):
        for match in _phrases(_PEOPLE, name).finditer(text):
            yield RiskFinding(RiskKind.OCCUPATION, Span(*match.span()), reason)
    for match in _WORK.finditer(text):
        yield RiskFinding(RiskKind.OCCUPATION, Span(*match.span(1)), _STATED)


@cache
def _phrases(file: str, name: str) -> re.Pattern[str]:
    """Return the expression of a section: any case unless written in capitals, `'s`, plural and hyphens optional."""
    written = sorted(section(file, name), key=len, reverse=True)
    exact = [re.escape(entry) for entry in written if entry.isupper()]
    folded = [_phrase(entry) for entry in written if not entry.isupper()]
    parts = [f"(?i:{'|'.join(folded)})", *exact]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(parts)})s?(?![\w-])")


def _phrase(entry: str) -> str:
    head, *rest = (re.escape(word).replace(r"\-", "[- ]") for word in entry.split())
    return r"\s{1,3}".join((head + (r"(?:['’]s)?" if rest else ""), *rest))


@cache
def _expressions() -> tuple[tuple[RiskKind, re.Pattern[str], str], ...]:
    """Return kind, expression and reason of every paragraph of the file of passages."""
    found: list[tuple[RiskKind, re.Pattern[str], str]] = []
    lines = resources.files(__package__).joinpath(_EXPRESSIONS).read_text("utf-8").splitlines()
    paragraphs = groupby((line for line in lines if not line.startswith("#")), key=bool)
    for heading, *alternatives in (list(group) for is_text, group in paragraphs if is_text):
        match = _HEADING.fullmatch(heading)
        if match is None:
            raise ValueError(f"{_EXPRESSIONS}: a paragraph has no heading")
        kind = RiskKind[match[1].upper()]
        flags = re.NOFLAG if kind in _CASE_COUNTS else re.IGNORECASE
        found.append((kind, re.compile("|".join(alternatives), flags), match[2]))
    return tuple(found)


def _without_repetition(found: Iterable[RiskFinding]) -> tuple[RiskFinding, ...]:
    """Return the findings in order, without those that lie within one of the same kind."""
    kept: list[RiskFinding] = []
    for finding in sorted(found, key=lambda f: (f.span.start, -f.span.end) if f.span else (0, 0)):
        inside = any(
            other.kind is finding.kind and other.span and finding.span and other.span.contains(finding.span)
            for other in kept[-8:]
        )
        if not inside:
            kept.append(finding)
    return tuple(kept)
