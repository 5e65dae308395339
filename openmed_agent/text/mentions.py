"""How a prompt names a file: ``@notes.txt``, or ``@"progress note.txt"`` where the bare name would be read wrongly.

One side writes these names, the other finds them; both are here so that they agree.
"""

import re
from collections.abc import Iterator
from typing import Final

_WORD: Final = re.compile(r"\S+")
_QUOTED: Final = re.compile(r"""@(?:"([^"\n]{1,4000})"|'([^'\n]{1,4000})')""")
_MARKS: Final = "@,;:!?()\"'`"


def named_in(text: str) -> Iterator[str]:
    """Yield what may be a file's name in a prompt: quoted mentions, and each word without the marks around it."""
    for mention in _QUOTED.finditer(text):
        yield mention[1] or mention[2]
    for word in _WORD.finditer(text):
        if name := _bare(word.group()):
            yield name


def mention_of(path: str) -> str | None:
    """Return how a prompt names this file, or None where no prompt can: its name has a line break or both quotes."""
    if not path or "\n" in path or not _can_be_sent(path):
        return None
    if _WORD.fullmatch(path) and _bare(path) == path:
        return f"@{path}"
    quote = next((mark for mark in "\"'" if mark not in path), None)
    return quote and f"@{quote}{path}{quote}"


def _bare(word: str) -> str:
    return word.strip(_MARKS).rstrip(_MARKS + ".")


def _can_be_sent(path: str) -> bool:
    """Return whether the name is text; the system may have given bytes that are none."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
