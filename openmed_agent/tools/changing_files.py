"""Tools that write files, each with the difference that a person sees before it happens."""

from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.text.sources import MAXIMUM_NOTE_BYTES, MAXIMUM_SOURCE_BYTES, sha256_digest
from openmed_agent.tools.context import ToolContext
from openmed_agent.tools.files import subject_of_path
from openmed_agent.tools.probing import identifier_spans, whole_matches
from openmed_agent.tools.records import FilePath, local_path, short_digest, shown_path
from openmed_agent.tools.refused_files import check_content
from openmed_agent.tools.tool import Arguments, Display, Tool, ToolFacts, ToolResult
from openmed_agent.tools.values import Count, Fact, Handle, Label, StrictValue
from openmed_agent.tools.writing import write_file

_MOST_TEXT: Final = 1_000_000


class WriteArguments(Arguments):
    """A whole file."""

    path: FilePath
    content: Annotated[str, Field(max_length=_MOST_TEXT, description="The whole text of the file.")]
    replaces: Annotated[
        str | None,
        Field(pattern=r"^[0-9a-f]{16}$", description="To replace a file: its digest, as read_file shows it."),
    ] = None


class EditArguments(Arguments):
    """One replacement in a file."""

    path: FilePath
    old_text: Annotated[
        str, Field(min_length=1, max_length=_MOST_TEXT, description="Text that stands in the file exactly once.")
    ]
    new_text: Annotated[str, Field(max_length=_MOST_TEXT, description="What to put in its place.")]


@dataclass(frozen=True, slots=True)
class Change:
    """What a file holds now, None where there is none, and what it is to hold."""

    path: Path
    before: bytes | None = field(repr=False)
    after: bytes = field(repr=False)

    def difference(self, name: str) -> str:
        """Return the change as a unified diff."""
        old = (self.before or b"").decode().splitlines()
        new = self.after.decode().splitlines()
        return "\n".join(unified_diff(old, new, f"{name} (now)", f"{name} (new)", lineterm=""))


def _written(given: WriteArguments, context: ToolContext) -> Change:
    path = context.files.resolve(local_path(context, given.path), for_writing=True)
    before = _current(context, path)
    if before is None and given.replaces is not None:
        raise InputError("There is no such file to replace.", remedy="Leave the digest out to make one.")
    if before is not None and given.replaces is None:
        raise InputError("The file exists already.", remedy="Choose another name, or pass its digest to replace it.")
    if before is not None and given.replaces != short_digest(sha256_digest(before)):
        raise InputError("The file is not the one that was read.", remedy="Read it again.")
    return Change(path, before, _encoded(given.content))


async def _edited(given: EditArguments, context: ToolContext) -> Change:
    if context.phi_mode is PhiMode.STRICT:
        raise NotPermittedError(
            "In strict mode records are not edited: whether a text stands there would tell what they say."
        )
    path = context.files.resolve(local_path(context, given.path), for_writing=True)
    before = _current(context, path)
    if before is None:
        raise InputError("There is no such file.", remedy="Use write_file to make one.")
    text = before.decode()
    await context.learn(text)
    identifiers = await identifier_spans(context, text)
    places = whole_matches(text, given.old_text, identifiers)
    if len(places) != 1:
        where = "does not stand in the file" if not places else f"stands in the file {len(places)} times"
        raise InputError(f"The old text {where}.", remedy="Pass text that stands there exactly once, names whole.")
    return Change(path, before, _encoded(text[: places[0].start] + given.new_text + text[places[0].end :]))


def _current(context: ToolContext, path: Path) -> bytes | None:
    """Return what a file holds; None where there is none.

    Raises:
        InputError: it is too large or no text, so that nobody could see what would change.
        NotPermittedError: it is none that a tool may read.

    """
    if not path.exists():
        return None
    content = context.files.read(path, limit=MAXIMUM_SOURCE_BYTES)
    if len(content) > MAXIMUM_SOURCE_BYTES:
        raise InputError("The file is too large to be changed.")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise InputError("The file is not text in UTF-8, so it is not changed.") from None
    check_content(text)
    return content


def _encoded(text: str) -> bytes:
    try:
        content = text.encode()
    except UnicodeEncodeError:
        raise InputError("The text holds a half of a character.", remedy="Pass plain text.") from None
    if len(content) > MAXIMUM_NOTE_BYTES:
        raise InputError("The text is larger than 1 MB.", remedy="Write it in parts.")
    if "\x00" in text:
        raise InputError("The text holds a character that no text file has.", remedy="Pass plain text.")
    return content


async def _done(change: Change, context: ToolContext) -> ToolResult:
    if change.before is not None:
        await context.learn(change.before.decode())
    path = write_file(context.files, change.path, change.after, replacing=change.before)
    name = shown_path(context, path)
    verb = "Wrote" if change.before is None else "Changed"
    head = f"{verb} {name}: {len(change.after):,} bytes"
    values: tuple[StrictValue, ...] = (Count(Label("bytes"), len(change.after)),)
    if context.phi_mode is PhiMode.STRICT:
        values += (Fact(Label("written"), Handle(context.handles.handle_of(str(path)))),)
    return ToolResult(text=head, display=Display(head, change.difference(name), "diff"), values=values)


def _shown(change: Change, context: ToolContext) -> Display:
    name = shown_path(context, change.path)
    verb = "Write" if change.before is None else "Change"
    return Display(f"{verb} {name}", change.difference(name), "diff")


async def _write(given: WriteArguments, context: ToolContext) -> ToolResult:
    return await _done(_written(given, context), context)


async def _write_preview(given: WriteArguments, context: ToolContext) -> Display:
    return _shown(_written(given, context), context)


async def _edit(given: EditArguments, context: ToolContext) -> ToolResult:
    return await _done(await _edited(given, context), context)


async def _edit_preview(given: EditArguments, context: ToolContext) -> Display:
    return _shown(await _edited(given, context), context)


def _subject(given: WriteArguments | EditArguments, context: ToolContext) -> str:
    return subject_of_path(given.path, context, for_writing=True)


WRITE_FILE: Final = Tool(
    name="write_file",
    family="files",
    description="Write a text file in a granted folder; the person sees the difference first.",
    arguments=WriteArguments,
    facts=ToolFacts(read_only=False, destructive=True),
    run=_write,
    subject=_subject,
    preview=_write_preview,
)
EDIT_FILE: Final = Tool(
    name="edit_file",
    family="files",
    description="Replace a text that stands exactly once in a file; the person sees the difference first.",
    arguments=EditArguments,
    facts=ToolFacts(read_only=False, destructive=True),
    run=_edit,
    subject=_subject,
    preview=_edit_preview,
)
TOOLS: Final = (WRITE_FILE, EDIT_FILE)
