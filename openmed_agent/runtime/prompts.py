"""What a person typed and attached, made into the text that the model shall read."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from openmed_agent.errors import OpenMedError
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.runtime.loop import Prompt
from openmed_agent.tools.context import ToolContext

_WORD: Final = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text that came with a prompt; ``name`` is a file name or ``standard input``."""

    name: str = field(repr=False)
    text: str = field(repr=False)


async def prompt_of(typed: str, attachments: Iterable[Attachment], context: ToolContext) -> Prompt:
    """Return the prompt of a turn; every identifier that an attachment announces is known from now on.

    In strict mode no text of an attachment is part of it, only a handle; and a file that the person names by its
    path is named by a handle too.

    Raises:
        OpenMedError: the identifiers of an attachment could not be told.

    """
    strict = context.phi_mode is PhiMode.STRICT
    parts = [_with_handles(typed, context) if strict else typed]
    for attachment in attachments:
        await context.learn(attachment.text)
        if strict:
            handle = context.results.keep(attachment.text)
            parts.append(f"Attached: {handle}, {len(attachment.text)} characters.")
        else:
            parts.append(f"Attached, {attachment.name}:\n{attachment.text}")
    return Prompt(shown=typed, local_text="\n\n".join(parts))


def _with_handles(typed: str, context: ToolContext) -> str:
    def handle(word: re.Match[str]) -> str:
        name = word.group().strip("@,;:!?()\"'`").rstrip(".")
        path = _path(name, context)
        return word.group() if path is None else word.group().replace(name, context.handles.handle_of(path))

    return _WORD.sub(handle, typed)


def _path(name: str, context: ToolContext) -> str | None:
    """Return the granted file that a word names, or None where it is just a word."""
    if not name:
        return None
    try:
        path = context.files.resolve(name, for_writing=False)
    except OpenMedError:
        return None
    return str(path) if path.is_file() else None
