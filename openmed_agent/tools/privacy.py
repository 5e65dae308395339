"""Tools about identifiers. What a model reads of them are kinds, places and counts; the person sees the words."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from openmed_agent.planes.inference.client import DeidentifiedDocument
from openmed_agent.planes.inference.contract import Method
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.labels import CANONICAL_LABELS
from openmed_agent.planes.inference.pii.policy import POLICIES, PolicyName
from openmed_agent.text.spans import Span
from openmed_agent.tools.context import ToolContext
from openmed_agent.tools.files import subject_of_path, subject_of_record
from openmed_agent.tools.mentions import inference_of, on_one_line, place
from openmed_agent.tools.records import (
    FilePath,
    Record,
    RecordArguments,
    document_values,
    local_path,
    read_record,
    record_of,
    shown_path,
)
from openmed_agent.tools.tool import Arguments, Display, Tool, ToolFacts, ToolResult
from openmed_agent.tools.values import Count, Label, StrictValue, counted
from openmed_agent.tools.writing import write_file

_THRESHOLD: Final = 0.5
_SHORTEST_REPEATED: Final = 4
_MOST_PLACES: Final = 200
_WORD: Final = re.compile(r"\w+")

Language = Annotated[str, Field(pattern=r"^[a-z]{2}$", description="Language of the text, such as en or de.")]
MethodName = Annotated[
    Literal["mask", "remove", "replace", "hash", "shift_dates"],
    Field(description="replace: stand-ins; shift_dates: dates move, the rest is masked."),
]
PolicyChoice = Annotated[PolicyName, Field(description="Which identifiers are treated; Safe Harbor by default.")]


class FindArguments(RecordArguments):
    """Which record, in which language."""

    language: Language = "en"


class TreatArguments(FindArguments):
    """Which record, and what becomes of its identifiers."""

    method: MethodName = "mask"
    policy: PolicyChoice = "safe_harbor"


class CopyArguments(Arguments):
    """Which file, what becomes of its identifiers, and where the copy goes."""

    path: FilePath
    new_path: Annotated[str, Field(min_length=1, max_length=4000, description="The new file; it must not exist.")]
    method: MethodName = "mask"
    policy: PolicyChoice = "safe_harbor"
    language: Language = "en"


class CheckArguments(Arguments):
    """A de-identified copy and what it was made from."""

    copy_path: FilePath
    original_path: FilePath
    language: Language = "en"


async def _find(given: FindArguments, context: ToolContext) -> ToolResult:
    record = await record_of(context, given)
    found = await _identifiers(context, record.text, given.language)
    head = f"{record.shown}: {len(found)} identifiers"
    lines = [f"{place(Span(one.start, one.end))} {known_label(one.label)}" for one in found[:_MOST_PLACES]]
    if len(found) > _MOST_PLACES:
        lines.append(f"and {len(found) - _MOST_PLACES} more")
    words = [
        f"{line}  {on_one_line(record.text[one.start : one.end])}" for line, one in zip(lines, found, strict=False)
    ]
    values = (*document_values(context, record), *counted(known_label(one.label) for one in found))
    summary = _summary(known_label(one.label) for one in found)
    return ToolResult(text="\n".join((head, summary, *lines)), display=Display(head, "\n".join(words)), values=values)


async def _treat(given: TreatArguments, context: ToolContext) -> ToolResult:
    record = await record_of(context, given)
    done = await _treated(context, record, given.method, given.policy, given.language)
    head = f"{record.shown}: {len(done.redactions)} identifiers treated by {given.method}"
    return ToolResult(
        text=f"{head}\n{done.text}", display=Display(head, done.text), values=_treated_values(context, record, done)
    )


async def _copy(given: CopyArguments, context: ToolContext) -> ToolResult:
    record = await read_record(context, given.path)
    target = context.files.resolve(local_path(context, given.new_path), for_writing=True)
    done = await _treated(context, record, given.method, given.policy, given.language)
    path = write_file(context.files, target, done.text.encode(), replacing=None)
    head = f"Wrote {shown_path(context, path)} with {len(done.redactions)} identifiers treated by {given.method}"
    text = f"{head}. A person should read it before it is shared."
    return ToolResult(text=text, display=Display(head, done.text), values=_treated_values(context, record, done))


async def _copy_preview(given: CopyArguments, context: ToolContext) -> Display:
    record = await read_record(context, given.path)
    target = context.files.resolve(local_path(context, given.new_path), for_writing=True)
    found = await _identifiers(context, record.text, given.language)
    head = f"Write a de-identified copy of {record.shown} to {shown_path(context, target)}"
    return Display(head, f"{given.method}, {given.policy}: {_summary(known_label(one.label) for one in found)}")


async def _check(given: CheckArguments, context: ToolContext) -> ToolResult:
    original = await read_record(context, given.original_path)
    copy = await read_record(context, given.copy_path)
    announced = await _identifiers(context, original.text, given.language)
    left = _repeated(copy.text, {original.text[one.start : one.end]: one.label for one in announced})
    seen = await _identifiers(context, copy.text, given.language)
    head = f"{copy.shown}: {len(left)} places repeat an identifier of {original.shown}"
    lines = [f"{place(span)} {known_label(label)}" for span, label in left[:_MOST_PLACES]]
    note = f"The detector sees {len(seen)} identifiers in the copy; stand-ins and shifted dates look like identifiers."
    words = [f"{line}  {on_one_line(span.of(copy.text))}" for line, (span, _) in zip(lines, left, strict=False)]
    values = (
        *document_values(context, copy),
        Count(Label("repeated"), len(left)),
        Count(Label("detected"), len(seen)),
        *counted(known_label(label) for _, label in left),
    )
    return ToolResult(text="\n".join((head, *lines, note)), display=Display(head, "\n".join(words)), values=values)


async def _identifiers(context: ToolContext, text: str, language: str) -> tuple[PiiFinding, ...]:
    return await inference_of(context).united_pii(text, language=language, confidence_threshold=_THRESHOLD)


async def _treated(
    context: ToolContext, record: Record, method: MethodName, policy: PolicyName, language: str
) -> DeidentifiedDocument:
    return await inference_of(context).deidentify(
        record.text,
        Method(method),
        language=language,
        confidence_threshold=_THRESHOLD,
        policy=POLICIES[policy],
        repair=True,
    )


def _treated_values(context: ToolContext, record: Record, done: DeidentifiedDocument) -> tuple[StrictValue, ...]:
    return (*document_values(context, record), *counted(known_label(one.label) for one in done.redactions))


def _repeated(text: str, values: dict[str, str]) -> Sequence[tuple[Span, str]]:
    """Return where the words of a value stand again in ``text``, whatever stands between them."""
    forms: dict[tuple[str, ...], str] = {}
    for value, label in values.items():
        form = tuple(_WORD.findall(value.casefold()))
        if sum(map(len, form)) >= _SHORTEST_REPEATED:
            forms.setdefault(form, label)
    longest = max(map(len, forms), default=0)
    firsts = {form[0] for form in forms}
    matches = list(_WORD.finditer(text)) if forms else []
    words = [match.group().casefold() for match in matches]
    found: list[tuple[Span, str]] = []
    for at, word in enumerate(words):
        if word not in firsts:
            continue
        for length in range(min(longest, len(words) - at), 0, -1):
            run = tuple(words[at : at + length])
            if run in forms:
                found.append((Span(matches[at].start(), matches[at + length - 1].end()), forms[run]))
                break
    return found


def known_label(label: str) -> str:
    """Return the label if it is one of the published ones; a service's own word is no label here."""
    folded = label.casefold()
    return folded if folded in CANONICAL_LABELS else "other_identifier"


