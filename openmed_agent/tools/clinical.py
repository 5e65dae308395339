"""Tools that read notes: entities, sections, medicines with their directions, measured values, quotes."""

from typing import Annotated, Final

from pydantic import Field

from openmed_agent.clinical.assertion import Reading, assess
from openmed_agent.clinical.measurements import Measurement, find_measurements
from openmed_agent.clinical.medication_lists import read_medications
from openmed_agent.clinical.medications import MedicationStatement
from openmed_agent.clinical.sections import find_sections, section_at
from openmed_agent.clinical.sentences import split_sentences
from openmed_agent.errors import NotPermittedError
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.tools.context import ToolContext
from openmed_agent.tools.files import subject_of_record
from openmed_agent.tools.mentions import (
    EntityKind,
    asserted,
    entity_counts,
    entity_line,
    find_mentions,
    on_one_line,
    place,
    strict_codes,
)
from openmed_agent.tools.probing import identifier_spans, whole_matches
from openmed_agent.tools.records import Record, RecordArguments, document_values, note_of, record_of
from openmed_agent.tools.tool import Display, Tool, ToolFacts, ToolResult
from openmed_agent.tools.values import Code, Count, Label, StrictValue, counted

_MOST_PLACES: Final = 20
_FIRST_KINDS: Final[tuple[EntityKind, ...]] = ("disease", "drug", "procedure", "lab_value", "vital_sign")


class EntityArguments(RecordArguments):
    """Which mentions of which note."""

    kinds: Annotated[
        tuple[EntityKind, ...], Field(max_length=9, description="What to look for; empty: the common kinds.")
    ] = ()


class QuoteArguments(RecordArguments):
    """Which quotes of which record."""

    quotes: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=2_000)], ...],
        Field(min_length=1, max_length=50, description="Exact words of the record."),
    ]


async def _entities(given: EntityArguments, context: ToolContext) -> ToolResult:
    record = await note_of(context, given)
    found, missing = await find_mentions(context, record.text, given.kinds or _FIRST_KINDS)
    lines = [entity_line(entity) for entity in found]
    if missing:
        lines.append(f"Not looked for, as the service does not serve them: {', '.join(missing)}.")
    codes = await strict_codes(context, found)
    unserved = counted(f"not_served_{kind}" for kind in missing)
    return _listed(context, record, f"{len(found)} mentions", lines, (*entity_counts(found), *unserved, *codes))


async def _sections(given: RecordArguments, context: ToolContext) -> ToolResult:
    record = await note_of(context, given)
    sections = find_sections(record.text)
    lines = [
        f"{place(section.span)} {section.kind}"
        + (f' "{on_one_line(section.title.of(record.text))}"' if section.title else "")
        for section in sections
    ]
    return _listed(context, record, f"{len(sections)} sections", lines, counted(str(one.kind) for one in sections))


async def _medications(given: RecordArguments, context: ToolContext) -> ToolResult:
    record = await note_of(context, given)
    text = record.text
    drugs, _ = await find_mentions(context, text, ("drug",))
    statements = read_medications(text, [drug.span for drug in drugs], sentences=split_sentences(text))
    lines = [
        _medication_line(text, statement, (*asserted(drug.assertion), drug.section))
        for drug, statement in zip(drugs, statements, strict=True)
    ]
    codes = await strict_codes(context, drugs)
    states = counted(f"status_{statement.status}" for statement in statements)
    counts = (Count(Label("drug"), len(drugs)), *states)
    return _listed(context, record, f"{len(drugs)} mentions of medicines", lines, (*counts, *codes))


async def _measurements(given: RecordArguments, context: ToolContext) -> ToolResult:
    record = await note_of(context, given)
    found = find_measurements(record.text)
    lines = [_measurement_line(record.text, one) for one in found]
    codes = dict.fromkeys(Code(Label("loinc"), one.loinc, one.name_canonical) for one in found if one.loinc)
    flags = counted(f"flag_{one.flag}" for one in found if one.flag)
    values: tuple[StrictValue, ...] = (*counted(one.kind for one in found), *flags, *codes)
    return _listed(context, record, f"{len(found)} measured values", lines, values)


