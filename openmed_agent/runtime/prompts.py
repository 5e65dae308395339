"""What a person typed and attached, made into the text that the model shall read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from openmed_agent.errors import InputError, NotPermittedError, OpenMedError
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.runtime.loop import Prompt
from openmed_agent.text.mentions import named_in
from openmed_agent.tools.context import ToolContext
from openmed_agent.tools.records import read_record


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text that came with a prompt; ``name`` is a file name or ``standard input``."""

    name: str = field(repr=False)
    text: str = field(repr=False)


async def prompt_of(typed: str, attachments: Iterable[Attachment], context: ToolContext) -> Prompt:
    """Return the prompt of a turn; what attachments and files named in it announce is known from now on.

    In strict mode no text of an attachment is part of it, only a handle; and a file that the person names by its
    path is named by a handle too.

    Raises:
        OpenMedError: the identifiers of an attachment could not be told.

    """
    strict = context.phi_mode is PhiMode.STRICT
    files = _named_files(typed, context) if context.phi_mode is not PhiMode.FULL else {}
    for path in files.values():
        await _learn_file(path, context)
    parts = [_with_handles(typed, files, context) if strict else typed]
    for attachment in attachments:
        await context.learn(attachment.text)
        if strict:
            handle = context.results.keep(attachment.text)
            parts.append(f"Attached: {handle}, {len(attachment.text)} characters.")
        else:
            parts.append(f"Attached, {attachment.name}:\n{attachment.text}")
    return Prompt(shown=typed, local_text="\n\n".join(parts))


async def _learn_file(path: str, context: ToolContext) -> None:
    """Make known what a record announces before its name, which often is the patient's, can leave."""
    try:
        await read_record(context, path)
    except (InputError, NotPermittedError):
        return  # no record; its name is scanned as the rest of the prompt is


def _named_files(typed: str, context: ToolContext) -> dict[str, str]:
    """Return the granted files that the prompt names, by their names in it."""
    return {name: path for name in named_in(typed) if (path := _path(name, context)) is not None}


def _with_handles(typed: str, files: Mapping[str, str], context: ToolContext) -> str:
    for name in sorted(files, key=len, reverse=True):
        typed = typed.replace(name, context.handles.handle_of(files[name]))
    return typed


def _path(name: str, context: ToolContext) -> str | None:
    """Return the granted file that a word names, or None where it is just a word."""
    try:
        path = context.files.resolve(name, for_writing=False)
    except OpenMedError:
        return None
    return str(path) if path.is_file() else None