def _summary(labels: Iterable[str]) -> str:
    counts = counted(labels)
    return ", ".join(f"{count.number} {count.of.word}" for count in counts) or "none"


def _copy_subject(given: CopyArguments, context: ToolContext) -> str:
    subject_of_path(given.path, context, for_writing=False)
    return str(Path(subject_of_path(given.new_path, context, for_writing=True)))


_FACTS: Final = ToolFacts(read_only=True, concurrent_safe=True)
FIND_IDENTIFIERS: Final = Tool(
    name="find_identifiers",
    family="privacy",
    description="Find patient identifiers in a record: kinds, places and counts, never the words.",
    arguments=FindArguments,
    facts=_FACTS,
    run=_find,
    subject=lambda given, context: subject_of_record(given.path, context),
)
DEIDENTIFY_TEXT: Final = Tool(
    name="deidentify_text",
    family="privacy",
    description="Return a record with its identifiers treated; nothing is written.",
    arguments=TreatArguments,
    facts=_FACTS,
    run=_treat,
    subject=lambda given, context: subject_of_record(given.path, context),
)
DEIDENTIFY_FILE: Final = Tool(
    name="deidentify_file",
    family="privacy",
    description="Write a de-identified copy of a file to a new file.",
    arguments=CopyArguments,
    facts=ToolFacts(read_only=False),
    run=_copy,
    subject=_copy_subject,
    preview=_copy_preview,
)
CHECK_DEIDENTIFIED: Final = Tool(
    name="check_deidentified",
    family="privacy",
    description="Check a de-identified copy for identifiers of its original that are still there.",
    arguments=CheckArguments,
    facts=_FACTS,
    run=_check,
    subject=lambda given, context: subject_of_path(given.copy_path, context, for_writing=False),
)
TOOLS: Final = (FIND_IDENTIFIERS, DEIDENTIFY_TEXT, DEIDENTIFY_FILE, CHECK_DEIDENTIFIED)
