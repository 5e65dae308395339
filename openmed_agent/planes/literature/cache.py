"""Replies of public services kept for a day, so that a question asked twice is sent once.

An entry is named by the digest of its request and holds the checked reply without any echo of the question. Only
requests that passed the identifier scan are kept at all.
"""

import hashlib
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from openmed_agent.errors import StoreError
from openmed_agent.secrets.private_files import make_private_folder, read_private_file, write_private_file

HOURS: Final = 24
_SECONDS: Final = HOURS * 3600
_MOST_ENTRIES: Final = 500
_LARGEST_ENTRY: Final = 512 * 1024
_LOCK_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept reply and when it was received, in seconds since 1970."""

    reply: str
    received: float


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    received: float
    reply: str


class ReplyCache:
    """Entries in one private folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, request: str) -> Kept | None:
        """Return the reply to a request that is at most a day old, if one is kept."""
        try:
            content = read_private_file(self._file(request))
            entry = _Entry.model_validate_json(content) if content is not None else None
        except (StoreError, ValidationError):  # what cannot be read is asked again
            return None
        if entry is None or not 0 <= time.time() - entry.received < _SECONDS:
            return None
        return Kept(entry.reply, entry.received)

    def keep(self, request: str, kept: Kept) -> None:
        """Keep a reply; where that fails, the next question is simply sent again."""
        content = _Entry(received=kept.received, reply=kept.reply).model_dump_json().encode()
        if len(content) > _LARGEST_ENTRY:
            return
        with suppress(StoreError, OSError, Timeout):
            make_private_folder(self._folder)
            with FileLock(self._folder / ".lock", timeout=_LOCK_SECONDS, mode=0o600, thread_local=False):
                self._prune()
                write_private_file(self._file(request), content)

    def _prune(self) -> None:
        entries = sorted((path.stat().st_mtime, path) for path in self._folder.glob("*.json"))
        oldest = time.time() - _SECONDS
        spare = len(entries) - _MOST_ENTRIES + 1
        for position, (modified, path) in enumerate(entries):
            if modified < oldest or position < spare:
                path.unlink(missing_ok=True)

    def _file(self, request: str) -> Path:
        return self._folder / f"{hashlib.sha256(request.encode()).hexdigest()}.json"


def request_name(service: str, path: str, fields: Mapping[str, str]) -> str:
    """Return what tells one request from every other."""
    return json.dumps([service, path, sorted(fields.items())], ensure_ascii=True)
