"""The record that a tool works on: a granted file, something kept behind a handle, or text that came with the call.

Every record passes ``context.learn`` whole before a tool sees it, so that its identifiers are known before any part
of a result can leave.
"""

import asyncio
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from openmed_agent.errors import InputError
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.text.sources import MAXIMUM_SOURCE_BYTES, SourceDocument, source_from_bytes
from openmed_agent.text.terminal import terminal_safe
from openmed_agent.tools.context import ToolContext
from openmed_agent.tools.granted_files import GrantedFiles
from openmed_agent.tools.refused_files import check_content
from openmed_agent.tools.tool import Arguments
from openmed_agent.tools.values import Fact, Handle, Label, StrictValue, label_of

MOST_TEXT: Final = 200_000
_KEPT: Final = re.compile(r"result_[0-9]{1,9}")
_SHORT_DIGEST: Final = 16
_JSON: Final = "application/fhir+json"

FilePath = Annotated[
    str, Field(min_length=1, max_length=4000, description="File in a granted folder, or its handle (document_1).")
]


class RecordArguments(Arguments):
    """A record by path or as text, exactly one of them."""

    path: (
        Annotated[
            str,
            Field(min_length=1, max_length=4000, description="File of the record, or a handle (document_1, result_1)."),
        ]
        | None
    ) = None
    text: (
        Annotated[str, Field(min_length=1, max_length=MOST_TEXT, description="The text itself, instead of a path.")]
        | None
    ) = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.path is None) == (self.text is None):
            raise ValueError("give either path or text")
        return self


@dataclass(frozen=True, slots=True)
class Record:
    """A document that was read, what to call it, and where it lies if it is a file."""

    source: SourceDocument
    shown: str = field(repr=False)
    path: Path | None = field(default=None, repr=False)

    @property
    def text(self) -> str:
        """The strictly decoded text, which all offsets count in."""
        return self.source.text


def local_path(context: ToolContext, name: str) -> str:
    """Return the path that ``name`` is, or that it is the handle of."""
    return context.handles.path_of(name) or name


async def read_record(context: ToolContext, name: str) -> Record:
    """Return the record that a path or a handle names; its identifiers are known from now on.

    Raises:
        InputError: there is none, or it is no text.
        NotPermittedError: it lies outside of the granted folders, or is none that a tool may read.

    """
    if _KEPT.fullmatch(name) and context.handles.path_of(name) is None:
        return await _learned(context, source_from_bytes(name, context.results.read(name).encode()), name, None)
    given = local_path(context, name)
    path = context.files.resolve(given, for_writing=False)
    source = await asyncio.to_thread(read_source_below, context.files, path)
    return await _learned(context, source, shown_path(context, path), path)


def read_source_below(files: GrantedFiles, path: Path) -> SourceDocument:
    """Return the document in a granted folder.

    Raises:
        InputError: it is no text.
        NotPermittedError: it is none that a tool may read.

    """
    source = source_from_bytes(file_name_of(path), files.read(path, limit=MAXIMUM_SOURCE_BYTES))
    check_content(source.text)
    return source


async def record_of(context: ToolContext, given: RecordArguments) -> Record:
    """Return the record that the arguments name or hold.

    Raises:
        OpenMedError: as ``read_record``.

    """
    if given.text is None:
        return await read_record(context, given.path or "")
    try:
        content = given.text.encode()
    except UnicodeEncodeError:
        raise InputError("The text holds a half of a character.", remedy="Pass plain text.") from None
    return await _learned(context, source_from_bytes("text", content), "the given text", None)


async def note_of(context: ToolContext, given: RecordArguments) -> Record:
    """Return a record that is a note.

    Raises:
        InputError: it is a FHIR record, which the tools that read prose would misread.

    """
    record = await record_of(context, given)
    if record.source.media_type == _JSON:
        raise InputError(
            "This tool reads notes, and this is a FHIR or JSON record.", remedy="Run a workflow on it, or read_file."
        )
    return record


async def _learned(context: ToolContext, source: SourceDocument, shown: str, path: Path | None) -> Record:
    await context.learn(source.text)
    return Record(source, shown, path)


def file_name_of(path: Path) -> str:
    """Return the file's name as one line of visible text."""
    return terminal_safe(path.name, single_line=True)


def shown_path(context: ToolContext, path: Path) -> str:
    """Return how results name a path: by its handle in strict mode, else relative to the first granted folder."""
    if context.phi_mode is PhiMode.STRICT:
        return context.handles.handle_of(str(path))
    first = context.files.roots[0]
    return terminal_safe(str(path.relative_to(first) if path.is_relative_to(first) else path), single_line=True)


def short_digest(digest: str) -> str:
    """Return enough of a digest to tell one version of a file from another."""
    return digest.removeprefix("sha256:")[:_SHORT_DIGEST]


def document_values(context: ToolContext, record: Record) -> tuple[StrictValue, ...]:
    """Return what strict mode tells of a record itself: its handle and what it is."""
    kind = label_of("fhir_json" if record.source.media_type == _JSON else "note")
    named: tuple[StrictValue, ...] = ()
    if context.phi_mode is PhiMode.STRICT and record.path is not None:
        named = (Fact(Label("document"), Handle(context.handles.handle_of(str(record.path)))),)
    return (*named, Fact(Label("kind"), kind))
