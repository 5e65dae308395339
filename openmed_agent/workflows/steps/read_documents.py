"""Reads every source: notes through the inference plane and the clinical grammar, FHIR as it stands."""

import asyncio
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from openmed_agent.clinical.assertion import Reading
from openmed_agent.clinical.follow_ups import find_follow_ups
from openmed_agent.clinical.identity import read_identity
from openmed_agent.clinical.measurements import find_measurements
from openmed_agent.clinical.sections import find_sections
from openmed_agent.clinical.sentences import split_sentences
from openmed_agent.planes.inference.client import Entity
from openmed_agent.planes.inference.contract import DISEASE_MODEL, PHARMA_MODEL
from openmed_agent.planes.inference.results import asserted_here
from openmed_agent.text.sources import SourceDocument
from openmed_agent.text.spans import Span
from openmed_agent.text.terminal import terminal_safe
from openmed_agent.workflows.draft import ReleaseReference
from openmed_agent.workflows.fhir_chart import read_fhir
from openmed_agent.workflows.work import STATED, Finding, ReadChart, ReadNote, Services, Work, evidence_of

_HIDDEN: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\u00ad\u061c\U000e0000-\U000e007f]")
_FHIR_TYPE: Final = "application/fhir+json"


async def read_documents(work: Work, services: Services) -> Work:
    """Return ``work`` with every source read, and the release of the inference plane.

    Raises:
        InputError: a FHIR source cannot be read.
        PlaneError: the inference plane gave no usable answer.

    """
    health = await services.inference.health()
    release = ReleaseReference(
        plane="inference",
        system=terminal_safe(health.service, single_line=True),
        version=terminal_safe(health.version, single_line=True),
        complete=True,
    )
    charts = tuple(ReadChart(source, read_fhir(source)) for source in work.sources if source.media_type == _FHIR_TYPE)
    notes: list[ReadNote] = []
    for source in work.sources:
        if source.media_type != _FHIR_TYPE:
            services.progress(f"Reading {terminal_safe(source.name, single_line=True)}")
            notes.append(await _read_note(source, services))
    hidden = [finding for source in work.sources for finding in _hidden_characters(source)]
    return replace(
        work,
        notes=tuple(notes),
        charts=charts,
        releases=(*work.releases, release),
        findings=(*work.findings, *hidden, *(gap for chart in charts for gap in _unreadable(chart))),
        warnings=(*work.warnings, *(_hidden_warning(finding) for finding in hidden)),
    )


async def _read_note(source: SourceDocument, services: Services) -> ReadNote:
    diseases, drugs = await asyncio.gather(
        services.inference.analyze(source.text, DISEASE_MODEL), services.inference.analyze(source.text, PHARMA_MODEL)
    )
    text, sections = source.text, find_sections(source.text)
    measurements = find_measurements(text, sections=sections)
    no_mentions = [section.title for section in sections if section.title is not None]
    no_mentions += [measurement.span for measurement in measurements]
    return ReadNote(
        source=source,
        sections=sections,
        sentences=split_sentences(text),
        diseases=asserted_here(text, _outside(diseases, no_mentions), reading=Reading.SUMMARY),
        drugs=asserted_here(text, _outside(drugs, no_mentions), reading=Reading.SUMMARY),
        measurements=measurements,
        follow_ups=find_follow_ups(text, sections),
        identity=read_identity(text),
    )


def _outside(entities: Sequence[Entity], places: Sequence[Span]) -> tuple[Entity, ...]:
    """Return the entities that lie in none of ``places``; both are in the order of the text."""
    ordered = sorted(places)
    starts = [place.start for place in ordered]
    return tuple(
        entity
        for entity in entities
        if not any(
            place.overlaps(entity.span) for place in ordered[max(0, bisect_left(starts, entity.span.end) - 2) :][:2]
        )
    )


def _hidden_characters(source: SourceDocument) -> list[Finding]:
    places = [match.start() for match in _HIDDEN.finditer(source.text)]
    if not places:
        return []
    shown = terminal_safe(source.name, single_line=True)
    return [
        Finding(
            kind="conflict",
            claim=f"{shown} holds {len(places)} invisible or direction-changing characters:"
            " it may read differently from what it says",
            subject=f"hidden:{source.digest}",
            support="uncertain",
            evidence=tuple(evidence_of(source, Span(place, place + 1)) for place in places[:3]),
            assertion=STATED,
        )
    ]


def _hidden_warning(finding: Finding) -> str:
    return f"{finding.claim}."


def _unreadable(read: ReadChart) -> list[Finding]:
    if not read.chart.unreadable:
        return []
    shown = terminal_safe(read.source.name, single_line=True)
    return [
        Finding(
            kind="gap",
            claim=f"{len(read.chart.unreadable)} entries of {shown} could not be read and are missing here",
            subject=f"unreadable:{read.source.digest}",
            support="unsupported",
            evidence=(),
        )
    ]
