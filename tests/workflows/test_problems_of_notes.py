"""What of a note's mentions becomes a problem: the reason of a medicine taken when needed does not."""

import asyncio
from typing import cast

from openmed_agent.clinical.assertion import Reading, assess
from openmed_agent.clinical.identity import read_identity
from openmed_agent.clinical.sections import find_sections
from openmed_agent.clinical.sentences import split_sentences
from openmed_agent.planes.inference.results import Entity
from openmed_agent.text.sources import source_from_bytes
from openmed_agent.text.spans import Span
from openmed_agent.workflows.steps.problems import list_problems
from openmed_agent.workflows.work import ReadNote, Services, Work

SILENT = cast("Services", type("Silent", (), {"progress": staticmethod(lambda _: None)})())


def entities(text: str, *names: str, label: str) -> tuple[Entity, ...]:
    spans = [Span(text.index(name), text.index(name) + len(name)) for name in names]
    found = zip(names, spans, assess(text, spans, reading=Reading.SUMMARY), strict=True)
    return tuple(Entity(span, name, label, 0.95, assertion, "other", ("clinical",)) for name, span, assertion in found)


def problems(text: str, *, diseases: tuple[str, ...], drugs: tuple[str, ...]) -> list[str]:
    note = ReadNote(
        source=source_from_bytes("note.txt", text.encode()),
        sections=find_sections(text),
        sentences=split_sentences(text),
        diseases=entities(text, *diseases, label="DISEASE"),
        drugs=entities(text, *drugs, label="DRUG"),
        measurements=(),
        follow_ups=(),
        identity=read_identity(text),
    )
    work: Work = asyncio.run(list_problems(Work(sources=(), notes=(note,)), SILENT))
    return [finding.claim for finding in work.findings]


def test_what_a_medicine_is_taken_for_when_needed_is_no_problem() -> None:
    text = "Takes ibuprofen 400 mg PO every 6 hours as needed for headache. She has asthma."
    assert problems(text, diseases=("headache", "asthma"), drugs=("ibuprofen",)) == ["asthma"]


def test_what_a_medicine_is_taken_for_every_day_stays_a_problem() -> None:
    text = "Takes lisinopril 10 mg daily for hypertension."
    assert problems(text, diseases=("hypertension",), drugs=("lisinopril",)) == ["hypertension"]


def test_a_condition_is_not_worded_as_a_doubt() -> None:
    text = "If neuropathy reaches grade 3 stop oxaliplatin. Possible gout."
    claims = problems(text, diseases=("neuropathy", "gout"), drugs=("oxaliplatin",))
    assert claims == ["neuropathy, named only as a condition", "Possible gout"]
