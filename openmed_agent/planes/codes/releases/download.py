"""Fetch RxNorm's current prescribable content, which needs no licence, from the National Library of Medicine."""

import time
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx

from openmed_agent.errors import UnavailableError
from openmed_agent.net.clients import DestinationKind, OutboundSink, make_client
from openmed_agent.planes.codes.progress import Progress, ProgressCallback

RXNORM_ORIGIN: Final = "https://download.nlm.nih.gov"
RXNORM_PATH: Final = "/rxnorm/RxNorm_full_prescribe_current.zip"
_MOST_BYTES: Final = 1024**3
_TIMEOUT_SECONDS: Final = 60.0
_WHAT: Final = "Downloading RxNorm"
_OK: Final = 200
_ABANDONED_SECONDS: Final = 86_400


@asynccontextmanager
async def downloaded_rxnorm(
    index_folder: Path,
    *,
    progress: ProgressCallback,
    sink: OutboundSink,
    origin: str = RXNORM_ORIGIN,
    most_bytes: int = _MOST_BYTES,
) -> AsyncIterator[Path]:
    """Yield the release as a file that is removed afterwards.

    Raises:
        UnavailableError: the server cannot be reached, refuses, sends too much, or sends no zip.
        NotPermittedError: ``origin`` is not the library's, nor this machine.

    """
    folder = index_folder / "releases"
    target = folder / f".download-{uuid4().hex}.zip"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_abandoned(folder)
        await _fetch(target, origin, progress, sink, most_bytes)
        if not zipfile.is_zipfile(target):
            raise _failed("what it sent is no zip archive")
        yield target
    except OSError as error:
        raise UnavailableError(
            f"The download cannot be written ({(error.strerror or 'disk error').lower()}).", remedy="Free space."
        ) from None
    finally:
        target.unlink(missing_ok=True)


def _remove_abandoned(folder: Path) -> None:
    """Remove what killed processes left; a download of today may still be going on."""
    for path in folder.glob(".download-*.zip"):
        if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
            path.unlink(missing_ok=True)


async def _fetch(target: Path, origin: str, progress: ProgressCallback, sink: OutboundSink, most_bytes: int) -> None:
    client = make_client(DestinationKind.UPDATE, origin, headers={}, timeout_seconds=_TIMEOUT_SECONDS, sink=sink)
    try:
        async with client, client.stream("GET", RXNORM_PATH) as reply:
            if reply.status_code != _OK:
                raise _failed(f"it answered {reply.status_code}")
            announced = reply.headers.get("content-length", "")
            total = int(announced) if announced.isascii() and announced.isdigit() else 0
            received = 0
            with target.open("wb") as file:
                async for chunk in reply.aiter_raw():
                    received += len(chunk)
                    if max(received, total) > most_bytes:
                        raise _failed("the release is larger than 1 GB")
                    file.write(chunk)
                    progress(Progress(min(received, total), total, _WHAT))
            if total and received != total:
                raise _failed("the connection ended early")
    except httpx.HTTPError:
        raise _failed("the connection failed") from None


def _failed(reason: str) -> UnavailableError:
    return UnavailableError(
        f"RxNorm could not be downloaded: {reason}.",
        remedy=f"Try again later, or fetch {RXNORM_ORIGIN}{RXNORM_PATH} yourself and use --from.",
    )
