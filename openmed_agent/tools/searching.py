"""The tool that searches granted files for words or a pattern."""

import asyncio
import json
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from openmed_agent.errors import InputError, LimitReachedError, NotPermittedError, OpenMedError
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.text.spans import Span
from openmed_agent.tools import matching_child
from openmed_agent.tools.context import ToolContext
from openmed_agent.tools.files import Extension, list_folder, subject_of_path
from openmed_agent.tools.mentions import place
from openmed_agent.tools.probing import cuts, hidden, identifier_spans, widened
from openmed_agent.tools.records import Record, local_path, read_source_below, shown_path
from openmed_agent.tools.tool import Arguments, Display, Tool, ToolFacts, ToolResult

_MOST_BYTES: Final = 32 * 1024 * 1024
_MOST_LEARNED: Final = 2 * 1024 * 1024  # about twenty seconds of the detector, once
_MOST_MATCHES: Final = 2_000
_SECONDS: Final = 15.0
_AROUND: Final = 120


class SearchArguments(Arguments):
    """What to look for, and where."""

    pattern: Annotated[str, Field(min_length=1, max_length=300, description="Words, found within one line.")]
    regex: Annotated[bool, Field(description="Take it as a regular expression of Python.")] = False
    path: Annotated[str, Field(min_length=1, max_length=4000, description="File or folder.")] = "."
    extension: Extension | None = None
    ignore_case: Annotated[bool, Field(description="Take upper and lower case alike.")] = True
    limit: Annotated[int, Field(ge=1, le=200, description="Most lines to show.")] = 50


Place = tuple[int, int, int, int]
"""Number of the text, number of the line, start and end of the match."""


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    matches: tuple[Place, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """The first match on one line of a record, and the identifiers of that record."""

    record: Record
    line_number: int
    span: Span
    identifiers: tuple[Span, ...]

    @property
    def line(self) -> str:
        """The match as a line of the result, with some of the words around it."""
        text, span = self.record.text, self.span
        first = max(text.rfind("\n", 0, span.start) + 1, span.start - _AROUND)
        stop = text.find("\n", span.end)
        last = min(stop if stop >= 0 else len(text), span.end + _AROUND)
        first, last = widened(first, last, self.identifiers)
        excerpt = " ".join(text[first:last].split())
        return f"{self.record.shown}:{self.line_number} {place(span)} {excerpt}"


async def _search(given: SearchArguments, context: ToolContext) -> ToolResult:
    if context.phi_mode is PhiMode.STRICT:
        raise NotPermittedError(
            "In strict mode records are not searched: whether words stand there would tell what they say.",
            remedy="Use extract_entities or a workflow.",
        )
    records, skipped = await _records(given, context)
    found = await _found(given, records, context)
    shown = found[: given.limit]
    files = {match.record.shown for match in shown}
    notes = [f"{len(shown)} lines in {len(files)} of {len(records)} files"]
    if len(found) > given.limit:
        notes.append("there are more: narrow the search")
    if skipped:
        notes.append(f"{skipped} files not searched (no text, too large, or not for tools)")
    head = "; ".join(notes)
    body = "\n".join(match.line for match in shown)
    return ToolResult(text=f"{head}\n{body}" if body else head, display=Display(head, body))


async def _found(given: SearchArguments, records: Sequence[Record], context: ToolContext) -> list[Match]:
    """Return the first match of each line that may be told.

    All records are learned first, whether they match or not: what a search costs must not tell what a record says.
    """
    texts: list[str] = []
    kept_back: list[tuple[Span, ...]] = []
    for record in records:
        await context.learn(record.text)
        kept_back.append(await identifier_spans(context, record.text))
        texts.append(hidden(record.text, kept_back[-1]) if given.regex else record.text)
    pattern = given.pattern if given.regex else re.escape(given.pattern)
    lines: dict[tuple[int, int], Match] = {}
    for number, line, start, end in await _matched(pattern, texts, ignore_case=given.ignore_case, limit=_MOST_MATCHES):
        span = Span(start, max(end, start + 1))
        if given.regex or not cuts(span, kept_back[number]):
            lines.setdefault((number, line), Match(records[number], line, span, kept_back[number]))
    return list(lines.values())


async def _records(given: SearchArguments, context: ToolContext) -> tuple[list[Record], int]:
    """Return the texts to search, and how many files are none."""
    path = context.files.resolve(local_path(context, given.path), for_writing=False)
    if not path.is_dir():
        source = await asyncio.to_thread(read_source_below, context.files, path)
        return [Record(source, shown_path(context, path), path)], 0
    listing = await asyncio.to_thread(list_folder, context.files, path, extension=given.extension)
    most = _MOST_BYTES if context.phi_mode is PhiMode.FULL else _MOST_LEARNED
    records: list[Record] = []
    skipped = listing.withheld
    for file in listing.files:
        try:
            source = await asyncio.to_thread(read_source_below, context.files, file.path)
        except OpenMedError:
            skipped += 1
            continue
        records.append(Record(source, shown_path(context, file.path), file.path))
        if sum(len(record.source.content) for record in records) > most:
            raise LimitReachedError(
                f"The files hold more than {most // 1024**2} MB.", remedy="Name a file, a folder or an extension."
            )
    return records, skipped


async def _matched(pattern: str, texts: Sequence[str], *, ignore_case: bool, limit: int) -> tuple[Place, ...]:
    """Return matches in ``texts``, a few on each line, and no more lines than ``limit``.

    Raises:
        InputError: the pattern is none.
        LimitReachedError: the search took too long and was ended.

    """
    request = json.dumps({"pattern": pattern, "texts": texts, "ignore_case": ignore_case, "limit": limit})
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-S",
        matching_child.__file__,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
        cwd="/",
    )
    try:
        async with asyncio.timeout(_SECONDS):
            written, _ = await child.communicate(request.encode())
    except TimeoutError:
        raise _too_long() from None
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    try:
        answer = _Answer.model_validate_json(written)
    except ValidationError:
        raise _too_long() from None
    if answer.error is not None:
        raise InputError("The pattern is not a regular expression.", remedy="Correct it, or search for plain words.")
    return answer.matches


def _too_long() -> LimitReachedError:
    return LimitReachedError("The search took too long and was ended.", remedy="Search for plain words.")


GREP: Final = Tool(
    name="grep",
    family="files",
    description="Search text files for words or a regular expression; shows lines with character offsets.",
    arguments=SearchArguments,
    facts=ToolFacts(read_only=True, concurrent_safe=True),
    run=_search,
    subject=lambda given, context: subject_of_path(given.path, context, for_writing=False),
)
TOOLS: Final = (GREP,)
