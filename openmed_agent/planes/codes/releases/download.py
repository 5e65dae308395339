"""Fetch RxNorm's current prescribable content, which needs no licence, from the National Library of Medicine.

What an interrupted download has received stays, together with what identifies the release on the server. The next
one asks for the rest of the very same release (``If-Range``); where the server has another by now, it begins anew.
"""

import zipfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx
from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from openmed_agent.errors import InputError, UnavailableError
from openmed_agent.net.clients import DestinationKind, OutboundSink, make_client
from openmed_agent.planes.codes.progress import Progress, ProgressCallback

RXNORM_ORIGIN: Final = "https://download.nlm.nih.gov"
RXNORM_PATH: Final = "/rxnorm/RxNorm_full_prescribe_current.zip"
_MOST_BYTES: Final = 1024**3
_TIMEOUT_SECONDS: Final = 60.0
_WHAT: Final = "Downloading RxNorm"
_LONGEST_VALIDATOR: Final = 300


class _Origin(BaseModel):
    """Which release the received bytes are of: the server's strong validator for it, and its size."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    validator: str = Field(min_length=1, max_length=_LONGEST_VALIDATOR)
    total: int = Field(gt=0)


class _Received:
    """The bytes that are here, in one file, with what they are of beside it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / ".rxnorm-download.zip"
        self._note = folder / ".rxnorm-download.json"

    def origin(self) -> _Origin | None:
        """Return of what the bytes are, or None where there are none to go on with."""
        try:
            return _Origin.model_validate_json(self._note.read_bytes()) if self.size() else None
        except (FileNotFoundError, ValidationError):
            return None

    def size(self) -> int:
        """Return how many bytes are here."""
        return self.file.stat().st_size if self.file.exists() else 0

    def begin(self, origin: _Origin | None) -> None:
        """Forget what is here; note of what the bytes to come are."""
        self.remove()
        if origin is not None:
            self._note.write_text(origin.model_dump_json(), encoding="ascii")

    def forget_unidentified(self) -> None:
        """Remove bytes of a release that is neither whole nor can be gone on with."""
        if self.origin() is None and not zipfile.is_zipfile(self.file):
            self.remove()

    def remove(self) -> None:
        """Remove everything, the note first."""
        self._note.unlink(missing_ok=True)
        self.file.unlink(missing_ok=True)


@asynccontextmanager
async def downloaded_rxnorm(
    index_folder: Path,
    *,
    progress: ProgressCallback,
    sink: OutboundSink,
    origin: str = RXNORM_ORIGIN,
    most_bytes: int = _MOST_BYTES,
) -> AsyncIterator[Path]:
    """Yield the release as a file, which is removed once the caller is done with it or finds it unsound.

    It stays, for the next try, where the connection fails, the caller is interrupted, or has another fault.

    Raises:
        UnavailableError: the server cannot be reached, refuses, sends too much, or sends no zip; or another process
            is downloading.
        NotPermittedError: ``origin`` is not the library's, nor this machine.

    """
    folder = index_folder / "releases"
    received = _Received(folder)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(folder / "rxnorm-download.lock", timeout=0):
            try:
                await _fetch(received, origin, progress, sink, most_bytes)
            finally:
                received.forget_unidentified()
            if not zipfile.is_zipfile(received.file):
                received.remove()
                raise _failed("what it sent is no zip archive")
            try:
                yield received.file
            except InputError:
                received.remove()
                raise
            received.remove()
    except Timeout:
        raise UnavailableError(
            "Another process is downloading RxNorm right now.", remedy="Wait until it has ended, then try again."
        ) from None
    except OSError as error:
        received.remove()
        raise UnavailableError(
            f"The download cannot be written ({(error.strerror or 'disk error').lower()}).", remedy="Free space."
        ) from None


async def _fetch(
    received: _Received, origin: str, progress: ProgressCallback, sink: OutboundSink, most_bytes: int
) -> None:
    client = make_client(DestinationKind.UPDATE, origin, headers={}, timeout_seconds=_TIMEOUT_SECONDS, sink=sink)
    held = received.origin()
    # one byte that is here is asked for again, so that there is always something to send
    start = min(received.size(), held.total) - 1 if held is not None else 0
    asked = {"Range": f"bytes={start}-", "If-Range": held.validator} if held is not None and start > 0 else {}
    try:
        async with client, client.stream("GET", RXNORM_PATH, headers=asked) as reply:
            match reply.status_code:
                case 206 if held is not None and asked and _continues(reply.headers, start, held):
                    await _write(received, start, held.total, reply, progress, most_bytes)
                case 200:
                    total = _number(reply.headers.get("content-length", ""))
                    received.begin(_origin(reply.headers, total))
                    await _write(received, 0, total, reply, progress, most_bytes)
                case 206 | 416:
                    received.remove()
                    raise _failed("it did not go on where the last download had ended")
                case status:
                    raise _failed(f"it answered {status}")
    except httpx.HTTPError:
        raise _failed("the connection failed") from None


async def _write(
    received: _Received, start: int, total: int, reply: httpx.Response, progress: ProgressCallback, most_bytes: int
) -> None:
    done = start
    with received.file.open("r+b" if start else "wb") as file:
        file.truncate(start)
        file.seek(start)
        async for chunk in reply.aiter_raw():
            done += len(chunk)
            if max(done, total) > most_bytes or (total and done > total):
                received.remove()
                raise _failed("the release is larger than " + ("it said" if total and done > total else "1 GB"))
            file.write(chunk)
            progress(Progress(min(done, total), total, _WHAT))
    if total and done != total:
        raise _failed("the connection ended early")


def _origin(headers: Mapping[str, str], total: int) -> _Origin | None:
    """Return what identifies the release, where the server says it: a strong entity tag, or the time of its change."""
    tag = headers.get("etag", "")
    validator = tag if tag.startswith('"') else headers.get("last-modified", "")
    return _Origin(validator=validator, total=total) if total and 0 < len(validator) <= _LONGEST_VALIDATOR else None


def _continues(headers: Mapping[str, str], start: int, held: _Origin) -> bool:
    """Return whether a partial answer is the rest of the same release."""
    same = _origin(headers, held.total)
    return headers.get("content-range") == f"bytes {start}-{held.total - 1}/{held.total}" and same in {held, None}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _failed(reason: str) -> UnavailableError:
    return UnavailableError(
        f"RxNorm could not be downloaded: {reason}.",
        remedy=f"Try again later, or fetch {RXNORM_ORIGIN}{RXNORM_PATH} yourself and use --from.",
    )
