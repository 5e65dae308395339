"""Changes one setting in ``config.toml`` and nothing else: comments, order and every other setting stay as they are.

The text is edited in the few places that are plain to see, then read again: only where the result says exactly what the
old file said and the one change, is it written. Anything else is left to the person, who is told the line.
"""

import os
import re
import tomllib
from pathlib import Path
from typing import Final

from openmed_agent.errors import InputError

_LARGEST: Final = 256 * 1024


def setting_lines(section: str, name: str, value: str) -> str:
    """Return what a person writes into the file."""
    return f'[{section}]\n{name} = "{value}"'


def changed_text(text: str, section: str, name: str, value: str) -> str | None:
    """Return the file's text with one setting changed; None where that cannot be done without touching more.

    ``value`` is a plain word of ours.
    """
    line = f'{name} = "{value}"'
    found = re.search(rf"(?m)^\[{re.escape(section)}\][ \t]*(?:#[^\n]*)?$", text)
    if found is None:
        before = text if not text or text.endswith("\n") else f"{text}\n"
        candidate = f"{before}{chr(10) if before else ''}[{section}]\n{line}\n"
    else:
        begin = found.end()
        following = re.search(r"(?m)^[ \t]*\[", text[begin:])
        end = begin + following.start() if following else len(text)
        present = re.search(rf"(?m)^[ \t]*{re.escape(name)}[ \t]*=[ \t]*([\"'])[a-z_]*\1", text[begin:end])
        if present is None:
            candidate = f"{text[:begin]}\n{line}{text[begin:]}"
        else:
            candidate = f"{text[: begin + present.start()]}{line}{text[begin + present.end() :]}"
    return candidate if _says_only(text, candidate, section, name, value) else None


def change_setting(file: Path, section: str, name: str, value: str) -> None:
    """Change one setting in the file, which is made where there is none; a crash leaves the old or the new one.

    Raises:
        InputError: it cannot be done safely, or the disk refuses; the remedy is the line to write.

    """
    by_hand = f"Write in {file}: {setting_lines(section, name, value).replace(chr(10), ' ')}"
    if file.is_symlink():
        raise InputError(f"{file} is a link, so it is left as it is.", remedy=by_hand)
    try:
        text = file.read_bytes()[: _LARGEST + 1].decode("utf-8") if file.exists() else ""
        changed = changed_text(text, section, name, value) if len(text) <= _LARGEST else None
        if changed is None:
            raise InputError(f"{file} cannot be changed without touching more of it.", remedy=by_hand)
        _replace(file, changed)
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{file} cannot be changed.", remedy=by_hand) from None


def _says_only(text: str, candidate: str, section: str, name: str, value: str) -> bool:
    try:
        before, after = tomllib.loads(text), tomllib.loads(candidate)
    except (tomllib.TOMLDecodeError, RecursionError):
        return False
    table = before.get(section, {})
    return isinstance(table, dict) and after == {**before, section: {**table, name: value}}


def _replace(file: Path, text: str) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.{os.getpid()}.new")
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o600
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
            stream.write(text.encode())
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
