"""Lists laboratory results and vital signs with the value, unit and flag that the chart states."""

from dataclasses import replace
from typing import Final

from openmed_agent.clinical.measurements import Measurement
from openmed_agent.workflows.draft import Code
from openmed_agent.workflows.steps.fhir_findings import observation_findings
from openmed_agent.workflows.work import Finding, ReadNote, Services, Work, evidence_of, plain

LOINC_RELEASE: Final = "LOINC common vital signs (subset in this program)"


async def list_measurements(work: Work, services: Services) -> Work:
    """Return ``work`` with a finding for every measured value."""
    services.progress("Listing results and vital signs")
    found = [finding for note in work.notes for finding in _of_note(note)]
    found += [finding for read in work.charts for finding in observation_findings(read)]
    return replace(work, findings=(*work.findings, *found))


def _of_note(note: ReadNote) -> list[Finding]:
    return [_finding(note, measurement) for measurement in note.measurements]


def _finding(note: ReadNote, measurement: Measurement) -> Finding:
    value = f"{measurement.comparator or ''}{measurement.value}"
    unit = f" {plain(measurement.unit)}" if measurement.unit else ""
    flag = f" ({measurement.flag})" if measurement.flag else ""
    date = f", {plain(measurement.date.of(note.source.text))}" if measurement.date else ""
    date += " (prior)" if measurement.prior else ""
    loinc = (
        (
            Code(
                system="LOINC",
                code=measurement.loinc,
                display=measurement.name_canonical,
                release=LOINC_RELEASE,
            ),
        )
        if measurement.loinc
        else ()
    )
    return Finding(
        kind=measurement.kind,
        claim=f"{measurement.name_canonical[:1].upper()}{measurement.name_canonical[1:]} {value}{unit}{flag}{date}",
        subject=f"{measurement.name_canonical.casefold()} {value}{unit}{date}",
        support="supported",
        evidence=(evidence_of(note.source, measurement.span),),
        codes=loinc,
    )
