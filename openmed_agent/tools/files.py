"""Tools that read granted folders: one file, or what a folder holds."""

import asyncio
import os
import stat
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from openmed_agent.errors import OpenMedError
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.text.sources import SourceDocument
from openmed_agent.text.terminal import terminal_safe
from openmed_agent.tools.context import ToolContext
from openmed_agent.tools.granted_files import GrantedFiles
from openmed_agent.tools.probing import identifier_spans, widened
from openmed_agent.tools.records import (
    FilePath,
    document_values,
    local_path,
    read_record,
    read_source_below,
    short_digest,
    shown_path,
)
from openmed_agent.tools.refused_files import is_refused_name
from openmed_agent.tools.tool import Arguments, Display, Tool, ToolFacts, ToolResult
from openmed_agent.tools.values import Count, Handle, Label, StrictValue

DEEPEST: Final = 8
MOST_FILES: Final = 500
MOST_LEARNED: Final = 200_000
"""Bytes of files that a listing reads; about two seconds of the detector."""

_LOOKED_AT: Final = 20_000
_FOLDER: Final = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)


# No pattern of names: a file may be named after its patient, and a pattern would spell the name out.
Extension = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,8}$", description="Only files of this kind, such as txt.")]


class ReadArguments(Arguments):
    """Which lines of which file."""

    path: FilePath
    offset: Annotated[int, Field(ge=1, le=10_000_000, description="First line, from 1.")] = 1
    limit: Annotated[int, Field(ge=1, le=5_000, description="How many lines.")] = 400


