"""A source document as read from disk: its bytes, digest and strictly decoded text.

Offsets in evidence count code points of exactly this text, so nothing is normalised: no newline changes, no
Unicode forms, a byte order mark stays the first character.
"""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from openmed_agent.errors import InputError
from openmed_agent.text.terminal import terminal_safe

MAXIMUM_SOURCE_BYTES: Final = 8 * 1024 * 1024
MAXIMUM_NOTE_BYTES: Final = 1024 * 1024
_FORBIDDEN_CONTROLS: Final = frozenset("\x00")
_BINARY_SHARE: Final = 0.02
_JSON_START: Final = re.compile(r"[\ufeff \t\r\n]*(?:\{|\[[ \t\r\n]*[\[{\"])")


def sha256_digest(content: bytes) -> str:
    """Return ``sha256:<hex>`` of the raw bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """One input document: ``name`` is the file's name without its folder, ``text`` the decoded content."""

    name: str
    content: bytes
    text: str
    digest: str
    media_type: str


def read_source(path: Path) -> SourceDocument:
    """Return the document at ``path``.

    Raises:
        InputError: it is missing, not a regular file, too large, empty, binary, or not UTF-8.

    """
    shown = terminal_safe(path.name, single_line=True)
    content = _read_bytes(path, shown)
    return source_from_bytes(file_name(path), content)


def file_name(path: Path) -> str:
    """Return the file's name without its folder; bytes that are not UTF-8 become U+FFFD."""
    return os.fsencode(path.name).decode("utf-8", errors="replace")


def source_from_bytes(name: str, content: bytes) -> SourceDocument:
    """Return the document that ``content`` holds.

    Raises:
        InputError: the content is too large, empty, binary, or not UTF-8.

    """
    shown = terminal_safe(name, single_line=True)
    if len(content) > MAXIMUM_SOURCE_BYTES:
        raise _too_large(shown, MAXIMUM_SOURCE_BYTES, "document")
    try:
        text = content.decode("utf-8", errors="strict")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{shown} is not UTF-8 text (byte {error.start} does not fit).",
            remedy="Save it as plain text in UTF-8 and try again.",
        ) from None
    if _is_binary(text):
        raise InputError(f"{shown} is a binary file, not text.", remedy="Export it as plain text or as FHIR JSON.")
    if not _has_words(text):
        raise InputError(f"{shown} is empty.", remedy="Pass a file that holds a note or a FHIR bundle.")
    is_json = name.lower().endswith(".json") or looks_like_json(text)
    media_type = "application/fhir+json" if is_json else "text/plain"
    if media_type == "text/plain" and len(content) > MAXIMUM_NOTE_BYTES:
        raise _too_large(shown, MAXIMUM_NOTE_BYTES, "note")
    return SourceDocument(name=name, content=content, text=text, digest=sha256_digest(content), media_type=media_type)


def looks_like_json(text: str) -> bool:
    """Return whether the text opens like JSON: an object, or an array of objects, arrays or strings.

    A note may well start with a bracket, as in ``[Draft] Progress note``, but not with two in a row.
    """
    return _JSON_START.match(text) is not None


def _too_large(shown: str, limit: int, kind: str) -> InputError:
    return InputError(
        f"{shown} is larger than {limit // 1024**2} MB, the most one {kind} may have.",
        remedy="Split it into its parts and pass each one.",
    )


def _read_bytes(path: Path, shown: str) -> bytes:
    try:
        if not path.exists():
            raise InputError(f"There is no file {shown}.", remedy="Check the path.")
        if not path.is_file():
            raise InputError(f"{shown} is not a regular file.", remedy="Pass the file itself.")
        with path.open("rb") as file:
            return file.read(MAXIMUM_SOURCE_BYTES + 1)
    except PermissionError:
        raise InputError(f"{shown} cannot be read.", remedy="Give yourself the right to read it.") from None
    except (OSError, ValueError):
        raise InputError(f"{shown} cannot be read.", remedy="Check the path and the disk.") from None


def _is_binary(text: str) -> bool:
    if any(control in text for control in _FORBIDDEN_CONTROLS):
        return True
    controls = sum(1 for character in text[:65536] if character < " " and character not in "\t\r\n\f\x1b")
    return controls > _BINARY_SHARE * min(len(text), 65536)


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)