async def _quotes(given: QuoteArguments, context: ToolContext) -> ToolResult:
    if context.phi_mode is PhiMode.STRICT:
        raise NotPermittedError("In strict mode quotes are not checked: the answer would tell what a record says.")
    record = await record_of(context, given)
    sections = find_sections(record.text)
    identifiers = await identifier_spans(context, record.text)
    lines: list[str] = []
    standing = 0
    for number, quote in enumerate(given.quotes, start=1):
        spans = whole_matches(record.text, quote, identifiers)
        if not spans:
            lines.append(f"{number}. does not stand in the record")
            continue
        standing += 1
        assertions = assess(record.text, spans[:_MOST_PLACES], sections=sections, reading=Reading.SUMMARY)
        for span, assertion in zip(spans[:_MOST_PLACES], assertions, strict=True):
            words = ", ".join(asserted(assertion)) or "stated"
            lines.append(f"{number}. {place(span)} {words}, in {section_at(sections, span.start).kind}")
        if len(spans) > _MOST_PLACES:
            lines.append(f"{number}. and {len(spans) - _MOST_PLACES} more places")
    values = (Count(Label("standing"), standing), Count(Label("missing"), len(given.quotes) - standing))
    return _listed(context, record, f"{standing} of {len(given.quotes)} quotes stand there", lines, values)


def _listed(
    context: ToolContext, record: Record, what: str, lines: list[str], values: tuple[StrictValue, ...]
) -> ToolResult:
    head = f"{record.shown}: {what}"
    body = "\n".join(lines)
    return ToolResult(
        text=f"{head}\n{body}" if body else head,
        display=Display(head, body),
        values=(*document_values(context, record), *values),
    )


def _medication_line(text: str, statement: MedicationStatement, words: tuple[str, ...]) -> str:
    sig = f" sig: {statement.normalised_sig};" if statement.normalised_sig else ""
    cautions = f"; caution: {'; '.join(statement.cautions)}" if statement.cautions else ""
    said = ", ".join(word for word in words if word != "other")
    quote = on_one_line(statement.span.of(text))
    return f'{place(statement.span)} "{quote}"{sig} status {statement.status}{f"; {said}" if said else ""}{cautions}'


def _measurement_line(text: str, measured: Measurement) -> str:
    value = f"{measured.comparator or ''}{measured.value}{f' {measured.unit}' if measured.unit else ''}"
    details = [measured.kind, measured.flag, f"range {measured.reference_range}" if measured.reference_range else ""]
    details += ["prior" if measured.prior else "", on_one_line(measured.date.of(text)) if measured.date else ""]
    return f"{place(measured.span)} {measured.name_canonical} {value} ({', '.join(one for one in details if one)})"


_FACTS: Final = ToolFacts(read_only=True, concurrent_safe=True)


def _subject(given: RecordArguments, context: ToolContext) -> str:
    return subject_of_record(given.path, context)


EXTRACT_ENTITIES: Final = Tool(
    name="extract_entities",
    family="clinical",
    description="Find clinical mentions in a note: place, quote, assertion (negated, historical, family), section.",
    arguments=EntityArguments,
    facts=_FACTS,
    run=_entities,
    subject=_subject,
)
FIND_SECTIONS: Final = Tool(
    name="find_sections",
    family="clinical",
    description="Find the sections of a note.",
    arguments=RecordArguments,
    facts=_FACTS,
    run=_sections,
    subject=_subject,
)
LIST_MEDICATIONS: Final = Tool(
    name="list_medications",
    family="clinical",
    description="List the medicines of a note with dose, route, frequency, status and cautions as written.",
    arguments=RecordArguments,
    facts=_FACTS,
    run=_medications,
    subject=_subject,
)
LIST_MEASUREMENTS: Final = Tool(
    name="list_measurements",
    family="clinical",
    description="List laboratory values and vital signs of a note with unit, flag, range and date as written.",
    arguments=RecordArguments,
    facts=_FACTS,
    run=_measurements,
    subject=_subject,
)
CHECK_QUOTES: Final = Tool(
    name="check_quotes",
    family="clinical",
    description="Check that words stand in a record exactly so; says where, in which section and how asserted.",
    arguments=QuoteArguments,
    facts=_FACTS,
    run=_quotes,
    subject=_subject,
)
TOOLS: Final = (EXTRACT_ENTITIES, FIND_SECTIONS, LIST_MEDICATIONS, LIST_MEASUREMENTS, CHECK_QUOTES)