class ListArguments(Arguments):
    """Which folder."""

    path: Annotated[str, Field(min_length=1, max_length=4000, description="Folder; the granted one by default.")] = "."
    extension: Extension | None = None


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file below a granted folder that tools may read."""

    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class FolderListing:
    """The files of a folder in order; ``withheld`` counts what is a link, hidden or refused; ``more`` if cut off."""

    files: tuple[ListedFile, ...]
    withheld: int
    more: bool


def list_folder(files: GrantedFiles, path: str | Path, *, extension: str | None = None) -> FolderListing:
    """Return the files below a granted folder, all or those of one kind, links and refused ones left out.

    Raises:
        InputError, NotPermittedError: the folder cannot be opened.

    """
    ending = "" if extension is None else f".{extension.casefold()}"
    found: list[ListedFile] = []
    withheld = 0
    for looked_at, entry in enumerate(walk_folder(files, path)):
        if looked_at >= _LOOKED_AT or len(found) >= MOST_FILES:
            return FolderListing(tuple(found), withheld, more=True)
        if entry is None:
            withheld += 1
        elif entry.path.name.casefold().endswith(ending):
            found.append(entry)
    return FolderListing(tuple(found), withheld, more=False)


def walk_folder(files: GrantedFiles, path: str | Path) -> Iterator[ListedFile | None]:
    """Yield the files below a granted folder in order of their names, None for each entry that is withheld.

    Raises:
        InputError, NotPermittedError: the folder cannot be opened.

    """
    with files.open_folder(path) as (descriptor, folder):
        yield from _walk(descriptor, folder, files, depth=DEEPEST)


def _walk(descriptor: int, folder: Path, files: GrantedFiles, *, depth: int) -> Iterator[ListedFile | None]:
    try:
        names = sorted(os.listdir(descriptor))
    except OSError:
        yield None
        return
    for name in names:
        try:
            status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
        except OSError:
            continue  # gone since it was listed
        if is_refused_name(name, for_writing=True) and name.startswith("."):
            yield None
        elif stat.S_ISDIR(status.st_mode):
            yield from _walk_into(name, descriptor, folder, files, depth=depth)
        elif not stat.S_ISREG(status.st_mode) or status.st_nlink > 1 or is_refused_name(name, for_writing=False):
            yield None
        else:
            yield ListedFile(folder / name, status.st_size)


def _walk_into(
    name: str, descriptor: int, folder: Path, files: GrantedFiles, *, depth: int
) -> Iterator[ListedFile | None]:
    if depth <= 1:
        yield None
        return
    try:
        inner = os.open(name, _FOLDER, dir_fd=descriptor)
    except OSError:
        yield None
        return
    try:
        if files.is_refused_folder(inner):
            yield None
        else:
            yield from _walk(inner, folder / name, files, depth=depth - 1)
    finally:
        os.close(inner)


async def _read(given: ReadArguments, context: ToolContext) -> ToolResult:
    record = await read_record(context, given.path)
    text = record.text
    identifiers = await identifier_spans(context, text)
    starts = [0, *(at + 1 for at, character in enumerate(text) if character == "\n"), len(text) + 1]
    first = min(given.offset, len(starts) - 1) - 1
    last = min(first + given.limit, len(starts) - 1)
    start, end = widened(starts[first], starts[last] - 1, identifiers)
    first, last = bisect_right(starts, start) - 1, bisect_left(starts, end + 1)
    head = (
        f"{record.shown}: lines {first + 1}-{last} of {len(starts) - 1}, "
        f"characters {starts[first]}-{starts[last] - 1} of {len(text)}, digest {short_digest(record.source.digest)}"
    )
    shown = [text[starts[line] : starts[line + 1] - 1] for line in range(first, last)]
    # A number within an identifier of several lines would keep the gate from knowing it.
    broken = {line for line in range(first, last) if any(one.start < starts[line] < one.end for one in identifiers)}
    numbered = [words if line in broken else f"{line + 1:>5}  {words}" for line, words in enumerate(shown, start=first)]
    values = (
        *document_values(context, record),
        Count(Label("lines"), len(starts) - 1),
        Count(Label("characters"), len(text)),
    )
    return ToolResult(text="\n".join((head, *numbered)), display=Display(head, "\n".join(shown)), values=values)


async def _list(given: ListArguments, context: ToolContext) -> ToolResult:
    listing = list_folder(context.files, local_path(context, given.path), extension=given.extension)
    names = await _told_names(listing.files, context)
    lines = [f"{name}  {file.size:,} bytes" for name, file in zip(names, listing.files, strict=True)]
    notes = [f"{len(listing.files)} files"]
    if listing.withheld:
        notes.append(f"{listing.withheld} entries not for tools (links, hidden files, credentials)")
    if listing.more:
        notes.append("there are more: name a folder or an extension")
    head = "; ".join(notes)
    values: list[StrictValue] = [Count(Label("files"), len(listing.files)), Count(Label("withheld"), listing.withheld)]
    if context.phi_mode is PhiMode.STRICT:
        values += (Handle(context.handles.handle_of(str(file.path))) for file in listing.files)
    shown = "\n".join(f"{shown_path(context, file.path)}  {file.size:,} bytes" for file in listing.files)
    return ToolResult(text="\n".join((head, *lines)), display=Display(head, shown), values=tuple(values))


async def _told_names(files: Sequence[ListedFile], context: ToolContext) -> list[str]:
    """Return what a model may call each file: its name only once what the file says is known to the gate.

    A file is often named after its patient, and a name alone seldom tells that it is one. What is too much to read
    for a listing, or no text, is named by a handle.
    """
    if context.phi_mode is not PhiMode.DEID:
        return [shown_path(context, file.path) for file in files]
    names: list[str] = []
    budget = MOST_LEARNED
    for file in files:
        source = None if file.size > budget else await asyncio.to_thread(_readable, context.files, file.path)
        if source is None:
            names.append(context.handles.handle_of(str(file.path)))
            continue
        budget -= file.size
        await context.learn(source.text)
        names.append(shown_path(context, file.path))
    return names


def _readable(files: GrantedFiles, path: Path) -> SourceDocument | None:
    try:
        return read_source_below(files, path)
    except OpenMedError:
        return None


def subject_of_path(path: str, context: ToolContext, *, for_writing: bool) -> str:
    """Return the absolute path that a permission pattern is matched with.

    Raises:
        OpenMedError: the path may not be used at all.

    """
    return str(context.files.resolve(local_path(context, path), for_writing=for_writing))


def subject_of_record(path: str | None, context: ToolContext) -> str:
    """Return the absolute path of a record to read, or "" for text and for what is kept behind a handle."""
    if path is None:
        return ""
    try:
        return subject_of_path(path, context, for_writing=False)
    except OpenMedError:
        if path.startswith("result_"):
            return ""
        raise


def folder_subject(given: ListArguments, context: ToolContext) -> str:
    """Return the folder as one line."""
    return terminal_safe(subject_of_path(given.path, context, for_writing=False), single_line=True)


READ_FILE: Final = Tool(
    name="read_file",
    family="files",
    description="Read lines of a text file (note, FHIR JSON, CSV) with line numbers and character offsets.",
    arguments=ReadArguments,
    facts=ToolFacts(read_only=True, concurrent_safe=True),
    run=_read,
    subject=lambda given, context: subject_of_record(given.path, context),
)
LIST_FILES: Final = Tool(
    name="list_files",
    family="files",
    description="List the files in a granted folder and the folders below it.",
    arguments=ListArguments,
    facts=ToolFacts(read_only=True, concurrent_safe=True),
    run=_list,
    subject=folder_subject,
)
TOOLS: Final = (READ_FILE, LIST_FILES)
